/* bench.h - what a bench measures and what came of it: shared by the files of this folder.
 */
#ifndef HEDDLE_CLI_BENCH_BENCH_H
#define HEDDLE_CLI_BENCH_BENCH_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "cli/bench/histogram.h"
#include "cli/bench/measure.h"

#define CLI_BENCH_LIST_MAX   16u /* values of one option */
#define CLI_BENCH_ROUNDS_MAX 100u

/* A map under measurement: one of ours, or one of Go's. */
struct cli_bench_map {
    const char *name;
    const struct map_ops *ops; /* NULL: Go's */
    bool freezes;              /* takes no write after its first read */
};

struct cli_bench_options {
    struct cli_bench_map map[2 * CLI_BENCH_LIST_MAX];
    uint32_t maps;
    uint32_t threads[CLI_BENCH_LIST_MAX];
    uint32_t threads_count;
    uint32_t reads[CLI_BENCH_LIST_MAX]; /* percent, or CLI_FILL */
    uint32_t mixes;
    uint64_t keys;
    uint64_t rounds;
    double seconds; /* of one row, all rounds together */
    bool zipf;
    bool quiet;
    const char *json; /* file, "-", or NULL */
};

/* One row: a map, so many threads, one mix. */
struct cli_bench_row {
    const struct cli_bench_map *map;
    uint32_t threads;
    uint32_t reads;
    uint32_t rounds; /* measured so far */
    double rate[CLI_BENCH_ROUNDS_MAX];
    double cpu[CLI_BENCH_ROUNDS_MAX];
    struct cli_sample sample; /* histograms of all rounds; bytes of the last */
};

struct cli_bench_result {
    const struct cli_bench_options *options;
    struct cli_bench_row *row;
    uint32_t rows;
};

/* ---- options.c */

/* Fills *options from argv. Returns 0 or an exit status after one line; ends the process for --help. */
int cli_bench_options_parse(int count, char **arguments, struct cli_bench_options *options);

/* ---- go.c */

/* Builds the program of Go's maps. Returns 0; -ENOENT when there is no Go here; or, after one line, -EACCES
 * without a place to build it in, or -EIO. */
int cli_bench_go_begin(void);
/* Measures one row once, as cli_measure does. Returns 0 or -errno after one line. */
int cli_bench_go_measure(const struct cli_bench_options *options, const struct cli_bench_row *row,
                         double seconds, struct cli_sample *sample);
/* Gives back what cli_bench_go_begin took. */
void cli_bench_go_end(void);

/* ---- rounds.c */

/* Measures everything in interleaved rounds. Returns 0 or an exit status after one line. The rows are the
 * caller's to free. */
int cli_bench_run(const struct cli_bench_options *options, struct cli_bench_result *result);

/* ---- figures.c */

/* Of a row's rounds, 1 or more. */
double cli_bench_median(const double *values, uint32_t rounds);
double cli_bench_least(const double *values, uint32_t rounds);
double cli_bench_most(const double *values, uint32_t rounds);
/* The row's median rate over that of the named map's row of the same mix and threads; 0 without one. */
double cli_bench_ratio(const struct cli_bench_result *result, const struct cli_bench_row *row,
                       const char *map);
/* "99/1" or "fill". */
void cli_bench_mix_text(uint32_t reads, char text[16]);

#define CLI_BENCH_GO_RWMUTEX "go-sync.RWMutex"
#define CLI_BENCH_GO_SYNCMAP "go-sync.Map"

/* ---- print.c */

/* One table on standard output. Returns 0 or -errno. */
int cli_bench_print_table(const struct cli_bench_result *result);
/* One JSON object; `result` is a struct cli_bench_result. Returns 0 or -errno. */
int cli_bench_print_json(FILE *stream, const void *result);

#endif
