/* print.h - what a check of a history came to, for people and for scripts.
 */
#ifndef HEDDLE_CLI_HISTORY_PRINT_H
#define HEDDLE_CLI_HISTORY_PRINT_H

#include <stdio.h>

#include "cli/history/read.h"
#include "harness/check/linearizability.h"

/* What is printed; `name` of the file as it was given. */
struct cli_history_report {
    const char *name;
    const struct cli_history *read;
    const struct hd_check_result *result;
};

/* "ok", "illegal", "unknown", or "vacuous" for a history without events. */
const char *cli_history_verdict(const struct cli_history_report *report);

/* A line with the verdict; for an illegal history also the calls of the key up to the one that has
 * no explanation. Returns 0 or -errno. */
int cli_history_print(FILE *stream, const struct cli_history_report *report);
/* The same as one JSON object: docs/HISTORIES.md. */
int cli_history_print_json(FILE *stream, const struct cli_history_report *report);

#endif
