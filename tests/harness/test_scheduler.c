/* test_scheduler.c - what a schedule is: its digest, who took part in it, what is no point of it, and how
 * much an execution may do.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "harness/sched/point.h"
#include "harness/sched/state.h"
#include "tests/harness/support.h"

#define RUNS 256u

static struct bench bench;
static char (*text)[64];
static struct hd_run run[RUNS];

static void open_script(const char *first, const char *second) {
    bench_open(&bench, "script", "script_2");
    text = bench_symbol(&bench, "script");
    strcpy(text[0], first);
    strcpy(text[1], second);
}

/* ---- the digest of a schedule ---------------------------------------------------------------------- */

static uint64_t order_of_events(void) {
    const unsigned char *order = bench_symbol(&bench, "order");
    uint32_t count = *(const uint32_t *)bench_symbol(&bench, "order_count");
    uint64_t name = 1;
    for (uint32_t i = 0; i < count; i++)
        name = name << 1 | order[i];
    return name;
}

/* Twenty orders of three events and three: 500 executions of a random walk miss the rarest of them, one of
 * 32 at least, with odds of 2e-6. */
Test(scheduler, two_executions_have_one_schedule_when_their_events_come_in_one_order) {
    uint64_t order[20], schedule[20];
    uint32_t seen = 0;
    open_script("xxx", "xxx");
    for (uint32_t i = 0; i < 500; i++) {
        uint64_t hash = bench_run(&bench, "random", bench_seed(i), HD_RUN_BARE, 6)->schedule;
        uint64_t name = order_of_events();
        uint32_t at = 0;
        while (at < seen && order[at] != name)
            at++;
        if (at == seen) {
            cr_assert_lt(seen, 20);
            order[seen] = name;
            schedule[seen++] = hash;
        }
        for (uint32_t k = 0; k < seen; k++)
            cr_assert_eq(schedule[k] == hash, k == at, "orders %lx and %lx",
                         (unsigned long)order[k], (unsigned long)name);
    }
    cr_expect_eq(seen, 20);
}

/* Tasks that passed points since the program's were started, by the list of runs: the main task's join is
 * none, and when it looks at the result alone, none of its runs is listed. */
static uint32_t tasks_in(const struct hd_recording *recording) {
    uint64_t passed[64] = {0};
    uint32_t tasks = 0;
    for (uint64_t i = 0; i < recording->runs; i++)
        if (run[i].phase == HD_PHASE_FINISH ||
            (run[i].phase == HD_PHASE_CONCURRENT && run[i].task > 0))
            passed[run[i].task] += run[i].points;
    for (uint32_t task = 0; task < 64; task++)
        tasks += passed[task] > 0;
    return tasks;
}

/* A helper runs before the program's only task, beside it, behind it, or all of these. */
Test(scheduler, a_schedule_is_contended_when_two_tasks_passed_points_in_it) {
    uint32_t contended = 0;
    bench_open(&bench, "parts", "beside_one");
    for (uint32_t i = 0; i < 200; i++) {
        struct hd_recording recording = {.runs_max = RUNS, .run = run};
        struct hd_execution execution =
            bench_execution(&bench, "random", bench_seed(i), HD_RUN_FULL, 20);
        execution.recording = &recording;
        hd_execution_run(&bench.program, &execution, bench.outcome);
        bool several = tasks_in(&recording) > 1;
        cr_assert_not(recording.cut);
        cr_assert_eq(bench.outcome->contended, several, "execution %u", i);
        cr_assert_eq(bench.outcome->waited, 0, "the main task's joins are no waits");
        contended += several;
    }
    cr_expect(contended > 20 && contended < 180, "%u", contended);
}

Test(scheduler, what_ran_before_the_tasks_does_not_contend) {
    open_script("xxx", "");
    cr_expect_not(bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 6)->contended);
}

