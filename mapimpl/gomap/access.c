/* access.c - lookup.
 *
 * A reader searches exactly one chain: the old one while its old bucket is not evacuated, else the new
 * one (G2). It looks at the writer's flag once, on entry, and never at an empty map. It moves nothing.
 */
#include <errno.h>

#include "mapimpl/gomap/wide.h"

GOMAP_INLINE struct gomap_bucket *
reader_chain(const struct gomap *map, const struct gomap_type *type, uint64_t hash, uint8_t log2) {
    uint64_t mask = gomap_mask(log2);
    struct gomap_bucket *bucket = gomap_bucket_at(type, GOMAP_LOAD(map->buckets), hash & mask);
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old == NULL) {
        return bucket;
    }
    bool same_size = GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE;
    if (!GOMAP_MUTATE(READ_HALF_MASK, same_size, false)) {
        mask >>= 1;
    }
    old = gomap_bucket_at(type, old, hash & mask);
    return GOMAP_MUTATE(READ_NEW_ONLY, gomap_evacuated(old), true) ? bucket : old;
}

/* ---- searching a chain: each variant as Go has it */

/* fast32, fast64: compares keys first and does not stop at EMPTY_REST. */
GOMAP_INLINE struct gomap_pair search_keys(const struct gomap_type *type,
                                           const struct gomap_bucket *bucket, const void *key) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (gomap_key_equal(type, gomap_key_slot(type, bucket, slot), key) &&
                GOMAP_MUTATE(READ_REMOVED, !gomap_empty(bucket->top[slot]), true)) {
                return gomap_pair_at(type, bucket, slot);
            }
        }
    }
    return (struct gomap_pair){NULL, NULL};
}

#if !GOMAP_WIDE
/* Strings: compares lengths and tophashes, then bytes, and does not stop either. */
GOMAP_INLINE struct gomap_pair search_texts(const struct gomap_type *type,
                                            const struct gomap_bucket *bucket, uint8_t wanted,
                                            struct map_string text) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            const struct map_string *key = gomap_key_slot(type, bucket, slot);
            if (key->length == text.length && bucket->top[slot] == wanted &&
                gomap_text_equal(*key, text)) {
                return gomap_pair_at(type, bucket, slot);
            }
        }
    }
    return (struct gomap_pair){NULL, NULL};
}

/* Generic: compares tophashes first and stops at EMPTY_REST. */
GOMAP_INLINE struct gomap_pair search_generic(const struct gomap_type *type,
                                              const struct gomap_bucket *bucket, uint8_t wanted,
                                              const void *key) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && gomap_key_equal(type, gomap_key(type, bucket, slot), key)) {
                return gomap_pair_at(type, bucket, slot);
            }
            if (top == GOMAP_EMPTY_REST) {
                return (struct gomap_pair){NULL, NULL};
            }
        }
    }
    return (struct gomap_pair){NULL, NULL};
}

#else
/* In place of all three. */
GOMAP_INLINE struct gomap_pair search_wide(const struct gomap_type *type,
                                           struct gomap_bucket *bucket, uint64_t hash,
                                           const void *key) {
    struct gomap_found found = gomap_find_wide(type, bucket, gomap_tophash(hash), key);
    if (found.bucket == NULL) {
        return (struct gomap_pair){NULL, NULL};
    }
    return gomap_pair_at(type, found.bucket, found.slot);
}
#endif

/* ---- strings in a map of one bucket: the key is hashed only if nothing else tells it from others */

#define SHORT_MAX 31u /* bytes: comparing a few of these costs less than hashing */

static bool ends_equal(struct map_string a, struct map_string b) {
    const size_t part = 4;
    size_t tail = a.length - part;
    return gomap_text_same((struct map_string){a.data, part}, (struct map_string){b.data, part}) &&
           gomap_text_same((struct map_string){a.data + tail, part},
                           (struct map_string){b.data + tail, part});
}

static bool same_place(struct map_string a, struct map_string b) {
    return a.data == b.data;
}

/* A long key: the one candidate whose length and ends agree. False when there are two: then the hash has to
 * decide. Otherwise *found is the answer. */
static bool lone_long(const struct gomap_bucket *bucket, struct map_string text,
                      struct gomap_pair *found) {
    const struct gomap_type *type = &gomap_fast_string;
    unsigned maybe = GOMAP_SLOTS;
    *found = (struct gomap_pair){NULL, NULL};
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        const struct map_string *key = gomap_key_slot(type, bucket, slot);
        uint8_t top = bucket->top[slot];
        if (key->length != text.length || gomap_empty(top)) {
            if (top == GOMAP_EMPTY_REST) {
                break;
            }
            continue;
        }
        if (same_place(*key, text)) {
            *found = gomap_pair_at(type, bucket, slot);
            return true;
        }
        if (ends_equal(*key, text)) {
            if (GOMAP_MUTATE(READ_ALIKE_LAST, maybe != GOMAP_SLOTS, false)) {
                return false;
            }
            maybe = slot;
        }
    }
    if (maybe != GOMAP_SLOTS) {
        const struct map_string *key = gomap_key_slot(type, bucket, maybe);
        if (GOMAP_MUTATE(READ_ALIKE_ENDS, gomap_text_same(*key, text), true)) {
            *found = gomap_pair_at(type, bucket, maybe);
        }
    }
    return true;
}

