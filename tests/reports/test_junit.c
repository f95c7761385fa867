/* test_junit.c - the XML that CI servers read. */
#include <criterion/criterion.h>
#include <libxml/parser.h>
#include <libxml/xpath.h>
#include <stdlib.h>
#include <string.h>

#include "reports/junit.h"
#include "tests/reports/support.h"

#define EPOCH 1700000000 /* 2023-11-14T22:13:20 */

static int print_junit(FILE *stream, const void *report) {
    return rp_junit_write(stream, report, EPOCH);
}

static xmlDocPtr parsed(const struct hd_report *report) {
    char *text = printed(print_junit, report);
    xmlDocPtr document = xmlReadMemory(text, (int)strlen(text), "junit.xml", NULL, XML_PARSE_NONET);
    cr_assert_not_null(document, "%s", text);
    free(text);
    return document;
}

static double number(xmlDocPtr document, const char *path) {
    xmlXPathContextPtr context = xmlXPathNewContext(document);
    xmlXPathObjectPtr found = xmlXPathEvalExpression(BAD_CAST path, context);
    cr_assert_not_null(found);
    double value = xmlXPathCastToNumber(found);
    xmlXPathFreeObject(found);
    xmlXPathFreeContext(context);
    return value;
}

Test(reports_junit, is_the_same_bytes_with_a_fixed_date) {
    struct hd_report report = sample_report();
    char *text = printed(print_junit, &report);
    check_golden("junit.xml", text);
    free(text);
    hd_report_clear(&report);
}

Test(reports_junit, counts_failures_and_errors) {
    struct hd_report report = sample_report();
    report.row[0].as_expected = false;
    xmlDocPtr document = parsed(&report);
    cr_expect_eq(number(document, "/testsuites/@tests"), 3);
    cr_expect_eq(number(document, "/testsuites/@failures"), 1);
    cr_expect_eq(number(document, "/testsuites/@errors"), 1);
    cr_expect_eq(number(document, "count(//testsuite)"), 2);
    cr_expect_eq(number(document, "count(//testcase/failure)"), 1);
    cr_expect_eq(number(document, "count(//testcase/error)"), 1);
    xmlFreeDoc(document);
    hd_report_clear(&report);
}

Test(reports_junit, every_byte_in_a_message_leaves_the_document_well_formed) {
    struct hd_report report = sample_report();
    report.row[0].as_expected = false;
    struct hd_fault_record *fault = &report.row[0].fault[0];
    for (int byte = 1; byte < 256; byte++) {
        fault->message[byte - 1] = (char)byte;
    }
    fault->message[255] = '\0';
    snprintf(report.row[0].verdict_reason, sizeof(report.row[0].verdict_reason), "]]>\033[1m<&\"'");
    xmlDocPtr document = parsed(&report);
    cr_expect_eq(number(document, "count(//testcase)"), 3);
    xmlFreeDoc(document);
    hd_report_clear(&report);
}

static unsigned count_of(const char *text, const char *part) {
    unsigned count = 0;
    while ((text = strstr(text, part)) != NULL) { /* ends with the text */
        count++;
        text++;
    }
    return count;
}

Test(reports_junit, a_row_of_many_faults_shows_whole_ones_and_counts_the_others) {
    struct hd_row row = {.scenario = "s", .map = "m", .verdict = HD_VERDICT_FAULT, .faults = 50};
    struct hd_report report = {.rows = 1, .row = &row};
    row.fault = calloc(row.faults, sizeof(*row.fault));
    for (uint32_t index = 0; index < row.faults; index++) {
        struct hd_fault_record *fault = &row.fault[index];
        fault->kind = HD_FAULT_FATAL;
        memset(fault->message, 'm', index + 1);
        memset(fault->replay, 'r', 200 + index);
        strcat(fault->replay, " END");
    }
    char *text = printed(print_junit, &report);
    const char *more = strstr(text, " more distinct faults\n");
    cr_assert_not_null(more, "%s", text);
    cr_expect_eq(count_of(text, " END\n"), count_of(text, "(execution 0, 0 times)\n"));
    cr_expect_gt(count_of(text, " END\n"), 20);
    cr_expect_eq(count_of(text, " END\n") + (unsigned)atoi(more - 2), 50, "%s", text);
    free(text);
    free(row.fault);
}
