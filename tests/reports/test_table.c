/* test_table.c - the table, maps side by side. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/compare.h"
#include "reports/table.h"
#include "tests/reports/support.h"

static int print_table(FILE *stream, const void *report) {
    const struct rp_table_options options = {.report = "heddle-out/report.json"};
    return rp_table_print(stream, report, &options);
}

static int print_compare(FILE *stream, const void *report) {
    const struct rp_table_options options = {0};
    return rp_compare_print(stream, report, &options);
}

Test(reports_table, shows_a_line_a_row_then_totals_and_replay_lines) {
    struct hd_report report = sample_report();
    char *text = printed(print_table, &report);
    check_golden("table.txt", text);
    free(text);
    hd_report_clear(&report);
}

Test(reports_table, an_empty_report_is_only_totals) {
    struct hd_report report = {.interrupted = true};
    char *text = printed(print_table, &report);
    cr_expect_eq(strncmp(text, "\n0 rows", 7), 0);
    cr_expect_not_null(strstr(text, "INTERRUPTED"));
    free(text);
}

Test(reports_table, an_unexpected_fault_comes_with_its_replay_line) {
    struct hd_report report = sample_report();
    report.row[0].as_expected = false;
    char *text = printed(print_table, &report);
    cr_expect_not_null(strstr(text, "FAULT fatal: concurrent map writes"));
    cr_expect_not_null(strstr(text, "not as expected: growth-window gomap"));
    cr_expect_not_null(strstr(
        text,
        "\n  fatal error: concurrent map writes\n    heddle replay --scenario growth-window"));
    cr_expect_null(strstr(text, "expected faults"));
    free(text);
    hd_report_clear(&report);
}

static int print_verbose(FILE *stream, const void *report) {
    const struct rp_table_options options = {.verbose = true};
    return rp_table_print(stream, report, &options);
}

Test(reports_table, expected_faults_have_a_line_each_and_their_replay_lines_on_request) {
    struct hd_report report = sample_report();
    char *text = printed(print_table, &report);
    cr_expect_not_null(strstr(text, "\nexpected faults (--verbose prints their replay lines):\n"
                                    "  growth-window gomap: fatal in 12 executions\n"),
                       "%s", text);
    cr_expect_null(strstr(text, "heddle replay"), "%s", text);
    free(text);
    text = printed(print_verbose, &report);
    cr_expect_not_null(strstr(text, "\nexpected faults:\n"
                                    "  growth-window gomap: fatal in 12 executions\n"
                                    "    heddle replay --scenario growth-window"),
                       "%s", text);
    free(text);
    hd_report_clear(&report);
}

Test(reports_table, a_fault_of_a_map_without_an_expectation_is_complete) {
    struct hd_report report = sample_report();
    report.row[0].expected[0] = '\0';
    char *text = printed(print_table, &report);
    cr_expect_not_null(strstr(text, "\nnothing was expected of: growth-window gomap\n"
                                    "  fatal error: concurrent map writes\n"
                                    "    heddle replay --scenario growth-window"),
                       "%s", text);
    cr_expect_null(strstr(text, "expected faults"), "%s", text);
    free(text);
    hd_report_clear(&report);
}

/* ---- widths ---------------------------------------------------------------------------------- */

struct sheet {
    const struct hd_report *report;
    int (*print)(FILE *stream, const struct hd_report *report,
                 const struct rp_table_options *options);
    unsigned width;
};

static int print_sheet(FILE *stream, const void *context) {
    const struct sheet *sheet = context;
    const struct rp_table_options options = {.width = sheet->width};
    return sheet->print(stream, sheet->report, &options);
}

/* Lines to be pasted are as long as they are. */
static void expect_within(const struct sheet *sheet) {
    char *text = printed(print_sheet, sheet);
    for (const char *line = text; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t length = strcspn(line, "\n");
        bool pasted = strncmp(line + strspn(line, " "), "heddle replay", 13) == 0;
        cr_expect(length <= sheet->width || pasted, "%u: %.*s", sheet->width, (int)length, line);
    }
    free(text);
}

Test(reports_table, no_line_is_wider_than_the_terminal) {
    struct hd_report report = sample_report();
    for (unsigned width = 40; width <= 200; width++) {
        expect_within(&(struct sheet){&report, rp_table_print, width});
        expect_within(&(struct sheet){&report, rp_compare_print, width < 56 ? 56 : width});
    }
    report.row[0].as_expected = false;
    expect_within(&(struct sheet){&report, rp_table_print, 80});
    hd_report_clear(&report);
}

Test(reports_table, the_verdict_is_folded_below_its_row_at_80_columns) {
    struct hd_report report = sample_report();
    const struct sheet sheet = {&report, rp_table_print, 80};
    char *text = printed(print_sheet, &sheet);
    check_golden("table-80.txt", text);
    free(text);
    hd_report_clear(&report);
}

Test(reports_compare, maps_that_do_not_fit_follow_below) {
    struct hd_report report = sample_report();
    const struct sheet sheet = {&report, rp_compare_print, 72};
    char *text = printed(print_sheet, &sheet);
    check_golden("compare-72.txt", text);
    free(text);
    hd_report_clear(&report);
}

Test(reports_table, hostile_text_stays_in_its_cell) {
    struct hd_report report = sample_report();
    struct hd_fault_record *fault = &report.row[0].fault[0];
    snprintf(fault->message, sizeof(fault->message), "a\nb\033[2Jc\xff\a");
    char *text = printed(print_table, &report);
    cr_expect_null(strchr(text, '\033'));
    cr_expect_null(strchr(text, '\a'));
    free(text);
    hd_report_clear(&report);
}

Test(reports_compare, shows_a_column_a_map) {
    struct hd_report report = sample_report();
    char *text = printed(print_compare, &report);
    check_golden("compare.txt", text);
    free(text);
    hd_report_clear(&report);
}

Test(reports_table, a_full_disk_is_an_error) {
    struct hd_report report = sample_report();
    FILE *full = fopen("/dev/full", "w");
    cr_assert_not_null(full);
    cr_expect_eq(print_table(full, &report), -ENOSPC);
    fclose(full);
    hd_report_clear(&report);
}
