/* table.h - the table on the terminal: one row a scenario and map.
 */
#ifndef HEDDLE_REPORTS_TABLE_H
#define HEDDLE_REPORTS_TABLE_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/result/record.h"

struct rp_table_options {
    bool color;
    unsigned width;     /* of the terminal, in columns; 0 = lines as long as they need */
    const char *report; /* path of the written report, or NULL */
};

/* One line a row in the report's order; totals; the report's path; the replay line of the first
 * fault of each row that is as expected, and of every fault of a row that is not. Returns 0 or
 * -errno. */
int rp_table_print(FILE *stream, const struct hd_report *report,
                   const struct rp_table_options *options);

/* What stands below that table, alone: totals, path, replay lines. Returns 0 or -errno. */
int rp_table_footer(FILE *stream, const struct hd_report *report,
                    const struct rp_table_options *options);

/* Two or more columns of text under a heading; `cell` holds rows * columns texts, row by row.
 * Returns 0 or -errno. */
int rp_table_plain(FILE *stream, const char *const *heading, unsigned columns,
                   const char *const *cell, unsigned rows, unsigned width);

#endif
