/* iterate.c - iteration in Go's way: a random start, over a table that may grow meanwhile.
 *
 * An iterator walks the table it started on. While that table is being filled by a growth it takes the
 * entries of a bucket from the old one if that is not evacuated, choosing those that belong to its
 * bucket. Entries that moved on are looked up in the current table.
 *
 * I1  an entry that is present throughout is returned exactly once;
 * I2  a removed one is not (but after a clear, on an older table: see delete.c);
 * I3  one that was added meanwhile is returned once or not at all.
 */
#include "mapimpl/gomap/layout.h"

#define ITER_FLAGS    (GOMAP_ITER | GOMAP_OLD_ITER)
#define DRAW_LOG2_MAX 28u /* above it one 32-bit draw does not give bucket and offset */

/* The chain to walk for one bucket of an iterator. */
struct chain {
    struct gomap_bucket *first;
    uint64_t check; /* take only entries of this new bucket, or GOMAP_NO_CHECK */
};

static struct chain chain_of(const struct gomap *map, struct gomap_bucket *buckets, uint8_t log2,
                             uint64_t bucket) {
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old != NULL && log2 == GOMAP_LOAD(map->log2_buckets)) {
        old += bucket & (gomap_old_count(map) - 1);
        if (!gomap_evacuated(old)) {
            return (struct chain){old, bucket};
        }
    }
    return (struct chain){buckets + bucket, GOMAP_NO_CHECK};
}

/* An old bucket is walked for one of its two new ones: does the key go there? */
static bool belongs(const struct gomap *map, uint8_t log2, uint64_t check, uint64_t key) {
    if (check == GOMAP_NO_CHECK || (GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE)) {
        return true;
    }
    return (gomap_hash(map, key) & gomap_mask(log2)) == check;
}

/* The entry in one cell, wherever it lives now, if it is one of this walk. */
static struct gomap_pair pair_in(const struct gomap *map, uint8_t log2, uint64_t check,
                                 const struct gomap_bucket *bucket, unsigned slot) {
    uint8_t top = bucket->top[slot];
    if (gomap_empty(top) || top == GOMAP_EVAC_EMPTY) {
        return (struct gomap_pair){NULL, NULL};
    }
    bool moved = top == GOMAP_EVAC_X || top == GOMAP_EVAC_Y;
    if (check != GOMAP_NO_CHECK || moved) {
        uint64_t key = bucket->key[slot];
        if (!belongs(map, log2, check, key)) {
            return (struct gomap_pair){NULL, NULL};
        }
        if (moved) {
            return gomap_find_moved(map, key);
        }
    }
    return (struct gomap_pair){&bucket->key[slot], &bucket->value[slot]};
}

/* Moves on; false when the walk came round to its start. EMPTY_REST does not end a bucket: the walk
 * starts in its middle. */
static bool step(struct gomap_iter *it) {
    for (;;) {
        if (it->current == NULL) {
            if (it->bucket == it->start_bucket && it->wrapped) {
                it->key = NULL;
                it->value = NULL;
                return false;
            }
            struct chain chain = chain_of(it->map, it->buckets, it->log2_buckets, it->bucket);
            it->current = chain.first;
            it->check_bucket = chain.check;
            it->bucket = (it->bucket + 1) & gomap_mask(it->log2_buckets);
            it->wrapped = it->wrapped || it->bucket == 0;
            it->slot = 0;
        }
        while (it->slot < GOMAP_SLOTS) {
            unsigned slot = (it->slot + it->offset) & (GOMAP_SLOTS - 1);
            struct gomap_pair pair =
                pair_in(it->map, it->log2_buckets, it->check_bucket, it->current, slot);
            it->slot++;
            if (pair.key != NULL) {
                it->key = pair.key;
                it->value = pair.value;
                return true;
            }
        }
        it->current = it->current->overflow;
        it->slot = 0;
    }
}

/* Every step begins so, even the one that only finds the end. */
static void check_writers(const struct gomap *map) {
    if (GOMAP_LOAD(map->flags) & GOMAP_WRITING) {
        gomap_fatal(map, "concurrent map iteration and map write");
    }
}

