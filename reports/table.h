/* table.h - the table on the terminal: one row a scenario and map.
 */
#ifndef HEDDLE_REPORTS_TABLE_H
#define HEDDLE_REPORTS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/result/record.h"

struct rp_table_options {
    bool color;
    bool verbose;       /* with the replay lines of expected faults */
    unsigned width;     /* see layout.h; 0 = lines as long as they need */
    const char *report; /* path of the written report, or NULL */
};

/* One line a row in the report's order; totals; the report's path; faults. Of rows that faulted as
 * expected one line each says what came and how often, `verbose` adds the replay line of the first; of all
 * others each fault has its headline and its replay line. Returns 0 or -errno. */
int rp_table_print(FILE *stream, const struct hd_report *report,
                   const struct rp_table_options *options);

/* What stands below that table, alone: totals, path, faults. Returns 0 or -errno. */
int rp_table_footer(FILE *stream, const struct hd_report *report,
                    const struct rp_table_options *options);

#endif
