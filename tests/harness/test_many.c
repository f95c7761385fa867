/* test_many.c - the limits are those of what lives at a time, and say their names. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label many[] = {
    {"many_blocks"}, {"many_small_blocks"}, {"many_handed"}, {"many_threads"}, {"many_values"},
    {"many_keys"},   {"many_locks"},        {"many_others"}, {"many_streams"}, {"too_large"},
};
#define MANY (sizeof many / sizeof many[0])

ParameterizedTestParameters(many, may_be_used_one_after_another) {
    return cr_make_param_array(struct label, many, MANY);
}

ParameterizedTest(struct label *label, many, may_be_used_one_after_another, .timeout = 300) {
    struct bench bench;
    uint64_t digest[2];
    bench_open(&bench, "many", label->name);
    bench.program.points_max = 10000000;
    for (int i = 0; i < 2; i++) {
        const struct hd_outcome *outcome =
            bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
        cr_assert_not(outcome->fault, "%s: %s", label->name, outcome->message);
        cr_assert_eq(bench.result, 0, "%s: %ld claims fail", label->name, bench.result);
        digest[i] = outcome->digest;
    }
    cr_expect_eq(digest[0], digest[1], "%s", label->name);
}

static void expect_used_up(const char *subject, const char *message) {
    struct bench bench;
    bench_open(&bench, "many", subject);
    for (int i = 0; i < 2; i++) {
        const struct hd_outcome *outcome =
            bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
        cr_assert(outcome->fault);
        cr_expect_eq(outcome->kind, HD_FAULT_MISUSE);
        cr_expect_str_eq(outcome->message, message);
    }
}

Test(many, a_heap_that_is_used_up_says_so, .timeout = 60) {
    expect_used_up("heap_used_up", "heap of the execution is used up: task 1 holds nearly all of "
                                   "2048 MiB, and no task may hold more");
}

Test(many, threads_that_are_used_up_say_so, .timeout = 60) {
    expect_used_up("threads_used_up", "threads of the execution are used up: 1023 live, or have "
                                      "ended and were never joined");
}
