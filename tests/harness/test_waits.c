/* test_waits.c - how long tasks were kept from going on, in points of others. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/support.h"

#define EXECUTIONS 1000u
#define WAITS      4u /* 0 to 3 points */

/* Runs two tasks of `script` and counts executions by the longest wait in them. */
static void run(const char *script, enum hd_run_kind kind, uint32_t count[WAITS]) {
    struct bench bench;
    bench_open(&bench, "script", "script_2");
    char(*text)[64] = bench_symbol(&bench, "script");
    snprintf(text[0], sizeof text[0], "%s", script);
    snprintf(text[1], sizeof text[1], "%s", script);
    memset(count, 0, WAITS * sizeof *count);
    for (uint32_t i = 0; i < EXECUTIONS; i++) {
        const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(i), kind, 8);
        cr_assert_lt(outcome->waited_max, WAITS);
        cr_assert_eq(outcome->waited, outcome->waited_max, "only one of the two waits, and once");
        count[outcome->waited_max]++;
    }
}

Test(waits, nobody_waits_without_a_lock) {
    uint32_t count[WAITS];
    run("xxx", HD_RUN_BARE, count);
    cr_expect_eq(count[0], EXECUTIONS);
}

/* The holder has three, two or one of its events left when the other finds the mutex taken. */
Test(waits, a_holder_is_waited_for_as_long_as_it_has_events) {
    uint32_t bare[WAITS], full[WAITS];
    run("lxxu", HD_RUN_BARE, bare);
    for (uint32_t wait = 0; wait < WAITS; wait++)
        cr_expect_gt(bare[wait], EXECUTIONS / 50, "%u points", wait);
    run("lxxu", HD_RUN_FULL, full);
    cr_expect_arr_eq(bare, full, sizeof bare);
}

#define RUN(t, p)                                                                                  \
    { .task = (t), .points = (p), .phase = HD_PHASE_CONCURRENT }

/* The holder has two events left, and its unlock, when the other asks. */
static void expect_wait_of(uint32_t holder, uint32_t waiter) {
    struct bench bench;
    const struct hd_run run[] = {RUN(holder, 1), RUN(waiter, 0), RUN(holder, 3), RUN(waiter, 4)};
    bench_open(&bench, "script", "script_2");
    char(*text)[64] = bench_symbol(&bench, "script");
    strcpy(text[0], "lxxu");
    strcpy(text[1], "lxxu");
    const struct hd_outcome *outcome = bench_follow(&bench, run, 4);
    cr_assert_not(outcome->fault, "%s", outcome->message);
    cr_expect_eq(outcome->waited, 3, "%lu", (unsigned long)outcome->waited);
    cr_expect_eq(outcome->waited_max, 3);
}

Test(waits, any_task_may_be_the_one_that_waits) {
    expect_wait_of(1, 2);
    expect_wait_of(2, 1);
}

/* Two waits of one execution are added up, and the longer one is the longest. */
Test(waits, are_added_up) {
    struct bench bench;
    static const struct hd_run run[] = {RUN(1, 1), RUN(2, 0), RUN(1, 3), RUN(2, 4),
                                        RUN(1, 1), RUN(2, 1), RUN(1, 2), RUN(2, 3)};
    bench_open(&bench, "script", "script_2");
    char(*text)[64] = bench_symbol(&bench, "script");
    strcpy(text[0], "lxxulxu");
    strcpy(text[1], "lxxuxlxu");
    const struct hd_outcome *outcome = bench_follow(&bench, run, 8);
    cr_assert_not(outcome->fault, "%s", outcome->message);
    cr_expect_eq(outcome->waited, 3 + 2, "%lu", (unsigned long)outcome->waited);
    cr_expect_eq(outcome->waited_max, 3);
}
