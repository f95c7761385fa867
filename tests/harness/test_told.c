/* test_told.c - process, user, machine and surroundings, by name and by number; thread-specific data. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label sound[] = {
    {"process"},           {"names"},        {"memory"},
    {"processors"},        {"by_number"},    {"keys"},
    {"key_rounds"},        {"many_keys"},    {"surroundings"},
    {"only_mask"},         {"only_folder"},  {"only_folder_by_number"},
    {"only_locale"},       {"only_set"},     {"only_unset"},
    {"only_put"},          {"only_cleared"}, {"files_by_number"},
    {"process_by_number"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(told, is_the_same_everywhere) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, told, is_the_same_everywhere, .timeout = 60) {
    expect_promises_kept("told", label->name);
}

Test(told, a_task_that_is_born_late_finds_no_values_of_another, .timeout = 60) {
    struct bench bench;
    bench_open(&bench, "told", "identities");
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
    cr_assert_not(outcome->fault, "%s", outcome->message);
    cr_expect_eq(bench.result, 0, "line %ld", bench.result);
}
