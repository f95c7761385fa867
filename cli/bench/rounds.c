/* rounds.c - the rows of a bench, measured in interleaved rounds.
 *
 * Every row is measured once before any is measured again, so that a disturbance of the machine falls on
 * all of them; the median of the rounds speaks for a row.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench/bench.h"
#include "cli/diag.h"
#include "cli/status.h"

/* ---- rows ------------------------------------------------------------------------------------ */

/* A plain map takes one writer or readers only; a frozen one no writer. */
static bool allowed(const struct cli_bench_map *map, uint32_t threads, uint32_t reads) {
    if (map->freezes && reads != 100) {
        return false;
    }
    bool plain = map->ops != NULL && map->ops->kind == MAP_PLAIN;
    return !plain || threads == 1 || reads == 100;
}

static bool wanted(const struct cli_bench_map *map, bool go) {
    return go || map->ops != NULL;
}

static int make_rows(const struct cli_bench_options *options, bool go,
                     struct cli_bench_result *result) {
    uint32_t most = options->mixes * options->threads_count * options->maps;
    result->options = options;
    result->rows = 0;
    result->row = calloc(most, sizeof(*result->row));
    if (result->row == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    for (uint32_t mix = 0; mix < options->mixes; mix++) {
        for (uint32_t threads = 0; threads < options->threads_count; threads++) {
            for (uint32_t map = 0; map < options->maps; map++) {
                struct cli_bench_row row = {.map = &options->map[map],
                                            .threads = options->threads[threads],
                                            .reads = options->reads[mix]};
                if (wanted(row.map, go) && allowed(row.map, row.threads, row.reads)) {
                    result->row[result->rows++] = row;
                }
            }
        }
    }
    return result->rows > 0 ? 0 : cli_fail(CLI_USAGE, "no map takes these mixes and threads");
}

/* ---- rounds ---------------------------------------------------------------------------------- */

static void progress(const struct cli_bench_options *options, const struct cli_bench_row *row,
                     uint64_t round) {
    if (!options->quiet && isatty(STDERR_FILENO)) {
        char mix[16];
        cli_bench_mix_text(row->reads, mix);
        fprintf(stderr, "\r\033[Kround %lu of %lu: %s, %u threads, %s", (unsigned long)(round + 1),
                (unsigned long)options->rounds, row->map->name, row->threads, mix);
    }
}

static void progress_end(const struct cli_bench_options *options) {
    if (!options->quiet && isatty(STDERR_FILENO)) {
        fputs("\r\033[K", stderr);
    }
}

static int measure(const struct cli_bench_options *options, const struct cli_workload *workload,
                   struct cli_bench_row *row, uint64_t round) {
    double seconds = options->seconds / (double)options->rounds;
    struct cli_task task = {
        .ops = row->map->ops,
        .workload = workload,
        .seed = round + 1,
        .threads = row->threads,
        .reads = row->reads,
        .seconds = seconds,
    };
    int error = 0;
    if (row->map->ops != NULL) {
        error = cli_measure(&task, &row->sample);
    } else if (cli_bench_go_measure(options, row, seconds, &row->sample) != 0) {
        return CLI_INTERNAL;
    }
    if (error != 0) {
        const char *why = error == -EILSEQ ? "a lookup failed, or a write" : strerror(-error);
        return cli_fail(error == -ENOMEM || error == -EAGAIN ? CLI_SYSTEM : CLI_INTERNAL,
                        "bench of %s: %s", row->map->name, why);
    }
    row->rate[row->rounds] = row->sample.rate;
    row->cpu[row->rounds++] = row->sample.cpu;
    return 0;
}

static int all_rounds(const struct cli_bench_options *options, struct cli_bench_result *result) {
    struct cli_workload workload;
    if (cli_workload_init(&workload, options->keys, options->zipf) != 0) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    int status = 0;
    for (uint64_t round = 0; round < options->rounds && status == 0; round++) {
        for (uint32_t index = 0; index < result->rows && status == 0; index++) {
            progress(options, &result->row[index], round);
            status = measure(options, &workload, &result->row[index], round);
        }
    }
    progress_end(options);
    cli_workload_free(&workload);
    return status;
}

static bool asks_for_go(const struct cli_bench_options *options) {
    for (uint32_t map = 0; map < options->maps; map++) {
        if (options->map[map].ops == NULL) {
            return true;
        }
    }
    return false;
}

int cli_bench_run(const struct cli_bench_options *options, struct cli_bench_result *result) {
    result->row = NULL;
    bool go = asks_for_go(options);
    if (go) {
        int error = cli_bench_go_begin();
        if (error == -ENOENT) {
            cli_note("no Go here: no rows of sync.RWMutex and sync.Map (Debian: golang-go)");
            go = false;
        } else if (error != 0) {
            return error == -EACCES ? CLI_CANNOT_WRITE : CLI_INTERNAL;
        }
    }
    int status = make_rows(options, go, result);
    if (status == 0) {
        status = all_rounds(options, result);
    }
    if (go) {
        cli_bench_go_end();
    }
    return status;
}
