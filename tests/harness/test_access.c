/* test_access.c - every access that instrumented code announces is one point, of the right kind and size.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/support.h"

#define TEXT_SIZE 8192u

static char text[TEXT_SIZE];

/* "read 4, write 4": a yield begins a new line. */
static void write_down(void *context, const struct hd_trace_event *event) {
    (void)context;
    size_t length = strlen(text);
    if (event->task == 0)
        return;
    if (strcmp(event->kind, "yield") == 0)
        snprintf(text + length, TEXT_SIZE - length, "\n");
    else
        snprintf(text + length, TEXT_SIZE - length, "%s %u, ", event->kind, event->size);
}

static void trace(const char *symbol, struct hd_replay *replay) {
    struct bench bench;
    char error[HD_LINE_SIZE];
    struct hd_replay_options options = {
        .seed = bench_seed(0), .strategy = "random", .trace = write_down};
    bench_open(&bench, "accesses", symbol);
    cr_assert_eq(hd_replay_run(&options, &bench.program, replay, error), 0);
    cr_assert_not(replay->fault);
    hd_replay_clear(replay);
}

static const char *const sizes[] = {"1", "2", "4", "8", "16"};

static void expect_sizes(char *expected, const char *kind) {
    for (int i = 0; i < 5; i++) {
        strcat(expected, kind);
        strcat(expected, sizes[i]);
        strcat(expected, ", ");
    }
}

Test(access, every_plain_callback_is_one_point) {
    static const char *const kinds[] = {"read ",  "write ", "write ", "read ", "write ",
                                        "write ", "read ",  "write ", "read ", "write "};
    static char expected[TEXT_SIZE];
    struct hd_replay replay;
    for (int i = 0; i < 10; i++)
        expect_sizes(expected, kinds[i]);
    strcat(expected, "read 8, write 8, read 100, write 100, fence 0, ");
    trace("called", &replay);
    cr_expect_str_eq(text, expected);
    cr_expect_eq(replay.points, 55);
}

/* clang from 15 on emits them. */
Test(access, a_memory_callback_does_its_work) {
    struct hd_replay replay;
    trace("called_memory", &replay);
    cr_expect_str_eq(text, "write 32, read 16, write 16, read 8, write 8, ");
}

Test(access, annotations_for_a_race_detector_are_accepted) {
    struct hd_replay replay;
    trace("annotated", &replay);
    cr_expect_str_eq(text, "read 1, write 1, ");
}

Test(access, every_atomic_callback_is_one_point) {
    static const char *const kinds[] = {"store", "load"};
    static char expected[TEXT_SIZE], one[64];
    struct hd_replay replay;
    for (int width = 0; width < 5; width++)
        for (int i = 0; i < 13; i++) {
            const char *kind = i < 2 ? kinds[i] : i < 9 ? "update" : "compare";
            snprintf(one, sizeof one, "atomic %s %s, ", kind, sizes[width]);
            strcat(expected, one);
        }
    trace("called_atomics", &replay);
    cr_expect_str_eq(text, expected);
    cr_expect_eq(replay.points, 65);
}

/* The first look is at what the setup left; then one behind each event that is no read. */
static void expect_written(const char *symbol, uint64_t events, uint64_t changing) {
    struct bench bench;
    bench_open(&bench, "accesses", symbol);
    bench_run(&bench, "random", bench_seed(0), HD_RUN_FULL, events);
    cr_expect_eq(bench.visible, events + 1, "and the main task's join, %llu",
                 (unsigned long long)bench.visible);
    cr_expect_eq(bench.written, 1 + changing, "%llu", (unsigned long long)bench.written);
}

Test(access, a_full_run_tells_behind_which_events_memory_may_differ) {
    expect_written("called", 55, 6 * 5 + 2);
    expect_written("called_atomics", 65, 65 - 5);
}

Test(access, what_a_callback_does_is_right) {
    struct bench bench;
    bench_open(&bench, "accesses", "called_atomics");
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 65);
    cr_expect_not(outcome->fault);
    cr_expect_eq(bench.result, 0, "%ld claims fail", bench.result);
    cr_expect_eq(outcome->points, 65);
}

