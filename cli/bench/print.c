/* print.c - what a bench found: a table, and one JSON object.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/bench/bench.h"
#include "reports/json.h"
#include "reports/layout.h"
#include "reports/text.h"

#define CELL_SIZE 24u

enum column {
    MIX,
    THREADS,
    MAP,
    RATE,
    SPREAD,
    CPU,
    OF_RWMUTEX,
    OF_SYNCMAP,
    P50,
    P99,
    P999,
    MOST,
    BYTES,
    COLUMNS
};

static const struct rp_column columns[COLUMNS] = {
    [MIX] = {.name = "mix"},
    [THREADS] = {.name = "threads"},
    [MAP] = {.name = "map", .wide = RP_NAME},
    [RATE] = {.name = "Mops/s"},
    [SPREAD] = {.name = "spread", .drop = 7},
    [CPU] = {.name = "cpu ns", .drop = 5},
    [OF_RWMUTEX] = {.name = "/RWMutex", .drop = 2},
    [OF_SYNCMAP] = {.name = "/sync.Map", .drop = 3},
    [P50] = {.name = "p50", .drop = 4},
    [P99] = {.name = "p99"},
    [P999] = {.name = "p99.9", .drop = 6},
    [MOST] = {.name = "max ns"},
    [BYTES] = {.name = "bytes", .drop = 1},
};

static const double quantiles[] = {0.5, 0.99, 0.999};

typedef char line_text[COLUMNS][CELL_SIZE];

/* ---- table ----------------------------------------------------------------------------------- */

static void ratio_text(double ratio, char text[CELL_SIZE]) {
    if (ratio > 0) {
        snprintf(text, CELL_SIZE, "%.2f", ratio);
    } else {
        snprintf(text, CELL_SIZE, "-");
    }
}

static void latency_text(const struct cli_histogram *histogram, line_text line) {
    for (unsigned index = 0; index < 3; index++) {
        snprintf(line[P50 + index], CELL_SIZE, "%llu",
                 (unsigned long long)cli_histogram_quantile(histogram, quantiles[index]));
    }
    snprintf(line[MOST], CELL_SIZE, "%llu", (unsigned long long)histogram->most);
}

static void row_text(const struct cli_bench_result *result, const struct cli_bench_row *row,
                     line_text line) {
    double median = cli_bench_median(row->rate, row->rounds);
    double range = cli_bench_most(row->rate, row->rounds) - cli_bench_least(row->rate, row->rounds);
    cli_bench_mix_text(row->reads, line[MIX]);
    snprintf(line[THREADS], CELL_SIZE, "%u", row->threads);
    snprintf(line[MAP], CELL_SIZE, "%s", row->map->name);
    snprintf(line[RATE], CELL_SIZE, "%.2f", median * 1e-6);
    snprintf(line[SPREAD], CELL_SIZE, "%.0f %%", 50 * range / median);
    snprintf(line[CPU], CELL_SIZE, "%.1f", cli_bench_median(row->cpu, row->rounds));
    ratio_text(cli_bench_ratio(result, row, CLI_BENCH_GO_RWMUTEX), line[OF_RWMUTEX]);
    ratio_text(cli_bench_ratio(result, row, CLI_BENCH_GO_SYNCMAP), line[OF_SYNCMAP]);
    latency_text(&row->sample.latency, line);
    if (row->sample.bytes > 0) {
        snprintf(line[BYTES], CELL_SIZE, "%.0f", row->sample.bytes);
    } else {
        snprintf(line[BYTES], CELL_SIZE, "-");
    }
}

/* What a fill met while a table grew: latencies only. */
static void growth_text(const struct cli_bench_row *row, line_text line) {
    for (unsigned column = 0; column < COLUMNS; column++) {
        snprintf(line[column], CELL_SIZE, "-");
    }
    snprintf(line[MIX], CELL_SIZE, "  growing");
    snprintf(line[THREADS], CELL_SIZE, "%u", row->threads);
    snprintf(line[MAP], CELL_SIZE, "%s", row->map->name);
    latency_text(&row->sample.growth, line);
}

static unsigned fill_lines(const struct cli_bench_result *result, line_text *line) {
    unsigned lines = 0;
    for (uint32_t index = 0; index < result->rows; index++) {
        const struct cli_bench_row *row = &result->row[index];
        row_text(result, row, line[lines++]);
        if (row->sample.growth.total > 0) {
            growth_text(row, line[lines++]);
        }
    }
    return lines;
}

