/* interval.c - see interval.h. */
#include "reports/interval.h"

#include <math.h>

#define SIGMAS 1.959963984540054 /* that hold 95 % of a normal distribution */

struct rp_interval rp_wilson(uint64_t part, uint64_t whole) {
    if (whole == 0)
        return (struct rp_interval){0, 1};
    double n = (double)whole, share = (double)part / n, square = SIGMAS * SIGMAS;
    double scale = 1 + square / n;
    double middle = (share + square / (2 * n)) / scale;
    double half = SIGMAS * sqrt(share * (1 - share) / n + square / (4 * n * n)) / scale;
    return (struct rp_interval){part == 0 ? 0 : middle - half, part == whole ? 1 : middle + half};
}
