/* assign.c - finding or making the cell of a key.
 *
 * Order of the steps, as in Go: look at the writer's flag; hash; toggle the flag; move one or two old
 * buckets if growing; scan the chain; if the key is new and the table is full, start a growth and begin
 * again from the moving; write the cell; test and clear the flag. The value itself is stored by the
 * caller, after that.
 */
#include "mapimpl/gomap/layout.h"

/* Where a scan ended. `free` is the first empty cell's bucket or NULL; `last` the last bucket seen. */
struct place {
    struct gomap_bucket *bucket; /* of the key's own cell, or NULL */
    struct gomap_bucket *free;
    struct gomap_bucket *last;
    unsigned slot; /* in `bucket`, else in `free` */
};

static struct place place_fast64(struct gomap_bucket *bucket, uint64_t key) {
    struct place place = {.last = bucket};
    for (; bucket != NULL; bucket = bucket->overflow) {
        place.last = bucket;
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (gomap_empty(top)) {
                if (place.free == NULL) {
                    place.free = bucket;
                    place.slot = slot;
                }
                if (top == GOMAP_EMPTY_REST) {
                    return place;
                }
            } else if (bucket->key[slot] == key) {
                place.bucket = bucket;
                place.slot = slot;
                return place;
            }
        }
    }
    return place;
}

static struct place place_generic(struct gomap_bucket *bucket, uint8_t wanted, uint64_t key) {
    struct place place = {.last = bucket};
    for (; bucket != NULL; bucket = bucket->overflow) {
        place.last = bucket;
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && bucket->key[slot] == key) {
                place.bucket = bucket;
                place.slot = slot;
                return place;
            }
            if (gomap_empty(top) && place.free == NULL) {
                place.free = bucket;
                place.slot = slot;
            }
            if (top == GOMAP_EMPTY_REST) {
                return place;
            }
        }
    }
    return place;
}

/* Only a map that is not growing may start to grow, and it does so although a free cell may exist. */
static bool must_grow(const struct gomap *map) {
    if (GOMAP_LOAD(map->oldbuckets) != NULL) {
        return false;
    }
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    return gomap_over_load(GOMAP_LOAD(map->count) + 1, log2) ||
           gomap_too_many_overflow(map->noverflow, log2);
}

static bool first_table(struct gomap *map) {
    if (GOMAP_LOAD(map->buckets) != NULL) {
        return true;
    }
    struct gomap_bucket *bucket = gomap_allocate(map, 1);
    if (bucket == NULL) {
        return false;
    }
    GOMAP_STORE(map->buckets, bucket);
    return true;
}

/* Moves what must be moved and scans; grows and repeats when the key needs room. It repeats once: after
 * a growth has started the map is growing, or so small that it ended at once with room to spare. */
static bool find_place(struct gomap *map, uint64_t key, uint64_t hash, bool generic,
                       struct place *place) {
    for (;;) {
        uint64_t index = hash & gomap_mask(GOMAP_LOAD(map->log2_buckets));
        if (GOMAP_LOAD(map->oldbuckets) != NULL) {
            gomap_grow_work(map, index);
        }
        struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets) + index;
        *place =
            generic ? place_generic(bucket, gomap_tophash(hash), key) : place_fast64(bucket, key);
        if (place->bucket != NULL || !must_grow(map)) {
            return true;
        }
        if (!gomap_hash_grow(map)) {
            return false;
        }
    }
}

/* The generic variant writes the key before the tophash; nobody may look, so nobody can tell. */
static bool insert(struct gomap *map, uint64_t key, uint64_t hash, struct place *place) {
    struct gomap_bucket *bucket = place->free;
    if (bucket == NULL) {
        bucket = gomap_overflow_new(map, place->last);
        place->slot = 0;
        if (bucket == NULL) {
            return false;
        }
    }
    bucket->top[place->slot] = gomap_tophash(hash);
    bucket->key[place->slot] = key;
    GOMAP_STORE(map->count, GOMAP_LOAD(map->count) + 1);
    place->bucket = bucket;
    return true;
}

static uint64_t *assign(struct gomap *map, uint64_t key, bool generic) {
    if (map == NULL) {
        return NULL;
    }
    gomap_write_check(map);
    uint64_t hash = gomap_hash(map, key);
    gomap_write_toggle(map);
    struct place place;
    bool placed = first_table(map) && find_place(map, key, hash, generic, &place) &&
                  (place.bucket != NULL || insert(map, key, hash, &place));
    gomap_write_finish(map);
    return placed ? &place.bucket->value[place.slot] : NULL;
}

uint64_t *gomap_assign(struct gomap *map, uint64_t key) {
    return assign(map, key, false);
}

uint64_t *gomap_assign_generic(struct gomap *map, uint64_t key) {
    return assign(map, key, true);
}
