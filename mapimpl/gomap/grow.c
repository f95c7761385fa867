/* grow.c - incremental growth: its start, which moves nothing, and its end.
 *
 *   hash_grow -> { grow_work -> evacuate -> advance } a write -> growth_end        (evacuate.c)
 *
 * The moments of the events: GROWTH_START when hash_grow has set every field; EVACUATE_START before the
 * first cell of an old bucket is marked, EVACUATE_END after the last one is, before nevacuate advances;
 * GROWTH_END immediately after oldbuckets became NULL.
 */
#include "mapimpl/gomap/layout.h"

/* A reason to grow exists; load wins over too many overflow buckets, and is judged afresh. Go sets the
 * same-size flag before it allocates. */
static uint8_t growth_bits(struct gomap *map, uint8_t log2) {
    bool loaded = gomap_over_load(map, GOMAP_LOAD(map->count) + 1, log2);
    if (GOMAP_MUTATE(GROWTH_DOUBLES, loaded, true)) {
        return 1;
    }
    GOMAP_STORE(map->flags, (uint8_t)(GOMAP_LOAD(map->flags) | GOMAP_SAME_SIZE));
    return 0;
}

static void overflow_lists_promote(struct gomap *map) {
    int64_t overflow = GOMAP_LOAD(map->extra.overflow);
    if (overflow == GOMAP_NO_LIST) {
        return;
    }
    if (map->extra.old_overflow != GOMAP_NO_LIST) {
        gomap_fatal(map, "oldoverflow is not nil");
    }
    map->extra.old_overflow = overflow;
    GOMAP_STORE(map->extra.overflow, GOMAP_NO_LIST);
}

bool gomap_hash_grow(struct gomap *map) {
    uint8_t log2 = GOMAP_LOAD(map->log2_buckets);
    uint8_t bigger = growth_bits(map, log2);
    struct gomap_bucket *old = GOMAP_LOAD(map->buckets);
    struct gomap_bucket *next_overflow = NULL;
    gomap_table_begins(map);
    struct gomap_bucket *fresh = gomap_table_new(map, (uint8_t)(log2 + bigger), &next_overflow);
    uint8_t flags = GOMAP_LOAD(map->flags);
    if (fresh == NULL) {
        GOMAP_STORE(map->flags, (uint8_t)(flags & ~GOMAP_SAME_SIZE));
        return false;
    }
    uint8_t kept = (uint8_t)(flags & ~(GOMAP_ITER | GOMAP_OLD_ITER));
    if (GOMAP_MUTATE(GROWTH_LOSES_ITERATOR, flags & GOMAP_ITER, 0)) {
        kept |= GOMAP_OLD_ITER;
    }
    GOMAP_STORE(map->log2_buckets, (uint8_t)(log2 + bigger));
    GOMAP_STORE(map->flags, kept);
    GOMAP_STORE(map->oldbuckets, old);
    GOMAP_STORE(map->buckets, fresh);
    GOMAP_STORE(map->nevacuate, 0);
    map->noverflow = GOMAP_MUTATE(GROWTH_KEEPS_NOVERFLOW, 0, map->noverflow);
    overflow_lists_promote(map);
    if (next_overflow != NULL) {
        map->extra.next_overflow = next_overflow;
    }
    gomap_tell(map, MAP_GROWTH_START, 0);
    return true;
}

void gomap_growth_end(struct gomap *map) {
    GOMAP_STORE(map->oldbuckets, NULL);
    gomap_tell(map, MAP_GROWTH_END, 0);
    map->extra.old_overflow = GOMAP_NO_LIST;
    unsigned dropped = GOMAP_MUTATE(GROWTH_KEEPS_SAME_SIZE, GOMAP_SAME_SIZE, 0u);
    GOMAP_STORE(map->flags, (uint8_t)(GOMAP_LOAD(map->flags) & ~dropped));
    gomap_table_ends(map);
}
