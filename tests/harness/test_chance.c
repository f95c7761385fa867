/* test_chance.c - generators as new in every execution, sources drawn from the seed, devices of chance. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"

static struct label sound[] = {
    {"rand_and_random"},
    {"first_is_rand"},
    {"first_is_random"},
    {"first_is_srand"},
    {"drand48_and_its_like"},
    {"leaves_a_seed"},
    {"leaves_parameters"},
    {"sources"},
    {"dice"},
    {"auxiliary"},
    {"devices"},
    {"streams"},
    {"repeated"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(chance, is_the_executions_own) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, chance, is_the_executions_own, .timeout = 60) {
    expect_promises_kept("chance", label->name);
}
