/* workload.h - which key each operation takes, and whether it writes: drawn ahead, the same in every run.
 */
#ifndef HEDDLE_CLI_BENCH_WORKLOAD_H
#define HEDDLE_CLI_BENCH_WORKLOAD_H

#include <stdbool.h>
#include <stdint.h>

#define CLI_STREAM_LENGTH (1u << 17) /* draws; then they come again */
#define CLI_STREAM_WRITE  (UINT32_C(1) << 31)
#define CLI_KEYS_MAX      (UINT64_C(1) << 27)

/* The key of a number: spread over 64 bits, and never the same for two. */
static inline uint64_t cli_workload_key(uint64_t number) {
    return (number + 1) * UINT64_C(0x9e3779b97f4a7c15);
}

/* How keys are chosen: all alike, or the n-th most popular with a weight of n^-0.99. */
struct cli_workload {
    uint64_t keys; /* 1 to CLI_KEYS_MAX */
    double *sums;  /* zipf: running sums of the weights; NULL: uniform */
};

/* Returns 0 or -ENOMEM. */
int cli_workload_init(struct cli_workload *workload, uint64_t keys, bool zipf);
void cli_workload_free(struct cli_workload *workload);

/* Fills CLI_STREAM_LENGTH draws of one thread: a key's number, with CLI_STREAM_WRITE in `writes` draws of
 * a hundred. They depend on the arguments alone. */
void cli_workload_stream(const struct cli_workload *workload, uint32_t thread, uint32_t writes,
                         uint32_t *stream);

#endif