/* As many runs as there is room for, and a mark when there were more. */
Test(scheduler, a_list_of_runs_that_is_full_says_so) {
    uint64_t runs = 0;
    open_script("xxxx", "xxxx");
    for (uint32_t i = 0; i < 3; i++) {
        struct hd_recording recording = {.runs_max = i == 0 ? RUNS : runs + 1 - i, .run = run};
        struct hd_execution execution =
            bench_execution(&bench, "random", bench_seed(0), HD_RUN_FULL, 20);
        execution.recording = &recording;
        memset(run, 0xa5, sizeof run);
        hd_execution_run(&bench.program, &execution, bench.outcome);
        runs = i == 0 ? recording.runs : runs;
        cr_expect_eq(recording.runs, i < 2 ? runs : runs - 1);
        cr_expect_eq(recording.cut, i == 2);
        cr_expect_eq(run[recording.runs].task, 0xa5a5a5a5, "nothing is written behind its end");
    }
    cr_expect_gt(runs, 3);
}

/* ---- quiet stretches ------------------------------------------------------------------------------- */

static void expect_same_without_quiet(const char *loud, const char *quiet, const char *strategy) {
    struct hd_outcome without[64];
    open_script(loud, loud);
    for (uint32_t i = 0; i < 64; i++)
        without[i] = *bench_run(&bench, strategy, bench_seed(i), HD_RUN_BARE, 6);
    open_script(quiet, quiet);
    for (uint32_t i = 0; i < 64; i++) {
        enum hd_run_kind kind = i % 2 ? HD_RUN_BARE : HD_RUN_FULL;
        const struct hd_outcome *outcome = bench_run(&bench, strategy, bench_seed(i), kind, 6);
        cr_assert_eq(outcome->points, without[i].points, "%s: %lu", quiet,
                     (unsigned long)outcome->points);
        cr_assert_eq(outcome->schedule, without[i].schedule, "%s under %s", quiet, strategy);
    }
}

/* As if it were not there: neither counted nor interrupted, however it is nested. */
Test(scheduler, what_is_quiet_is_no_part_of_the_schedule) {
    static const char *const quiet[] = {"x(xxx)xx", "(xx)xxx", "xxx(x)", "x(x(xx)x)xx",
                                        "x()(x)x((x))x"};
    static const char *const strategies[] = {"random", "pct:3", "sticky"};
    for (size_t i = 0; i < sizeof quiet / sizeof quiet[0]; i++)
        for (size_t k = 0; k < 3; k++)
            expect_same_without_quiet("xxx", quiet[i], strategies[k]);
}

/* The second task waits for the lock, and goes first whenever the strategy is asked. */
static uint32_t second_first(void *state, const struct hd_choice *choice, uint64_t *points) {
    bool begins =
        choice->points == 0 && choice->reason == HD_CHOICE_BLOCKED && choice->current == 0;
    (void)state;
    *points = begins ? 2 : HD_POINTS_FOREVER;
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->enabled[i] == (begins ? 1 : 2))
            return choice->enabled[i];
    return choice->enabled[0];
}

/* It is asked about a task that was woken in a quiet stretch as soon as that ends. */
Test(scheduler, a_task_woken_in_a_quiet_stretch_may_run_right_behind_it) {
    static const unsigned char expected[] = {0, 0, 0, 0, 0, 0, 1, 1, 1, 0, 0};
    const struct hd_strategy_ops *random;
    struct hd_strategy_ops mine;
    open_script("lx(ux)xx", "lxu");
    struct hd_execution execution =
        bench_execution(&bench, "random", bench_seed(0), HD_RUN_BARE, 6);
    random = execution.strategy;
    mine = *random;
    mine.next = second_first;
    execution.strategy = &mine;
    hd_execution_run(&bench.program, &execution, bench.outcome);
    cr_assert_not(bench.outcome->fault, "%s", bench.outcome->message);
    cr_expect_eq(*(const uint32_t *)bench_symbol(&bench, "order_count"), sizeof expected);
    cr_expect_arr_eq(bench_symbol(&bench, "order"), expected, sizeof expected);
}

Test(scheduler, quiet_stretches_outside_of_executions_change_none) {
    open_script("xxx", "xxx");
    uint64_t digest = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 6)->digest;
    hd_quiet_begin();
    cr_expect_eq(hd_countdown, HD_COUNTDOWN_IDLE);
    hd_quiet_end();
    cr_expect_eq(hd_countdown, HD_COUNTDOWN_IDLE);
    cr_expect_eq(bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 6)->digest, digest);
    cr_expect_eq(hd_countdown, HD_COUNTDOWN_IDLE);
}

