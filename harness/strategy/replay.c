/* replay.c - follows a recorded schedule: a list of runs, each a task and the events it executed.
 *
 * The runs of the concurrent part end where the main task goes on, since all others have ended, or with a
 * fault. A part of the execution without runs is one in which nobody was switched to: the main task's own.
 * A run of no events is a task that was started, or tried to go on, and could not. When the program does
 * not fit the list (the task is not enabled, executed more than was recorded, or the list has ended and
 * the program has not) the strategy says so and lets the rest run without preemption.
 */
#include "harness/strategy/replay.h"

#include <errno.h>

#define MAIN_TASK 0u

static int init(void *state, const char *parameter) {
    (void)state;
    return *parameter == '\0' ? 0 : -EINVAL;
}

/* Whether the run that is due is of the present part. */
static bool listed(const struct hd_replay_state *state) {
    return state->at < state->runs && state->run[state->at].phase == (uint32_t)state->phase;
}

/* The main task runs when its own parts begin, without having been chosen. */
static void begin_phase(struct hd_replay_state *state, enum hd_phase phase) {
    state->phase = phase;
    state->listed = listed(state);
    state->begun = phase != HD_PHASE_CONCURRENT;
}

static void begin(void *opaque, const struct hd_strategy_start *start) {
    struct hd_replay_state *state = opaque;
    (void)start;
    state->at = 0;
    state->since = 0;
    state->diverged = false;
    begin_phase(state, HD_PHASE_SETUP);
}

static void task_born(void *state, uint32_t task) {
    (void)state;
    (void)task;
}

static bool enabled(const struct hd_choice *choice, uint32_t task) {
    for (uint32_t i = 0; i < choice->count; i++)
        if (choice->enabled[i] == task)
            return true;
    return false;
}

static uint32_t unguided(const struct hd_choice *choice, uint64_t *points) {
    *points = HD_POINTS_FOREVER;
    return choice->current_enabled && choice->reason != HD_CHOICE_YIELD ? choice->current
                                                                        : choice->enabled[0];
}

static uint32_t diverge(struct hd_replay_state *state, const struct hd_choice *choice,
                        uint64_t *points) {
    state->diverged = true;
    state->diverged_at = choice->points;
    return unguided(choice, points);
}

static void next_run(struct hd_replay_state *state, uint64_t points) {
    state->at++;
    state->since = points;
    state->begun = false;
}

/* Events are counted anew in the concurrent part and go on behind it. False when runs of the part before
 * have not been followed. */
static bool enter(struct hd_replay_state *state, enum hd_phase phase) {
    if (listed(state) && state->begun) /* the last of its part */
        next_run(state, state->since);
    if (phase == HD_PHASE_CONCURRENT)
        state->since = 0;
    begin_phase(state, phase);
    return state->at == state->runs || state->run[state->at].phase >= (uint32_t)phase;
}

/* The concurrent part ends: the main task is due. In the others nobody but it has run. */
static uint32_t behind_the_list(struct hd_replay_state *state, const struct hd_choice *choice,
                                uint64_t *points) {
    bool concurrent = state->phase == HD_PHASE_CONCURRENT;
    if (concurrent ? !enabled(choice, MAIN_TASK) : state->listed || !choice->current_enabled)
        return diverge(state, choice, points);
    state->since = choice->points;
    *points = HD_POINTS_FOREVER;
    return concurrent ? MAIN_TASK : choice->current;
}

static uint32_t next(void *opaque, const struct hd_choice *choice, uint64_t *points) {
    struct hd_replay_state *state = opaque;
    if (state->run == NULL || state->diverged) /* a pilot has no list: it is never guided */
        return unguided(choice, points);
    if (choice->phase != state->phase && !enter(state, choice->phase))
        return diverge(state, choice, points);
    if (listed(state) && state->begun &&
        choice->points - state->since >= state->run[state->at].points)
        next_run(state, choice->points);
    if (!listed(state))
        return behind_the_list(state, choice, points);
    const struct hd_run *run = &state->run[state->at];
    if (!enabled(choice, run->task))
        return diverge(state, choice, points);
    state->begun = true;
    uint64_t executed = choice->points - state->since;
    *points = run->points > executed ? run->points - executed : HD_POINTS_FOREVER;
    return run->task;
}

const struct hd_strategy_ops hd_strategy_replay = {
    .name = "replay",
    .takes = "no parameter",
    .needs_events = false,
    .fair = false,
    .state_size = sizeof(struct hd_replay_state),
    .init = init,
    .begin = begin,
    .task_born = task_born,
    .next = next,
};
