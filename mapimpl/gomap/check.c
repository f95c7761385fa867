/* check.c - looks for the first broken invariant of a map at rest (G1 to G10, layout.h). Never
 * instrumented, and never one of the variants with a fault in them: it judges those.
 */
#include "mapimpl/gomap/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "mapimpl/gomap/cell.h"

#define CHAIN_MAX (1u << 20) /* buckets; a longer chain is a cycle */

struct check {
    const struct gomap *map;
    const struct gomap_type *type;
    uint64_t buckets;
    uint64_t old_buckets;
    uint8_t log2;
    bool same_size;

    uint64_t live;
    uint64_t overflow;     /* buckets of the new table's chains */
    uint64_t old_overflow; /* of the old one's */
    uint64_t spares_used;

    char *message;
    size_t size;
};

/* One bucket of a chain. */
struct spot {
    const struct gomap_bucket *bucket;
    const struct gomap_bucket *first;
    uint64_t index;
    unsigned depth;
    bool old;
    bool evacuated;
};

static bool broken(const struct check *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static bool broken(const struct check *c, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->message, c->size, format, arguments);
    va_end(arguments);
    return false;
}

static bool broken_at(const struct check *c, const struct spot *spot, unsigned slot,
                      const char *letter, const char *what) {
    return broken(c, "%s: %sbucket %" PRIu64 ", depth %u, slot %u: %s", letter,
                  spot->old ? "old " : "", spot->index, spot->depth, slot, what);
}

/* ---- cells */

/* What the inspector's quiet hashes are for numbers and strings; `hash` of a type of one's own. */
static bool hash_of(const struct check *c, const void *key, uint64_t *hash) {
    switch (c->type->kind) {
    case GOMAP_FAST32:
        *hash = gomap_hash_quiet(c->map, *(const uint32_t *)key);
        return true;
    case GOMAP_FAST64:
    case GOMAP_GENERIC64:
        *hash = gomap_hash_quiet(c->map, *(const uint64_t *)key);
        return true;
    case GOMAP_FAST_STRING:
        *hash = gomap_hash_text_quiet(c->map, *(const struct map_string *)key);
        return true;
    case GOMAP_ANY:
        break;
    }
    return c->type->hash(c->map, key, c->map->hash0, hash);
}

static bool check_hash(const struct check *c, const struct spot *spot, unsigned slot,
                       const void *key) {
    uint64_t hash;
    uint64_t mask = (spot->old ? c->old_buckets : c->buckets) - 1;
    if (!hash_of(c, key, &hash)) {
        return broken_at(c, spot, slot, "G6", "the key has no hash");
    }
    if ((hash & mask) != spot->index) {
        return broken_at(c, spot, slot, "G6", "the hash belongs to another bucket");
    }
    if (gomap_tophash(hash) != spot->bucket->top[slot]) {
        return broken_at(c, spot, slot, "G6", "the tophash is not that of the hash");
    }
    return true;
}

/* Not in an earlier cell of the chain: by G6 a key cannot be in another one of the same table, and by G2
 * not in the other table. */
static bool check_single(const struct check *c, const struct spot *spot, unsigned slot,
                         const void *key) {
    const struct gomap_bucket *bucket = spot->first;
    for (;; bucket = gomap_overflow(c->type, bucket)) { /* ends: at the cell itself */
        for (unsigned i = 0; i < GOMAP_SLOTS; i++) {
            if (bucket == spot->bucket && i == slot) {
                return true;
            }
            if (bucket->top[i] >= GOMAP_MIN_TOP &&
                gomap_key_equal(c->type, gomap_key(c->type, bucket, i), key)) {
                return broken_at(c, spot, slot, "G7", "the key is in the chain twice");
            }
        }
    }
}

static bool check_live(struct check *c, const struct spot *spot, unsigned slot) {
    const void *key = gomap_key(c->type, spot->bucket, slot);
    c->live++;
    if (!gomap_key_reflexive(c->type, key)) {
        return true;
    }
    return check_hash(c, spot, slot, key) && check_single(c, spot, slot, key);
}

