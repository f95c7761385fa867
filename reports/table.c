/* table.c - the table of a run, and what stands below it. layout.h says how it fits a terminal.
 */
#include "reports/table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/layout.h"
#include "reports/text.h"

#define CELL_SIZE HD_LINE_SIZE

/* ---- one row a scenario and map -------------------------------------------------------------- */

enum column {
    SCENARIO,
    MAP,
    STRATEGY,
    EXECUTIONS,
    DISTINCT,
    WINDOW,
    FAULTS,
    FIRST,
    VERDICT,
    EXPECTED,
    COLUMNS
};

/* Where there is room for all of it. */
static const struct rp_column whole[COLUMNS] = {
    [SCENARIO] = {.name = "scenario"},
    [MAP] = {.name = "map"},
    [STRATEGY] = {.name = "strategy"},
    [EXECUTIONS] = {.name = "executions", .right = true},
    [DISTINCT] = {.name = "distinct", .right = true},
    [WINDOW] = {.name = "window", .right = true},
    [FAULTS] = {.name = "faults", .right = true},
    [FIRST] = {.name = "first", .right = true},
    [VERDICT] = {.name = "verdict"},
    [EXPECTED] = {.name = "expected"},
};

/* Elsewhere. What was expected is told below the table where it did not come. */
static const struct rp_column narrow[EXPECTED] = {
    [SCENARIO] = {.name = "scenario", .wide = RP_NAME},
    [MAP] = {.name = "map", .wide = RP_NAME},
    [STRATEGY] = {.name = "strategy", .drop = 5},
    [EXECUTIONS] = {.name = "executions", .right = true, .drop = 1},
    [DISTINCT] = {.name = "distinct", .right = true, .drop = 2},
    [WINDOW] = {.name = "window", .right = true, .drop = 4},
    [FAULTS] = {.name = "faults", .right = true},
    [FIRST] = {.name = "first", .right = true, .drop = 3},
    [VERDICT] = {.name = "verdict", .wide = RP_FOLD},
};

static void row_cell(const struct hd_row *row, enum column column, char text[CELL_SIZE]) {
    text[0] = '\0';
    switch (column) {
    case SCENARIO:
        snprintf(text, CELL_SIZE, "%s", row->scenario);
        break;
    case MAP:
        snprintf(text, CELL_SIZE, "%s", row->map);
        break;
    case STRATEGY:
        snprintf(text, CELL_SIZE, "%s", row->strategy);
        break;
    case EXECUTIONS:
        snprintf(text, CELL_SIZE, "%" PRIu64, row->executions);
        break;
    case DISTINCT:
        rp_distinct(row, text);
        break;
    case WINDOW:
        rp_window_share(row, text);
        break;
    case FAULTS:
        snprintf(text, CELL_SIZE, "%" PRIu64, row->fault_executions);
        break;
    case FIRST:
        snprintf(text, CELL_SIZE, "-");
        if (row->first_fault_execution >= 0) {
            snprintf(text, CELL_SIZE, "%" PRId64, row->first_fault_execution);
        }
        break;
    case VERDICT:
        rp_verdict(row, text);
        break;
    case EXPECTED:
        snprintf(text, CELL_SIZE, "%s", row->expected[0] != '\0' ? row->expected : "-");
        break;
    case COLUMNS:
        break;
    }
}

static const char *verdict_shade(const struct hd_row *row) {
    bool answer = row->verdict == HD_VERDICT_OK || row->verdict == HD_VERDICT_FAULT;
    return row->as_expected ? "\033[32m" : answer ? "\033[31m" : "\033[33m";
}

/* The texts of one grid. `text` and `cell` have room for COLUMNS a row. */
static void fill(const struct hd_report *report, unsigned count, char (*text)[CELL_SIZE],
                 const char **cell, const char **shade) {
    for (uint32_t index = 0; index < report->rows; index++) {
        for (unsigned column = 0; column < count; column++) {
            size_t place = (size_t)index * count + column;
            row_cell(&report->row[index], (enum column)column, text[place]);
            cell[place] = text[place];
        }
        shade[index] = verdict_shade(&report->row[index]);
    }
}

