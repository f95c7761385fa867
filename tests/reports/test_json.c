/* test_json.c - the object that scripts read. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "reports/json.h"
#include "tests/reports/support.h"

static int print_json(FILE *stream, const void *report) {
    return rp_json_report(stream, report);
}

Test(reports_json, prints_the_object_of_the_contract) {
    struct hd_report report = sample_report();
    char *text = printed(print_json, &report);
    check_golden("report.json", text);
    free(text);
    hd_report_clear(&report);
}

static json_t *parsed(const struct hd_report *report) {
    char *text = printed(print_json, report);
    json_t *object = json_loads(text, 0, NULL);
    cr_assert_not_null(object);
    free(text);
    return object;
}

Test(reports_json, has_every_field_of_the_contract) {
    static const char *const top[] = {"schema", "version", "build", "seed", "jobs", "results"};
    static const char *const row[] = {"scenario",      "map",         "strategy",
                                      "executions",    "points",      "switches",
                                      "window_points", "distinct",    "verdict",
                                      "expected",      "as_expected", "first_fault_execution",
                                      "digest",        "seconds",     "faults"};
    static const char *const fault[] = {"kind",  "message",   "seed",  "execution",
                                        "count", "signature", "replay"};
    struct hd_report report = sample_report();
    json_t *object = parsed(&report);
    const json_t *first = json_array_get(json_object_get(object, "results"), 0);
    const json_t *one = json_array_get(json_object_get(first, "faults"), 0);
    for (size_t index = 0; index < sizeof(top) / sizeof(top[0]); index++) {
        cr_expect_not_null(json_object_get(object, top[index]), "%s", top[index]);
    }
    for (size_t index = 0; index < sizeof(row) / sizeof(row[0]); index++) {
        cr_expect_not_null(json_object_get(first, row[index]), "%s", row[index]);
    }
    for (size_t index = 0; index < sizeof(fault) / sizeof(fault[0]); index++) {
        cr_expect_not_null(json_object_get(one, fault[index]), "%s", fault[index]);
    }
    json_decref(object);
    hd_report_clear(&report);
}

Test(reports_json, seeds_and_digests_are_strings_of_sixteen_digits) {
    struct hd_report report = sample_report();
    report.seed = UINT64_MAX;
    json_t *object = parsed(&report);
    cr_expect_str_eq(json_string_value(json_object_get(object, "seed")), "0xffffffffffffffff");
    json_decref(object);
    hd_report_clear(&report);
}

Test(reports_json, a_row_without_a_fault_has_no_first_execution) {
    struct hd_report report = sample_report();
    json_t *object = parsed(&report);
    const json_t *row = json_array_get(json_object_get(object, "results"), 1);
    cr_expect(json_is_null(json_object_get(row, "first_fault_execution")));
    json_decref(object);
    hd_report_clear(&report);
}

Test(reports_json, invalid_utf8_and_control_characters_still_parse) {
    struct hd_report report = sample_report();
    struct hd_fault_record *fault = &report.row[0].fault[0];
    snprintf(fault->message, sizeof(fault->message), "\001\xff\xc3");
    json_t *object = parsed(&report);
    const json_t *row = json_array_get(json_object_get(object, "results"), 0);
    const json_t *one = json_array_get(json_object_get(row, "faults"), 0);
    cr_expect_str_eq(json_string_value(json_object_get(one, "message")),
                     "\001\xef\xbf\xbd\xef\xbf\xbd");
    json_decref(object);
    hd_report_clear(&report);
}

Test(reports_json, a_full_disk_is_an_error) {
    struct hd_report report = sample_report();
    FILE *full = fopen("/dev/full", "w");
    cr_assert_not_null(full);
    cr_expect_eq(rp_json_report(full, &report), -ENOSPC);
    fclose(full);
    hd_report_clear(&report);
}

static void prints(double value, const char *expected) {
    char *text = json_dumps(json_pack("[o]", rp_json_real(value)), JSON_REAL_PRECISION(6));
    cr_assert_not_null(text);
    cr_expect_str_eq(text, expected);
    free(text);
}

/* Where a version of jansson would write an exponent, one before 2.15 or one after it. */
Test(reports_json, no_number_has_an_exponent) {
    prints(21340000, "[21340000]");
    prints(123456.7, "[123457]");
    prints(99999.5, "[99999.5]");
    prints(10.25, "[10.25]");
    prints(0.0000125, "[0.0]");
    prints(0.95, "[0.95]");
}