static bool check_mark(const struct check *c, const struct spot *spot, unsigned slot) {
    uint8_t top = spot->bucket->top[slot];
    bool marked = top > GOMAP_EMPTY_ONE && top < GOMAP_MIN_TOP;
    if (marked != spot->evacuated) {
        return broken_at(c, spot, slot, "G2",
                         marked ? "an evacuated cell in a bucket that is not evacuated"
                                : "a cell without a mark in an evacuated bucket");
    }
    if (top == GOMAP_EVAC_Y && c->same_size) {
        return broken_at(c, spot, slot, "G2", "moved to Y in a growth of the same size");
    }
    return true;
}

/* ---- chains */

/* Position in the table's array, spare buckets included; else the array's length. */
static uint64_t position(const struct check *c, const struct gomap_bucket *bucket) {
    uint64_t total = gomap_table_total(c->map->shape, c->log2);
    uintptr_t distance = (uintptr_t)bucket - (uintptr_t)GOMAP_LOAD(c->map->buckets);
    uint64_t place = distance / c->map->shape.bucket_size;
    return place < total ? place : total;
}

static bool count_overflow(struct check *c, const struct spot *spot) {
    if (spot->old) {
        c->old_overflow++;
        return true;
    }
    uint64_t place = position(c, spot->bucket);
    c->overflow++;
    if (place == gomap_table_total(c->map->shape, c->log2)) {
        return true;
    }
    c->spares_used++;
    uint64_t next =
        c->map->extra.next_overflow == NULL ? UINT64_MAX : position(c, c->map->extra.next_overflow);
    return (place >= c->buckets && place < next) ||
           broken_at(c, spot, 0, "G9", "a bucket of the table's array that is no used spare one");
}

static bool check_bucket(struct check *c, const struct spot *spot, bool *rest) {
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        uint8_t top = spot->bucket->top[slot];
        if (!check_mark(c, spot, slot)) {
            return false;
        }
        if (*rest && top != GOMAP_EMPTY_REST) {
            return broken_at(c, spot, slot, "G3", "a used cell behind an EMPTY_REST cell");
        }
        *rest = top == GOMAP_EMPTY_REST;
        if (top >= GOMAP_MIN_TOP && !check_live(c, spot, slot)) {
            return false;
        }
    }
    return true;
}

static bool check_chain(struct check *c, struct spot spot) {
    bool rest = false;
    for (; spot.bucket != NULL; spot.bucket = gomap_overflow(c->type, spot.bucket)) {
        if (spot.depth == CHAIN_MAX) {
            return broken_at(c, &spot, 0, "G3", "the chain does not end");
        }
        if ((spot.depth > 0 && !count_overflow(c, &spot)) || !check_bucket(c, &spot, &rest)) {
            return false;
        }
        spot.depth++;
    }
    return true;
}

/* ---- tables */

static bool untouched(const struct check *c, uint64_t index) {
    const struct gomap_bucket *bucket =
        gomap_bucket_at(c->type, GOMAP_LOAD(c->map->buckets), index);
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        if (bucket->top[slot] != GOMAP_EMPTY_REST) {
            return false;
        }
    }
    return gomap_overflow(c->type, bucket) == NULL;
}

static bool check_table(struct check *c) {
    for (uint64_t i = 0; i < c->buckets; i++) {
        struct gomap_bucket *bucket = gomap_bucket_at(c->type, GOMAP_LOAD(c->map->buckets), i);
        if (!check_chain(c, (struct spot){.bucket = bucket, .first = bucket, .index = i})) {
            return false;
        }
    }
    return true;
}

static bool check_old_table(struct check *c) {
    for (uint64_t i = 0; i < c->old_buckets; i++) {
        struct gomap_bucket *bucket = gomap_bucket_at(c->type, GOMAP_LOAD(c->map->oldbuckets), i);
        struct spot spot = {.bucket = bucket, .first = bucket, .index = i, .old = true};
        spot.evacuated = gomap_evacuated(bucket);
        if (!check_chain(c, spot)) {
            return false;
        }
        if (spot.evacuated) {
            continue;
        }
        if (i < GOMAP_LOAD(c->map->nevacuate)) {
            return broken_at(c, &spot, 0, "G4", "not evacuated, but below nevacuate");
        }
        if (!untouched(c, i) || (!c->same_size && !untouched(c, i + c->old_buckets))) {
            return broken_at(c, &spot, 0, "G2", "not evacuated, but its new buckets were touched");
        }
    }
    return true;
}

