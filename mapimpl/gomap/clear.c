/* clear.c - removing everything: the table stays, and is zeroed in place.
 *
 * Ends a growth by dropping the old table. The iterator flags stay. Single overflow buckets are unlinked
 * and keep their bytes, which an iterator that stands in one, or that walks an older table, may still
 * return; so it is in Go 1.19 and 1.20. From 1.21 on every cell of both tables is marked EMPTY_REST first,
 * so that no running iterator finds anything.
 */
#include "mapimpl/gomap/cell.h"

#define VERSION_MARKS 121u /* the first one in which clear marks cells */

static struct gomap_bucket *main_bucket(struct gomap_shape shape, struct gomap_bucket *table,
                                        uint64_t index) {
    return (struct gomap_bucket *)((char *)table + index * shape.bucket_size);
}

static struct gomap_bucket *next_bucket(struct gomap_shape shape, struct gomap_bucket *bucket) {
    char *end = (char *)bucket + shape.bucket_size;
    return *(struct gomap_bucket **)(end - sizeof(void *));
}

static void mark_empty(struct gomap_shape shape, struct gomap_bucket *table, uint64_t count) {
    for (uint64_t i = 0; i < count; i++) {
        struct gomap_bucket *bucket = main_bucket(shape, table, i);
        for (; bucket != NULL; bucket = next_bucket(shape, bucket)) {
            for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
                bucket->top[slot] = GOMAP_EMPTY_REST;
            }
        }
    }
}

static void end_iterators(struct gomap *map, struct gomap_shape shape) {
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    mark_empty(shape, GOMAP_LOAD(map->buckets), gomap_mask(GOMAP_LOAD(map->log2_buckets)) + 1);
    if (old != NULL) {
        mark_empty(shape, old, gomap_old_count(map));
    }
}

static void wipe(struct gomap *map) {
    struct gomap_shape shape = gomap_shape_of(map);
    if (shape.version >= VERSION_MARKS) {
        end_iterators(map, shape);
    }
    const unsigned dropped =
        GOMAP_MUTATE(CLEAR_KEEPS_SAME_SIZE,
                     GOMAP_MUTATE(CLEAR_DROPS_FLAGS, GOMAP_SAME_SIZE, ~GOMAP_WRITING), 0u);
    GOMAP_STORE(map->flags, (uint8_t)(GOMAP_LOAD(map->flags) & ~dropped));
    if (GOMAP_LOAD(map->oldbuckets) != NULL) {
        GOMAP_STORE(map->oldbuckets, NULL);
        gomap_tell(map, MAP_GROWTH_END, 0);
    }
    GOMAP_STORE(map->nevacuate, GOMAP_MUTATE(CLEAR_KEEPS_MARK, 0, GOMAP_LOAD(map->nevacuate)));
    map->noverflow = GOMAP_MUTATE(CLEAR_KEEPS_NOVERFLOW, 0, map->noverflow);
    GOMAP_STORE(map->count, 0);
    uint32_t seed = gomap_draw32(map);
    map->hash0 = GOMAP_MUTATE(CLEAR_KEEPS_SEED, seed, map->hash0);
    GOMAP_STORE(map->extra.overflow, GOMAP_NO_LIST);
    map->extra.old_overflow =
        GOMAP_MUTATE(CLEAR_KEEPS_OLD_LIST, GOMAP_NO_LIST, map->extra.old_overflow);
    map->extra.next_overflow =
        gomap_table_wipe(map, GOMAP_LOAD(map->buckets), GOMAP_LOAD(map->log2_buckets));
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