/* ---- what a program may ask ------------------------------------------------------------------------ */

static struct hd_program_ops ops;
static volatile int cell;
static uint32_t points_of_task = 3;

static void pass(uint32_t points) {
    for (uint32_t i = 0; i < points; i++)
        hd_point((const void *)(uintptr_t)&cell, HD_WHAT(HD_WRITE, 4), NULL);
}

static void passing_task(void *program, uint32_t index) {
    (void)program;
    (void)index;
    pass(points_of_task);
}

/* Tasks of the test's own instead of the subject's. */
static void open_own(void (*task)(void *program, uint32_t index)) {
    open_script("", "");
    ops = *bench.program.ops;
    ops.task = task;
    bench.program.ops = &ops;
}

static uint64_t passed[2], tally_seen;
static uint32_t self[2], self_setup, self_finish;
static uint64_t passed_at_end;
static bool running_seen, fair_seen;

static void asking_setup(void *program, enum hd_run_kind kind) {
    (void)program;
    (void)kind;
    self_setup = hd_task_self();
    tally_seen = 0;
    for (uint32_t i = 0; i < HD_COUNTERS_MAX; i++)
        tally_seen += hd_tally()[i];
    hd_tally()[5] = 9;
    running_seen = hd_task_running();
    fair_seen = hd_schedule_fair();
}

static void asking_task(void *program, uint32_t index) {
    (void)program;
    pass(index + 2);
    passed[index] = hd_points_now();
    self[index] = hd_task_self();
}

static void asking_finish(void *program) {
    (void)program;
    self_finish = hd_task_self();
    passed_at_end = hd_points_now();
}

Test(scheduler, a_program_may_ask_who_and_when_it_is) {
    open_own(asking_task);
    ops.setup = asking_setup;
    ops.finish = asking_finish;
    for (uint32_t i = 0; i < 16; i++) {
        struct hd_execution execution = bench_execution(&bench, "pct:1", bench_seed(i),
                                                        i % 4 < 2 ? HD_RUN_BARE : HD_RUN_FULL, 6);
        execution.fair = i % 2;
        self_setup = self_finish = 9;
        hd_execution_run(&bench.program, &execution, bench.outcome);
        cr_expect_eq(self_setup, 0);
        cr_expect_eq(self[0], 1);
        cr_expect_eq(self[1], 2);
        cr_expect_eq(self_finish, 0);
        cr_expect(passed[0] == 2 ? passed[1] == 5 : passed[0] == 5 && passed[1] == 3);
        cr_expect_eq(bench.outcome->points, 5);
        cr_expect_eq(passed_at_end, 6, "and the main task's join, %lu",
                     (unsigned long)passed_at_end);
        cr_expect_eq(hd_points_now(), 5, "after it, all of the tasks");
        cr_expect(running_seen);
        cr_expect_eq(fair_seen, i % 2);
        cr_expect_eq(tally_seen, 0);
        cr_expect(bench.outcome->tallied);
        cr_expect_eq(bench.outcome->tally[5], 9);
    }
    cr_expect_eq(hd_task_self(), 0);
    cr_expect_not(hd_task_running() || hd_schedule_fair());
}

static uint64_t times[3], chosen[64];

static void drawing_task(void *program, uint32_t index) {
    (void)program;
    if (index > 0)
        return;
    for (uint32_t i = 0; i < 3; i++)
        times[i] = hd_time_now();
    for (uint32_t i = 0; i < 64; i++)
        chosen[i] = hd_choose(1 + i % 4);
}

Test(scheduler, reading_the_time_takes_fifty_nanoseconds_and_choices_follow_from_the_seed) {
    uint64_t first[64];
    uint32_t hits[4] = {0};
    open_own(drawing_task);
    bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 6);
    memcpy(first, chosen, sizeof first);
    cr_expect_eq(times[1] - times[0], 50);
    cr_expect_eq(times[2] - times[1], 50);
    for (uint32_t i = 0; i < 64; i++) {
        cr_expect_leq(chosen[i], i % 4);
        hits[chosen[i]]++;
    }
    cr_expect(hits[1] > 0 && hits[2] > 0 && hits[3] > 0);
    bench_run(&bench, "pct:2", bench_seed(0), HD_RUN_FULL, 6);
    cr_expect_arr_eq(chosen, first, sizeof first, "another schedule, the same choices");
    bench_run(&bench, "random", bench_seed(1), HD_RUN_BARE, 6);
    cr_expect_arr_neq(chosen, first, sizeof first);
}

