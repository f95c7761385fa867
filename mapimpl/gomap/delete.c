/* delete.c - removing one key, and removing all.
 *
 * Neither starts a growth nor gives memory back. Deleting moves one or two old buckets first, also for
 * an absent key, and then searches the new table alone. Clearing ends a growth by dropping the old table.
 */
#include "mapimpl/gomap/layout.h"

struct cell {
    struct gomap_bucket *bucket; /* NULL: not found */
    unsigned slot;
};

static struct cell search_fast64(struct gomap_bucket *bucket, uint64_t key) {
    for (; bucket != NULL; bucket = bucket->overflow) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            if (bucket->key[slot] == key && !gomap_empty(bucket->top[slot])) {
                return (struct cell){bucket, slot};
            }
        }
    }
    return (struct cell){NULL, 0};
}

static struct cell search_generic(struct gomap_bucket *bucket, uint8_t wanted, uint64_t key) {
    for (; bucket != NULL; bucket = bucket->overflow) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (top == wanted && bucket->key[slot] == key) {
                return (struct cell){bucket, slot};
            }
            if (top == GOMAP_EMPTY_REST) {
                return (struct cell){NULL, 0};
            }
        }
    }
    return (struct cell){NULL, 0};
}

static bool rest_is_empty(struct cell cell) {
    if (cell.slot + 1 < GOMAP_SLOTS) {
        return cell.bucket->top[cell.slot + 1] == GOMAP_EMPTY_REST;
    }
    const struct gomap_bucket *next = cell.bucket->overflow;
    return next == NULL || next->top[0] == GOMAP_EMPTY_REST;
}

/* Steps to the cell before; false at the start of the chain. */
static bool step_back(struct gomap_bucket *first, struct cell *cell) {
    if (cell->slot > 0) {
        cell->slot--;
        return true;
    }
    if (cell->bucket == first) {
        return false;
    }
    struct gomap_bucket *before = first;
    while (before->overflow != cell->bucket) {
        before = before->overflow;
    }
    cell->bucket = before;
    cell->slot = GOMAP_SLOTS - 1;
    return true;
}

/* Keeps G3: turns the empty cells at the end of the chain into EMPTY_REST. Ends at its start. */
static void empty_cell(struct gomap_bucket *first, struct cell cell) {
    cell.bucket->value[cell.slot] = 0;
    cell.bucket->top[cell.slot] = GOMAP_EMPTY_ONE;
    if (!rest_is_empty(cell)) {
        return;
    }
    do {
        cell.bucket->top[cell.slot] = GOMAP_EMPTY_REST;
    } while (step_back(first, &cell) && cell.bucket->top[cell.slot] == GOMAP_EMPTY_ONE);
}

static bool remove_found(struct gomap *map, struct gomap_bucket *first, struct cell cell) {
    if (cell.bucket == NULL) {
        return false;
    }
    empty_cell(first, cell);
    uint64_t count = GOMAP_LOAD(map->count) - 1;
    GOMAP_STORE(map->count, count);
    if (count == 0) {
        map->hash0 = gomap_draw32(map); /* safe in a growth: no live cell depends on it */
    }
    return true;
}

static bool delete_key(struct gomap *map, uint64_t key, bool generic) {
    if (map == NULL || GOMAP_LOAD(map->count) == 0) {
        return false;
    }
    gomap_write_check(map);
    uint64_t hash = gomap_hash(map, key);
    gomap_write_toggle(map);
    uint64_t index = hash & gomap_mask(GOMAP_LOAD(map->log2_buckets));
    if (GOMAP_LOAD(map->oldbuckets) != NULL) {
        gomap_grow_work(map, index);
    }
    struct gomap_bucket *first = GOMAP_LOAD(map->buckets) + index;
    struct cell cell =
        generic ? search_generic(first, gomap_tophash(hash), key) : search_fast64(first, key);
    bool removed = remove_found(map, first, cell);
    gomap_write_finish(map);
    return removed;
}

bool gomap_delete(struct gomap *map, uint64_t key) {
    return delete_key(map, key, false);
}

bool gomap_delete_generic(struct gomap *map, uint64_t key) {
    return delete_key(map, key, true);
}

/* The iterator flags stay; single overflow buckets are unlinked and keep their bytes, which a running
 * iterator may still return, as in Go 1.19. */
static void wipe(struct gomap *map) {
    GOMAP_STORE(map->flags, (uint8_t)(GOMAP_LOAD(map->flags) & ~GOMAP_SAME_SIZE));
    if (GOMAP_LOAD(map->oldbuckets) != NULL) {
        GOMAP_STORE(map->oldbuckets, NULL);
        gomap_tell(map, MAP_GROWTH_END, 0);
    }
    GOMAP_STORE(map->nevacuate, 0);
    map->noverflow = 0;
    GOMAP_STORE(map->count, 0);
    map->hash0 = gomap_draw32(map);
    GOMAP_STORE(map->extra.overflow, GOMAP_NO_LIST);
    map->extra.old_overflow = GOMAP_NO_LIST;
    map->extra.next_overflow =
        gomap_table_wipe(GOMAP_LOAD(map->buckets), GOMAP_LOAD(map->log2_buckets));
}

void gomap_clear(struct gomap *map) {
    if (map == NULL || GOMAP_LOAD(map->count) == 0) {
        return;
    }
    gomap_write_check(map);
    gomap_write_toggle(map);
    gomap_tell(map, MAP_CLEAR_START, 0);
    wipe(map);
    gomap_table_wiped(map);
    gomap_tell(map, MAP_CLEAR_END, 0);
    gomap_write_finish(map);
}
