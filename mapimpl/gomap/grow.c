/* grow.c - incremental growth: install a new table, then move one or two old buckets a write.
 *
 *   hash_grow -> { grow_work -> evacuate -> advance } a write -> growth ends
 *
 * The moments of the events: GROWTH_START when hash_grow has set every field; EVACUATE_START before the
 * first cell of an old bucket is marked, EVACUATE_END after the last one is, before nevacuate advances;
 * GROWTH_END immediately after oldbuckets became NULL.
 */
#include "mapimpl/gomap/layout.h"

/* One write skips at most so many evacuated buckets, so that its cost is bounded. */
#define ADVANCE_MAX 1024u

/* A reason to grow exists; load wins over too many overflow buckets, and is judged afresh. Go sets the
 * same-size flag before it allocates. */
static uint8_t growth_bits(struct gomap *map, uint8_t log2) {
    if (gomap_over_load(GOMAP_LOAD(map->count) + 1, log2)) {
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
    if (flags & GOMAP_ITER) {
        kept |= GOMAP_OLD_ITER;
    }
    GOMAP_STORE(map->log2_buckets, (uint8_t)(log2 + bigger));
    GOMAP_STORE(map->flags, kept);
    GOMAP_STORE(map->oldbuckets, old);
    GOMAP_STORE(map->buckets, fresh);
    GOMAP_STORE(map->nevacuate, 0);
    map->noverflow = 0;
    overflow_lists_promote(map);
    if (next_overflow != NULL) {
        map->extra.next_overflow = next_overflow;
    }
    gomap_tell(map, MAP_GROWTH_START, 0);
    return true;
}

/* Where evacuated cells go: `slot` is the next free one of `bucket`. */
struct destination {
    struct gomap_bucket *bucket;
    unsigned slot;
};

static void cell_copy(struct gomap *map, struct destination *to, const struct gomap_bucket *from,
                      unsigned slot, uint8_t top) {
    if (to->slot == GOMAP_SLOTS) {
        to->bucket = gomap_overflow_new(map, to->bucket);
        if (to->bucket == NULL) {
            gomap_fatal(map, "out of memory");
        }
        to->slot = 0;
    }
    to->bucket->top[to->slot] = top;
    to->bucket->key[to->slot] = from->key[slot];
    to->bucket->value[to->slot] = from->value[slot];
    to->slot++;
}

/* Moves a whole chain. X and Y are dense and keep the chain's order. */
static void chain_move(struct gomap *map, struct gomap_bucket *bucket, uint64_t index,
                       uint64_t new_bit) {
    bool same_size = GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE;
    struct destination to[2] = {{GOMAP_LOAD(map->buckets) + index, 0}, {NULL, 0}};
    to[1].bucket = to[0].bucket + (same_size ? 0 : new_bit);
    for (; bucket != NULL; bucket = bucket->overflow) {
        for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
            uint8_t top = bucket->top[slot];
            if (gomap_empty(top)) {
                bucket->top[slot] = GOMAP_EVAC_EMPTY;
                continue;
            }
            if (top < GOMAP_MIN_TOP) {
                gomap_fatal(map, "bad map state");
            }
            unsigned y = !same_size && (gomap_hash(map, bucket->key[slot]) & new_bit) ? 1 : 0;
            bucket->top[slot] = (uint8_t)(GOMAP_EVAC_X + y);
            cell_copy(map, &to[y], bucket, slot, top);
        }
    }
}

static void growth_end(struct gomap *map) {
    GOMAP_STORE(map->oldbuckets, NULL);
    gomap_tell(map, MAP_GROWTH_END, 0);
    map->extra.old_overflow = GOMAP_NO_LIST;
    GOMAP_STORE(map->flags, (uint8_t)(GOMAP_LOAD(map->flags) & ~GOMAP_SAME_SIZE));
    gomap_table_ends(map);
}

/* The mark may come to rest on an evacuated bucket: then the next call for it only advances. */
static void advance(struct gomap *map, uint64_t old_count) {
    uint64_t mark = GOMAP_LOAD(map->nevacuate) + 1;
    uint64_t stop = mark + ADVANCE_MAX < old_count ? mark + ADVANCE_MAX : old_count;
    while (mark != stop && gomap_evacuated(GOMAP_LOAD(map->oldbuckets) + mark)) {
        mark++;
    }
    GOMAP_STORE(map->nevacuate, mark);
    if (mark == old_count) {
        growth_end(map);
    }
}

static void evacuate(struct gomap *map, uint64_t index) {
    struct gomap_bucket *bucket = GOMAP_LOAD(map->oldbuckets) + index;
    uint64_t old_count = gomap_old_count(map);
    if (!gomap_evacuated(bucket)) {
        gomap_tell(map, MAP_EVACUATE_START, index);
        chain_move(map, bucket, index, old_count);
        gomap_tell(map, MAP_EVACUATE_END, index);
    }
    if (index == GOMAP_LOAD(map->nevacuate)) {
        advance(map, old_count);
    }
}

void gomap_grow_work(struct gomap *map, uint64_t bucket) {
    evacuate(map, bucket & (gomap_old_count(map) - 1));
    if (GOMAP_LOAD(map->oldbuckets) != NULL) {
        evacuate(map, GOMAP_LOAD(map->nevacuate));
    }
}
