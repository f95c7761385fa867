/* strategy.h - decides which task runs next, and for how long.
 *
 * hd_strategy_open allocates `state_size` zeroed bytes; a strategy never calls malloc and cannot leak.
 * Life:        init -> { begin -> task_born and next, in any order } for each execution. Nothing tells
 *              its end.
 * Determinism: the result depends on the arguments and `state` alone; a draw is a function of the
 *              execution's schedule key and the number of draws before it, so that an execution replays
 *              alone and out of order.
 *
 * Words: an event is one executed operation of a task; a point is the moment before it. A task is
 * enabled when its pending event can complete now.
 */
#ifndef HEDDLE_HARNESS_STRATEGY_STRATEGY_H
#define HEDDLE_HARNESS_STRATEGY_STRATEGY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/base/random.h"

#define HD_POINTS_FOREVER UINT64_MAX

/* Why the scheduler asks. */
enum hd_choice_reason {
    HD_CHOICE_EXPIRED, /* the running task used up its points; the enabled set has not changed */
    HD_CHOICE_CHANGED, /* others were enabled or disabled; the running task may go on */
    HD_CHOICE_BLOCKED, /* the running task cannot go on */
    HD_CHOICE_ENDED,   /* the running task has ended */
    HD_CHOICE_YIELD,   /* the running task asked to let others run */
};

/* Part of an execution. */
enum hd_phase {
    HD_PHASE_SETUP, /* the main task prepares; code under test may have started tasks of its own */
    HD_PHASE_CONCURRENT, /* the program's tasks run side by side */
    HD_PHASE_FINISH,     /* they have ended, and the main task looks at the result */
    HD_PHASES
};

struct hd_choice {
    enum hd_choice_reason reason;
    enum hd_phase phase;
    uint32_t current;       /* the task that ran last; at the start the main task, 0 */
    bool current_enabled;   /* it is still in `enabled` */
    uint32_t current_index; /* where in `enabled`, when it is */
    const uint32_t
        *enabled;   /* tasks that can run, in an order that follows from the execution alone */
    uint32_t count; /* how many, 1 or more */
    uint64_t
        points; /* events executed so far: before the concurrent part of the set-up, then without it */
};

#define HD_NO_TASK UINT32_MAX

/* What a strategy may know of an execution before it begins. */
struct hd_strategy_start {
    uint64_t seed;   /* execution seed */
    uint64_t key;    /* of the schedule stream: see hd_draw */
    uint64_t events; /* estimate for this batch: events of the pilot run; 1 or more */
    uint32_t tasks;  /* tasks the main task will start */
};

struct hd_strategy_ops {
    const char *name;  /* command-line name without parameter: "pct" */
    const char *takes; /* what stands behind its colon, in words: "a number from 1 to 64" */
    bool needs_events; /* `events` must come from a pilot run */
    bool fair;         /* no task that can run waits long: what does was kept disabled */
    size_t state_size; /* bytes */
    /* Reads the text behind the colon of "pct:3" ("" when there is none) into `state`. Returns 0 or
     * -EINVAL. */
    int (*init)(void *state, const char *parameter);
    void (*begin)(void *state, const struct hd_strategy_start *start);
    /* A task will be enabled for the first time. */
    void (*task_born)(void *state, uint32_t task);
    /* Returns an enabled task, and in *points how many events it may execute (1 or more). */
    uint32_t (*next)(void *state, const struct hd_choice *choice, uint64_t *points);
};

/* ---- by name -------------------------------------------------------------------------------------- */

struct hd_strategy_name {
    const char *name;
    const char *summary;
};

/* What `heddle list` shows: strategies and the wrappers around them. */
extern const struct hd_strategy_name hd_strategies[];
extern const uint32_t hd_strategies_count;

/* A strategy with its parameters read. */
struct hd_strategy {
    const struct hd_strategy_ops *ops;
    char name[64]; /* with parameters and without wrappers: "pct:3" */
    bool twice;    /* each execution is run two times and compared */
    void *state;   /* heap, ops->state_size bytes */
};

#define HD_STRATEGY_MEMBERS_MAX 8u

/* How many strategies take turns, execution by execution, in a campaign called `name`: those of a list
 * "random,pct:2,pct:5"; two for "default", which is "random,pct:3"; else one. */
uint32_t hd_strategy_members(const char *name);
/* Opens the one of them that runs execution `index` of a batch; "twice:NAME" asks for a comparison.
 * Returns 0, -ENOMEM, or -EINVAL for an unknown name or parameter; `error`, of 256 bytes, then says which
 * are known. */
int hd_strategy_open(const char *name, uint64_t index, struct hd_strategy *strategy, char *error);
void hd_strategy_close(struct hd_strategy *strategy);
/* Whether every member can be opened. Returns as hd_strategy_open does. */
int hd_strategy_check(const char *name, char *error);

#endif