/* What an iterator on a map that is not empty starts with. */
static struct gomap_iter started(struct gomap *map) {
    struct gomap_iter it = {
        .map = map,
        .log2_buckets = GOMAP_LOAD(map->log2_buckets),
        .buckets = GOMAP_LOAD(map->buckets),
    };
    gomap_overflow_list(map);
    uint64_t draw = it.log2_buckets > DRAW_LOG2_MAX ? gomap_draw64(map) : gomap_draw32(map);
    it.start_bucket = draw & gomap_mask(it.log2_buckets);
    it.offset = (uint8_t)((draw >> it.log2_buckets) & (GOMAP_SLOTS - 1));
    return it;
}

/* The one atomic step of Go's map: iterators may start side by side. */
static void announce(struct gomap *map) {
    if ((GOMAP_LOAD(map->flags) & ITER_FLAGS) != ITER_FLAGS) {
        atomic_fetch_or_explicit(&map->flags, (uint8_t)ITER_FLAGS, memory_order_seq_cst);
    }
}

static bool nothing_in(const struct gomap *map) {
    return map == NULL || GOMAP_LOAD(map->count) == 0;
}

/* The start of an iteration over a map that is not empty. */
static struct gomap_iter first(struct gomap_iter it) {
    gomap_iterator_begins(it.map);
    it.bucket = it.start_bucket;
    announce(it.map);
    check_writers(it.map);
    step(&it);
    return it;
}

void gomap_iter_init(struct gomap_iter *iter, struct gomap *map) {
    *iter = nothing_in(map) ? (struct gomap_iter){0} : first(started(map));
}

void gomap_iter_init_at(struct gomap_iter *iter, struct gomap *map, uint64_t bucket,
                        uint8_t offset) {
    struct gomap_iter it = {0};
    if (!nothing_in(map)) {
        it = started(map);
        it.start_bucket = bucket & gomap_mask(it.log2_buckets);
        it.offset = offset & (GOMAP_SLOTS - 1);
        it = first(it);
    }
    *iter = it;
}

/* At the end Go leaves where the iterator stood as it was after the last pair, but for `wrapped`. */
bool gomap_iter_next(struct gomap_iter *iter) {
    struct gomap_iter it = *iter;
    if (it.map == NULL) {
        return false;
    }
    check_writers(it.map);
    bool more = step(&it);
    if (more) {
        *iter = it;
    } else {
        iter->key = NULL;
        iter->value = NULL;
        iter->wrapped = it.wrapped;
    }
    return more;
}

void gomap_iter_end(struct gomap_iter *iter) {
    if (iter->map != NULL) {
        gomap_iterator_ends(iter->map);
        iter->map = NULL;
    }
}

static bool pass_on(const struct gomap *map, struct gomap_pair pair,
                    bool (*visit)(void *context, uint64_t key, uint64_t value), void *context) {
    if (!visit(context, *pair.key, *pair.value)) {
        return false;
    }
    check_writers(map);
    return true;
}

/* The same walk without a pause, and without an iterator in memory: what goes through memory is a
 * scheduling point in instrumented code. As if gomap_iter_next were called after each visit, the flag is
 * looked at once more than there are entries. */
uint64_t gomap_iterate(struct gomap *map,
                       bool (*visit)(void *context, uint64_t key, uint64_t value), void *context) {
    if (nothing_in(map)) {
        return 0;
    }
    gomap_iterator_begins(map);
    uint64_t visited = 0;
    bool more = true;
    const struct gomap_iter start = started(map);
    uint64_t number = start.start_bucket;
    announce(map);
    check_writers(map);
    do {
        struct chain chain = chain_of(map, start.buckets, start.log2_buckets, number);
        for (struct gomap_bucket *b = chain.first; b != NULL && more; b = b->overflow) {
            for (unsigned i = 0; i < GOMAP_SLOTS && more; i++) {
                struct gomap_pair pair = pair_in(map, start.log2_buckets, chain.check, b,
                                                 (i + start.offset) & (GOMAP_SLOTS - 1));
                if (pair.key != NULL) {
                    visited++;
                    more = pass_on(map, pair, visit, context);
                }
            }
        }
        number = (number + 1) & gomap_mask(start.log2_buckets);
    } while (more && number != start.start_bucket);
    gomap_iterator_ends(map);
    return visited;
}
