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
    uint64_t
        bits; /* of the last word: turns between two tasks that are not used up, and a mark above them */
    uint32_t planned; /* index of the task to go on with when the stay is over */
};

static int init(void *state, const char *parameter) {
    (void)state;
    return *parameter == '\0' ? 0 : -EINVAL;
}

static void begin(void *opaque, const struct hd_strategy_start *start) {
    struct random_state *state = opaque;
    *state = (struct random_state){.draws = {.key = start->key}, .bits = 1};
}

static void task_born(void *state, uint32_t task) {
    (void)state;
    (void)task;
}

/* Between two tasks each turn is one bit, 1 to leave: a word serves for about 32 stays. The mark, one more
 * 1 bit, stands above those that are left. */
static __attribute__((noinline)) uint64_t stay_beyond(struct random_state *state) {
    uint64_t length = 0;
    for (;;) { /* ends with probability 1 */
        uint64_t zeros = (uint64_t)__builtin_ctzll(state->bits);
        length += zeros;
        if (state->bits >> zeros != 1) {
            state->bits >>= zeros + 1;
            return length + 1;
        }
        state->bits = hd_draws_word(&state->draws) >> 1 | 1ull << 63; /* 63 turns */
    }
}

static inline uint64_t stay_of_two(struct random_state *state) {
    uint64_t turns = (uint64_t)__builtin_ctzll(state->bits) + 1;
    uint64_t rest = state->bits >> (turns - 1) >> 1;
    if (rest == 0)
        return stay_beyond(state);
    state->bits = rest;
    return turns;
}

/* Each turn draws one of n tasks: the running one stays, another is the next. So P(length) =
 * n^-(length-1) * (1 - 1/n), and the next is uniform among the others. */
static uint64_t stay(struct random_state *state, uint32_t index, uint32_t n) {
    if (n == 2) {
        state->planned = 1 - index;
        return stay_of_two(state);
    }
    for (uint64_t length = 1;; length++) { /* ends with probability 1 */
        state->planned = (uint32_t)hd_draws_below(&state->draws, n);
        if (state->planned != index)
            return length;
    }
}

static __attribute__((noinline)) uint32_t
next_of_many(struct random_state *state, const struct hd_choice *choice, uint64_t *points) {
    uint32_t n = choice->count;
    uint32_t index = 0;
    if (n == 1) {
        state->planned = 0;
        *points = HD_POINTS_FOREVER;
        return choice->enabled[0];
    }
    if (choice->reason == HD_CHOICE_EXPIRED) {
        index = state->planned;
    } else if (choice->reason == HD_CHOICE_YIELD && choice->current_enabled) {
        index = (uint32_t)hd_draws_below(&state->draws, n - 1);
        index += index >= choice->current_index;
    } else {
        index = (uint32_t)hd_draws_below(&state->draws, n);
    }
    *points = stay(state, index, n);
    return choice->enabled[index];
}

static uint32_t next(void *opaque, const struct hd_choice *choice, uint64_t *points) {
    struct random_state *state = opaque;
    if (choice->reason != HD_CHOICE_EXPIRED || choice->count != 2) /* the most frequent first */
        return next_of_many(state, choice, points);
    uint32_t index = state->planned;
    state->planned = 1 - index;
    *points = stay_of_two(state);
    return choice->enabled[index];
}

const struct hd_strategy_ops hd_strategy_random = {
    .name = "random",
    .takes = "no parameter",
    .needs_events = false,
    .fair = true,
    .state_size = sizeof(struct random_state),
    .init = init,
    .begin = begin,
    .task_born = task_born,
    .next = next,
};
