/* evacuate.c - moving old buckets while the map grows: one or two a write.
 *
 *   grow_work -> evacuate -> advance
 *
 * An evacuated chain has every cell marked, its live ones copied to X and Y, densely and in order. Nothing
 * is ever written to an evacuated bucket again, but that Go zeroes what its collector would look into.
 */
#include "mapimpl/gomap/wide.h"

/* One write skips at most so many evacuated buckets, so that its cost is bounded. */
#define ADVANCE_MAX 1024u

/* Where evacuated cells go: `slot` is the next free one of `bucket`. */
struct destination {
    struct gomap_bucket *bucket;
    unsigned slot;
};

GOMAP_INLINE void cell_copy(struct gomap *map, const struct gomap_type *type,
                            struct destination *to, const struct gomap_bucket *from, unsigned slot,
                            uint8_t top) {
    if (to->slot == GOMAP_SLOTS) {
        to->bucket = gomap_overflow_new(map, to->bucket);
        if (to->bucket == NULL) {
            gomap_fatal(map, "out of memory");
        }
        to->slot = 0;
    }
    to->bucket->top[to->slot] = top;
    gomap_key_slot_copy(type, gomap_key_slot(type, to->bucket, to->slot),
                        gomap_key_slot(type, from, slot));
    gomap_elem_slot_copy(type, gomap_elem_slot(type, to->bucket, to->slot),
                         gomap_elem_slot(type, from, slot));
    to->slot++;
}

/* Whether an entry of a doubling table goes to Y. A key that differs from itself has another hash each
 * time: an iterator that may have seen it here needs the answer to stay, so the old tophash gives it, and
 * the new hash only a new tophash. */
GOMAP_INLINE unsigned goes_to_y(const struct gomap *map, const struct gomap_type *type,
                                const void *key, uint64_t new_bit, uint8_t *top) {
    uint64_t hash = gomap_hash_present(map, type, key);
    if (type->maybe_irreflexive &&
        GOMAP_MUTATE(MOVE_NAN_AFRESH, GOMAP_LOAD(map->flags) & GOMAP_ITER, false) &&
        !gomap_key_reflexive(type, key)) {
        unsigned y = *top & 1u;
        *top = gomap_tophash(hash);
        return y;
    }
    return hash & GOMAP_MUTATE(MOVE_BY_NEXT_BIT, new_bit, new_bit << 1) ? 1 : 0;
}

/* Moves a whole chain. */
GOMAP_INLINE void chain_move(struct gomap *map, const struct gomap_type *type,
                             struct gomap_bucket *bucket, uint64_t index, uint64_t new_bit) {
    bool same_size = GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE;
    struct destination to[2] = {
        {gomap_bucket_at(type, GOMAP_LOAD(map->buckets), index), 0},
        {NULL, 0},
    };
    to[1].bucket = gomap_bucket_at(type, to[0].bucket, same_size ? 0 : new_bit);
#if GOMAP_WIDE
    gomap_prefetch(type, bucket);
    gomap_prefetch(type, to[0].bucket);
    gomap_prefetch(type, to[1].bucket);
#endif
    for (; bucket != NULL; bucket = gomap_overflow(type, bucket)) {
        for (unsigned i = 0; i < GOMAP_SLOTS; i++) {
            unsigned slot = GOMAP_MUTATE(MOVE_BACKWARDS, i, GOMAP_SLOTS - 1 - i);
            uint8_t top = bucket->top[slot];
            if (gomap_empty(top)) {
                bucket->top[slot] = GOMAP_MUTATE(MOVE_EMPTY_UNMARKED, GOMAP_EVAC_EMPTY, top);
                continue;
            }
            if (top < GOMAP_MIN_TOP) {
                gomap_fatal(map, "bad map state");
            }
            unsigned y = 0;
            if (!same_size) {
                y = goes_to_y(map, type, gomap_key(type, bucket, slot), new_bit, &top);
            }
            bucket->top[slot] = (uint8_t)(GOMAP_EVAC_X + GOMAP_MUTATE(MOVE_SWAPS_MARKS, y, 0));
            cell_copy(map, type, &to[y], bucket, slot, top);
        }
    }
}

