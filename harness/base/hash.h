/* hash.h - folding words into a 64-bit digest.
 *
 * One multiplication a word, high and low half of the product combined (the folding step of wyhash by
 * Wang Yi, also in XXH3). Longer texts go through XXH3 itself.
 */
#ifndef HEDDLE_HARNESS_BASE_HASH_H
#define HEDDLE_HARNESS_BASE_HASH_H

#include <stdint.h>

/* The digest of (digest, word), in that order. */
static inline uint64_t hd_fold(uint64_t digest, uint64_t word) {
    unsigned __int128 product =
        (unsigned __int128)(digest ^ 0x2d358dccaa6c78a5ull) * (word ^ 0x8bb84b93962eacc9ull);
    return (uint64_t)product ^ (uint64_t)(product >> 64) ^ digest << 1;
}

#endif
