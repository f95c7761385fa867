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

#define ITER_FLAGS     (GOMAP_ITER | GOMAP_OLD_ITER)
#define DRAW_LOG2_MAX  28u /* above it one 32-bit draw does not give bucket and offset */
#define BUCKETS_OF(it) (gomap_mask((it)->log2_buckets) + 1)

/* Chooses the chain of the next bucket; false when the walk came round to its start. */
static bool bucket_next(struct gomap_iter *it) {
    struct gomap *map = it->map;
    if (it->bucket == it->start_bucket && it->wrapped) {
        return false;
    }
    it->current = it->buckets + it->bucket;
    it->check_bucket = GOMAP_NO_CHECK;
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old != NULL && it->log2_buckets == GOMAP_LOAD(map->log2_buckets)) {
        old += it->bucket & (gomap_old_count(map) - 1);
        if (!gomap_evacuated(old)) {
            it->current = old;
            it->check_bucket = it->bucket;
        }
    }
    it->bucket++;
    if (it->bucket == BUCKETS_OF(it)) {
        it->bucket = 0;
        it->wrapped = true;
    }
    it->slot = 0;
    return true;
}

/* An old bucket is walked for one of its two new ones: does the key go there? */
static bool belongs(const struct gomap_iter *it, uint64_t key) {
    if (it->check_bucket == GOMAP_NO_CHECK || (GOMAP_LOAD(it->map->flags) & GOMAP_SAME_SIZE)) {
        return true;
    }
    return (gomap_hash(it->map, key) & gomap_mask(it->log2_buckets)) == it->check_bucket;
}

/* Takes the pair of one cell if it is an entry of this walk. */
static bool cell_take(struct gomap_iter *it, unsigned slot) {
    const struct gomap_bucket *bucket = it->current;
    uint8_t top = bucket->top[slot];
    if (gomap_empty(top) || top == GOMAP_EVAC_EMPTY) {
        return false;
    }
    if (!belongs(it, bucket->key[slot])) {
        return false;
    }
    if (top != GOMAP_EVAC_X && top != GOMAP_EVAC_Y) {
        it->key = &bucket->key[slot];
        it->value = &bucket->value[slot];
        return true;
    }
    const uint64_t *found;
    const uint64_t *value = gomap_find_moved(it->map, bucket->key[slot], &found);
    if (value == NULL) {
        return false;
    }
    it->key = found;
    it->value = value;
    return true;
}

/* EMPTY_REST does not end a bucket: the walk starts in its middle. */
static bool step(struct gomap_iter *it) {
    for (;;) {
        if (it->current == NULL && !bucket_next(it)) {
            it->key = NULL;
            it->value = NULL;
            return false;
        }
        while (it->slot < GOMAP_SLOTS) {
            unsigned slot = (it->slot + it->offset) & (GOMAP_SLOTS - 1);
            it->slot++;
            if (cell_take(it, slot)) {
                return true;
            }
        }
        it->current = it->current->overflow;
        it->slot = 0;
    }
}

/* The walk works on a copy, so that instrumented builds see the caller's iterator touched twice a step
 * and not at each of its fields. At the end Go leaves where it stood as it was after the last pair, but
 * for `wrapped`. */
bool gomap_iter_next(struct gomap_iter *iter) {
    struct gomap_iter it = *iter;
    if (it.map == NULL) {
        return false;
    }
    if (GOMAP_LOAD(it.map->flags) & GOMAP_WRITING) {
        gomap_fatal(it.map, "concurrent map iteration and map write");
    }
    if (step(&it)) {
        *iter = it;
        return true;
    }
    iter->key = NULL;
    iter->value = NULL;
    iter->wrapped = it.wrapped;
    return false;
}

static void draw_start(struct gomap_iter *iter) {
    uint64_t draw =
        iter->log2_buckets > DRAW_LOG2_MAX ? gomap_draw64(iter->map) : gomap_draw32(iter->map);
    iter->start_bucket = draw & gomap_mask(iter->log2_buckets);
    iter->offset = (uint8_t)((draw >> iter->log2_buckets) & (GOMAP_SLOTS - 1));
}

/* Everything but the first step; false for an empty map. */
static bool prepare(struct gomap_iter *iter, struct gomap *map) {
    struct gomap_iter it = {0};
    if (map == NULL || GOMAP_LOAD(map->count) == 0) {
        *iter = it;
        return false;
    }
    gomap_iterator_begins(map);
    it.map = map;
    it.log2_buckets = GOMAP_LOAD(map->log2_buckets);
    it.buckets = GOMAP_LOAD(map->buckets);
    gomap_overflow_list(map);
    draw_start(&it);
    *iter = it;
    return true;
}

/* The one atomic step of Go's map: iterators may start side by side. */
static void announce(struct gomap *map) {
    if ((GOMAP_LOAD(map->flags) & ITER_FLAGS) != ITER_FLAGS) {
        atomic_fetch_or_explicit(&map->flags, (uint8_t)ITER_FLAGS, memory_order_seq_cst);
    }
}

void gomap_iter_init(struct gomap_iter *iter, struct gomap *map) {
    if (prepare(iter, map)) {
        iter->bucket = iter->start_bucket;
        announce(map);
        gomap_iter_next(iter);
    }
}

void gomap_iter_init_at(struct gomap_iter *iter, struct gomap *map, uint64_t bucket,
                        uint8_t offset) {
    if (prepare(iter, map)) {
        iter->start_bucket = bucket & gomap_mask(iter->log2_buckets);
        iter->bucket = iter->start_bucket;
        iter->offset = offset & (GOMAP_SLOTS - 1);
        announce(map);
        gomap_iter_next(iter);
    }
}

void gomap_iter_end(struct gomap_iter *iter) {
    if (iter->map != NULL) {
        gomap_iterator_ends(iter->map);
        iter->map = NULL;
    }
}

uint64_t gomap_iterate(struct gomap *map,
                       bool (*visit)(void *context, uint64_t key, uint64_t value), void *context) {
    uint64_t visited = 0;
    struct gomap_iter iter;
    gomap_iter_init(&iter, map);
    while (iter.key != NULL) {
        visited++;
        if (!visit(context, *iter.key, *iter.value)) {
            break;
        }
        gomap_iter_next(&iter);
    }
    gomap_iter_end(&iter);
    return visited;
}
