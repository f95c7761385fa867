/* assign.c - finding or making the cell of a key.
 *
 * Order of the steps, as in Go: look at the writer's flag; hash; toggle the flag; move one or two old
 * buckets if growing; scan the chain; if the key is new and the table is full, start a growth and begin
 * again from the moving; write the cell; test and clear the flag. The value itself is stored by the
 * caller, after that. A key without a hash is refused before the flag is touched.
 */
#include <errno.h>

#include "mapimpl/gomap/wide.h"

/* Where a scan ended. `free` is the first empty cell's bucket or NULL; `last` the last bucket seen. */
struct place {
    struct gomap_bucket *bucket; /* of the key's own cell, or NULL */
    struct gomap_bucket *free;
    struct gomap_bucket *last;
    unsigned slot; /* in `bucket`, else in `free` */
};

#if GOMAP_WIDE
GOMAP_INLINE struct place place_of(const struct gomap_type *type, struct gomap_bucket *bucket,
                                   uint64_t hash, const void *key) {
    struct place place = {.free = NULL};
    gomap_prefetch(type, bucket);
    do {
        uint64_t tops = gomap_tops(bucket);
        struct gomap_found found = gomap_find_here(type, bucket, tops, gomap_tophash(hash), key);
        if (found.bucket != NULL) {
            place.bucket = bucket;
            place.slot = found.slot;
            return place;
        }
        uint64_t empty = gomap_slots_empty(tops);
        if (empty != 0 && place.free == NULL) {
            place.free = bucket;
            place.slot = gomap_slot_first(empty);
        }
        place.last = bucket;
        if (gomap_slots_of(tops, GOMAP_EMPTY_REST) != 0) {
            break;
        }
        bucket = gomap_overflow(type, bucket);
    } while (bucket != NULL);
    return place;
}
#else
/* The first empty cell is for the new entry. */
GOMAP_INLINE bool takes_cell(const struct place *place, uint8_t top) {
    (void)top;
    return GOMAP_MUTATE(FREE_CELL_EMPTY_REST, true, top == GOMAP_EMPTY_REST) &&
           GOMAP_MUTATE(FREE_CELL_LAST, place->free == NULL, true);
}

/* fast32, fast64. */
GOMAP_INLINE struct place place_keys(const struct gomap_type *type, struct gomap_bucket *bucket,
                                     const void *key) {
    struct place place = {.last = bucket};
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        place.last = bucket;
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (gomap_empty(top)) {
                if (takes_cell(&place, top)) {
                    place.free = bucket;
                    place.slot = slot;
                }
                if (top == GOMAP_EMPTY_REST) {
                    return place;
                }
            } else if (gomap_key_equal(type, gomap_key_slot(type, bucket, slot), key)) {
                place.bucket = bucket;
                place.slot = slot;
                return place;
            }
        }
    }
    return place;
}