static int rows_print(FILE *stream, const struct hd_report *report,
                      const struct rp_table_options *options) {
    size_t cells = (size_t)report->rows * COLUMNS;
    char(*text)[CELL_SIZE] = calloc(cells, sizeof(*text));
    const char **cell = calloc(cells, sizeof(*cell));
    const char **shade = calloc(report->rows, sizeof(*shade));
    struct rp_grid grid = {.column = whole,
                           .columns = COLUMNS,
                           .cell = cell,
                           .rows = report->rows,
                           .shade = options->color ? shade : NULL,
                           .shaded = VERDICT,
                           .width = options->width};
    int status = text != NULL && cell != NULL && shade != NULL ? 0 : -ENOMEM;
    if (status == 0) {
        fill(report, COLUMNS, text, cell, shade);
        if (options->width > 0 && rp_grid_least(&grid) > options->width) {
            fill(report, EXPECTED, text, cell, shade);
            grid.column = narrow;
            grid.columns = EXPECTED;
        }
        status = rp_grid_print(stream, &grid);
    }
    free(text);
    free(cell);
    free(shade);
    return status;
}

/* ---- what stands below it -------------------------------------------------------------------- */

static void put_totals(FILE *stream, const struct hd_report *report, unsigned width) {
    uint64_t executions = 0;
    uint32_t met = 0;
    uint32_t faults = 0;
    double seconds = 0;
    for (uint32_t index = 0; index < report->rows; index++) {
        const struct hd_row *row = &report->row[index];
        executions += row->executions;
        met += row->as_expected ? 1 : 0;
        faults += row->faults;
        seconds += row->seconds;
    }
    char text[HD_LINE_SIZE];
    snprintf(text, sizeof(text),
             "%" PRIu32 " row%s, %" PRIu32 " as expected; %" PRIu64 " executions, %" PRIu32
             " distinct fault%s; seed 0x%016" PRIx64 "; %.1f s%s",
             report->rows, report->rows == 1 ? "" : "s", met, executions, faults,
             faults == 1 ? "" : "s", report->seed, seconds,
             report->interrupted ? "; INTERRUPTED, the results are partial" : "");
    rp_text_fold(stream, width, "", "    ", text);
}

/* ---- faults ---------------------------------------------------------------------------------- */

/* Of one line whatever the width: to be pasted. */
static void put_replay(FILE *stream, const struct hd_fault_record *fault) {
    const char *way = fault->replay[0] != '\0' ? fault->replay : fault->file;
    if (way[0] != '\0') {
        fprintf(stream, "    %s\n", way);
    }
}

static void put_fault(FILE *stream, const struct hd_fault_record *fault, unsigned width) {
    char headline[HD_LINE_SIZE];
    rp_fault_headline(fault, headline);
    rp_text_fold(stream, width, "  ", "    ", headline);
    put_replay(stream, fault);
}

static void put_unexpected(FILE *stream, const struct hd_row *row, unsigned width) {
    char verdict[HD_LINE_SIZE], text[4 * HD_LINE_SIZE];
    rp_verdict(row, verdict);
    int used = snprintf(text, sizeof(text), "%s %s: %s", row->scenario, row->map, verdict);
    if (row->verdict_reason[0] != '\0') {
        used += snprintf(text + used, sizeof(text) - (size_t)used, " (%s)", row->verdict_reason);
    }
    if (row->expected[0] != '\0') {
        used += snprintf(text + used, sizeof(text) - (size_t)used, "; expected %s", row->expected);
    }
    if (row->expected_reason[0] != '\0') {
        snprintf(text + used, sizeof(text) - (size_t)used, " (%s)", row->expected_reason);
    }
    rp_text_fold(stream, width, "not as expected: ", "    ", text);
    for (uint32_t index = 0; index < row->faults; index++) {
        put_fault(stream, &row->fault[index], width);
    }
}

