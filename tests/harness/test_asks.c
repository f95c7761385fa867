/* test_asks.c - what code under test is told of chance and time: the sequences that it knows, and chance
 * that differs by execution. That nothing of it differs between runs: test_determinism.c.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>

#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label sound[] = {{"sequences"}, {"chance_errors"}, {"time_passes"}};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(asks, are_answered_as_promised) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, asks, are_answered_as_promised, .timeout = 60) {
    expect_promises_kept("asks", label->name);
}

/* 64 words of 63 bits: two that are equal have odds of 2e-16. */
Test(asks, chance_differs_by_execution) {
    enum { EXECUTIONS = 64 };
    struct bench bench;
    long told[EXECUTIONS];
    bench_open(&bench, "asks", "chance");
    for (uint64_t i = 0; i < EXECUTIONS; i++) {
        bench_run(&bench, "random", bench_seed(i), HD_RUN_BARE, 30);
        told[i] = bench.result;
        cr_assert_gt(told[i], 1000, "%ld", told[i]);
        for (uint64_t k = 0; k < i; k++)
            cr_assert_neq(told[k], told[i]);
    }
}

/* A parent process may have blocked and ignored everything. */
Test(asks, signals_that_are_blocked_or_ignored_before_do_not_matter) {
    struct bench bench;
    struct hd_campaign campaign;
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    for (int number = 1; number < 32; number++)
        if (number != SIGCHLD)
            signal(number, SIG_IGN);
    bench_open(&bench, "hostile", "crash");
    struct hd_campaign_options options = bench_options("default", 24);
    bench_campaign(&bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1);
    cr_expect_str_eq(campaign.fault[0].message, "SIGSEGV: invalid memory reference");
    cr_expect_eq(campaign.fault[0].confirmed, campaign.fault[0].replays);
}
