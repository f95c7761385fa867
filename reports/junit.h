/* junit.h - what one run found, as the XML that CI servers read.
 */
#ifndef HEDDLE_REPORTS_JUNIT_H
#define HEDDLE_REPORTS_JUNIT_H

#include <stdint.h>
#include <stdio.h>

#include "harness/result/record.h"

/* Writes one test suite a scenario, one test case a map. A row that is not as expected is a
 * failure, one without an answer (vacuous, unknown) an error. `when` is the date of the run in
 * seconds since 1970; negative leaves it out. Returns 0 or -errno. */
int rp_junit_write(FILE *stream, const struct hd_report *report, int64_t when);

#endif
