/* promises.h - what a modelled call must do: keep its promises under any schedule, or turn misuse into
 * the fault it is.
 */
#ifndef HEDDLE_TESTS_HARNESS_PROMISES_H
#define HEDDLE_TESTS_HARNESS_PROMISES_H

#include "harness/sched/outcome.h"

#define PROMISE_EXECUTIONS 300u /* of each strategy */

/* Parameters of Criterion must not hold pointers. */
struct label {
    char name[32];
};

struct misuse {
    char subject[32];
    char message[112];
    enum hd_fault_kind kind;
};

/* Fails the test unless the subject counts no broken claim under random, pct:2 and pct:5, and each
 * execution in full has the digest of the bare one, with every event seen once and counted once; that the
 * main task has waited for the others is seen and not counted. */
void expect_promises_kept(const char *file, const char *subject);

/* Fails the test unless random schedules end in the fault at least once, in no other fault, and without
 * a broken claim where there is none. */
void expect_misuse(const char *file, const struct misuse *misuse);

#endif
