/* test_module.c - modules that cannot be put under test are refused when they are opened. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "harness/intercept/module.h"

/* With the one that every module has it is five. */
Test(module, data_in_more_segments_than_can_be_put_back_is_refused) {
    char error[512] = "";
    struct hd_module *module = NULL;
    int status = hd_module_open(HEDDLE_BUILD_DIR "/lib/heddle/controlled/subjects/segments.so",
                                &module, error, sizeof error);
    cr_assert_eq(status, -ENOEXEC, "%d", status);
    cr_expect_null(module);
    cr_expect_not_null(strstr(error, "segments.so: has more than 4 segments of code or of data"),
                       "%s", error);
}