int cli_bench_print_table(const struct cli_bench_result *result) {
    size_t most = (size_t)result->rows * 2;
    line_text *line = malloc(most * sizeof(*line));
    const char **cell = malloc(most * COLUMNS * sizeof(*cell));
    int status = -ENOMEM;
    if (line != NULL && cell != NULL) {
        unsigned lines = fill_lines(result, line);
        for (unsigned index = 0; index < lines * COLUMNS; index++) {
            cell[index] = line[index / COLUMNS][index % COLUMNS];
        }
        const struct rp_grid grid = {.column = columns,
                                     .columns = COLUMNS,
                                     .cell = cell,
                                     .rows = lines,
                                     .width = rp_width(STDOUT_FILENO)};
        status = rp_grid_print(stdout, &grid);
    }
    free(cell);
    free(line);
    return status;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

static json_t *latency_json(const struct cli_histogram *histogram) {
    static const char *const names[] = {"p50", "p99", "p99.9"};
    json_t *object = json_object();
    int bad = 0;
    for (unsigned index = 0; index < 3; index++) {
        uint64_t value = cli_histogram_quantile(histogram, quantiles[index]);
        bad |= json_object_set_new(object, names[index], rp_json_count(value));
    }
    bad |= json_object_set_new(object, "max", rp_json_count(histogram->most));
    bad |= json_object_set_new(object, "count", rp_json_count(histogram->total));
    return rp_json_whole(object, bad);
}

static int set_ratio(json_t *object, const char *name, double ratio) {
    return json_object_set_new(object, name, ratio > 0 ? rp_json_real(ratio) : json_null());
}

static json_t *row_json(const struct cli_bench_result *result, const struct cli_bench_row *row) {
    char mix[16];
    json_t *object = json_object();
    json_t *rates = json_array();
    json_t *cpu = json_array();
    int bad = 0;
    cli_bench_mix_text(row->reads, mix);
    for (uint32_t round = 0; round < row->rounds; round++) {
        bad |= json_array_append_new(rates, rp_json_real(row->rate[round]));
        bad |= json_array_append_new(cpu, rp_json_real(row->cpu[round]));
    }
    bad |= json_object_set_new(object, "map", rp_json_text(row->map->name));
    bad |= json_object_set_new(object, "threads", json_integer(row->threads));
    bad |= json_object_set_new(object, "mix", rp_json_text(mix));
    bad |=
        json_object_set_new(object, "rate", rp_json_real(cli_bench_median(row->rate, row->rounds)));
    bad |= json_object_set_new(object, "rates", rates);
    bad |= json_object_set_new(object, "cpu_ns",
                               rp_json_real(cli_bench_median(row->cpu, row->rounds)));
    bad |= json_object_set_new(object, "cpus_ns", cpu);
    bad |= set_ratio(object, "of_go_rwmutex", cli_bench_ratio(result, row, CLI_BENCH_GO_RWMUTEX));
    bad |= set_ratio(object, "of_go_syncmap", cli_bench_ratio(result, row, CLI_BENCH_GO_SYNCMAP));
    bad |= set_ratio(object, "bytes_per_entry", row->sample.bytes);
    bad |= json_object_set_new(object, "latency_ns", latency_json(&row->sample.latency));
    if (row->sample.growth.total > 0) {
        bad |= json_object_set_new(object, "growth_ns", latency_json(&row->sample.growth));
    }
    return rp_json_whole(object, bad);
}

static json_t *result_json(const struct cli_bench_result *result) {
    const struct cli_bench_options *options = result->options;
    json_t *object = json_object();
    json_t *rows = json_array();
    int bad = 0;
    for (uint32_t index = 0; index < result->rows; index++) {
        bad |= json_array_append_new(rows, row_json(result, &result->row[index]));
    }
    bad |= json_object_set_new(object, "schema", json_integer(1));
    bad |= json_object_set_new(object, "version", rp_json_text(HEDDLE_VERSION));
    bad |= json_object_set_new(object, "keys", rp_json_count(options->keys));
    bad |= json_object_set_new(object, "distribution",
                               rp_json_text(options->zipf ? "zipf" : "uniform"));
    bad |= json_object_set_new(object, "rounds", rp_json_count(options->rounds));
    bad |= json_object_set_new(object, "seconds", rp_json_real(options->seconds));
    bad |= json_object_set_new(object, "processors", json_integer(sysconf(_SC_NPROCESSORS_ONLN)));
    bad |= json_object_set_new(object, "rows", rows);
    return rp_json_whole(object, bad);
}

int cli_bench_print_json(FILE *stream, const void *result) {
    return rp_json_dump(stream, result_json(result));
}
