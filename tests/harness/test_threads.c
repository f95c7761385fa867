/* test_threads.c - the ends of threads. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"

static struct label sound[] = {{"tryjoin"}, {"joins_in_time"}, {"destructors_again"}};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(threads, end_as_promised) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, threads, end_as_promised, .timeout = 60) {
    expect_promises_kept("threads", label->name);
}

Test(threads, a_vfork_is_refused) {
    static const struct misuse misuse = {"vforks", "vfork() is not modelled", HD_FAULT_MISUSE};
    expect_misuse("threads", &misuse);
}
