/* test_files.c - files of code under test get the same numbers in every execution, work, and are closed. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label sound[] = {
    {"numbers"}, {"low_numbers"}, {"errors"},
    {"modes"},   {"contents"},    {"checked_read_of_chance"},
    {"streams"}, {"many"},        {"standard_left"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(files, do_what_they_promise) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, files, do_what_they_promise, .timeout = 60) {
    expect_promises_kept("files", label->name);
}

static int open_files(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/fd");
    while (readdir(folder) != NULL)
        count++;
    closedir(folder);
    return count;
}

Test(files, of_an_execution_are_closed_before_the_next, .timeout = 60) {
    static const char *const subjects[] = {"numbers", "streams", "many", "standard_left"};
    for (int i = 0; i < 4; i++) {
        struct bench bench;
        bench_open(&bench, "files", subjects[i]);
        bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
        int after_one = open_files();
        for (uint64_t k = 1; k < 10; k++)
            bench_run(&bench, "random", bench_seed(k), HD_RUN_BARE, 30);
        cr_expect_eq(open_files(), after_one, "%s", subjects[i]);
    }
}

/* Where there is no number of 100 or more it is the one that the system gave. */
Test(files, a_low_limit_of_open_files_is_no_hindrance, .timeout = 60) {
    struct rlimit limit;
    struct bench bench;
    bench_open(&bench, "files", "contents");
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = 90;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
    cr_assert_not(outcome->fault, "%s", outcome->message);
    cr_assert_eq(bench.result, 0, "line %ld", bench.result);
}
