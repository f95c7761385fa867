/* support.h - records to report on, and what was printed compared with what is expected.
 */
#ifndef HEDDLE_TESTS_REPORTS_SUPPORT_H
#define HEDDLE_TESTS_REPORTS_SUPPORT_H

#include <stdio.h>

#include "harness/result/record.h"

/* The fault of the manual: two tasks, stacks, a state. Owned by the caller. */
struct hd_fault_record sample_fault(void);
/* The same, of an invariant that was first broken by one of the points `first` to `last`. */
struct hd_fault_record sample_first_bad(uint64_t first, uint64_t last);
/* Three rows: one as expected with that fault, one ok, one vacuous. Owned by the caller. */
struct hd_report sample_report(void);

/* What `print` writes, on the heap. */
char *printed(int (*print)(FILE *stream, const void *context), const void *context);
/* Fails the test with both texts when `text` is not the content of tests/reports/golden/NAME. With
 * HEDDLE_GOLDEN=write in the environment the file is written instead. */
void check_golden(const char *name, const char *text);

#endif
