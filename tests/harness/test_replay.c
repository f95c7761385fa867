/* test_replay.c - one execution again: from its seed, and from what was recorded of it.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sched/schedule.h"
#include "tests/harness/support.h"

TestSuite(replay, .timeout = 60);

static int from_schedule(const char *file, const char *subject, const char *schedule,
                         struct hd_replay *replay, char *error) {
    struct bench bench;
    struct hd_replay_options options = {.seed = bench_seed(0), .schedule = schedule};
    bench_open(&bench, file, subject);
    return hd_replay_run(&options, &bench.program, replay, error);
}

static void check_recorded(const char *subject, const char *strategy, uint32_t count) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    bench_open(&bench, "state", subject);
    for (uint32_t i = 0; i < count; i++) {
        struct hd_replay seen, again;
        bench_replay(&bench, strategy, bench_seed(i), &seen);
        cr_assert_not_null(seen.schedule);
        struct hd_replay_options options = {.seed = bench_seed(i), .schedule = seen.schedule};
        cr_assert_eq(hd_replay_run(&options, &bench.program, &again, error), 0, "%s", error);
        cr_expect_not(again.diverged, "%s, execution %u", subject, i);
        cr_expect_eq(again.digest, seen.digest, "%s, execution %u", subject, i);
        cr_expect_eq(again.points, seen.points);
        cr_expect_eq(again.fault, seen.fault);
        cr_expect_str_eq(again.schedule, seen.schedule);
        hd_replay_clear(&seen);
        hd_replay_clear(&again);
    }
}

Test(replay, from_a_recorded_schedule_equals_replay_by_seed) {
    static const char *const subjects[] = {"static_counter", "lock_left",  "waiter_left",
                                           "keys_state",     "time_state", "threads_state"};
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        check_recorded(subjects[i], "random", 6);
        check_recorded(subjects[i], "pct:3", 3);
        check_recorded(subjects[i], "sticky", 3);
    }
}

/* A campaign of twice:... saves its faults with the schedule of the run that was told of. */
static void check_twice(const char *file, const char *subject) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_replay replay;
    struct hd_campaign_options options = bench_options("twice:random", 600);
    bench_open(&bench, file, subject);
    bench_campaign(&bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1, "%s", subject);
    for (uint32_t i = 0; i < campaign.faults; i++) {
        const struct hd_fault_record *fault = &campaign.fault[i];
        cr_expect_str_eq(fault->strategy, "twice:random");
        struct hd_replay_options again = {
            .seed = fault->seed, .strategy = fault->strategy, .schedule = fault->schedule};
        cr_assert_eq(hd_replay_run(&again, &bench.program, &replay, error), 0, "%s", error);
        cr_expect(replay.fault, "%s", subject);
        cr_expect_not(replay.diverged, "%s", subject);
        cr_expect_eq(replay.digest, fault->digest, "%s", subject);
        cr_expect_str_eq(replay.schedule, fault->schedule, "%s", subject);
        hd_replay_clear(&replay);
    }
}

/* Half a schedule would only diverge. */
Test(replay, a_process_that_just_ends_leaves_no_schedule_and_comes_again_by_its_seed) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_replay replay;
    struct hd_campaign_options options = bench_options("random", 64);
    bench_open(&bench, "hostile", "ends_the_process");
    bench_campaign(&bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1);
    const struct hd_fault_record *fault = &campaign.fault[0];
    cr_expect_null(fault->schedule);
    bench_replay(&bench, fault->strategy, fault->seed, &replay);
    cr_expect(replay.fault);
    cr_expect_str_eq(replay.record.message, fault->message);
    cr_expect_null(replay.schedule);
}

Test(replay, a_fault_that_twice_found_follows_its_schedule) {
    check_twice("state", "lock_left");
    check_twice("state", "waiter_left");
    check_twice("hostile", "crash");
}

Test(replay, is_the_execution_of_the_campaign) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_replay replay;
    struct hd_campaign_options options = bench_options("default", 600);
    bench_open(&bench, "state", "lock_left");
    bench_campaign(&bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1);
    for (uint32_t i = 0; i < campaign.faults; i++) {
        const struct hd_fault_record *fault = &campaign.fault[i];
        for (int k = 0; k < 5; k++) {
            bench_replay(&bench, fault->strategy, fault->seed, &replay);
            cr_assert(replay.fault);
            cr_assert_eq(replay.digest, fault->digest);
            cr_assert_str_eq(replay.record.message, fault->message);
            cr_assert_str_eq(replay.schedule, fault->schedule);
            cr_assert_arr_eq(replay.record.task, fault->task, sizeof fault->task);
            hd_replay_clear(&replay);
        }
    }
}

Test(replay, an_execution_of_which_nobody_can_tell_is_an_error) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_replay replay;
    struct hd_replay_options options = {.seed = bench_seed(0), .strategy = "random"};
    bench_open(&bench, "increments", "subject");
    signal(SIGCHLD, SIG_IGN);
    cr_expect_eq(hd_replay_run(&options, &bench.program, &replay, error), -ECHILD);
}

Test(replay, a_schedule_of_another_program_diverges) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_replay seen, other;
    bench_open(&bench, "state", "static_counter");
    bench_replay(&bench, "random", bench_seed(3), &seen);
    cr_assert_eq(from_schedule("increments", "subject", seen.schedule, &other, error), 0);
    cr_expect(other.diverged);
    cr_expect_neq(other.divergence[0], '\0');
    hd_replay_clear(&seen);
    hd_replay_clear(&other);
}

