/* compare.h - one scenario, maps side by side.
 */
#ifndef HEDDLE_REPORTS_COMPARE_H
#define HEDDLE_REPORTS_COMPARE_H

#include <stdio.h>

#include "harness/result/record.h"
#include "reports/table.h"

/* For each run of rows with the same scenario: one column a map, one line a figure; maps that do not fit
 * beside the others follow below. Then totals, path and faults as in rp_table_print. Returns 0 or
 * -errno. */
int rp_compare_print(FILE *stream, const struct hd_report *report,
                     const struct rp_table_options *options);

#endif
