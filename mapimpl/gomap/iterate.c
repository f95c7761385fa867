/* iterate.c - iteration in Go's way: a random start, over a table that may grow meanwhile.
 *
 * An iterator walks the table it started on. While that table is being filled by a growth it takes the
 * entries of a bucket from the old one if that is not evacuated, choosing those that belong to its
 * bucket. Entries that moved on are looked up in the current table.
 *
 * I1  an entry that is present throughout is returned exactly once (but where buckets hold pointers and the
 *     walk outlives a second growth of the same size, which forgets buckets it has yet to see: as in Go);
 * I2  a removed one is not (but after a clear, on an older table: see clear.c);
 * I3  one that was added meanwhile is returned once or not at all.
 */
#include "mapimpl/gomap/cell.h"

#define ITER_FLAGS (GOMAP_ITER | GOMAP_OLD_ITER)

/* The chain to walk for one bucket of an iterator. */
struct chain {
    struct gomap_bucket *first;
    uint64_t check; /* take only entries of this new bucket, or GOMAP_NO_CHECK */
};

GOMAP_INLINE struct chain chain_of(const struct gomap *map, const struct gomap_type *type,
                                   struct gomap_bucket *buckets, uint8_t log2, uint64_t bucket) {
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    if (old != NULL && log2 == GOMAP_LOAD(map->log2_buckets)) {
        old = gomap_bucket_at(type, old, bucket & (gomap_old_count(map) - 1));
        if (!GOMAP_MUTATE(ITERATE_NEW_ONLY, gomap_evacuated(old), true)) {
            return (struct chain){old, bucket};
        }
    }
    return (struct chain){gomap_bucket_at(type, buckets, bucket), GOMAP_NO_CHECK};
}

/* An old bucket is walked for one of its two new ones: does the key go there? One that differs from itself
 * goes where evacuate.c will send it. */
GOMAP_INLINE bool belongs(const struct gomap *map, const struct gomap_type *type, uint8_t log2,
                          uint64_t check, const void *key, uint8_t top) {
    bool halves = !(GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE) ||
                  GOMAP_MUTATE(ITERATE_NAN_SAME_SIZE, false, !gomap_key_reflexive(type, key));
    if (check == GOMAP_NO_CHECK || !halves) {
        return true;
    }
    if (GOMAP_MUTATE(ITERATE_NAN_BY_HASH, !gomap_key_reflexive(type, key), false)) {
        return check >> (log2 - 1) == (top & 1u);
    }
    uint64_t bucket = gomap_hash_present(map, type, key) & gomap_mask(log2);
    return GOMAP_MUTATE(ITERATE_OLD_TWICE, bucket == check, true);
}

union number {
    uint32_t narrow;
    uint64_t wide;
};

/* A number is read once, as Go's iterator does; other keys stay where they are. */
GOMAP_INLINE const void *key_read(const struct gomap_type *type, const void *key,
                                  union number *copy) {
    if (type->kind == GOMAP_FAST32) {
        copy->narrow = *(const uint32_t *)key;
    } else if (type->kind == GOMAP_FAST64) {
        copy->wide = *(const uint64_t *)key;
    } else {
        return key;
    }
    return copy;
}

/* The entry in one cell, wherever it lives now, if it is one of this walk. A key that differs from itself
 * cannot be looked up, nor be removed or overwritten: the old cell still has it. The box of a large key is
 * gone where a second growth of the same size has forgotten the bucket, where Go's iterator crashes. */
GOMAP_INLINE struct gomap_pair pair_in(const struct gomap *map, const struct gomap_type *type,
                                       uint8_t log2, uint64_t check,
                                       const struct gomap_bucket *bucket, unsigned slot) {
    uint8_t top = bucket->top[slot];
    if (gomap_empty(top) || top == GOMAP_EVAC_EMPTY) {
        return (struct gomap_pair){NULL, NULL};
    }
    bool moved = top == GOMAP_EVAC_X || top == GOMAP_EVAC_Y;
    if (check != GOMAP_NO_CHECK || moved) {
        union number copy;
        const void *key = key_read(type, gomap_key(type, bucket, slot), &copy);
        if (key == NULL || !belongs(map, type, log2, check, key, top)) {
            return (struct gomap_pair){NULL, NULL};
        }
        if (GOMAP_MUTATE(ITERATE_STALE, moved, false) && gomap_key_reflexive(type, key)) {
            return gomap_find_moved(map, type, key);
        }
    }
    return gomap_pair_at(type, bucket, slot);
}

GOMAP_INLINE void set_pair(struct gomap_iter *it, struct gomap_pair pair) {
    it->any_key = pair.key;
    it->any_elem = pair.elem;
}

/* Moves on; false when the walk came round to its start. EMPTY_REST does not end a bucket: the walk
 * starts in its middle. */
GOMAP_INLINE bool step(struct gomap_iter *it, const struct gomap_type *type) {
    for (;;) {
        if (it->current == NULL) {
            if (it->bucket == it->start_bucket && it->wrapped) {
                set_pair(it, (struct gomap_pair){NULL, NULL});
                return false;
            }
            struct chain chain = chain_of(it->map, type, it->buckets, it->log2_buckets, it->bucket);
            it->current = chain.first;
            it->check_bucket = chain.check;
            it->bucket = (it->bucket + 1) & gomap_mask(it->log2_buckets);
            it->wrapped = it->wrapped || it->bucket == 0;
            it->slot = 0;
        }
        while (it->slot < GOMAP_SLOTS) {
            unsigned offset = GOMAP_MUTATE(ITERATE_OFFSET, it->offset, 0u);
            unsigned slot = (it->slot + offset) & (GOMAP_SLOTS - 1);
            if (GOMAP_MUTATE(ITERATE_STOPS, false, it->current->top[slot] == GOMAP_EMPTY_REST)) {
                break;
            }
            struct gomap_pair pair =
                pair_in(it->map, type, it->log2_buckets, it->check_bucket, it->current, slot);
            it->slot++;
            if (pair.key != NULL) {
                set_pair(it, pair);
                return true;
            }
        }
        it->current = gomap_overflow(type, it->current);
        it->slot = 0;
    }
}