static bool reads_time;

static void reading_task(void *program, uint32_t index) {
    (void)program;
    (void)index;
    for (uint32_t i = 0; i < 4; i++) {
        pass(1);
        if (reads_time)
            hd_time_now();
    }
}

/* Nobody waits: there is nothing to ask the strategy. */
Test(scheduler, reading_the_time_is_no_part_of_the_schedule) {
    uint64_t schedule[64];
    open_own(reading_task);
    for (uint32_t i = 0; i < 128; i++) {
        reads_time = i >= 64;
        uint64_t hash = bench_run(&bench, "random", bench_seed(i % 64), HD_RUN_BARE, 8)->schedule;
        cr_assert(!reads_time || hash == schedule[i % 64], "execution %u", i % 64);
        schedule[i % 64] = hash;
    }
}

static uint64_t first_broken;

static void breaking_task(void *program, uint32_t index) {
    (void)program;
    if (index > 0)
        return;
    pass(3);
    hd_broken(first_broken, "at first");
    pass(1);
    hd_broken(2, "then");
}

/* Whatever was said first counts, and when: before the fourth event. */
Test(scheduler, what_is_broken_first_is_kept) {
    open_own(breaking_task);
    for (first_broken = 1; first_broken < 4; first_broken++) {
        const struct hd_outcome *outcome =
            bench_run(&bench, "random", bench_seed(0), HD_RUN_FULL, 8);
        cr_expect_eq(outcome->broken.what, first_broken);
        cr_expect_str_eq(outcome->broken.message, "at first");
        cr_expect_eq(outcome->broken.moment, 4, "%lu", (unsigned long)outcome->broken.moment);
    }
}

/* ---- time that passes ------------------------------------------------------------------------------ */

static uint64_t yields, woken_at;
static bool awake;
static struct timespec nap;

static void napping_task(void *program, uint32_t index) {
    (void)program;
    if (index == 0) {
        uint64_t start = hd_time_now();
        nanosleep(&nap, NULL);
        woken_at = hd_time_now() - start;
        awake = true;
    }
    while (!awake) { /* ends: time passes at yields */
        hd_yield(NULL);
        yields++;
    }
}

static void expect_yields(time_t seconds, uint64_t least, uint64_t most) {
    for (uint32_t i = 0; i < 16; i++) {
        yields = 0;
        awake = false;
        nap.tv_sec = seconds;
        bench_run(&bench, "random", bench_seed(i), HD_RUN_BARE, 6);
        cr_expect(yields >= least && yields <= most, "%lu yields", (unsigned long)yields);
        cr_expect_eq(woken_at, (uint64_t)seconds * 1000000000 + 2 * 50, "%lu",
                     (unsigned long)woken_at);
    }
}

/* It takes 50 ns, then twice as long each time: a second is 2^24 times as long. It passes to the deadline
 * and no further; two readings of 50 ns come on top, ours and that of nanosleep. */
Test(scheduler, a_yield_of_a_task_that_has_nothing_to_do_takes_twice_as_long_each_time) {
    open_own(napping_task);
    expect_yields(1, 23, 40);
    expect_yields(86400, 40, 60);
    expect_yields(86400 * 3650l, 51, 72);
}

static uint64_t told[2];

static void telling_task(void *program, uint32_t index) {
    (void)program;
    if (index == 0)
        for (uint32_t i = 0; i < 2; i++)
            hd_result(told[i]);
}

static uint64_t digest_of(uint64_t first, uint64_t second) {
    told[0] = first;
    told[1] = second;
    return bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 6)->digest;
}

Test(scheduler, results_and_their_order_are_in_the_digest) {
    open_own(telling_task);
    uint64_t digest = digest_of(1, 2);
    cr_expect_eq(digest_of(1, 2), digest);
    cr_expect_neq(digest_of(2, 1), digest);
    cr_expect_neq(digest_of(1, 3), digest);
    cr_expect_neq(digest_of(0, 2), digest);
}

