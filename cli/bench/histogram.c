/* histogram.c - see histogram.h. After Gil Tene's HdrHistogram: linear cells within each power of two.
 */
#include "cli/bench/histogram.h"

#define LINEAR_LOG2 6u /* cells of a doubling */
#define LINEAR      (1u << LINEAR_LOG2)

uint32_t cli_histogram_index(uint64_t value) {
    if (value < LINEAR) {
        return (uint32_t)value;
    }
    uint32_t shift = 63u - (uint32_t)__builtin_clzll(value) - LINEAR_LOG2;
    return (shift + 1) * LINEAR + (uint32_t)(value >> shift) - LINEAR;
}

uint64_t cli_histogram_top(uint32_t index) {
    if (index < LINEAR) {
        return index;
    }
    uint32_t shift = index / LINEAR - 1;
    uint64_t first = (uint64_t)(index % LINEAR + LINEAR) << shift;
    return first + (UINT64_C(1) << shift) - 1;
}

void cli_histogram_count(struct cli_histogram *histogram, uint64_t value) {
    histogram->total++;
    histogram->cell[cli_histogram_index(value)]++;
    if (value > histogram->most) {
        histogram->most = value;
    }
}

void cli_histogram_add(struct cli_histogram *sum, const struct cli_histogram *part) {
    sum->total += part->total;
    sum->most = part->most > sum->most ? part->most : sum->most;
    for (uint32_t index = 0; index < CLI_HISTOGRAM_CELLS; index++) {
        sum->cell[index] += part->cell[index];
    }
}

uint64_t cli_histogram_quantile(const struct cli_histogram *histogram, double share) {
    uint64_t below = 0;
    for (uint32_t index = 0; index < CLI_HISTOGRAM_CELLS; index++) {
        below += histogram->cell[index];
        if (below > 0 && (double)below >= share * (double)histogram->total) {
            uint64_t top = cli_histogram_top(index);
            return top < histogram->most ? top : histogram->most;
        }
    }
    return histogram->most;
}