static bool step_in_type(struct gomap_iter *it) {
    switch ((enum gomap_kind)gomap_shape_of(it->map).kind) {
    case GOMAP_FAST32:
        return step(it, &gomap_fast32);
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        return step(it, &gomap_fast64);
    case GOMAP_FAST_STRING:
        return step(it, &gomap_fast_string);
    case GOMAP_ANY:
        break;
    }
    return step(it, it->map->config.type);
}

/* Every step begins so, even the one that only finds the end. */
static void check_writers(const struct gomap *map) {
    if (GOMAP_LOAD(map->flags) & GOMAP_WRITING) {
        gomap_misuse(map, "concurrent map iteration and map write");
    }
}

/* What an iterator on a map that is not empty starts with. Up to B = 28, before 1.22, Go draws 32 bits:
 * the low half of this draw, where bucket and offset then are. */
static struct gomap_iter started(struct gomap *map) {
    struct gomap_shape shape = gomap_shape_of(map);
    struct gomap_iter it = {
        .map = map,
        .log2_buckets = GOMAP_LOAD(map->log2_buckets),
        .buckets = GOMAP_LOAD(map->buckets),
    };
    if (shape.pointer_free) {
        gomap_overflow_list(map);
    }
    uint64_t draw = gomap_draw64(map);
    it.start_bucket = draw & gomap_mask(it.log2_buckets);
    it.offset = (uint8_t)((draw >> it.log2_buckets) & (GOMAP_SLOTS - 1));
    return it;
}

/* The one atomic step of Go's map: iterators may start side by side. */
static void announce(struct gomap *map) {
    if ((GOMAP_LOAD(map->flags) & ITER_FLAGS) != ITER_FLAGS) {
        atomic_fetch_or_explicit(
            &map->flags, (uint8_t)GOMAP_MUTATE(ITERATE_ANNOUNCES_HALF, ITER_FLAGS, GOMAP_ITER),
            memory_order_seq_cst);
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
    step_in_type(&it);
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
    bool more = step_in_type(&it);
    if (more) {
        *iter = it;
    } else {
        set_pair(iter, (struct gomap_pair){NULL, NULL});
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

/* ---- the same walk without a pause, and without an iterator in memory: what goes through memory is a
 * scheduling point in instrumented code. As if gomap_iter_next were called after each visit, the flag is
 * looked at once more than there are entries. */

/* Who is called with each pair: one of the two functions. */
struct visitor {
    bool (*number)(void *context, uint64_t key, uint64_t value);
    bool (*text)(void *context, const struct map_string *key, uint64_t value);
    void *context;
};

/* The visitor gets a copy of the pair, as the body of a Go loop does: it may remove the entry. */
GOMAP_INLINE bool pass_on(const struct gomap *map, const struct gomap_type *type,
                          struct gomap_pair pair, struct visitor visitor) {
    const uint64_t *value = pair.elem;
    bool more;
    if (type->kind == GOMAP_FAST_STRING) {
        const struct map_string key = *(const struct map_string *)pair.key;
        more = visitor.text(visitor.context, &key, *value);
    } else {
        more = visitor.number(visitor.context, *(const uint64_t *)pair.key, *value);
    }
    if (more) {
        check_writers(map);
    }
    return more;
}

GOMAP_INLINE uint64_t walk(struct gomap *map, const struct gomap_type *type,
                           struct visitor visitor) {
    uint64_t visited = 0;
    bool more = true;
    const struct gomap_iter start = started(map);
    uint64_t number = start.start_bucket;
    announce(map);
    check_writers(map);
    do {
        struct chain chain = chain_of(map, type, start.buckets, start.log2_buckets, number);
        for (struct gomap_bucket *b = chain.first; b != NULL && more; b = gomap_overflow(type, b)) {
            for (unsigned i = 0; i < GOMAP_SLOTS && more; i++) {
                struct gomap_pair pair = pair_in(map, type, start.log2_buckets, chain.check, b,
                                                 (i + start.offset) & (GOMAP_SLOTS - 1));
                if (pair.key != NULL) {
                    visited++;
                    more = pass_on(map, type, pair, visitor);
                }
            }
        }
        number = (number + 1) & gomap_mask(start.log2_buckets);
    } while (more && number != start.start_bucket);
    return visited;
}

uint64_t gomap_iterate(struct gomap *map,
                       bool (*visit)(void *context, uint64_t key, uint64_t value), void *context) {
    if (nothing_in(map)) {
        return 0;
    }
    gomap_iterator_begins(map);
    uint64_t visited = walk(map, &gomap_fast64, (struct visitor){visit, NULL, context});
    gomap_iterator_ends(map);
    return visited;
}

uint64_t gomap_iterate_string(struct gomap *map,
                              bool (*visit)(void *context, const struct map_string *key,
                                            uint64_t value),
                              void *context) {
    if (nothing_in(map)) {
        return 0;
    }
    gomap_iterator_begins(map);
    uint64_t visited = walk(map, &gomap_fast_string, (struct visitor){NULL, visit, context});
    gomap_iterator_ends(map);
    return visited;
}
