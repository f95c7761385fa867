/* test_memory.c - heap, texts, mappings, ends of tasks, operator new: what calls return, whose memory it
 * is. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "harness/intercept/module.h"
#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label sound[] = {
    {"heap"},      {"texts"},   {"lines"},         {"printing"},  {"mappings"},
    {"full_part"}, {"cleanup"}, {"exit_handlers"}, {"operators"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(memory, does_what_it_promises) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, memory, does_what_it_promises, .timeout = 60) {
    expect_promises_kept("memory", label->name);
}

static struct misuse misuses[] = {
    {"all_of_it",
     "heap of the execution is used up: task 1 holds nearly all of 2048 MiB, and no task may hold "
     "more",
     HD_FAULT_MISUSE},
    {"line_of_a_freed_buffer", "getline of block 1.0, which has been freed", HD_FAULT_DOUBLE_FREE},
    {"fixed_elsewhere", "mmap() at an address of its own is not modelled", HD_FAULT_MISUSE},
    {"fixed_behind", "mmap() at an address of its own is not modelled", HD_FAULT_MISUSE},
    {"fixed_too_long", "mmap() at an address of its own is not modelled", HD_FAULT_MISUSE},
    {"moved_to", "mremap() to an address of its own is not modelled", HD_FAULT_MISUSE},
    {"deleted_twice", "operator delete of block 1.0, which has been freed", HD_FAULT_DOUBLE_FREE},
    {"no_library_throws", "operator new: there is no memory, and no library to throw that",
     HD_FAULT_CRASH},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(memory, misuse_is_a_fault_with_its_words) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

ParameterizedTest(struct misuse *misuse, memory, misuse_is_a_fault_with_its_words, .timeout = 60) {
    expect_misuse("memory", misuse);
}

Test(memory, operators_outside_of_an_execution_take_libcs) {
    struct bench bench;
    bench_open(&bench, "memory", "operators_outside");
    bench.subject->task(0);
    cr_expect_eq(bench.subject->check(), 0, "line %ld", bench.subject->check());
}

/* The first task's part of the addresses for mappings begins at 7ee010000000. */
Test(memory, mappings_of_an_execution_are_gone_in_the_next) {
    struct bench bench;
    char line[512];
    int found = 0;
    bench_open(&bench, "memory", "mappings");
    bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
    bench.subject = hd_module_symbol(bench.module, "texts");
    bench_run(&bench, "random", bench_seed(1), HD_RUN_BARE, 30);
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps) != NULL)
        found += strncmp(line, "7ee01", 5) == 0;
    fclose(maps);
    cr_expect_eq(found, 0, "%d mappings", found);
}
