/* delete.c - removing one key.
 *
 * Neither starts a growth nor gives buckets back. Deleting moves one or two old buckets first, also for
 * an absent key, and then searches the new table alone. It keeps G3: the empty cells at the end of a chain
 * are EMPTY_REST.
 */
#include <errno.h>

#include "mapimpl/gomap/cell.h"

struct cell {
    struct gomap_bucket *bucket; /* NULL: not found */
    unsigned slot;
};

/* fast32, fast64: as lookup, it compares keys first and does not stop at EMPTY_REST. */
GOMAP_INLINE struct cell search_keys(const struct gomap_type *type, struct gomap_bucket *bucket,
                                     const void *key) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (gomap_key_equal(type, gomap_key_slot(type, bucket, slot), key) &&
                !gomap_empty(bucket->top[slot])) {
                return (struct cell){bucket, slot};
            }
        }
    }
    return (struct cell){NULL, 0};
}

/* Strings compare lengths first and do not stop either; generic maps do. */
GOMAP_INLINE struct cell search_tops(const struct gomap_type *type, struct gomap_bucket *bucket,
                                     uint8_t wanted, const void *key) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && gomap_key_equal(type, gomap_key(type, bucket, slot), key)) {
                return (struct cell){bucket, slot};
            }
            if (top == GOMAP_EMPTY_REST && type->kind != GOMAP_FAST_STRING) {
                return (struct cell){NULL, 0};
            }
        }
    }
    return (struct cell){NULL, 0};
}

GOMAP_INLINE bool rest_is_empty(const struct gomap_type *type, struct cell cell) {
    if (cell.slot + 1 < GOMAP_SLOTS) {
        return cell.bucket->top[cell.slot + 1] == GOMAP_EMPTY_REST;
    }
    const struct gomap_bucket *next = gomap_overflow(type, cell.bucket);
    return next == NULL || next->top[0] == GOMAP_EMPTY_REST;
}

/* Steps to the cell before; false at the start of the chain. */
GOMAP_INLINE bool step_back(const struct gomap_type *type, struct gomap_bucket *first,
                            struct cell *cell) {
    if (cell->slot > 0) {
        cell->slot--;
        return true;
    }
    if (cell->bucket == first) {
        return false;
    }
    struct gomap_bucket *before = first;
    while (gomap_overflow(type, before) != cell->bucket) { /* ends: the cell is of this chain */
        before = gomap_overflow(type, before);
    }
    cell->bucket = before;
    cell->slot = GOMAP_SLOTS - 1;
    return true;
}

/* What Go clears: pointers in keys for its collector, elements always. A string's length stays. */
GOMAP_INLINE void wipe_pair(struct gomap *map, const struct gomap_type *type, struct cell cell) {
    void *key = gomap_key_slot(type, cell.bucket, cell.slot);
    void *elem = gomap_elem_slot(type, cell.bucket, cell.slot);
    if (type->kind != GOMAP_ANY) {
        if (type->kind == GOMAP_FAST_STRING) {
            ((struct map_string *)key)->data = NULL;
        }
        *(uint64_t *)elem = 0;
        return;
    }
    if (gomap_key_boxed(type)) {
        gomap_box_drop(map, *(void **)key);
    }
    if (gomap_elem_boxed(type)) {
        gomap_box_drop(map, *(void **)elem);
    }
    if (gomap_key_boxed(type) || type->key_pointers) {
        memset(key, 0, gomap_key_slot_size(type));
    }
    memset(elem, 0, gomap_elem_slot_size(type));
}

/* Keeps G3: turns the empty cells at the end of the chain into EMPTY_REST. Ends at its start. */
GOMAP_INLINE void empty_cell(struct gomap *map, const struct gomap_type *type,
                             struct gomap_bucket *first, struct cell cell) {
    wipe_pair(map, type, cell);
    cell.bucket->top[cell.slot] = GOMAP_EMPTY_ONE;
    if (!GOMAP_MUTATE(DELETE_KEEPS_REST, rest_is_empty(type, cell), false)) {
        return;
    }
    do {
        cell.bucket->top[cell.slot] = GOMAP_EMPTY_REST;
    } while (GOMAP_MUTATE(DELETE_BACK_ONE, true, false) && step_back(type, first, &cell) &&
             cell.bucket->top[cell.slot] == GOMAP_EMPTY_ONE);
}

GOMAP_INLINE bool remove_found(struct gomap *map, const struct gomap_type *type,
                               struct gomap_bucket *first, struct cell cell) {
    if (cell.bucket == NULL) {
        return false;
    }
    empty_cell(map, type, first, cell);
    uint64_t count = GOMAP_LOAD(map->count) - 1;
    GOMAP_STORE(map->count, count);
    if (count == 0) {
        uint32_t seed = gomap_draw32(map);
        map->hash0 = GOMAP_MUTATE(DELETE_KEEPS_SEED, seed,
                                  map->hash0); /* safe in a growth: no live cell depends on it */
    }
    return true;
}

GOMAP_INLINE bool delete_hashed(struct gomap *map, const struct gomap_type *type, const void *key,
                                uint64_t hash) {
    gomap_write_toggle(map);
    uint64_t index = hash & gomap_mask(GOMAP_LOAD(map->log2_buckets));
    if (GOMAP_MUTATE(WORK_NOT_ON_DELETE, GOMAP_LOAD(map->oldbuckets) != NULL, false)) {
        gomap_grow_work(map, type, index);
    }
    struct gomap_bucket *first = gomap_bucket_at(type, GOMAP_LOAD(map->buckets), index);
    struct cell cell = gomap_keys_first(type) ? search_keys(type, first, key)
                                              : search_tops(type, first, gomap_tophash(hash), key);
    bool removed = remove_found(map, type, first, cell);
    gomap_write_finish(map);
    return removed;
}

GOMAP_INLINE bool nothing_in(const struct gomap *map) {
    return map == NULL || GOMAP_LOAD(map->count) == 0;
}

GOMAP_INLINE bool delete_key(struct gomap *map, const struct gomap_type *type, const void *key) {
    if (nothing_in(map)) {
        return false;
    }
    gomap_write_check(map);
    return delete_hashed(map, type, key, gomap_hash_present(map, type, key));
}

bool gomap_delete(struct gomap *map, uint64_t key) {
    return delete_key(map, &gomap_fast64, &key);
}

bool gomap_delete_generic(struct gomap *map, uint64_t key) {
    return delete_key(map, &gomap_generic64, &key);
}

bool gomap_delete_32(struct gomap *map, uint32_t key) {
    return delete_key(map, &gomap_fast32, &key);
}

bool gomap_delete_string(struct gomap *map, const struct map_string *key) {
    struct map_string text = *key;
    return delete_key(map, &gomap_fast_string, &text);
}

int gomap_delete_any(const struct gomap_type *type, struct gomap *map, const void *key) {
    if (nothing_in(map)) {
        return gomap_probe(type, map, key) ? 0 : -EDOM;
    }
    gomap_write_check(map);
    uint64_t hash;
    if (!gomap_hash(map, type, key, &hash)) {
        return -EDOM;
    }
    return delete_hashed(map, type, key, hash);
}
