/* sticky.c - random walk with long stays, decisions drawn ahead.
 *
 * Source: folklore; the "probabilistic" strategy of Coyote (Deligiannis and others, "Industrial-Strength
 * Controlled Concurrency Testing for C# Programs with Coyote", TACAS 2023) leaves a task with a small
 * probability, but for one of all, the running one included. Ours: at each point the running task goes on
 * with probability 1 - 1/N; else another enabled one does, each with the same probability. After a task
 * that cannot go on every enabled one is equally likely. So a stay has geometric length, N events in the
 * mean; the law is memoryless, and the rest of a stay is simply dropped when the enabled set changes. Needs
 * nothing to be known.
 *
 * Without a parameter each execution draws its N, so that windows of few and of many events are met.
 */
#include <errno.h>

#include "harness/strategy/draw.h"
#include "harness/strategy/parameter.h"

#define MEAN_MAX 1000000 /* as `takes` says below */
#define POWERS   26      /* (1 - 1/MEAN_MAX) to the power of 2^26 is below 2^-64 */

static const uint32_t means[] = {2, 8, 64, 512};

struct sticky_state {
    struct hd_draws draws;
    uint32_t mean;         /* of all executions; 0: each draws its own */
    uint32_t powers;       /* how many are not zero */
    uint64_t stay[POWERS]; /* probability to stay for 2^i points and more, times 2^64 */
};

static int init(void *opaque, const char *parameter) {
    struct sticky_state *state = opaque;
    if (*parameter == '\0')
        return 0;
    state->mean = hd_parameter(parameter, MEAN_MAX);
    return state->mean != 0 ? 0 : -EINVAL;
}

static uint64_t times(uint64_t a, uint64_t b) { /* of fractions of 2^64 */
    return (uint64_t)((unsigned __int128)a * b >> 64);
}

static void begin(void *opaque, const struct hd_strategy_start *start) {
    struct sticky_state *state = opaque;
    state->draws = (struct hd_draws){.key = start->key};
    uint64_t mean = state->mean;
    if (mean == 0)
        mean = means[hd_draws_below(&state->draws, sizeof means / sizeof means[0])];
    uint64_t power = 0 - (UINT64_MAX / mean + 1);
    for (state->powers = 0; state->powers < POWERS && power != 0; power = times(power, power))
        state->stay[state->powers++] = power;
}

static void task_born(void *state, uint32_t task) {
    (void)state;
    (void)task;
}

/* How many points pass before the one at which the task is left: the largest L with draw < q^L, where q is
 * 1 - 1/N. So P(L or more) = q^L. One draw, and the bits of L from the highest. */
static uint64_t points_stayed(struct sticky_state *state) {
    uint64_t draw = hd_draws_word(&state->draws);
    uint64_t product = UINT64_MAX, length = 0;
    for (uint32_t i = state->powers; i-- > 0;) {
        uint64_t longer = times(product, state->stay[i]);
        if (draw >= longer)
            continue;
        product = longer;
        length += 1ull << i;
    }
    return length;
}

static uint32_t another(struct sticky_state *state, const struct hd_choice *choice) {
    if (!choice->current_enabled)
        return (uint32_t)hd_draws_below(&state->draws, choice->count);
    uint32_t index = (uint32_t)hd_draws_below(&state->draws, choice->count - 1);
    return index + (index >= choice->current_index);
}

static uint32_t next(void *opaque, const struct hd_choice *choice, uint64_t *points) {
    struct sticky_state *state = opaque;
    if (choice->count == 1) {
        *points = HD_POINTS_FOREVER;
        return choice->enabled[0];
    }
    if (choice->reason == HD_CHOICE_CHANGED && choice->current_enabled) {
        *points = points_stayed(state);
        if (*points > 0)
            return choice->current;
    }
    *points = 1 + points_stayed(state);
    return choice->enabled[another(state, choice)];
}

const struct hd_strategy_ops hd_strategy_sticky = {
    .name = "sticky",
    .takes = "a number from 1 to 1000000",
    .needs_events = false,
    .fair = false,
    .state_size = sizeof(struct sticky_state),
    .init = init,
    .begin = begin,
    .task_born = task_born,
    .next = next,
};
