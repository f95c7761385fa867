/* test_strategy_replay.c - a list of runs is followed as it was recorded; what does not fit is told, with
 * where it was.
 */
#include <criterion/criterion.h>
#include <errno.h>

#include "harness/strategy/replay.h"

#define FOREVER HD_POINTS_FOREVER

static struct hd_replay_state state;
static const uint32_t all[] = {3, 1, 2, 0};
static uint64_t points; /* what was granted */
static enum hd_phase phase = HD_PHASE_CONCURRENT;

#define RUN(t, p)                                                                                  \
    { .task = (t), .points = (p), .phase = HD_PHASE_CONCURRENT }

static const struct hd_run recorded[] = {RUN(1, 2), RUN(2, 0), RUN(1, 1), RUN(3, 4)};

static void begin(const struct hd_run *run, uint64_t runs) {
    struct hd_strategy_start start = {.events = 1, .tasks = 3};
    state.run = run;
    state.runs = runs;
    hd_strategy_replay.begin(&state, &start);
}

static void begin_recorded(void) {
    begin(recorded, 4);
}

/* Asks when `events` are executed; `enabled` of the tasks above can go on. */
static uint32_t ask(uint64_t events, uint32_t current, uint32_t enabled) {
    struct hd_choice choice = {.reason = HD_CHOICE_EXPIRED,
                               .phase = phase,
                               .current = current,
                               .current_enabled = true,
                               .enabled = all,
                               .count = enabled,
                               .points = events};
    return hd_strategy_replay.next(&state, &choice, &points);
}

TestSuite(strategy_replay, .init = begin_recorded);

Test(strategy_replay, it_is_not_chosen_by_name_nor_fair_and_has_no_parameter) {
    cr_expect_eq(hd_strategy_replay.init(&state, ""), 0);
    cr_expect_eq(hd_strategy_replay.init(&state, "3"), -EINVAL);
    cr_expect_not(hd_strategy_replay.fair || hd_strategy_replay.needs_events);
    struct hd_strategy strategy;
    char error[256];
    cr_expect_eq(hd_strategy_open("replay", 0, &strategy, error), -EINVAL);
}

static void follow(void) {
    cr_expect_eq(ask(0, 0, 3), 1);
    cr_expect_eq(points, 2);
    cr_expect_eq(ask(2, 1, 3), 2, "a run of no events");
    cr_expect_eq(points, FOREVER, "until it is asked again");
    cr_expect_eq(ask(2, 2, 3), 1);
    cr_expect_eq(points, 1);
    cr_expect_eq(ask(3, 1, 3), 3);
    cr_expect_eq(points, 4);
    cr_expect_eq(ask(7, 3, 4), 0, "the main task");
    cr_expect_eq(points, FOREVER);
    cr_expect_not(state.diverged);
}

Test(strategy_replay, runs_are_followed_one_by_one_and_again_in_the_next_execution) {
    follow();
    begin_recorded();
    follow();
}

Test(strategy_replay, a_run_that_is_interrupted_goes_on_with_what_is_left) {
    cr_expect_eq(ask(0, 0, 3), 1);
    cr_expect_eq(ask(1, 1, 3), 1);
    cr_expect_eq(points, 1);
    cr_expect_eq(ask(2, 1, 3), 2);
    cr_expect_not(state.diverged);
}

Test(strategy_replay, a_task_that_cannot_go_on_as_recorded_diverges) {
    cr_expect_eq(ask(0, 0, 3), 1);
    cr_expect_eq(ask(2, 1, 1), 1, "the rest runs without preemption");
    cr_expect_eq(points, FOREVER);
    cr_expect(state.diverged);
    cr_expect_eq(state.diverged_at, 2);
    cr_expect_eq(ask(9, 2, 3), 2);
    cr_expect_eq(points, FOREVER);
    cr_expect_eq(state.diverged_at, 2, "once");
    begin_recorded();
    cr_expect_eq(ask(0, 0, 3), 1);
    cr_expect_not(state.diverged, "the next execution is guided again");
}

Test(strategy_replay, behind_the_list_the_main_task_is_due) {
    follow();
    phase = HD_PHASE_FINISH;
    cr_expect_eq(ask(9, 0, 4), 0, "and clears up alone, since no run of that part is listed");
    cr_expect_not(state.diverged);
    phase = HD_PHASE_CONCURRENT;
    begin(recorded, 1);
    cr_expect_eq(ask(0, 0, 3), 1);
    cr_expect_eq(ask(2, 1, 3), 1, "the program has not ended, and the main task cannot go on");
    cr_expect(state.diverged);
    cr_expect_eq(state.diverged_at, 2);
}

#define PART(t, p, part)                                                                           \
    { .task = (t), .points = (p), .phase = (part) }

static const struct hd_run parts[] = {PART(0, 3, HD_PHASE_SETUP),  PART(1, 2, HD_PHASE_SETUP),
                                      PART(0, 4, HD_PHASE_SETUP),  PART(2, 5, HD_PHASE_CONCURRENT),
                                      PART(0, 2, HD_PHASE_FINISH), PART(1, 1, HD_PHASE_FINISH),
                                      PART(0, 7, HD_PHASE_FINISH)};

/* The main task runs when its parts begin, without having been asked for. */
Test(strategy_replay, the_set_up_and_the_end_are_followed_too) {
    begin(parts, 7);
    phase = HD_PHASE_SETUP;
    cr_expect_eq(ask(1, 0, 4), 0);
    cr_expect_eq(points, 2, "what is left of the first run");
    cr_expect_eq(ask(3, 0, 4), 1);
    cr_expect_eq(ask(5, 1, 4), 0);
    phase = HD_PHASE_CONCURRENT;
    cr_expect_eq(ask(0, 0, 4), 2, "points are counted anew");
    cr_expect_eq(points, 5);
    cr_expect_eq(ask(5, 2, 4), 0, "the main task is due");
    phase = HD_PHASE_FINISH;
    cr_expect_eq(ask(7, 0, 4), 1, "two points behind the tasks' five");
    cr_expect_eq(ask(8, 1, 4), 0);
    cr_expect_not(state.diverged);
    cr_expect_eq(ask(15, 0, 4), 0, "the program goes on, and the list does not");
    cr_expect(state.diverged);
}

Test(strategy_replay, a_part_that_ends_too_early_diverges) {
    begin(parts, 7);
    phase = HD_PHASE_SETUP;
    cr_expect_eq(ask(1, 0, 4), 0);
    phase = HD_PHASE_CONCURRENT;
    ask(0, 0, 4);
    cr_expect(state.diverged);
}

/* The first that can where the current one cannot, or asks to let others run. */
Test(strategy_replay, without_a_list_nothing_is_preempted) {
    struct hd_choice choice = {.reason = HD_CHOICE_CHANGED,
                               .current = 2,
                               .current_enabled = true,
                               .enabled = all,
                               .count = 4};
    begin(NULL, 0);
    cr_expect_eq(hd_strategy_replay.next(&state, &choice, &points), 2);
    cr_expect_eq(points, FOREVER);
    choice.reason = HD_CHOICE_YIELD;
    cr_expect_eq(hd_strategy_replay.next(&state, &choice, &points), 3);
    choice.reason = HD_CHOICE_BLOCKED;
    choice.current_enabled = false;
    cr_expect_eq(hd_strategy_replay.next(&state, &choice, &points), 3);
    cr_expect_not(state.diverged);
}
