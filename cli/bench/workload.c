/* workload.c - see workload.h. The Go program beside it draws in the same way.
 */
#include "cli/bench/workload.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define ZIPF_EXPONENT 0.99

int cli_workload_init(struct cli_workload *workload, uint64_t keys, bool zipf) {
    *workload = (struct cli_workload){.keys = keys};
    if (!zipf) {
        return 0;
    }
    workload->sums = malloc(keys * sizeof(*workload->sums));
    if (workload->sums == NULL) {
        return -ENOMEM;
    }
    double sum = 0;
    for (uint64_t rank = 0; rank < keys; rank++) {
        sum += pow((double)rank + 1, -ZIPF_EXPONENT);
        workload->sums[rank] = sum;
    }
    return 0;
}

void cli_workload_free(struct cli_workload *workload) {
    free(workload->sums);
}

/* splitmix64: Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014. */
static uint64_t draw(uint64_t *state) {
    uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
    return x ^ (x >> 31);
}

/* The first rank whose running sum is above `wanted`. */
static uint64_t rank_of(const struct cli_workload *workload, double wanted) {
    uint64_t low = 0;
    uint64_t high = workload->keys - 1;
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (workload->sums[middle] > wanted) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static uint64_t number(const struct cli_workload *workload, uint64_t bits) {
    double share = (double)(bits >> 11) * 0x1p-53;
    if (workload->sums == NULL) {
        return (uint64_t)(share * (double)workload->keys);
    }
    return rank_of(workload, share * workload->sums[workload->keys - 1]);
}

void cli_workload_stream(const struct cli_workload *workload, uint32_t thread, uint32_t writes,
                         uint32_t *stream) {
    uint64_t state = thread + 1;
    for (uint32_t at = 0; at < CLI_STREAM_LENGTH; at++) {
        uint32_t key = (uint32_t)number(workload, draw(&state));
        bool write = (draw(&state) >> 32) * 100 >> 32 < writes;
        stream[at] = key | (write ? CLI_STREAM_WRITE : 0);
    }
}
