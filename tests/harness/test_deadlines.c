/* test_deadlines.c - waiting until a time: each timed call ends at its time on its own clock, a wake-up in
 * time beats the deadline, a writer that gives up lets the readers in.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"

static struct label sound[] = {
    {"mutex_monotonic"},     {"mutex_realtime"},     {"read_monotonic"},   {"read_realtime"},
    {"write_monotonic"},     {"write_realtime"},     {"read_until"},       {"write_until"},
    {"semaphore_monotonic"}, {"semaphore_realtime"}, {"condition_clocks"}, {"condition_attribute"},
    {"writers_first"},       {"writer_gives_up"},    {"in_time"},          {"naps_let_others_run"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(deadlines, are_kept) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, deadlines, are_kept, .timeout = 60) {
    expect_promises_kept("deadlines", label->name);
}
