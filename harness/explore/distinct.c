/* distinct.c - see distinct.h.
 *
 * Invariant D1: the table holds every hash seen, once, as long as `full` is false.
 */
#include "harness/explore/distinct.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/base/random.h"

#define SLOTS_MIN     (1ull << 12)
#define SLOTS_MAX     (1ull << 22)
#define REGISTER_BITS 14
#define REGISTERS     (1u << REGISTER_BITS)

struct hd_distinct {
    uint64_t *slot; /* 0: empty; the hash 0 is stored as 1 */
    uint64_t slots; /* a power of two */
    uint64_t count;
    bool full; /* three quarters used: no longer exact */
    uint8_t rank[REGISTERS];
};

struct hd_distinct *hd_distinct_new(uint64_t expected) {
    struct hd_distinct *distinct = calloc(1, sizeof *distinct);
    if (distinct == NULL)
        return NULL;
    distinct->slots = SLOTS_MIN;
    while (distinct->slots < SLOTS_MAX && (expected == 0 || distinct->slots < expected * 2))
        distinct->slots *= 2;
    distinct->slot = malloc(distinct->slots * sizeof *distinct->slot);
    if (distinct->slot == NULL) {
        free(distinct);
        return NULL;
    }
    memset(distinct->slot, 0,
           distinct->slots * sizeof *distinct->slot); /* touched now, not later */
    return distinct;
}

void hd_distinct_free(struct hd_distinct *distinct) {
    if (distinct == NULL)
        return;
    free(distinct->slot);
    free(distinct);
}

static void add_exactly(struct hd_distinct *distinct, uint64_t hash) {
    uint64_t mask = distinct->slots - 1;
    hash = hash == 0 ? 1 : hash;
    for (uint64_t at = hash & mask;; at = (at + 1) & mask) { /* a quarter is always empty */
        if (distinct->slot[at] == hash)
            return;
        if (distinct->slot[at] == 0) {
            distinct->slot[at] = hash;
            distinct->count++;
            return;
        }
    }
}

/* The register gets the longest run of zeros seen; max does not depend on the order. */
static void add_estimated(struct hd_distinct *distinct, uint64_t hash) {
    uint64_t mixed = hd_mix(hash + HD_GOLDEN);
    uint64_t rest = mixed << REGISTER_BITS | 1ull << (REGISTER_BITS - 1);
    uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
    uint8_t *at = &distinct->rank[mixed >> (64 - REGISTER_BITS)];
    if (*at < rank)
        *at = rank;
}

void hd_distinct_add(struct hd_distinct *distinct, const uint64_t *hash, uint32_t count) {
    uint64_t mask = distinct->slots - 1;
    for (uint32_t i = 0; i < count; i++) {
        __builtin_prefetch(&distinct->slot[hash[i] & mask]);
        add_estimated(distinct, hash[i]);
    }
    for (uint32_t i = 0; i < count && !distinct->full; i++) {
        add_exactly(distinct, hash[i]);
        distinct->full = distinct->count >= distinct->slots / 4 * 3;
    }
}

uint64_t hd_distinct_count(const struct hd_distinct *distinct, bool *estimated) {
    *estimated = distinct->full;
    if (!distinct->full)
        return distinct->count;
    double sum = 0;
    for (uint32_t i = 0; i < REGISTERS; i++)
        sum += 1.0 / (double)(1ull << distinct->rank[i]);
    double alpha = 0.7213 / (1 + 1.079 / REGISTERS);
    return (uint64_t)(alpha * REGISTERS * REGISTERS /
                      sum); /* far above the range of small counts */
}