/* "fatal in 1851 executions, crash in 2": kinds in the order of their first execution. */
static void kinds_text(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    size_t used = 0;
    bool told[HD_FAULT_KINDS] = {false};
    for (uint32_t first = 0; first < row->faults && used < HD_LINE_SIZE; first++) {
        enum hd_fault_kind kind = row->fault[first].kind;
        const char *name = hd_fault_kind_name(kind);
        uint64_t count = 0;
        if (name == NULL || told[kind]) {
            continue;
        }
        for (uint32_t index = first; index < row->faults; index++) {
            count += row->fault[index].kind == kind ? row->fault[index].count : 0;
        }
        used += (size_t)snprintf(text + used, HD_LINE_SIZE - used, "%s%s in %" PRIu64 "%s",
                                 used > 0 ? ", " : "", name, count,
                                 used > 0     ? ""
                                 : count == 1 ? " execution"
                                              : " executions");
        told[kind] = true;
    }
}

static bool foreseen(const struct hd_row *row) {
    return row->as_expected && row->faults > 0 && row->expected[0] != '\0';
}

/* A line for each row that faulted as its scenario says. */
static void put_expected(FILE *stream, const struct hd_row *row,
                         const struct rp_table_options *options) {
    char kinds[HD_LINE_SIZE] = "", text[2 * HD_LINE_SIZE];
    kinds_text(row, kinds);
    snprintf(text, sizeof(text), "%s %s: %s", row->scenario, row->map, kinds);
    rp_text_fold(stream, options->width, "  ", "      ", text);
    if (options->verbose) {
        put_replay(stream, &row->fault[0]);
    }
}

static void put_all_expected(FILE *stream, const struct hd_report *report,
                             const struct rp_table_options *options) {
    bool any = false, silent = false; /* lines that are kept back */
    for (uint32_t index = 0; index < report->rows; index++) {
        const struct hd_row *row = &report->row[index];
        any |= foreseen(row);
        silent |= foreseen(row) && row->fault[0].replay[0] != '\0' && !options->verbose;
    }
    if (any) {
        rp_text_fold(stream, options->width, "", "    ",
                     silent ? "expected faults (--verbose prints their replay lines):"
                            : "expected faults:");
    }
    for (uint32_t index = 0; index < report->rows; index++) {
        if (foreseen(&report->row[index])) {
            put_expected(stream, &report->row[index], options);
        }
    }
}

/* Of a map of which the scenario expects nothing: complete, as what was not expected is. */
static void put_unforeseen(FILE *stream, const struct hd_row *row, unsigned width) {
    fprintf(stream, "nothing was expected of: %s %s\n", row->scenario, row->map);
    for (uint32_t index = 0; index < row->faults; index++) {
        put_fault(stream, &row->fault[index], width);
    }
}

int rp_table_footer(FILE *stream, const struct hd_report *report,
                    const struct rp_table_options *options) {
    put_totals(stream, report, options->width);
    if (options->report != NULL) {
        fprintf(stream, "report: %s\n", options->report);
    }
    put_all_expected(stream, report, options);
    for (uint32_t index = 0; index < report->rows; index++) {
        const struct hd_row *row = &report->row[index];
        if (!row->as_expected) {
            put_unexpected(stream, row, options->width);
        } else if (row->faults > 0 && !foreseen(row)) {
            put_unforeseen(stream, row, options->width);
        }
    }
    return rp_stream_flush(stream);
}

int rp_table_print(FILE *stream, const struct hd_report *report,
                   const struct rp_table_options *options) {
    int status = report->rows > 0 ? rows_print(stream, report, options) : 0;
    if (status != 0) {
        return status;
    }
    fputc('\n', stream);
    return rp_table_footer(stream, report, options);
}
