/* delete.c - removing one key.
 *
 * Neither starts a growth nor gives buckets back. Deleting moves one or two old buckets first, also for
 * an absent key, and then searches the new table alone. It keeps G3: the empty cells at the end of a chain
 * are EMPTY_REST.
 */
#include <errno.h>

#include "mapimpl/gomap/wide.h"

/* fast32, fast64: as lookup, it compares keys first and does not stop at EMPTY_REST. */
GOMAP_INLINE struct gomap_found search_keys(const struct gomap_type *type,
                                            struct gomap_bucket *bucket, const void *key) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (gomap_key_equal(type, gomap_key_slot(type, bucket, slot), key) &&
                !gomap_empty(bucket->top[slot])) {
                return (struct gomap_found){bucket, slot};
            }
        }
    }
    return (struct gomap_found){NULL, 0};
}

/* Strings compare lengths first and do not stop either; generic maps do. */
GOMAP_INLINE struct gomap_found search_tops(const struct gomap_type *type,
                                            struct gomap_bucket *bucket, uint8_t wanted,
                                            const void *key) {
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && gomap_key_equal(type, gomap_key(type, bucket, slot), key)) {
                return (struct gomap_found){bucket, slot};
            }
            if (top == GOMAP_EMPTY_REST && type->kind != GOMAP_FAST_STRING) {
                return (struct gomap_found){NULL, 0};
            }
        }
    }
    return (struct gomap_found){NULL, 0};
}

GOMAP_INLINE struct gomap_found search(const struct gomap_type *type, struct gomap_bucket *bucket,
                                       uint64_t hash, const void *key) {
    return gomap_keys_first(type) ? search_keys(type, bucket, key)
                                  : search_tops(type, bucket, gomap_tophash(hash), key);
}

GOMAP_INLINE bool rest_is_empty(const struct gomap_type *type, struct gomap_found cell) {
    if (cell.slot + 1 < GOMAP_SLOTS) {
        return cell.bucket->top[cell.slot + 1] == GOMAP_EMPTY_REST;
    }
    const struct gomap_bucket *next = gomap_overflow(type, cell.bucket);
    return next == NULL || next->top[0] == GOMAP_EMPTY_REST;
}

/* Steps to the cell before; false at the start of the chain. */
GOMAP_INLINE bool step_back(const struct gomap_type *type, struct gomap_bucket *first,
                            struct gomap_found *cell) {
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
GOMAP_INLINE void wipe_pair(struct gomap *map, const struct gomap_type *type,
                            struct gomap_found cell) {
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

/* Turns this empty cell and those right before it into EMPTY_REST. Ends at the start of the chain. */
GOMAP_INLINE void rest_begins(const struct gomap_type *type, struct gomap_bucket *first,
                              struct gomap_found cell) {
    do {
        cell.bucket->top[cell.slot] = GOMAP_EMPTY_REST;
    } while (GOMAP_MUTATE(DELETE_BACK_ONE, true, false) && step_back(type, first, &cell) &&
             cell.bucket->top[cell.slot] == GOMAP_EMPTY_ONE);
}

/* Keeps G3. */
GOMAP_INLINE void empty_cell(struct gomap *map, const struct gomap_type *type,
                             struct gomap_bucket *first, struct gomap_found cell) {
    wipe_pair(map, type, cell);
    cell.bucket->top[cell.slot] = GOMAP_EMPTY_ONE;
    if (GOMAP_MUTATE(DELETE_KEEPS_REST, rest_is_empty(type, cell), false)) {
        rest_begins(type, first, cell);
    }
}

GOMAP_INLINE bool remove_key(struct gomap *map, const struct gomap_type *type,
                             struct gomap_bucket *first, uint64_t hash, const void *key) {
    struct gomap_found cell = search(type, first, hash, key);
    if (cell.bucket == NULL) {
        return false;
    }
    empty_cell(map, type, first, cell);
    return true;
}

#if GOMAP_WIDE
/* A processor holds back loads behind a store whose address it does not know yet. In a table beyond its
 * caches a slot that is computed from the tophashes comes so late that operations no longer overlap, where
 * one that is guessed by branches is there at once: from 2^14 buckets on the loops are faster. */
#define COLD_LOG2 14u

GOMAP_INLINE bool remove_wide(struct gomap *map, const struct gomap_type *type,
                              struct gomap_bucket *first, uint64_t hash, const void *key) {
    struct gomap_found cell = gomap_find_wide(type, first, gomap_tophash(hash), key);
    if (cell.bucket == NULL) {
        return false;
    }
    const struct gomap_bucket *next = gomap_overflow(type, cell.bucket);
    bool last = next == NULL || next->top[0] == GOMAP_EMPTY_REST;
    uint64_t tops = gomap_tops_without(gomap_tops(cell.bucket), cell.slot, last);
    wipe_pair(map, type, cell);
    gomap_tops_set(cell.bucket, tops);
    if (tops == 0 && cell.bucket != first) {
        rest_begins(type, first, (struct gomap_found){cell.bucket, 0});
    }
    return true;
}
#endif

/* The count without the removed entry. */
GOMAP_INLINE void uncount(struct gomap *map) {
    uint64_t count = GOMAP_LOAD(map->count) - 1;
    GOMAP_STORE(map->count, count);
    if (count == 0) {
        uint32_t seed = gomap_draw32(map);
        bool keep = GOMAP_MUTATE(DELETE_KEEPS_SEED, false, true) ||
                    GOMAP_MUTATE(DELETE_KEEPS_SEED_GROWING, false, map->oldbuckets != NULL);
        map->hash0 = keep ? map->hash0 : seed; /* safe in a growth: no live cell depends on it */
    }
}

GOMAP_INLINE bool delete_hashed(struct gomap *map, const struct gomap_type *type, const void *key,
                                uint64_t hash) {
    gomap_write_toggle(map);
    uint64_t index = hash & gomap_mask(GOMAP_LOAD(map->log2_buckets));
    if (GOMAP_MUTATE(WORK_NOT_ON_DELETE, GOMAP_LOAD(map->oldbuckets) != NULL, false)) {
        gomap_grow_work(map, type, index);
    }
    struct gomap_bucket *first = gomap_bucket_at(type, GOMAP_LOAD(map->buckets), index);
#if GOMAP_WIDE
    bool removed = GOMAP_LOAD(map->log2_buckets) < COLD_LOG2
                       ? remove_wide(map, type, first, hash, key)
                       : remove_key(map, type, first, hash, key);
#else
    bool removed = remove_key(map, type, first, hash, key);
#endif
    if (removed) {
        uncount(map);
    }
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
