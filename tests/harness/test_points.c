/* test_points.c - the points of every call that is interposed, and of what compilers call: of which kind,
 * how many bytes, in which order.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdio.h>
#include <string.h>

#include "tests/harness/support.h"

static char text[4096];

static void write_down(void *context, const struct hd_trace_event *event) {
    size_t length = strlen(text);
    (void)context;
    if (event->task != 1)
        return;
    if (event->size > 0)
        snprintf(text + length, sizeof text - length, "%s %u, ", event->kind, event->size);
    else
        snprintf(text + length, sizeof text - length, "%s, ", event->kind);
}

/* What the first task passes. */
static void expect_trace(const char *subject, const char *expected) {
    struct bench bench;
    char error[HD_LINE_SIZE];
    struct hd_replay replay;
    struct hd_replay_options options = {
        .seed = bench_seed(0), .strategy = "random", .trace = write_down};
    bench_open(&bench, "points", subject);
    text[0] = '\0';
    cr_assert_eq(hd_replay_run(&options, &bench.program, &replay, error), 0);
    cr_expect_not(replay.fault, "%s: %s", subject, replay.record.message);
    cr_expect_str_eq(text, expected, "%s passes %s", subject, text);
    hd_replay_clear(&replay);
}

static void expect_claims(const char *subject) {
    struct bench bench;
    bench_open(&bench, "points", subject);
    bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
    cr_expect_eq(bench.result, 0, "%s: line %ld", subject, bench.result);
}

struct trace {
    char subject[16];
    char text[256];
};

static struct trace traces[] = {
    {"mutexes", "lock, try lock, unlock, lock, unlock, lock, unlock, unlock, "},
    {"conditions", "signal, broadcast, lock, wait, lock, wait, lock, unlock, "},
    {"rwlocks_read", "read lock, try read lock, read lock, read lock, unlock, "},
    {"rwlocks_write", "lock, try lock, unlock, lock, unlock, lock, unlock, unlock, "},
    {"semaphores", "unlock, lock, try lock, lock, lock, "},
    {"spins", "lock, try lock, unlock, unlock, "},
    {"barriers", "wait, unlock, "},
    {"onces", "once, once, once, "},
    {"futexes", "wait 4, wait 4, signal, broadcast, signal, "},
    {"threads", "create, join, create, sleep, join, join, create, join, create, join, "},
    {"sleeps", "yield, sleep, sleep, sleep, sleep, yield, yield, "},
    {"c11", "create, join, lock, try lock, unlock, lock, signal, broadcast, wait, lock, "
            "unlock, unlock, unlock, "},
    {"signals", "signal, signal, signal, "},
    {"heap", "allocate 24, free, allocate 7, free, free, free, allocate 9, free, allocate 15, "
             "free, allocate 128, free, allocate 12, free, allocate 13, free, allocate 5, free, "
             "allocate 3, free, "},
    {"mappings", "allocate, allocate, free, allocate, "},
    {"ranges", "read 5, write 5, read 6, write 6, write 7, read 8, read 8, read 4, write 4, "
               "read 1, read 1, read 1, "},
    {"streams", "lock, try lock, unlock, unlock, lock, "},
    {"special", "read 8, write 8, read 1, read 7, write 9, read 67108863, write 67108863, read 1, "
                "write 1, "},
};
#define TRACES (sizeof traces / sizeof traces[0])

ParameterizedTestParameters(points, are_passed_as_known) {
    return cr_make_param_array(struct trace, traces, TRACES);
}

ParameterizedTest(struct trace *trace, points, are_passed_as_known, .timeout = 20) {
    expect_trace(trace->subject, trace->text);
}

Test(points, of_plain_accesses_are_told_by_kind_and_size) {
    static const char *const kinds[] = {"read",  "write", "write", "read", "write",
                                        "write", "read",  "write", "read", "write"};
    char expected[1024] = "";
    for (int kind = 0; kind < 10; kind++)
        for (int size = 1; size <= 16; size *= 2)
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%s %d, ",
                     kinds[kind], size);
    expect_trace("accesses", expected);
}

Test(points, of_atomic_accesses_are_told_by_kind_and_size) {
    for (int bits = 8; bits <= 128; bits *= 2) {
        char subject[16], expected[1024];
        int size = bits / 8;
        snprintf(subject, sizeof subject, "atomics%d", bits);
        snprintf(expected, sizeof expected, "atomic store %d, atomic load %d, ", size, size);
        for (int i = 0; i < 13; i++)
            snprintf(expected + strlen(expected), sizeof expected - strlen(expected),
                     "atomic %s %d, ", i < 7 ? "update" : "compare", size);
        strcat(expected, "fence, ");
        expect_trace(subject, expected);
    }
}

Test(points, are_followed_by_what_they_announce) {
    static const char *const subjects[] = {"atomics8",   "atomics16", "atomics32", "atomics64",
                                           "atomics128", "special",   "ranges"};
    for (int i = 0; i < 7; i++)
        expect_claims(subjects[i]);
}