/* For Go's collector: unlinks the chain and forgets keys and elements, unless an iterator may walk here.
 * The tophashes stay. */
GOMAP_INLINE void chain_forget(const struct gomap *map, const struct gomap_type *type,
                               struct gomap_bucket *bucket) {
    bool pointers = !gomap_pointer_free(type);
    if (GOMAP_MUTATE(MOVE_KEEPS_POINTERS, pointers, false) &&
        GOMAP_MUTATE(MOVE_FORGETS_EARLY, !(GOMAP_LOAD(map->flags) & GOMAP_OLD_ITER), true)) {
        memset((char *)bucket + GOMAP_SLOTS, 0, gomap_bucket_size(type) - GOMAP_SLOTS);
    }
}

/* The mark may come to rest on an evacuated bucket: then the next call for it only advances. */
GOMAP_INLINE void advance(struct gomap *map, const struct gomap_type *type, uint64_t old_count) {
    uint64_t mark = GOMAP_LOAD(map->nevacuate) + 1;
    uint64_t bound = mark + GOMAP_MUTATE(ADVANCE_UNBOUNDED, ADVANCE_MAX, old_count);
    uint64_t stop = bound < old_count ? bound : old_count;
    while (mark != stop && GOMAP_MUTATE(ADVANCE_BY_ONE, true, false) &&
           gomap_evacuated(gomap_bucket_at(type, GOMAP_LOAD(map->oldbuckets), mark))) {
        mark++;
    }
    GOMAP_STORE(map->nevacuate, mark);
    if (mark == old_count) {
        gomap_growth_end(map);
    }
}

GOMAP_INLINE void evacuate(struct gomap *map, const struct gomap_type *type, uint64_t index) {
    struct gomap_bucket *bucket = gomap_bucket_at(type, GOMAP_LOAD(map->oldbuckets), index);
    uint64_t old_count = gomap_old_count(map);
    if (!gomap_evacuated(bucket)) {
        gomap_tell(map, MAP_EVACUATE_START, index);
        chain_move(map, type, bucket, index, old_count);
        chain_forget(map, type, bucket);
        gomap_tell(map, MAP_EVACUATE_END, index);
    }
    if (index == GOMAP_LOAD(map->nevacuate)) {
        advance(map, type, old_count);
    }
}

/* Not inlined into its callers twice over. */
static void evacuate_32(struct gomap *map, uint64_t index) {
    evacuate(map, &gomap_fast32, index);
}

static void evacuate_64(struct gomap *map, uint64_t index) {
    evacuate(map, &gomap_fast64, index);
}

static void evacuate_string(struct gomap *map, uint64_t index) {
    evacuate(map, &gomap_fast_string, index);
}

static void evacuate_any(struct gomap *map, uint64_t index) {
    evacuate(map, map->config.type, index);
}

/* The old bucket of the new one that is about to be written, and the next in order. */
GOMAP_INLINE void grow_work(struct gomap *map, void (*one)(struct gomap *map, uint64_t index),
                            uint64_t bucket) {
    one(map, bucket & (gomap_old_count(map) - 1));
    if (GOMAP_MUTATE(WORK_SINGLE, GOMAP_LOAD(map->oldbuckets) != NULL, false)) {
        one(map, GOMAP_LOAD(map->nevacuate));
    }
}

void gomap_grow_work_32(struct gomap *map, uint64_t bucket) {
    grow_work(map, evacuate_32, bucket);
}

void gomap_grow_work_64(struct gomap *map, uint64_t bucket) {
    grow_work(map, evacuate_64, bucket);
}

void gomap_grow_work_string(struct gomap *map, uint64_t bucket) {
    grow_work(map, evacuate_string, bucket);
}

void gomap_grow_work_any(struct gomap *map, uint64_t bucket) {
    grow_work(map, evacuate_any, bucket);
}