static struct gomap_pair lone_short(const struct gomap_bucket *bucket, struct map_string text) {
    const struct gomap_type *type = &gomap_fast_string;
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        const struct map_string *key = gomap_key_slot(type, bucket, slot);
        uint8_t top = bucket->top[slot];
        if (key->length == text.length && !gomap_empty(top)) {
            if (gomap_text_equal(*key, text)) {
                return gomap_pair_at(type, bucket, slot);
            }
        } else if (top == GOMAP_EMPTY_REST) {
            break;
        }
    }
    return (struct gomap_pair){NULL, NULL};
}

/* ---- entries */

GOMAP_INLINE bool reader_enters(const struct gomap *map) {
    if (map == NULL || GOMAP_LOAD(map->count) == 0) {
        return false;
    }
    if (GOMAP_LOAD(map->flags) & GOMAP_WRITING) {
        gomap_misuse(map, "concurrent map read and map write");
    }
    return true;
}

/* With a single bucket there is nothing to choose and a number is not hashed. */
GOMAP_INLINE struct gomap_pair find_number(const struct gomap *map, const struct gomap_type *type,
                                           const void *key) {
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (log2 == 0) {
        return search_keys(type, GOMAP_LOAD(map->buckets), key);
    }
    uint64_t hash = gomap_hash_present(map, type, key);
    struct gomap_bucket *bucket = reader_chain(map, type, hash, log2);
#if GOMAP_WIDE
    return search_wide(type, bucket, hash, key);
#else
    return search_keys(type, bucket, key);
#endif
}

const uint64_t *gomap_access(const struct gomap *map, uint64_t key) {
    return reader_enters(map) ? find_number(map, &gomap_fast64, &key).elem : NULL;
}

const uint64_t *gomap_access_32(const struct gomap *map, uint32_t key) {
    return reader_enters(map) ? find_number(map, &gomap_fast32, &key).elem : NULL;
}

const uint64_t *gomap_access_string(const struct gomap *map, const struct map_string *key) {
    const struct gomap_type *type = &gomap_fast_string;
    struct map_string text = *key;
    if (!reader_enters(map)) {
        return NULL;
    }
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    if (log2 == 0) {
        const struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets);
        if (text.length <= SHORT_MAX) {
            return lone_short(bucket, text).elem;
        }
        struct gomap_pair found;
        if (lone_long(bucket, text, &found)) {
            return found.elem;
        }
    }
    uint64_t hash = gomap_hash_present(map, type, &text);
    struct gomap_bucket *bucket = reader_chain(map, type, hash, log2);
#if GOMAP_WIDE
    return search_wide(type, bucket, hash, &text).elem;
#else
    return search_texts(type, bucket, gomap_tophash(hash), text).elem;
#endif
}

GOMAP_INLINE struct gomap_pair find_generic(const struct gomap *map, const struct gomap_type *type,
                                            const void *key, uint64_t hash) {
    struct gomap_bucket *bucket = reader_chain(map, type, hash, GOMAP_LOAD(map->log2_buckets));
#if GOMAP_WIDE
    return search_wide(type, bucket, hash, key);
#else
    return search_generic(type, bucket, gomap_tophash(hash), key);
#endif
}

const uint64_t *gomap_access_generic(const struct gomap *map, uint64_t key) {
    const struct gomap_type *type = &gomap_generic64;
    if (!reader_enters(map)) {
        return NULL;
    }
    return find_generic(map, type, &key, gomap_hash_present(map, type, &key)).elem;
}

int gomap_access_any(const struct gomap_type *type, const struct gomap *map, const void *key,
                     const void **elem) {
    uint64_t hash;
    if (!reader_enters(map)) {
        return gomap_probe(type, map, key) ? 0 : -EDOM;
    }
    if (!gomap_hash(map, type, key, &hash)) {
        return -EDOM;
    }
    struct gomap_pair found = find_generic(map, type, key, hash);
    if (found.key == NULL) {
        return 0;
    }
    *elem = found.elem;
    return 1;
}

/* ---- for iterators: Go's generic lookup, whatever the type */

GOMAP_INLINE struct gomap_pair find_moved(const struct gomap *map, const struct gomap_type *type,
                                          const void *key) {
    if (GOMAP_LOAD(map->count) == 0) {
        return (struct gomap_pair){NULL, NULL};
    }
    return find_generic(map, type, key, gomap_hash_present(map, type, key));
}

struct gomap_pair gomap_find_moved_32(const struct gomap *map, uint32_t key) {
    return find_moved(map, &gomap_fast32, &key);
}

struct gomap_pair gomap_find_moved_64(const struct gomap *map, uint64_t key) {
    return find_moved(map, &gomap_generic64, &key);
}

struct gomap_pair gomap_find_moved_string(const struct gomap *map, const struct map_string *key) {
    return find_moved(map, &gomap_fast_string, key);
}

struct gomap_pair gomap_find_moved_any(const struct gomap *map, const void *key) {
    return find_moved(map, map->config.type, key);
}

uint64_t gomap_length(const struct gomap *map) {
    return map == NULL ? 0 : GOMAP_LOAD(map->count);
}
