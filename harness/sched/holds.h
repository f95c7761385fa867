/* holds.h - who holds which lock, and since when: for reports, and to tell one deadlock from another.
 *
 * The locks themselves stay in the caller's objects and decide who may go on; this is a list beside
 * them. It is bounded: of more than HD_HOLDS_MAX locks held at a time the latest are not known.
 */
#ifndef HEDDLE_HARNESS_SCHED_HOLDS_H
#define HEDDLE_HARNESS_SCHED_HOLDS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/result/record.h"

#define HD_HOLDS_MAX 256u

struct hd_hold {
    const void *object;
    uint32_t task;
    uint32_t begun; /* operations that its task had begun: see program.h */
    bool shared;    /* others may hold it, too */
    uint32_t frames;
    uint64_t
        pc[HD_STACK_FRAMES_MAX];  /* where it was taken; in bare runs the innermost frame alone */
    char operation[HD_NAME_SIZE]; /* in which; empty in bare runs */
};

struct hd_holder {
    uint32_t task;
    const struct hd_hold *hold; /* NULL: since when is not known */
};

/* The running task has got `object` by a call that returns to `pc`, or has given it back. */
void hd_hold(const void *object, bool shared, const void *pc);
void hd_unhold(const void *object);
/* Whom `task`, whose operation is pending, waits for: the tasks that hold its object or, where it waits
 * for the end of a task, that one. Returns how many, at most HD_HOLDS_MAX. Only reads. */
uint32_t hd_holders(uint32_t task, struct hd_holder holder[HD_HOLDS_MAX]);
/* Whether the task that holds it has ended, or has begun another operation since. */
bool hd_hold_left(const struct hd_hold *hold);
void hd_holds_forget(void);

#endif
