/* test_library.c - what code under test gets of the C library: its heap, its strings, its streams. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label sound[] = {{"resizes"},  {"duplicates"},  {"strings"},     {"ranges"},
                               {"trylocks"}, {"held_stream"}, {"locks_again"}, {"aligned"}};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(library, does_what_it_promises) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, library, does_what_it_promises, .timeout = 60) {
    expect_promises_kept("library", label->name);
}

static struct misuse misuses[] = {
    {"realloc_moved", "free of block 1.0, which has been freed", HD_FAULT_DOUBLE_FREE},
    {"unlocked_stream", "unlock of a stream that this task has not locked", HD_FAULT_MISUSE},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(library, misuse_is_a_fault_with_its_words) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

ParameterizedTest(struct misuse *misuse, library, misuse_is_a_fault_with_its_words) {
    expect_misuse("library", misuse);
}

static char text[512];

static void write_down(void *context, const struct hd_trace_event *event) {
    size_t length = strlen(text);
    (void)context;
    if (event->task == 1 && event->size != 8) /* not the pointer that keeps the result */
        snprintf(text + length, sizeof text - length, "%s %u, ", event->kind, event->size);
}

Test(library, a_function_of_strings_reads_and_writes_what_it_says) {
    struct bench bench;
    char error[HD_LINE_SIZE];
    struct hd_replay replay;
    struct hd_replay_options options = {
        .seed = bench_seed(0), .strategy = "random", .trace = write_down};
    bench_open(&bench, "library", "ranges");
    cr_assert_eq(hd_replay_run(&options, &bench.program, &replay, error), 0);
    hd_replay_clear(&replay);
    cr_expect_str_eq(text, "read 6, write 9, read 5, write 5, read 9, read 1, read 7, write 7, "
                           "read 1, read 1, ");
}
