/* test_schedule.c - a schedule as text: what goes in comes out, and nothing else does.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/random.h"
#include "harness/sched/program.h"
#include "harness/sched/schedule.h"
#include "harness/strategy/strategy.h"
#include "tests/harness/allocations.h"

#define BUILD "0123456789abcdef"

#define RUN(t, p)                                                                                  \
    { .task = (t), .points = (p), .phase = HD_PHASE_CONCURRENT }

static const struct hd_run sample[] = {RUN(1, 5), RUN(0, 0), RUN(1023, 127), RUN(2, 128),
                                       RUN(3, UINT64_MAX)};
#define SAMPLES (sizeof sample / sizeof sample[0])

static char *encode_sample(void) {
    char *text = hd_schedule_encode(sample, SAMPLES, BUILD);
    cr_assert_not_null(text);
    return text;
}

static int decode(const char *text, struct hd_run **run, uint64_t *runs) {
    char build[HD_NAME_SIZE], error[HD_LINE_SIZE] = "";
    memset(build, 'z', sizeof build - 1);
    build[sizeof build - 1] = '\0';
    int result = hd_schedule_decode(text, run, runs, build, error);
    if (result == 0) {
        cr_expect_eq(strlen(build), 16);
    } else {
        cr_expect_eq(result, -EINVAL);
        cr_expect_neq(error[0], '\0', "a refusal has a reason");
        cr_expect_null(strchr(error, '\n'), "of one line");
    }
    return result;
}

static void expect_refused(const char *text) {
    struct hd_run *run = (struct hd_run *)(uintptr_t)1;
    uint64_t runs = 77;
    cr_expect_eq(decode(text, &run, &runs), -EINVAL, "'%s' is taken", text);
    cr_expect_eq(runs, 77, "outputs are untouched");
}

static void expect_equal(const struct hd_run *left, const struct hd_run *right, uint64_t runs) {
    for (uint64_t i = 0; i < runs; i++) {
        cr_assert_eq(left[i].task, right[i].task);
        cr_assert_eq(left[i].points, right[i].points);
        cr_assert_eq(left[i].phase, right[i].phase);
    }
}

Test(schedule, what_was_written_is_read) {
    char *text = encode_sample();
    struct hd_run *run;
    uint64_t runs;
    cr_assert_eq(decode(text, &run, &runs), 0);
    cr_assert_eq(runs, SAMPLES);
    expect_equal(run, sample, SAMPLES);
    free(run);
    free(text);
}

/* Whichever allocation fails: nothing is left, and no output is touched. */
Test(schedule, without_memory_there_is_none) {
    struct hd_run *run = (struct hd_run *)(uintptr_t)1;
    uint64_t runs = 77;
    char build[HD_NAME_SIZE], error[HD_LINE_SIZE], *text;
    for (uint32_t failing = 1; failing <= 2; failing++) {
        allocations_fail_at = failing;
        cr_expect_null(hd_schedule_encode(sample, SAMPLES, BUILD));
        cr_expect_eq(allocations_live, 0);
    }
    text = encode_sample();
    cr_expect_eq(allocations_live, 1);
    for (uint32_t failing = 1; failing <= 2; failing++) {
        allocations_fail_at = failing;
        cr_expect_eq(hd_schedule_decode(text, &run, &runs, build, error), -ENOMEM);
        cr_expect_eq(allocations_live, 1);
        cr_expect_eq(runs, 77);
    }
    free(text);
    text = hd_schedule_encode(sample, SAMPLES, BUILD);
    text[25]++;
    cr_expect_eq(hd_schedule_decode(text, &run, &runs, build, error), -EINVAL);
    free(text);
    cr_expect_eq(allocations_live + allocations_damaged, 0);
}

Test(schedule, the_empty_schedule_is_one) {
    char *text = hd_schedule_encode(sample, 0, BUILD);
    struct hd_run *run;
    uint64_t runs;
    cr_assert_eq(decode(text, &run, &runs), 0);
    cr_expect_eq(runs, 0);
    free(run);
    free(text);
}

Test(schedule, the_form_is_the_same_for_ever) {
    char *text = encode_sample();
    cr_expect_str_eq(text, "hd1.0123456789abcdef.AQUAAP8HfwKAAQP___________8B.24e157cd");
    free(text);
}

Test(schedule, random_lists_come_back) {
    struct hd_run list[200], *run;
    uint64_t runs, index = 0;
    for (int round = 0; round < 300; round++) {
        uint64_t count = hd_draw_below(1, &index, 200);
        for (uint64_t i = 0; i < count; i++)
            list[i] = (struct hd_run){.task = (uint32_t)hd_draw_below(1, &index, HD_TASKS_MAX),
                                      .points = hd_draw(1, index++) >> hd_draw_below(1, &index, 64),
                                      .phase = (uint32_t)(i * HD_PHASES / count)};
        char *text = hd_schedule_encode(list, count, BUILD);
        cr_assert_eq(decode(text, &run, &runs), 0);
        cr_assert_eq(runs, count);
        expect_equal(run, list, count);
        free(run);
        free(text);
        cr_assert_eq(allocations_live + allocations_damaged, 0);
    }
}

