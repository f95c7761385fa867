/* report.h - ThreadSanitizer's text of a race, made the same in every run.
 *
 * Its frames are named by function, file and line, those that are not of modules under test are left
 * out; its threads are named as tasks. What differs from run to run goes: process and thread ids, paths,
 * addresses outside of the heap of code under test.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_REPORT_H
#define HEDDLE_HARNESS_EXPLORE_REPORT_H

#include <stddef.h>

#include "harness/sched/program.h"

/* Writes what `text` says to `out`, cut at `size` bytes with the end. Looks up symbols: call it in a
 * process that ends soon. */
void hd_report_clean(const struct hd_subject *subject, const char *text, char *out, size_t size);

#endif
