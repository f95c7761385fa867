/* native.h - figures of `heddle bench` beside those of a campaign.
 */
#ifndef HEDDLE_CLI_NATIVE_H
#define HEDDLE_CLI_NATIVE_H

#include "harness/result/record.h"

/* Measures the built-in maps among the report's rows on real threads, about a second for each map, and
 * fills `native` of their rows. What cannot be measured stays unmeasured and, unless `quiet`, is noted. */
void cli_native_measure(struct hd_report *report, bool quiet);

#endif
