/* random.c - uniform random walk, decisions drawn ahead.
 *
 * Source: folklore; measured by Thomson, Donaldson, Betts, "Concurrency Testing Using Controlled
 * Schedulers: An Empirical Study", ACM TOPC 2016. At each point every enabled task is equally likely to
 * go on. Ours draws how long the chosen task stays (a geometric length, "stay" has probability 1/n) and,
 * when that is used up, another task; the law is memoryless, so a length is simply dropped when the
 * enabled set changes. Needs nothing to be known; P(schedule) is the product of 1/n over its steps.
 */
#include <errno.h>

#include "harness/strategy/draw.h"

struct random_state {
    struct hd_draws draws;
};

static int init(void *state, const char *parameter) {
    (void)state;
    return *parameter == '\0' ? 0 : -EINVAL;
}

static void begin(void *opaque, const struct hd_strategy_start *start) {
    struct random_state *state = opaque;
    state->draws = (struct hd_draws){.key = start->key};
}

static void task_born(void *state, uint32_t task) {
    (void)state;
    (void)task;
}

/* 1 and one more for each time that a draw below n is 0: P(length) = n^-(length-1) * (1 - 1/n). */
static uint64_t stay(struct hd_draws *draws, uint32_t n) {
    if (n == 1)
        return HD_POINTS_FOREVER;
    uint64_t length = 1;
    if (n == 2) { /* one bit a turn */
        uint64_t bits = hd_draws_word(draws);
        return length + (uint64_t)__builtin_ctzll(bits | 1ull << 63);
    }
    while (hd_draws_below(draws, n) == 0) /* ends with probability 1 */
        length++;
    return length;
}

static uint32_t next(void *opaque, const struct hd_choice *choice, uint64_t *points) {
    struct random_state *state = opaque;
    uint32_t n = choice->count;
    bool leave = choice->reason == HD_CHOICE_EXPIRED || choice->reason == HD_CHOICE_YIELD;
    uint32_t index = 0;
    if (leave && choice->current_enabled && n > 1) {
        index = n == 2 ? 0 : (uint32_t)hd_draws_below(&state->draws, n - 1);
        index += index >= choice->current_index;
    } else if (n > 1) {
        index = (uint32_t)hd_draws_below(&state->draws, n);
    }
    *points = stay(&state->draws, n);
    return choice->enabled[index];
}

const struct hd_strategy_ops hd_strategy_random = {
    .name = "random",
    .summary = "uniform random walk: every enabled task is equally likely at each point",
    .needs_events = false,
    .state_size = sizeof(struct random_state),
    .init = init,
    .begin = begin,
    .task_born = task_born,
    .next = next,
};
