/* figures.c - what the rounds of a row come to.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/bench/bench.h"

static int by_size(const void *a, const void *b) {
    const double *one = a;
    const double *other = b;
    return (*one > *other) - (*one < *other);
}

/* What stands at `place` when they are sorted; half places lie between two. */
static double value_at(const double *values, uint32_t rounds, double place) {
    double sorted[CLI_BENCH_ROUNDS_MAX];
    memcpy(sorted, values, rounds * sizeof(sorted[0]));
    qsort(sorted, rounds, sizeof(sorted[0]), by_size);
    uint32_t below = (uint32_t)place;
    uint32_t above = place > below ? below + 1 : below;
    return (sorted[below] + sorted[above]) / 2;
}

double cli_bench_median(const double *values, uint32_t rounds) {
    return value_at(values, rounds, (rounds - 1) / 2.0);
}

double cli_bench_least(const double *values, uint32_t rounds) {
    return value_at(values, rounds, 0);
}

double cli_bench_most(const double *values, uint32_t rounds) {
    return value_at(values, rounds, rounds - 1);
}

double cli_bench_ratio(const struct cli_bench_result *result, const struct cli_bench_row *row,
                       const char *map) {
    for (uint32_t index = 0; index < result->rows; index++) {
        const struct cli_bench_row *other = &result->row[index];
        if (other->threads == row->threads && other->reads == row->reads &&
            strcmp(other->map->name, map) == 0) {
            return cli_bench_median(row->rate, row->rounds) /
                   cli_bench_median(other->rate, other->rounds);
        }
    }
    return 0;
}

void cli_bench_mix_text(uint32_t reads, char text[16]) {
    if (reads == CLI_FILL) {
        snprintf(text, 16, "fill");
    } else {
        snprintf(text, 16, "%u/%u", reads, 100 - reads);
    }
}
