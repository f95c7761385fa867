/* compare.c - the figures of table.c turned on their side: one column a map.
 */
#include "reports/compare.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/text.h"

enum figure {
    VERDICT,
    EXPECTED,
    EXECUTIONS,
    DISTINCT,
    POINTS,
    SWITCHES,
    WINDOW,
    FAULTS,
    FIRST,
    DIGEST,
    FIGURES
};

static const char *const figure_names[FIGURES] = {
    [VERDICT] = "verdict",       [EXPECTED] = "expected", [EXECUTIONS] = "executions",
    [DISTINCT] = "distinct",     [POINTS] = "points",     [SWITCHES] = "switches",
    [WINDOW] = "window share",   [FAULTS] = "faults",     [FIRST] = "first fault",
    [DIGEST] = "campaign digest"};

static void number(char text[HD_LINE_SIZE], uint64_t value) {
    snprintf(text, HD_LINE_SIZE, "%" PRIu64, value);
}

static void figure_text(const struct hd_row *row, enum figure figure, char text[HD_LINE_SIZE]) {
    switch (figure) {
    case VERDICT:
        rp_verdict(row, text);
        break;
    case EXPECTED:
        snprintf(text, HD_LINE_SIZE, "%s", row->expected[0] != '\0' ? row->expected : "-");
        break;
    case EXECUTIONS:
        number(text, row->executions);
        break;
    case DISTINCT:
        rp_distinct(row, text);
        break;
    case POINTS:
        number(text, row->points);
        break;
    case SWITCHES:
        number(text, row->switches);
        break;
    case WINDOW:
        rp_window_share(row, text);
        break;
    case FAULTS:
        number(text, row->fault_executions);
        break;
    case FIRST:
        snprintf(text, HD_LINE_SIZE, "-");
        if (row->first_fault_execution >= 0) {
            number(text, (uint64_t)row->first_fault_execution);
        }
        break;
    case DIGEST:
        snprintf(text, HD_LINE_SIZE, "0x%016" PRIx64, row->digest);
        break;
    case FIGURES:
        break;
    }
}

/* Prints `maps` rows of one scenario. `cell` has room for FIGURES * (maps + 1) texts. */
static int side_by_side(FILE *stream, const struct hd_row *row, uint32_t maps, unsigned width,
                        const char **cell, const char **heading) {
    char(*text)[HD_LINE_SIZE] = calloc((size_t)FIGURES * maps, sizeof(*text));
    if (text == NULL) {
        return -ENOMEM;
    }
    heading[0] = "";
    for (uint32_t map = 0; map < maps; map++) {
        heading[map + 1] = row[map].map;
    }
    for (uint32_t figure = 0; figure < FIGURES; figure++) {
        cell[(size_t)figure * (maps + 1)] = figure_names[figure];
        for (uint32_t map = 0; map < maps; map++) {
            char *place = text[(size_t)figure * maps + map];
            figure_text(&row[map], (enum figure)figure, place);
            cell[(size_t)figure * (maps + 1) + map + 1] = place;
        }
    }
    fprintf(stream, "%s (strategy %s)\n", row->scenario, row->strategy);
    int status = rp_table_plain(stream, heading, maps + 1, cell, FIGURES, width);
    fputc('\n', stream);
    free(text);
    return status;
}

static uint32_t same_scenario(const struct hd_report *report, uint32_t first) {
    uint32_t end = first + 1;
    while (end < report->rows &&
           strcmp(report->row[end].scenario, report->row[first].scenario) == 0) {
        end++;
    }
    return end - first;
}

int rp_compare_print(FILE *stream, const struct hd_report *report,
                     const struct rp_table_options *options) {
    const char **cell = calloc((size_t)FIGURES * (report->rows + 1), sizeof(*cell));
    const char **heading = calloc((size_t)report->rows + 1, sizeof(*heading));
    int status = cell != NULL && heading != NULL ? 0 : -ENOMEM;
    for (uint32_t first = 0; first < report->rows && status == 0;) {
        uint32_t maps = same_scenario(report, first);
        status = side_by_side(stream, &report->row[first], maps, options->width, cell, heading);
        first += maps;
    }
    free(cell);
    free(heading);
    return status != 0 ? status : rp_table_footer(stream, report, options);
}
