/* test_record.c - names of kinds and verdicts, the life of records. */
#include <criterion/criterion.h>
#include <string.h>

#include "tests/reports/support.h"

Test(result_record, every_kind_has_a_name_and_comes_back_from_it) {
    for (int value = 1; value < HD_FAULT_KINDS; value++) {
        const char *name = hd_fault_kind_name((enum hd_fault_kind)value);
        cr_assert_not_null(name);
        cr_expect_eq((int)hd_fault_kind_from_name(name), value);
    }
}

Test(result_record, kinds_are_spelled_as_the_contract_does) {
    static const char *const names[] = {
        "fatal",  "invariant",      "linearizability", "race", "deadlock", "livelock", "crash",
        "assert", "use-after-free", "double-free",     "leak", "misuse",   "tsan"};
    for (int index = 0; index < HD_FAULT_KINDS - 1; index++) {
        cr_expect_str_eq(hd_fault_kind_name((enum hd_fault_kind)(index + 1)), names[index]);
    }
}

Test(result_record, values_outside_have_no_name) {
    cr_expect_null(hd_fault_kind_name((enum hd_fault_kind)0));
    cr_expect_null(hd_fault_kind_name((enum hd_fault_kind)HD_FAULT_KINDS));
    cr_expect_null(hd_fault_kind_name((enum hd_fault_kind) - 1));
    cr_expect_null(hd_verdict_name((enum hd_verdict)0));
    cr_expect_null(hd_verdict_name((enum hd_verdict)5));
    cr_expect_eq((int)hd_fault_kind_from_name("fatale"), 0);
    cr_expect_eq((int)hd_fault_kind_from_name(NULL), 0);
}

Test(result_record, a_report_grows_and_owns_its_rows) {
    struct hd_report report = sample_report();
    cr_expect_eq(report.rows, 3);
    hd_report_clear(&report);
    cr_expect_eq(report.rows, 0);
    cr_expect_null(report.row);
    hd_report_clear(&report);
}