/* Spare buckets nobody took: zero, but for the mark at the end. */
static bool check_spares(const struct check *c) {
    struct gomap_bucket *table = GOMAP_LOAD(c->map->buckets);
    const struct gomap_bucket *next = c->map->extra.next_overflow;
    uint64_t total = gomap_table_total(c->map->shape, c->log2);
    uint64_t first = next == NULL ? total : position(c, next);
    if (next != NULL && (first < c->buckets || first >= total)) {
        return broken(c, "G9: the next spare bucket is not in the table's array");
    }
    if (c->spares_used != first - c->buckets) {
        return broken(c, "G9: %" PRIu64 " spare buckets are in use, %" PRIu64 " were taken",
                      c->spares_used, first - c->buckets);
    }
    for (uint64_t i = first; i < total; i++) {
        const char *byte = (const char *)gomap_bucket_at(c->type, table, i);
        size_t end = gomap_link_offset(c->type);
        for (size_t at = 0; at < end; at++) {
            if (byte[at] != 0) {
                return broken(c, "G9: spare bucket %" PRIu64 " is not zero", i);
            }
        }
        const struct gomap_bucket *link =
            gomap_overflow(c->type, gomap_bucket_at(c->type, table, i));
        if ((link != NULL) != (i == total - 1)) {
            return broken(c, "G9: the end mark of the spare buckets is not in the last one");
        }
    }
    return true;
}

/* ---- the header */

static bool list_wrong(bool pointer_free, int64_t length, uint64_t overflow) {
    bool none = length == GOMAP_NO_LIST;
    return pointer_free ? (none ? overflow != 0 : (uint64_t)length != overflow) : !none;
}

static bool check_counts(const struct check *c) {
    const struct gomap *map = c->map;
    bool pointer_free = c->map->shape.pointer_free;
    if (GOMAP_LOAD(map->count) != c->live) {
        return broken(c, "G5: count is %" PRIu64 ", live cells are %" PRIu64,
                      GOMAP_LOAD(map->count), c->live);
    }
    if (c->log2 < 16 && map->noverflow != c->overflow) {
        return broken(c, "G8: noverflow is %u, overflow buckets are %" PRIu64, map->noverflow,
                      c->overflow);
    }
    if (list_wrong(pointer_free, GOMAP_LOAD(map->extra.overflow), c->overflow) ||
        list_wrong(pointer_free, map->extra.old_overflow, c->old_overflow)) {
        return broken(c,
                      "G8: the lists have %" PRId64 " and %" PRId64 " of %" PRIu64 " and %" PRIu64
                      " overflow buckets",
                      GOMAP_LOAD(map->extra.overflow), map->extra.old_overflow, c->overflow,
                      c->old_overflow);
    }
    return true;
}

static bool check_header(const struct check *c) {
    unsigned flags = GOMAP_LOAD(c->map->flags);
    if ((flags & GOMAP_SAME_SIZE) && c->old_buckets == 0) {
        return broken(c, "G1: the same-size flag is set, but nothing grows");
    }
    if (c->old_buckets != 0 && GOMAP_LOAD(c->map->nevacuate) >= c->old_buckets) {
        return broken(c, "G4: nevacuate is at the end, but the growth is not");
    }
    if (flags & GOMAP_WRITING) {
        return broken(c, "G10: the writing flag is set");
    }
    return true;
}

bool gomap_check(const struct gomap *map, char *message, size_t size) {
    if (map == NULL) {
        return true;
    }
    struct check c = {.map = map, .type = map->config.type, .message = message, .size = size};
    bool growing = GOMAP_LOAD(map->oldbuckets) != NULL;
    c.log2 = GOMAP_LOAD(map->log2_buckets);
    c.same_size = GOMAP_LOAD(map->flags) & GOMAP_SAME_SIZE;
    c.buckets = GOMAP_LOAD(map->buckets) == NULL ? 0 : gomap_mask(c.log2) + 1;
    c.old_buckets = growing ? gomap_old_count(map) : 0;
    return check_header(&c) && check_table(&c) && check_old_table(&c) && check_counts(&c) &&
           (c.buckets == 0 || check_spares(&c));
}
