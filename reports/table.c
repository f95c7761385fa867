/* table.c - the table on the terminal, laid out by libsmartcols.
 *
 * The tables are rendered to memory and then written, so that a failed write is seen and no row is
 * half printed.
 */
#include "reports/table.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "reports/text.h"

#define CELL_SIZE HD_LINE_SIZE

static struct libscols_table *table_new(unsigned width) {
    struct libscols_table *table = scols_new_table();
    if (table == NULL) {
        return NULL;
    }
    scols_table_set_termforce(table, width > 0 ? SCOLS_TERMFORCE_ALWAYS : SCOLS_TERMFORCE_NEVER);
    scols_table_set_termwidth(table, width > 0 ? width : 10000);
    scols_table_set_column_separator(table, "  ");
    return table;
}

/* What a cell shows, on the heap. libsmartcols writes other than ASCII as hexadecimal codes in the
 * C locale (and loops over wrapped columns when told not to): one '?' a character is easier to
 * read. */
static char *cell_text(const char *text) {
    char *clean = rp_text_clean(text);
    char *place = clean;
    for (const char *letter = clean; letter != NULL && *letter != '\0'; letter++) {
        bool follows = ((unsigned char)*letter & 0xc0) == 0x80; /* not the first of its character */
        if (!follows) {
            *place++ = (unsigned char)*letter < 0x80 ? *letter : '?';
        }
    }
    if (place != NULL) {
        *place = '\0';
    }
    return clean;
}

/* Prints and releases. */
static int table_end(struct libscols_table *table, FILE *stream) {
    char *text = NULL;
    int status = scols_print_table_to_string(table, &text);
    scols_unref_table(table);
    if (status == 0 && text != NULL) {
        fputs(text, stream);
        size_t length = strlen(text);
        if (length == 0 || text[length - 1] != '\n') {
            fputc('\n', stream);
        }
    }
    free(text);
    return status;
}

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

