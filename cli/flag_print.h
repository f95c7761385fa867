/* flag_print.h - what `heddle flag` has counted, as tables and as JSON.
 */
#ifndef HEDDLE_CLI_FLAG_PRINT_H
#define HEDDLE_CLI_FLAG_PRINT_H

#include <stdio.h>

#include "scenarios/flag.h"

struct cli_flag_row {
    const char *scenario;
    struct sn_flag_count count;
};

struct cli_flag_report {
    uint64_t seed;
    const char *strategy;
    const struct cli_flag_row *row;
    uint32_t rows;
    bool interrupted; /* rows are missing */
};

/* Three tables: executions by what became of them, those that are not untouched by the kinds of the two
 * operations, harmed ones by their first sign. Returns 0 or -errno. */
int cli_flag_print(FILE *stream, const struct cli_flag_report *report);
/* One object; docs/FLAG.md describes it. `report` is a struct cli_flag_report. Returns 0 or -errno. */
int cli_flag_print_json(FILE *stream, const void *report);

#endif