/* Strings and generic. */
GOMAP_INLINE struct place place_tops(const struct gomap_type *type, struct gomap_bucket *bucket,
                                     uint8_t wanted, const void *key) {
    struct place place = {.last = bucket};
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        place.last = bucket;
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && gomap_key_equal(type, gomap_key(type, bucket, slot), key)) {
                place.bucket = bucket;
                place.slot = slot;
                return place;
            }
            if (gomap_empty(top) && takes_cell(&place, top)) {
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

GOMAP_INLINE struct place place_of(const struct gomap_type *type, struct gomap_bucket *bucket,
                                   uint64_t hash, const void *key) {
    return gomap_keys_first(type) ? place_keys(type, bucket, key)
                                  : place_tops(type, bucket, gomap_tophash(hash), key);
}
#endif

/* Only a map that is not growing may start to grow, and it does so although a free cell may exist. */
GOMAP_INLINE bool must_grow(const struct gomap *map) {
    if (GOMAP_LOAD(map->oldbuckets) != NULL) {
        return false;
    }
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    uint64_t count = GOMAP_LOAD(map->count) + GOMAP_MUTATE(LOAD_OF_BEFORE, 1, 0);
    return gomap_over_load(map, count, log2) || gomap_too_many_overflow(map->noverflow, log2);
}

GOMAP_INLINE bool first_table(struct gomap *map) {
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
GOMAP_INLINE bool find_place(struct gomap *map, const struct gomap_type *type, const void *key,
                             uint64_t hash, struct place *place) {
    for (;;) {
        uint64_t index = hash & gomap_mask(GOMAP_LOAD(map->log2_buckets));
        if (GOMAP_LOAD(map->oldbuckets) != NULL) {
            gomap_grow_work(map, type, index);
        }
        struct gomap_bucket *bucket = gomap_bucket_at(type, GOMAP_LOAD(map->buckets), index);
        *place = place_of(type, bucket, hash, key);
        if (place->bucket != NULL || !must_grow(map)) {
            return true;
        }
        if (!gomap_hash_grow(map)) {
            return false;
        }
    }
}

/* Makes the boxes of a new cell. A new element is zeroed, a key is about to be written. */
GOMAP_INLINE bool boxes_new(struct gomap *map, const struct gomap_type *type, void **key,
                            void **elem) {
    if (gomap_key_boxed(type)) {
        *key = gomap_box_new(map, type->key_size);
    }
    if (gomap_elem_boxed(type)) {
        *elem = gomap_box_new(map, type->elem_size);
    }
    if ((gomap_key_boxed(type) && *key == NULL) || (gomap_elem_boxed(type) && *elem == NULL)) {
        gomap_box_drop(map, *key);
        gomap_box_drop(map, *elem);
        return false;
    }
    if (gomap_elem_boxed(type)) {
        memset(*elem, 0, type->elem_size);
    }
    return true;
}

GOMAP_INLINE void key_write(const struct gomap_type *type, struct gomap_bucket *bucket,
                            unsigned slot, const void *key) {
    if (gomap_key_boxed(type)) {
        memcpy(gomap_key(type, bucket, slot), key, type->key_size);
    } else {
        gomap_key_slot_copy(type, gomap_key_slot(type, bucket, slot), key);
    }
}

/* Generic maps write the key before the tophash; nobody may look, so nobody can tell. */
GOMAP_INLINE bool insert(struct gomap *map, const struct gomap_type *type, const void *key,
                         uint64_t hash, struct place *place) {
    void *key_box = NULL;
    void *elem_box = NULL;
    if (!boxes_new(map, type, &key_box, &elem_box)) {
        return false;
    }
    struct gomap_bucket *bucket = place->free;
    if (bucket == NULL) {
        bucket = gomap_overflow_new(map, place->last);
        place->slot = 0;
        if (bucket == NULL) {
            gomap_box_drop(map, key_box);
            gomap_box_drop(map, elem_box);
            return false;
        }
    }
    if (gomap_key_boxed(type)) {
        *(void **)gomap_key_slot(type, bucket, place->slot) = key_box;
    }
    if (gomap_elem_boxed(type)) {
        *(void **)gomap_elem_slot(type, bucket, place->slot) = elem_box;
    }
    bucket->top[place->slot] = gomap_tophash(hash);
    key_write(type, bucket, place->slot, key);
    GOMAP_STORE(map->count, GOMAP_LOAD(map->count) + 1);
    place->bucket = bucket;
    return true;
}

/* A string takes the new key's bytes, so that a collector could have the old ones; -0 replaces 0. */
GOMAP_INLINE bool update(const struct gomap_type *type, const struct place *place,
                         const void *key) {
    if (type->kind == GOMAP_FAST_STRING) {
        struct map_string *text = gomap_key_slot(type, place->bucket, place->slot);
        text->data = ((const struct map_string *)key)->data;
    } else if (GOMAP_MUTATE(UPDATE_KEEPS_ZERO, type->key_update, false)) {
        key_write(type, place->bucket, place->slot, key);
    }
    return true;
}

/* NULL without memory. */
GOMAP_INLINE void *assign_hashed(struct gomap *map, const struct gomap_type *type, const void *key,
                                 uint64_t hash) {
    gomap_write_toggle(map);
    struct place place;
    bool placed =
        first_table(map) && find_place(map, type, key, hash, &place) &&
        (place.bucket != NULL ? update(type, &place, key) : insert(map, type, key, hash, &place));
    gomap_write_finish(map);
    return placed ? gomap_elem(type, place.bucket, place.slot) : NULL;
}

GOMAP_INLINE void *assign(struct gomap *map, const struct gomap_type *type, const void *key) {
    if (map == NULL) {
        return NULL;
    }
    gomap_write_check(map);
    return assign_hashed(map, type, key, gomap_hash_present(map, type, key));
}

uint64_t *gomap_assign(struct gomap *map, uint64_t key) {
    return assign(map, &gomap_fast64, &key);
}

uint64_t *gomap_assign_generic(struct gomap *map, uint64_t key) {
    return assign(map, &gomap_generic64, &key);
}

uint64_t *gomap_assign_32(struct gomap *map, uint32_t key) {
    return assign(map, &gomap_fast32, &key);
}

uint64_t *gomap_assign_string(struct gomap *map, const struct map_string *key) {
    struct map_string text = *key;
    return assign(map, &gomap_fast_string, &text);
}

int gomap_assign_any(const struct gomap_type *type, struct gomap *map, const void *key,
                     void **elem) {
    if (map == NULL) {
        return -EINVAL;
    }
    gomap_write_check(map);
    uint64_t hash;
    if (!gomap_hash(map, type, key, &hash)) {
        return -EDOM;
    }
    void *found = assign_hashed(map, type, key, hash);
    if (found == NULL) {
        return -ENOMEM;
    }
    *elem = found;
    return 0;
}