/* ---- how much an execution may do ------------------------------------------------------------------ */

static const struct hd_outcome *run_long(uint32_t points, uint64_t points_max,
                                         enum hd_run_kind kind, bool recorded) {
    points_of_task = points;
    struct hd_execution execution = bench_execution(&bench, "random", bench_seed(0), kind, 6);
    execution.points_max = points_max;
    execution.recorded = recorded;
    hd_execution_run(&bench.program, &execution, bench.outcome);
    return bench.outcome;
}

/* One task, so that none comes to its end, which would be progress. */
Test(scheduler, an_execution_may_have_four_times_its_points) {
    static const enum hd_run_kind kinds[] = {HD_RUN_BARE, HD_RUN_WATCHED, HD_RUN_FULL};
    open_own(passing_task);
    bench.subject = bench_symbol(&bench, "script_1");
    for (uint32_t i = 0; i < 6; i++) {
        const struct hd_outcome *outcome = run_long(2000, 500, kinds[i % 3], i / 3);
        cr_expect_not(outcome->fault, "%s", outcome->message);
        cr_expect_eq(outcome->points, 2000);
        outcome = run_long(2001, 500, kinds[i % 3], i / 3);
        cr_assert(outcome->fault, "%lu points", (unsigned long)outcome->points);
        cr_expect_eq(outcome->kind, HD_FAULT_LIVELOCK);
        cr_expect_eq(outcome->points, 2000);
        cr_expect_str_eq(outcome->message, "no end after 2000 points");
    }
}

Test(scheduler, no_number_of_points_is_too_large) {
    static const uint64_t many[] = {HD_POINTS_FOREVER, HD_POINTS_FOREVER - 1, HD_POINTS_FOREVER / 4,
                                    HD_POINTS_FOREVER / 4 + 1, HD_POINTS_FOREVER / 32};
    open_own(passing_task);
    uint64_t digest = run_long(100, 1000, HD_RUN_BARE, false)->digest;
    for (uint32_t i = 0; i < sizeof many / sizeof many[0]; i++) {
        const struct hd_outcome *outcome = run_long(100, many[i], HD_RUN_BARE, false);
        cr_expect_not(outcome->fault, "%s", outcome->message);
        cr_expect_eq(outcome->digest, digest);
    }
}

static bool turns_in_setup, turns_in_task, turns_in_finish;

static void long_setup(void *program, enum hd_run_kind kind) {
    (void)program;
    (void)kind;
    pass(100);
    turns_in_setup = hd_scheduler.turns;
}

static void long_task(void *program, uint32_t index) {
    (void)program;
    (void)index;
    pass(9);
    turns_in_task |= hd_scheduler.turns;
}

static void long_finish(void *program) {
    (void)program;
    pass(100);
    turns_in_finish = hd_scheduler.turns;
}

/* It runs on, as the others would have nothing to do in theirs. */
Test(scheduler, a_main_task_alone_takes_no_turns) {
    open_own(long_task);
    ops.setup = long_setup;
    ops.finish = long_finish;
    cr_expect_not(run_long(0, 10, HD_RUN_BARE, false)->fault);
    cr_expect_not(turns_in_setup || turns_in_finish);
    cr_expect(turns_in_task);
    turns_in_task = false;
    run_long(0, 20, HD_RUN_BARE, false);
    cr_expect_not(turns_in_task, "they have not used up their points");
}

/* ---- the process ----------------------------------------------------------------------------------- */

static void block_all(void) {
    sigset_t all;
    sigfillset(&all);
    cr_assert_eq(sigprocmask(SIG_SETMASK, &all, NULL), 0);
}

/* A blocked SIGSEGV would end the process where a closed stack is touched. */
Test(scheduler, whoever_starts_us_may_block_signals, .init = block_all) {
    sigset_t blocked;
    open_script("xxx", "xxx");
    cr_expect_not(bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 6)->fault);
    cr_assert_eq(sigprocmask(SIG_SETMASK, NULL, &blocked), 0);
    for (int number = 1; number < 32; number++)
        cr_expect_not(sigismember(&blocked, number), "signal %d", number);
}
