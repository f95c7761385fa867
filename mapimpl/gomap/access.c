/* access.c - lookup.
 *
 * A reader searches exactly one chain: the old one while its old bucket is not evacuated, else the new
 * one (G2). It looks at the writer's flag once, on entry, and never at an empty map. It moves nothing.
 */
#include "mapimpl/gomap/layout.h"

static struct gomap_bucket *reader_chain(const struct gomap *map, uint64_t hash, uint8_t log2) {
    uint64_t mask = gomap_mask(log2);
    struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets) + (hash & mask);
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old == NULL) {
        return bucket;
    }
    if (!(GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE)) {
        mask >>= 1;
    }
    old += hash & mask;
    return gomap_evacuated(old) ? bucket : old;
}

/* Compares keys first and does not stop at EMPTY_REST. */
static const uint64_t *search_fast64(const struct gomap_bucket *bucket, uint64_t key) {
    for (; bucket != NULL; bucket = bucket->overflow) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (bucket->key[slot] == key && !gomap_empty(bucket->top[slot])) {
                return &bucket->value[slot];
            }
        }
    }
    return NULL;
}

/* Compares tophashes first and stops at EMPTY_REST. */
static struct gomap_pair search_generic(const struct gomap_bucket *bucket, uint64_t hash,
                                        uint64_t key) {
    uint8_t wanted = gomap_tophash(hash);
    for (; bucket != NULL; bucket = bucket->overflow) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && bucket->key[slot] == key) {
                return (struct gomap_pair){&bucket->key[slot], &bucket->value[slot]};
            }
            if (top == GOMAP_EMPTY_REST) {
                return (struct gomap_pair){NULL, NULL};
            }
        }
    }
    return (struct gomap_pair){NULL, NULL};
}

static bool reader_enters(const struct gomap *map) {
    if (map == NULL || GOMAP_LOAD(map->count) == 0) {
        return false;
    }
    if (GOMAP_LOAD(map->flags) & GOMAP_WRITING) {
        gomap_fatal(map, "concurrent map read and map write");
    }
    return true;
}

/* With a single bucket there is nothing to choose and the key is not hashed. */
const uint64_t *gomap_access(const struct gomap *map, uint64_t key) {
    if (!reader_enters(map)) {
        return NULL;
    }
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (log2 == 0) {
        return search_fast64(GOMAP_LOAD(map->buckets), key);
    }
    return search_fast64(reader_chain(map, gomap_hash(map, key), log2), key);
}

static struct gomap_pair find_generic(const struct gomap *map, uint64_t key) {
    uint64_t hash = gomap_hash(map, key);
    return search_generic(reader_chain(map, hash, GOMAP_LOAD(map->log2_buckets)), hash, key);
}

struct gomap_pair gomap_find_moved(const struct gomap *map, uint64_t key) {
    if (GOMAP_LOAD(map->count) == 0) {
        return (struct gomap_pair){NULL, NULL};
    }
    return find_generic(map, key);
}

const uint64_t *gomap_access_generic(const struct gomap *map, uint64_t key) {
    return reader_enters(map) ? find_generic(map, key).value : NULL;
}

uint64_t gomap_length(const struct gomap *map) {
    return map == NULL ? 0 : GOMAP_LOAD(map->count);
}
