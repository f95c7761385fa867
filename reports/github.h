/* github.h - faults as annotations of a GitHub Actions job.
 */
#ifndef HEDDLE_REPORTS_GITHUB_H
#define HEDDLE_REPORTS_GITHUB_H

#include <stdio.h>

#include "harness/result/record.h"

/* One ::error line for each distinct fault of a row that is not as expected, and for each such row
 * without a fault. Returns 0 or -errno. */
int rp_github_errors(FILE *stream, const struct hd_report *report);

#endif
