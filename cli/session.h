/* session.h - one run: its rows in order, their faults, the report, the exit status.
 */
#ifndef HEDDLE_CLI_SESSION_H
#define HEDDLE_CLI_SESSION_H

#include <stdio.h>

#include "cli/plan.h"
#include "cli/settings.h"

/* Prints the finished report on `stream`; rp_table_print or rp_compare_print. */
struct rp_table_options;
typedef int cli_print(FILE *stream, const struct hd_report *report,
                      const struct rp_table_options *options);

/* Runs all rows and writes and prints what was asked for. `fixed`: address randomisation is off.
 * Returns the exit status. */
int cli_session_run(const struct cli_settings *settings, const struct cli_plan *plan,
                    cli_print *print, bool fixed);

#endif
