/* schedule.h - a schedule as text: short, printable, versioned, with the build it belongs to.
 *
 *     hd1.BUILD.RUNS.CHECK
 *
 * BUILD is the identity of binary and modules (16 hex digits); RUNS the runs in base64url without
 * padding, each as two LEB128 numbers, task and points; a number of HD_TASKS_MAX or more says that the runs
 * behind it are of another part of the execution (HD_TASKS_MAX + enum hd_phase; the concurrent one before
 * the first); CHECK eight hex digits of XXH3 over what stands
 * before its dot. A text of another build still decodes: the caller decides what that means.
 */
#ifndef HEDDLE_HARNESS_SCHED_SCHEDULE_H
#define HEDDLE_HARNESS_SCHED_SCHEDULE_H

#include <stddef.h>

#include "harness/sched/outcome.h"

/* The text of `runs` runs, or NULL without memory. The caller frees it. */
char *hd_schedule_encode(const struct hd_run *run, uint64_t runs, const char *build);

/* Decodes `text` into *run, which the caller frees, and BUILD into build[HD_NAME_SIZE]. Returns 0,
 * -ENOMEM, or -EINVAL with the reason in `error` (HD_LINE_SIZE bytes). */
int hd_schedule_decode(const char *text, struct hd_run **run, uint64_t *runs, char *build,
                       char *error);

#endif