static const struct {
    const char *name;
    int flags;
} columns[COLUMNS] = {
    [SCENARIO] = {"scenario", 0},
    [MAP] = {"map", 0},
    [STRATEGY] = {"strategy", 0},
    [EXECUTIONS] = {"executions", SCOLS_FL_RIGHT},
    [DISTINCT] = {"distinct", SCOLS_FL_RIGHT},
    [WINDOW] = {"window", SCOLS_FL_RIGHT},
    [FAULTS] = {"faults", SCOLS_FL_RIGHT},
    [FIRST] = {"first", SCOLS_FL_RIGHT},
    [VERDICT] = {"verdict", SCOLS_FL_WRAP},
    [EXPECTED] = {"expected", SCOLS_FL_WRAP},
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

static const char *verdict_color(const struct hd_row *row) {
    bool answer = row->verdict == HD_VERDICT_OK || row->verdict == HD_VERDICT_FAULT;
    return row->as_expected ? "green" : answer ? "red" : "yellow";
}

static int row_add(struct libscols_table *table, const struct hd_row *row) {
    struct libscols_line *line = scols_table_new_line(table, NULL);
    char text[CELL_SIZE];
    for (unsigned column = 0; line != NULL && column < COLUMNS; column++) {
        row_cell(row, (enum column)column, text);
        char *clean = cell_text(text);
        int status = clean != NULL ? scols_line_refer_data(line, column, clean) : -ENOMEM;
        if (status != 0) {
            return status;
        }
    }
    if (line == NULL) {
        return -ENOMEM;
    }
    return scols_cell_set_color(scols_line_get_cell(line, VERDICT), verdict_color(row));
}

static int rows_print(FILE *stream, const struct hd_report *report,
                      const struct rp_table_options *options) {
    struct libscols_table *table = table_new(options->width);
    if (table == NULL) {
        return -ENOMEM;
    }
    scols_table_enable_colors(table, options->color);
    int status = 0;
    for (unsigned column = 0; column < COLUMNS && status == 0; column++) {
        const struct libscols_column *made =
            scols_table_new_column(table, columns[column].name, 0, columns[column].flags);
        status = made != NULL ? 0 : -ENOMEM;
    }
    for (uint32_t index = 0; index < report->rows && status == 0; index++) {
        status = row_add(table, &report->row[index]);
    }
    if (status != 0) {
        scols_unref_table(table);
        return status;
    }
    return table_end(table, stream);
}

/* ---- what stands below it -------------------------------------------------------------------- */

static void put_totals(FILE *stream, const struct hd_report *report) {
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
    fprintf(stream,
            "%" PRIu32 " row%s, %" PRIu32 " as expected; %" PRIu64 " executions, %" PRIu32
            " distinct fault%s; seed 0x%016" PRIx64 "; %.1f s%s\n",
            report->rows, report->rows == 1 ? "" : "s", met, executions, faults,
            faults == 1 ? "" : "s", report->seed, seconds,
            report->interrupted ? "; INTERRUPTED, the results are partial" : "");
}

static void put_unexpected(FILE *stream, const struct hd_row *row) {
    char verdict[HD_LINE_SIZE];
    rp_verdict(row, verdict);
    char *clean = rp_text_clean(verdict);
    fprintf(stream, "not as expected: %s %s: %s", row->scenario, row->map,
            clean != NULL ? clean : "?");
    free(clean);
    if (row->verdict_reason[0] != '\0') {
        fprintf(stream, " (%s)", row->verdict_reason);
    }
    if (row->expected[0] != '\0') {
        fprintf(stream, "; expected %s", row->expected);
    }
    if (row->expected_reason[0] != '\0') {
        fprintf(stream, " (%s)", row->expected_reason);
    }
    fputc('\n', stream);
    for (uint32_t index = 0; index < row->faults; index++) {
        const struct hd_fault_record *fault = &row->fault[index];
        rp_fault_headline(fault, verdict);
        clean = cell_text(verdict);
        fprintf(stream, "  %s\n    %s\n", clean != NULL ? clean : "?",
                fault->replay[0] != '\0' ? fault->replay : fault->file);
        free(clean);
    }
}

/* Expected faults are to be seen again, too: the first one of each row. */
static void put_expected(FILE *stream, const struct hd_report *report) {
    bool headed = false;
    for (uint32_t index = 0; index < report->rows; index++) {
        const struct hd_row *row = &report->row[index];
        if (row->as_expected && row->faults > 0 && row->fault[0].replay[0] != '\0') {
            fputs(headed ? "" : "expected faults, the first of each row:\n", stream);
            fprintf(stream, "  %s\n", row->fault[0].replay);
            headed = true;
        }
    }
}

int rp_table_footer(FILE *stream, const struct hd_report *report,
                    const struct rp_table_options *options) {
    put_totals(stream, report);
    if (options->report != NULL) {
        fprintf(stream, "report: %s\n", options->report);
    }
    put_expected(stream, report);
    for (uint32_t index = 0; index < report->rows; index++) {
        if (!report->row[index].as_expected) {
            put_unexpected(stream, &report->row[index]);
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

/* ---- any small table ------------------------------------------------------------------------- */

int rp_table_plain(FILE *stream, const char *const *heading, unsigned count,
                   const char *const *cell, unsigned rows, unsigned width) {
    struct libscols_table *table = table_new(width);
    int status = table != NULL ? 0 : -ENOMEM;
    for (unsigned column = 0; column < count && status == 0; column++) {
        bool last = column + 1 == count;
        const struct libscols_column *made =
            scols_table_new_column(table, heading[column], 0, last ? SCOLS_FL_WRAP : 0);
        status = made != NULL ? 0 : -ENOMEM;
    }
    for (unsigned index = 0; index < rows && status == 0; index++) {
        struct libscols_line *line = scols_table_new_line(table, NULL);
        status = line != NULL ? 0 : -ENOMEM;
        for (unsigned column = 0; column < count && status == 0; column++) {
            char *clean = cell_text(cell[index * count + column]);
            status = clean != NULL ? scols_line_refer_data(line, column, clean) : -ENOMEM;
        }
    }
    if (status != 0) {
        scols_unref_table(table);
        return status;
    }
    status = table_end(table, stream);
    return status != 0 ? status : rp_stream_flush(stream);
}