/* The longest numbers there are, a mark before each of three parts. */
Test(schedule, the_longest_runs_have_room) {
    struct hd_run list[3], *run;
    uint64_t runs;
    for (uint32_t count = 1; count <= 3; count++) {
        for (uint32_t i = 0; i < count; i++)
            list[i] = (struct hd_run){.task = HD_TASKS_MAX - 1, .points = UINT64_MAX, .phase = i};
        char *text = hd_schedule_encode(list, count, BUILD);
        cr_assert_eq(decode(text, &run, &runs), 0);
        cr_assert_eq(runs, count);
        expect_equal(run, list, count);
        free(run);
        free(text);
        cr_assert_eq(allocations_live + allocations_damaged, 0);
    }
}

static uint32_t phase_back(uint32_t phase) {
    struct hd_run only = {.task = 7, .points = 3, .phase = phase}, *run;
    uint64_t runs;
    char *text = hd_schedule_encode(&only, 1, BUILD);
    cr_assert_eq(decode(text, &run, &runs), 0);
    cr_assert_eq(runs, 1);
    uint32_t got = run[0].phase;
    free(run);
    free(text);
    return got;
}

/* Most programs are the main task's own until its tasks start: what is not marked is of the tasks. */
Test(schedule, a_run_keeps_its_part_of_the_execution) {
    for (uint32_t phase = 0; phase < HD_PHASES; phase++)
        cr_expect_eq(phase_back(phase), phase);
}

static int parts(uint32_t first, uint32_t second) {
    const struct hd_run list[] = {{.task = 1, .points = 1, .phase = first},
                                  {.task = 2, .points = 1, .phase = second}};
    struct hd_run *run = NULL;
    uint64_t runs;
    char *text = hd_schedule_encode(list, 2, BUILD);
    int result = decode(text, &run, &runs);
    free(result == 0 ? run : NULL);
    free(text);
    return result;
}

Test(schedule, a_part_never_comes_behind_a_later_one) {
    cr_expect_eq(parts(HD_PHASE_SETUP, HD_PHASE_FINISH), 0);
    cr_expect_eq(parts(HD_PHASE_FINISH, HD_PHASE_SETUP), -EINVAL);
    cr_expect_eq(parts(HD_PHASE_CONCURRENT, HD_PHASE_SETUP), -EINVAL);
}

Test(schedule, is_refused_when_cut_short_at_any_length) {
    char *text = encode_sample();
    for (size_t length = strlen(text); length-- > 0;) {
        text[length] = '\0';
        expect_refused(text);
    }
    free(text);
}

/* The check sum has 32 bits; all single changes of one text are caught or the test would not be fixed. */
Test(schedule, is_refused_when_any_character_is_another) {
    char *text = encode_sample();
    for (size_t at = 0; at < strlen(text); at++) {
        char was = text[at];
        for (int other = 1; other < 128; other++) {
            if (other == was)
                continue;
            text[at] = (char)other;
            expect_refused(text);
        }
        text[at] = was;
    }
    free(text);
}

Test(schedule, is_refused_with_more_behind_it) {
    char *text = encode_sample(), longer[256];
    strcpy(longer, text);
    strcat(longer, "0");
    expect_refused(longer);
    strcpy(longer, text);
    strcat(longer, "\n");
    expect_refused(longer);
    free(text);
}

Test(schedule, garbage_is_refused) {
    static const char *const garbage[] = {"",
                                          "h",
                                          "hd1",
                                          "hd1.",
                                          "hd2.0123456789abcdef.AA.00000000",
                                          "hd1.0123456789abcdef..",
                                          "hd1.0123456789abcdef.AQU.00000000",
                                          "../../etc/passwd",
                                          "hd1.........................."};
    for (size_t i = 0; i < sizeof garbage / sizeof garbage[0]; i++)
        expect_refused(garbage[i]);
}

Test(schedule, another_build_is_told_and_still_read) {
    char *text = hd_schedule_encode(sample, SAMPLES, "feedfacefeedface");
    char build[HD_NAME_SIZE], error[HD_LINE_SIZE];
    struct hd_run *run;
    uint64_t runs;
    cr_assert_eq(hd_schedule_decode(text, &run, &runs, build, error), 0);
    cr_expect_str_eq(build, "feedfacefeedface");
    expect_equal(run, sample, SAMPLES);
    free(run);
    free(text);
}
