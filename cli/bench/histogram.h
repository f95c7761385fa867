/* histogram.h - how often a duration was seen, in cells whose width grows with it.
 *
 * Durations up to 127 ns have a cell each; above that 64 cells span a doubling, so that a value read back
 * is at most 1/64 too large. Not for several threads at once: each counts in its own, then they are added.
 */
#ifndef HEDDLE_CLI_BENCH_HISTOGRAM_H
#define HEDDLE_CLI_BENCH_HISTOGRAM_H

#include <stdint.h>

#define CLI_HISTOGRAM_CELLS (59u * 64u)

struct cli_histogram {
    uint64_t total;
    uint64_t most; /* the largest value seen, exactly */
    uint64_t cell[CLI_HISTOGRAM_CELLS];
};

/* The cell of a value, below CLI_HISTOGRAM_CELLS, and the largest value of a cell. */
uint32_t cli_histogram_index(uint64_t value);
uint64_t cli_histogram_top(uint32_t index);

void cli_histogram_count(struct cli_histogram *histogram, uint64_t value);
void cli_histogram_add(struct cli_histogram *sum, const struct cli_histogram *part);
/* The least value that at least `share` (0 to 1) of all are not above: the top of its cell, but never
 * more than `most`. 0 when nothing was counted. */
uint64_t cli_histogram_quantile(const struct cli_histogram *histogram, double share);

#endif
