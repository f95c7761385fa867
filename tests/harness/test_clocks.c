/* test_clocks.c - virtual time by every way to ask for it and to let it pass. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"

static struct label sound[] = {{"readings"}, {"processor"},    {"time_of_day"},
                               {"sleeps"},   {"wrong_sleeps"}, {"never"}};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(clocks, do_what_they_promise) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, clocks, do_what_they_promise, .timeout = 60) {
    expect_promises_kept("clocks", label->name);
}

static struct misuse misuses[] = {
    {"sleeps_for_ever", "task 1 waits for sleep", HD_FAULT_DEADLOCK},
    {"sleeps_for_centuries", "task 1 waits for sleep", HD_FAULT_DEADLOCK},
    {"sleeps_beyond_time", "task 1 waits for sleep", HD_FAULT_DEADLOCK},
    {"sleeps_until_the_end", "task 1 waits for sleep", HD_FAULT_DEADLOCK},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(clocks, a_sleep_without_an_end_is_a_deadlock) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

ParameterizedTest(struct misuse *misuse, clocks, a_sleep_without_an_end_is_a_deadlock) {
    expect_misuse("clocks", misuse);
}
