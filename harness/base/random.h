/* random.h - every random decision is a function of (seed, stream, index).
 *
 * A draw never depends on how many draws were made for another purpose, so taking one operation or one
 * decision away does not shift the others.
 *
 * Sources: batch names by Philox4x32-10 (Salmon, Moraes, Dror, Shaw, "Parallel Random Numbers: As Easy
 * as 1, 2, 3", SC 2011; Random123 library); stream keys and draws by the output function of SplitMix64
 * (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014) used as a
 * counter-based generator, since every execution makes several; bounded draws by multiply-shift with
 * rejection (Lemire, "Fast Random Integer Generation in an Interval", ACM TOMACS 2019).
 */
#ifndef HEDDLE_HARNESS_BASE_RANDOM_H
#define HEDDLE_HARNESS_BASE_RANDOM_H

#include <stdint.h>

#define HD_GOLDEN 0x9e3779b97f4a7c15ull

/* Streams of one execution or batch. The numbers are part of the replay contract. */
enum hd_stream {
    HD_STREAM_SCHEDULE = 1, /* of an execution: what the strategy draws */
    HD_STREAM_CHOICE = 2,   /* of an execution: which waiter a signal wakes */
    HD_STREAM_FILL = 3,     /* of an execution: pattern of uninitialised memory */
    HD_STREAM_PILOT = 4,    /* of a batch: the pilot run's schedule */
    HD_STREAM_STUDY = 6,    /* of a batch: the study's execution */
    HD_STREAM_CHANCE = 5,   /* of an execution: what code under test asks for chance */
    HD_STREAM_PROGRAM = 16, /* of a batch: 16 and above belong to the program */
};

/* A bijection of the 64-bit integers that scatters its argument. */
static inline uint64_t hd_mix(uint64_t x) {
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
    return x ^ (x >> 31);
}

/* Its inverse. */
uint64_t hd_unmix(uint64_t x);

/* The key of a stream of `seed`: equal arguments, equal key; otherwise unrelated. */
static inline uint64_t hd_stream_key(uint64_t seed, uint64_t stream) {
    return hd_mix(hd_mix(seed + HD_GOLDEN) ^ (stream * 0xd1342543de82ef95ull + HD_GOLDEN));
}

/* Draw number `index` (0-based) of the stream with this key. */
static inline uint64_t hd_draw(uint64_t key, uint64_t index) {
    return hd_mix(key + (index + 1) * HD_GOLDEN);
}

/* A uniform draw from 0 to n - 1 (n is 1 or more). Uses up one index or, rarely, more. */
static inline uint64_t hd_draw_below(uint64_t key, uint64_t *index, uint64_t n) {
    for (;;) { /* ends with probability 1: each turn accepts with more than one half */
        unsigned __int128 product = (unsigned __int128)hd_draw(key, (*index)++) * n;
        uint64_t low = (uint64_t)product;
        if (low >= n || low >= (0 - n) % n)
            return (uint64_t)(product >> 64);
    }
}

/* ---- seeds ------------------------------------------------------------------------------------- */

#define HD_SEED_INDEX_BITS 16

/* The 48-bit name of batch `batch` of a campaign. */
uint64_t hd_batch_name(uint64_t campaign_seed, uint64_t batch);
/* Execution seed: a public bijection of (batch name, index in the batch). */
uint64_t hd_execution_seed(uint64_t batch_name, uint32_t index);
/* The batch an execution seed belongs to, as the seed of everything the batch shares. */
uint64_t hd_batch_of(uint64_t execution_seed);
/* Position within its batch. */
uint32_t hd_index_of(uint64_t execution_seed);

#endif