/* gcc announces the two halves of a copy in the other order, and a local whose address is taken. */
#ifdef __clang__
#define STRUCT_COPY "read 64, write 64"
#define LOCAL       ""
#else
#define STRUCT_COPY "write 64, read 64"
#define LOCAL       "write 4, "
#endif

Test(access, the_compiler_announces_all) {
    struct hd_replay replay;
    trace("emitted", &replay);
    cr_expect_str_eq(
        text,
        "write 1, write 2, write 4, write 8, \n"
        "read 1, read 2, read 4, read 8, \n"
        "write 2, write 4, write 8, read 2, read 4, read 8, \n"
        "write 4, read 4, \n"
        "read 4, write 4, \n"
        "write 33, read 33, write 33, read 33, write 33, read 33, read 33, \n" STRUCT_COPY ", \n"
        "read 1, read 1, read 1, \n" LOCAL
        "atomic store 4, atomic load 4, atomic update 4, atomic update 4, "
        "atomic compare 4, fence 0, \n"
        "atomic store 1, atomic store 2, atomic load 8, ");
}

/* The trace and the recorded schedule say the same of who executed which event, yields among them. */
Test(access, events_are_seen_in_the_order_of_the_schedule) {
    static struct hd_run run[64];
    static struct hd_raw_event event[64];
    struct bench bench;
    bench_open(&bench, "script", "script_2");
    char(*script)[64] = bench_symbol(&bench, "script");
    strcpy(script[0], "xyyxlyu");
    strcpy(script[1], "yxylux");
    for (uint32_t i = 0; i < 50; i++) {
        struct hd_recording recording = {
            .runs_max = 64, .events_max = 64, .run = run, .event = event};
        struct hd_execution execution =
            bench_execution(&bench, "random", bench_seed(i), HD_RUN_FULL, 13);
        execution.recording = &recording;
        hd_execution_run(&bench.program, &execution, bench.outcome);
        cr_assert_not(bench.outcome->fault || recording.cut);
        uint64_t at = 0;
        for (uint64_t k = 0; k < recording.runs; k++)
            for (uint64_t count = run[k].points; count > 0; count--, at++)
                cr_assert_eq(event[at].task, run[k].task, "event %lu", (unsigned long)at);
        cr_expect_geq(at, 13);
    }
}

/* The same count where nothing but the countdown is looked at. */
Test(access, a_bare_run_counts_the_same) {
    struct bench bench;
    bench_open(&bench, "accesses", "emitted");
    uint64_t bare = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 50)->points;
    const struct hd_outcome *full = bench_run(&bench, "random", bench_seed(0), HD_RUN_FULL, 50);
    cr_expect_eq(full->points, bare);
    cr_expect_eq(full->points_seen, bare + 1);
    cr_expect_eq(bench.visible, bare + 1);
    cr_expect_eq(full->module_points, 38 + (LOCAL[0] != '\0'), "its own accesses alone");
}

static unsigned wide, told;

static void look_at_values(void *context, const struct hd_trace_event *event) {
    (void)context;
    if (strcmp(event->kind, "read") != 0 && strcmp(event->kind, "write") != 0)
        return;
    wide += event->size == 8;
    told += event->size == 8 && event->has_value;
}

/* What words of all sizes up to eight bytes held is told. */
Test(access, a_trace_tells_what_eight_bytes_hold) {
    struct bench bench;
    char error[HD_LINE_SIZE];
    struct hd_replay replay;
    struct hd_replay_options options = {
        .seed = bench_seed(0), .strategy = "random", .trace = look_at_values};
    bench_open(&bench, "accesses", "called");
    wide = told = 0;
    cr_assert_eq(hd_replay_run(&options, &bench.program, &replay, error), 0);
    cr_expect_gt(wide, 4);
    cr_expect_eq(told, wide, "%u of %u", told, wide);
    hd_replay_clear(&replay);
}
