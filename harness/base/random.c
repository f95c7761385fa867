/* random.c - stream keys and seeds: see random.h. */
#include "harness/base/random.h"

#include <Random123/philox.h>

#include "harness/base/assert.h"

uint64_t hd_unmix(uint64_t x) {
    x = (x ^ (x >> 31) ^ (x >> 62)) * 0x319642b2d24d8ec3ull;
    x = (x ^ (x >> 27) ^ (x >> 54)) * 0x96de1b173f119089ull;
    return x ^ (x >> 30) ^ (x >> 60);
}

uint64_t hd_batch_name(uint64_t campaign_seed, uint64_t batch) {
    philox4x32_ctr_t counter = {{(uint32_t)batch, (uint32_t)(batch >> 32), 0, 0}};
    philox4x32_key_t key = {{(uint32_t)campaign_seed, (uint32_t)(campaign_seed >> 32)}};
    philox4x32_ctr_t block = philox4x32(counter, key);
    return ((uint64_t)block.v[1] << 32 | block.v[0]) >> HD_SEED_INDEX_BITS;
}

uint64_t hd_execution_seed(uint64_t batch_name, uint32_t index) {
    HD_ASSERT(index < 1u << HD_SEED_INDEX_BITS);
    HD_ASSERT(batch_name < 1ull << (64 - HD_SEED_INDEX_BITS));
    return hd_mix(batch_name << HD_SEED_INDEX_BITS | index);
}

uint64_t hd_batch_of(uint64_t execution_seed) {
    return hd_unmix(execution_seed) >> HD_SEED_INDEX_BITS;
}

uint32_t hd_index_of(uint64_t execution_seed) {
    return (uint32_t)(hd_unmix(execution_seed) & ((1u << HD_SEED_INDEX_BITS) - 1));
}
