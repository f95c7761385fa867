/* pct.c - probabilistic concurrency testing: random priorities, d - 1 priority changes.
 *
 * Source: Burckhardt, Kothari, Musuvathi, Nagarakatte, "A Randomized Scheduler with Probabilistic
 * Guarantees of Finding Bugs", ASPLOS 2010. With n tasks and at most k events an execution shows a given
 * bug of depth d with probability 1/(n k^(d-1)) or more.
 *
 * Exact where other tools are not: the task that executes the i-th drawn event gets the fixed priority i,
 * the index of the draw, so that a task changed later may rank above one changed earlier. Putting each
 * below all earlier ones makes some orders impossible and voids the guarantee.
 *
 * Differs: k is the event count of the batch's pilot run, enlarged by a fifth; the changes are of the
 * concurrent part; a task that yields goes below all others without using up a change; an execution of many
 * times k events, in which a spinning task may hold the highest priority for ever, goes on in turns.
 *
 * Invariant P: the priorities of all tasks are distinct; the largest enabled one runs.
 */
#include <errno.h>

#include "harness/strategy/draw.h"
#include "harness/strategy/parameter.h"

#define DEPTH_DEFAULT 3
#define DEPTH_MAX     64 /* as `takes` says below */
#define TASKS_MAX     1024
#define LOWEST        (1ull << 32) /* change number i ranks at LOWEST + i, yields below LOWEST */
#define INITIAL       (1ull << 63) /* and above */
#define PATIENCE      20           /* times k events until tasks take turns */
#define TURN          64           /* events a turn */

struct pct_state {
    struct hd_draws draws;
    uint32_t depth;
    uint32_t changes_done;
    uint64_t yields;
    uint64_t patience; /* events after which tasks take turns */
    struct {
        uint64_t event;
        uint64_t number; /* 1-based, in order of drawing */
    } change[DEPTH_MAX];
    uint64_t priority[TASKS_MAX];
};

static int init(void *opaque, const char *parameter) {
    struct pct_state *state = opaque;
    state->depth = DEPTH_DEFAULT;
    if (*parameter == '\0')
        return 0;
    state->depth = hd_parameter(parameter, DEPTH_MAX);
    return state->depth != 0 ? 0 : -EINVAL;
}

/* Sorted by event, then by number: insertion, since there are few. */
static void draw_changes(struct pct_state *state, uint64_t events) {
    for (uint32_t i = 0; i + 1 < state->depth; i++) {
        uint64_t event = 1 + hd_draws_below(&state->draws, events);
        uint32_t at = i;
        for (; at > 0 && state->change[at - 1].event > event; at--)
            state->change[at] = state->change[at - 1];
        state->change[at].event = event;
        state->change[at].number = i + 1;
    }
}

static void begin(void *opaque, const struct hd_strategy_start *start) {
    struct pct_state *state = opaque;
    state->draws = (struct hd_draws){.key = start->key};
    state->changes_done = 0;
    state->yields = 0;
    state->patience = PATIENCE * start->events + 1000;
    draw_changes(state, start->events);
}

static void task_born(void *opaque, uint32_t task) {
    struct pct_state *state = opaque;
    state->priority[task] = INITIAL | hd_draws_word(&state->draws);
}

/* Changes due after `points` events hit the task that executed the last of them. */
static void apply_changes(struct pct_state *state, uint32_t current, uint64_t points) {
    while (state->changes_done + 1 < state->depth &&
           state->change[state->changes_done].event <= points) {
        state->priority[current] = LOWEST + state->change[state->changes_done].number;
        state->changes_done++;
    }
}

static uint32_t highest(const struct pct_state *state, const struct hd_choice *choice) {
    uint32_t best = choice->enabled[0];
    for (uint32_t i = 1; i < choice->count; i++)
        if (state->priority[choice->enabled[i]] > state->priority[best])
            best = choice->enabled[i];
    return best;
}

static uint32_t next(void *opaque, const struct hd_choice *choice, uint64_t *points) {
    struct pct_state *state = opaque;
    bool turns = choice->points >= state->patience;
    if (choice->phase == HD_PHASE_CONCURRENT)
        apply_changes(state, choice->current, choice->points);
    if (choice->reason == HD_CHOICE_YIELD || (turns && choice->reason != HD_CHOICE_CHANGED))
        state->priority[choice->current] = LOWEST - ++state->yields;
    if (turns)
        *points = TURN;
    else if (choice->phase == HD_PHASE_CONCURRENT && state->changes_done + 1 < state->depth)
        *points = state->change[state->changes_done].event - choice->points;
    else
        *points = state->patience - choice->points;
    return highest(state, choice);
}

const struct hd_strategy_ops hd_strategy_pct = {
    .name = "pct",
    .takes = "a number from 1 to 64",
    .needs_events = true,
    .fair = false,
    .state_size = sizeof(struct pct_state),
    .init = init,
    .begin = begin,
    .task_born = task_born,
    .next = next,
};
