/* replay.c - follows a recorded schedule: a list of runs, each a task and the events it executed.
 *
 * The list ends where the main task goes on, since all others have ended, or with a fault.
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

static void begin(void *opaque, const struct hd_strategy_start *start) {
    struct hd_replay_state *state = opaque;
    (void)start;
    state->at = 0;
    state->since = 0;
    state->begun = false;
    state->diverged = false;
    state->over = false;
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

/* The main task is due, and clears up. A pilot has no list: it is never guided. */
static uint32_t behind_the_list(struct hd_replay_state *state, const struct hd_choice *choice,
                                uint64_t *points) {
    if (state->run == NULL || state->over)
        return unguided(choice, points);
    if (!enabled(choice, MAIN_TASK))
        return diverge(state, choice, points);
    state->over = true;
    *points = HD_POINTS_FOREVER;
    return MAIN_TASK;
}

static uint32_t next(void *opaque, const struct hd_choice *choice, uint64_t *points) {
    struct hd_replay_state *state = opaque;
    if (state->diverged)
        return unguided(choice, points);
    bool done = state->at < state->runs && state->begun &&
                choice->points - state->since >= state->run[state->at].points;
    if (done) {
        state->at++;
        state->since = choice->points;
        state->begun = false;
    }
    if (state->at == state->runs)
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
    .needs_events = false,
    .fair = false,
    .state_size = sizeof(struct hd_replay_state),
    .init = init,
    .begin = begin,
    .task_born = task_born,
    .next = next,
};
