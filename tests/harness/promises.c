/* promises.c - see promises.h. */
#include "tests/harness/promises.h"

#include <criterion/criterion.h>

#include "tests/harness/support.h"

void expect_promises_kept(const char *file, const char *subject) {
    static const char *const strategies[] = {"random", "pct:2", "pct:5"};
    struct bench bench;
    bench_open(&bench, file, subject);
    for (uint32_t i = 0; i < 3 * PROMISE_EXECUTIONS; i++) {
        const char *strategy = strategies[i / PROMISE_EXECUTIONS];
        uint64_t seed = bench_seed(i);
        const struct hd_outcome *outcome = bench_run(&bench, strategy, seed, HD_RUN_BARE, 30);
        uint64_t digest = outcome->digest, points = outcome->points;
        cr_assert_not(outcome->fault, "%s: %s", subject, outcome->message);
        cr_assert_eq(bench.result, 0, "%s: its check tells %ld with %s, execution %u", subject,
                     bench.result, strategy, i);
        bench_run(&bench, strategy, seed, HD_RUN_FULL, 30);
        cr_assert_eq(outcome->digest, digest, "%s in full", subject);
        cr_assert_eq(outcome->points, points);
        cr_assert_eq(outcome->points_seen, points + 1, "%s: %lu seen, %lu counted", subject,
                     (unsigned long)outcome->points_seen, (unsigned long)points);
    }
}

void expect_misuse(const char *file, const struct misuse *misuse) {
    struct bench bench;
    uint32_t faults = 0;
    bench_open(&bench, file, misuse->subject);
    for (uint32_t i = 0; i < PROMISE_EXECUTIONS; i++) {
        const struct hd_outcome *outcome =
            bench_run(&bench, "random", bench_seed(i), HD_RUN_BARE, 30);
        if (!outcome->fault) {
            cr_assert_eq(bench.result, 0);
            continue;
        }
        faults++;
        cr_assert_eq(outcome->kind, misuse->kind, "%s: %s", misuse->subject, outcome->message);
        cr_assert_str_eq(outcome->message, misuse->message, "%s: %s", misuse->subject,
                         outcome->message);
    }
    cr_expect_gt(faults, 0, "%s", misuse->subject);
}
