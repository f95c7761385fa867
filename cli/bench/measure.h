/* measure.h - one measurement of one map: real threads, the real clock.
 */
#ifndef HEDDLE_CLI_BENCH_MEASURE_H
#define HEDDLE_CLI_BENCH_MEASURE_H

#include "cli/bench/histogram.h"
#include "cli/bench/workload.h"
#include "mapimpl/map.h"

#define CLI_THREADS_MAX 64u
#define CLI_FILL        UINT32_MAX /* in place of a share of reads */

struct cli_task {
    const struct map_ops *ops;
    const struct cli_workload *workload;
    uint64_t seed; /* of the map */
    uint32_t threads;
    uint32_t reads; /* of a hundred operations, the others overwrite; or CLI_FILL */
    double seconds; /* how long; a fill ends when it is full */
};

struct cli_sample {
    double rate;                  /* operations a second, of all threads together */
    double cpu;                   /* nanoseconds of processor time, an operation */
    double bytes;                 /* of the heap, an entry; 0 when not known */
    struct cli_histogram latency; /* nanoseconds; of a fill: outside of growth */
    struct cli_histogram growth;  /* of a fill: while a table grew, as the map tells it */
};

/* Reads and overwrites: the map holds every key of the workload and is warm; each 16th operation is
 * timed. Fill: the threads share the keys and put each of theirs into an empty map, and look at it again;
 * every operation is timed. Adds to the histograms, sets the rest. Returns 0, -ENOMEM, -EAGAIN without
 * threads, -EROFS for a map that refuses these writes, or -EILSEQ when the map lost a key. */
int cli_measure(const struct cli_task *task, struct cli_sample *sample);

#endif
