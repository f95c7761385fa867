/* interval.h - how sure a share is that was counted.
 */
#ifndef HEDDLE_REPORTS_INTERVAL_H
#define HEDDLE_REPORTS_INTERVAL_H

#include <stdint.h>

/* Bounds of a share, 0 to 1. */
struct rp_interval {
    double low;
    double high;
};

/* Wilson's score interval at 95 % for `part` of `whole` (part <= whole); 0 to 1 when `whole` is 0. Holds
 * for independent trials. Unlike the usual interval it is right for shares of 0 and 1 and small counts.
 * Source: E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal
 * of the American Statistical Association 22, 1927. */
struct rp_interval rp_wilson(uint64_t part, uint64_t whole);

#endif
