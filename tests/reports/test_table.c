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
    cr_expect_null(strstr(text, "expected faults, the first"));
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
