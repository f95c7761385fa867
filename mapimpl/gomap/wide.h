/* wide.h - the eight tophashes of a bucket looked at together, in code without scheduling points.
 *
 * Finds what the loops over single cells find (access.c, assign.c, delete.c), which are Go's and are what
 * instrumented code runs: a cell whose key is the wanted one has its tophash too, and behind an EMPTY_REST
 * cell there is nothing (G3). What is gained is the branch that no processor predicts, at which of the
 * eight cells the loop ends; lookups of a loop then overlap, and so do their cache misses.
 *
 * Source: the test for a zero byte in a word is folklore; the exact form without carries between bytes is
 * in H. S. Warren, Hacker's Delight, 2nd edition, 2012, section 6-1.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_WIDE_H
#define HEDDLE_MAPIMPL_GOMAP_WIDE_H

#include <string.h>

#include "mapimpl/gomap/cell.h"

/* Deviations on purpose are in the loops. */
#if !GOMAP_INSTRUMENTED && !defined(GOMAP_MUTANTS) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define GOMAP_WIDE 1
#else
#define GOMAP_WIDE 0
#endif

#define GOMAP_EACH_BYTE UINT64_C(0x0101010101010101)

/* All tophashes of a bucket, the first one lowest. */
GOMAP_INLINE uint64_t gomap_tops(const struct gomap_bucket *bucket) {
    uint64_t tops;
    memcpy(&tops, bucket->top, sizeof tops);
    return tops;
}

/* A set of slots: the highest bit of each byte that is zero in `bytes`. */
GOMAP_INLINE uint64_t gomap_slots_zero(uint64_t bytes) {
    const uint64_t low = GOMAP_EACH_BYTE * 0x7f;
    return ~(((bytes & low) + low) | bytes | low);
}

GOMAP_INLINE uint64_t gomap_slots_of(uint64_t tops, uint8_t top) {
    return gomap_slots_zero(tops ^ (GOMAP_EACH_BYTE * top));
}

/* EMPTY_REST and EMPTY_ONE, which differ in the lowest bit. */
GOMAP_INLINE uint64_t gomap_slots_empty(uint64_t tops) {
    return gomap_slots_zero(tops & ~GOMAP_EACH_BYTE);
}

/* The first slot of a set that is not empty. */
GOMAP_INLINE unsigned gomap_slot_first(uint64_t slots) {
    return (unsigned)__builtin_ctzll(slots) / GOMAP_SLOTS;
}

GOMAP_INLINE void gomap_tops_set(struct gomap_bucket *bucket, uint64_t tops) {
    memcpy(bucket->top, &tops, sizeof tops);
}

/* The tophashes after the entry in `slot` was removed: EMPTY_ONE, or EMPTY_REST like all empty cells behind
 * the last entry, if that is the end of the chain (`last`: no entry follows in later buckets). */
GOMAP_INLINE uint64_t gomap_tops_without(uint64_t tops, unsigned slot, bool last) {
    const uint64_t shift = (uint64_t)slot * 8;
    tops = (tops & ~(UINT64_C(0xff) << shift)) | ((uint64_t)GOMAP_EMPTY_ONE << shift);
    uint64_t entries = ~gomap_slots_empty(tops) & (GOMAP_EACH_BYTE << 7);
    uint64_t kept = entries == 0 ? 0 : UINT64_MAX >> __builtin_clzll(entries);
    bool ends = last && (tops >> shift) == GOMAP_EMPTY_ONE;
    return ends ? tops & kept : tops;
}

struct gomap_found {
    struct gomap_bucket *bucket; /* NULL: the key is absent */
    unsigned slot;
};

/* Among the cells of one bucket. */
GOMAP_INLINE struct gomap_found gomap_find_here(const struct gomap_type *type,
                                                struct gomap_bucket *bucket, uint64_t tops,
                                                uint8_t wanted, const void *key) {
    for (uint64_t slots = gomap_slots_of(tops, wanted); slots != 0; slots &= slots - 1) {
        unsigned slot = gomap_slot_first(slots);
        if (gomap_key_equal(type, gomap_key(type, bucket, slot), key)) {
            return (struct gomap_found){bucket, slot};
        }
    }
    return (struct gomap_found){NULL, 0};
}

/* The lines behind the first of a bucket, whose cell is not known yet: they come together with it, not one
 * after the other. */
GOMAP_INLINE void gomap_prefetch(const struct gomap_type *type, const struct gomap_bucket *bucket) {
    const size_t line = 64;
    for (size_t at = line; at < gomap_bucket_size(type); at += line) {
        __builtin_prefetch((const char *)bucket + at);
    }
}

/* In a chain. */
GOMAP_INLINE struct gomap_found gomap_find_wide(const struct gomap_type *type,
                                                struct gomap_bucket *bucket, uint8_t wanted,
                                                const void *key) {
    struct gomap_found found = {NULL, 0};
    gomap_prefetch(type, bucket);
    do {
        uint64_t tops = gomap_tops(bucket);
        found = gomap_find_here(type, bucket, tops, wanted, key);
        if (found.bucket != NULL || gomap_slots_of(tops, GOMAP_EMPTY_REST) != 0) {
            break;
        }
        bucket = gomap_overflow(type, bucket);
    } while (bucket != NULL);
    return found;
}

#endif