static void count_event(void *context, const struct hd_trace_event *event) {
    uint64_t *count = context;
    cr_expect_eq(event->point, ++*count);
}

/* The schedule is whole whatever the trace holds. */
Test(replay, a_trace_that_is_full_says_so_and_costs_nothing_else) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_replay all, some;
    uint64_t count = 0;
    struct hd_replay_options options = {
        .seed = bench_seed(0), .strategy = "random", .trace = count_event, .context = &count};
    bench_open(&bench, "increments", "subject");
    cr_assert_eq(hd_replay_run(&options, &bench.program, &all, error), 0);
    cr_expect_not(all.trace_cut);
    cr_assert_gt(count, 5);
    options.trace_max = count - 1;
    count = 0;
    cr_assert_eq(hd_replay_run(&options, &bench.program, &some, error), 0);
    cr_expect_eq(count, options.trace_max);
    cr_expect(some.trace_cut);
    cr_expect_str_eq(some.schedule, all.schedule);
    hd_replay_clear(&all);
    hd_replay_clear(&some);
}

/* The first fault of the subject, and what was recorded of it. */
static void first_fault(struct bench *bench, struct hd_fault_record *fault, struct hd_run **run,
                        uint64_t *runs, char *build) {
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 600);
    char error[HD_LINE_SIZE];
    bench_campaign(bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1);
    *fault = campaign.fault[0];
    cr_assert_eq(hd_schedule_decode(fault->schedule, run, runs, build, error), 0, "%s", error);
}

/* A crash ends the process before it can say anything of the schedule. */
Test(replay, a_crash_off_the_schedule_is_a_divergence_too) {
    char error[HD_LINE_SIZE], build[HD_NAME_SIZE], expected[64];
    struct bench bench;
    struct hd_fault_record fault;
    struct hd_replay other;
    struct hd_run *run;
    uint64_t runs, points = 0, crashes = 0;
    bench_open(&bench, "hostile", "crash");
    first_fault(&bench, &fault, &run, &runs, build);
    for (uint64_t kept = 0; kept < runs; points += run[kept++].points) {
        char *text = hd_schedule_encode(run, kept, build);
        struct hd_replay_options options = {.seed = fault.seed, .schedule = text};
        cr_assert_eq(hd_replay_run(&options, &bench.program, &other, error), 0, "%s", error);
        snprintf(expected, sizeof expected, "from point %lu on", (unsigned long)points + 1);
        cr_expect(other.diverged, "%lu of %lu", (unsigned long)kept, (unsigned long)runs);
        cr_expect_not_null(strstr(other.divergence, expected), "%s, not %s", other.divergence,
                           expected);
        crashes += other.fault && other.record.kind == HD_FAULT_CRASH;
        hd_replay_clear(&other);
        free(text);
    }
    cr_expect_gt(crashes, 0);
    free(run);
}

/* Each prefix of a recorded list ends before the program does. */
Test(replay, a_schedule_that_ends_before_the_program_diverges) {
    char error[HD_LINE_SIZE], build[HD_NAME_SIZE];
    struct bench bench;
    struct hd_replay seen, other;
    struct hd_run *run;
    uint64_t runs;
    bench_open(&bench, "state", "static_counter");
    bench_replay(&bench, "random", bench_seed(3), &seen);
    cr_assert_eq(hd_schedule_decode(seen.schedule, &run, &runs, build, error), 0);
    cr_assert_gt(runs, 3);
    for (uint64_t kept = 0; kept <= runs; kept++) {
        char *text = hd_schedule_encode(run, kept, build);
        struct hd_replay_options options = {.seed = bench_seed(3), .schedule = text};
        cr_assert_eq(hd_replay_run(&options, &bench.program, &other, error), 0, "%s", error);
        cr_expect_eq(other.diverged, kept < runs, "%lu of %lu", (unsigned long)kept,
                     (unsigned long)runs);
        hd_replay_clear(&other);
        free(text);
    }
    free(run);
    hd_replay_clear(&seen);
}

Test(replay, malformed_input_is_refused_with_a_reason) {
    char error[HD_LINE_SIZE] = "";
    struct hd_replay replay;
    cr_expect_eq(from_schedule("increments", "subject", "hd1.nonsense", &replay, error), -EINVAL);
    cr_expect_neq(error[0], '\0');
    struct bench bench;
    struct hd_replay_options options = {.seed = 1, .strategy = "nonsense"};
    bench_open(&bench, "increments", "subject");
    cr_expect_eq(hd_replay_run(&options, &bench.program, &replay, error), -EINVAL);
    cr_expect_not_null(strstr(error, "nonsense"));
}

/* The record of a fault tells where each task stands, by function and file of the subject. */
Test(replay, a_fault_names_the_places) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 600);
    bench_open(&bench, "state", "lock_left");
    bench_campaign(&bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1);
    const struct hd_fault_record *fault = &campaign.fault[0];
    cr_expect_eq(fault->kind, HD_FAULT_DEADLOCK);
    cr_expect_eq(fault->tasks, 2);
    cr_expect_str_eq(fault->state, "state of lock_left");
    for (uint32_t i = 0; i < fault->tasks; i++) {
        cr_assert_geq(fault->task[i].frames, 1);
        cr_expect_str_eq(fault->task[i].frame[0].function, "lock_left_task");
        cr_expect_not_null(strstr(fault->task[i].frame[0].file, "tests/harness/subjects/state.c"));
        cr_expect_gt(fault->task[i].frame[0].line, 0);
    }
}
