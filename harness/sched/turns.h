/* turns.h - a fair end for executions that do not end.
 *
 * An execution that has used up its points (hd_execution.points_max) may be stuck in the schedule and
 * not in the program: a strategy that ranks tasks keeps the holder of a home-made lock from running
 * for ever, and under a random walk a hundred tasks that spin leave it one point in a hundred. From
 * there on the tasks take turns, whatever the strategy: the one that has waited longest runs, for some
 * hundred events. A task that only waits, in a loop that reads and changes nothing, gives its turn up
 * early, and so does one that has only touched its own stack for long, such as one that waits for twice as
 * long each time. An execution that has not ended after HD_TURNS_FACTOR times its points is a livelock,
 * unless operations or tasks still come to an end in it: from each such end it has three times its points
 * again, up to HD_TURNS_FACTOR_MAX times its points in all.
 *
 * The lengths vary, so that tasks that get into each other's way do not do so in step for ever. They
 * follow from the number of the turn alone: bare and full runs take the same turns.
 */
#ifndef HEDDLE_HARNESS_SCHED_TURNS_H
#define HEDDLE_HARNESS_SCHED_TURNS_H

#include "harness/sched/program.h"
#include "harness/strategy/strategy.h"

/* The last turn ends after so many times the points after which the first began; after the second factor
 * where operations still end. */
#define HD_TURNS_FACTOR     4u
#define HD_TURNS_FACTOR_MAX 32u
#define HD_TURNS_LOOKS      4u /* places that are remembered */
/* The main task alone, which sets up and looks at the result, has so many times the points of the tasks. */
#define HD_TURNS_MAIN_FACTOR 8u

struct hd_turns {
    uint64_t count;              /* turns so far */
    uint64_t end;                /* of the present one, in events of the execution */
    uint64_t last[HD_TASKS_MAX]; /* the last turn of each task, 1-based; 0: none yet */
    uint32_t idle;       /* what events since the last change weigh that have changed nothing */
    uint32_t own;        /* events since then on the task's own stack */
    uint32_t size;       /* bytes that the last event may change; 0: none */
    bool local;          /* it is on the task's own stack: neither waiting nor progress */
    bool changes;        /* it may change something */
    const void *address; /* of the last event */
    const void *look[HD_TURNS_LOOKS]; /* of some before it that have changed nothing */
    uint32_t looks;
    uint64_t before;
};

void hd_turns_begin(struct hd_turns *turns);
/* As hd_strategy_ops.next. */
uint32_t hd_turns_next(void *state, const struct hd_choice *choice, uint64_t *points);
/* The running task is about to execute an event. */
void hd_turns_event(struct hd_turns *turns, const void *address, uint32_t what);
/* It has executed the event that was told last. Whether its turn is over, since it only waits. */
bool hd_turns_over(struct hd_turns *turns);

#endif
