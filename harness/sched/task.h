/* task.h - the scheduler as the rest of the harness sees it: tasks, waiting, waking, time.
 *
 * An operation that may have to wait is announced before it happens (hd_wait_for): while it is pending
 * its task is enabled exactly when `ready` says that it can complete now, and a task that cannot go on
 * is never chosen. What changes the state of an object says so (hd_changed).
 *
 * Invariant T1: a task is in the enabled list exactly when it has begun or is fresh, has not ended, and
 * its pending operation, if any, is ready or timed out.
 * Invariant T2: only the running task changes anything.
 */
#ifndef HEDDLE_HARNESS_SCHED_TASK_H
#define HEDDLE_HARNESS_SCHED_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/sched/point.h"
#include "harness/sched/program.h"

#define HD_NO_DEADLINE UINT64_MAX

struct hd_task;

/* An operation that may have to wait. */
struct hd_pending {
    const void *object;
    const void *also; /* a second object on which it depends, or NULL */
    /* Whether the operation of `task` can complete now. Must only read. */
    bool (*ready)(const struct hd_pending *pending, uint32_t task);
    uint64_t argument;   /* for `ready` */
    uint64_t deadline;   /* virtual ns at which it gives up; HD_NO_DEADLINE */
    uint32_t what;       /* HD_WHAT(...) */
    const char *purpose; /* "mutex", "condition", ...: for reports */
    /* The task that holds the object, or UINT32_MAX. NULL when nobody can. Must only read. */
    uint32_t (*owner)(const struct hd_pending *pending);
};

/* Passes the point of an operation and returns when it can complete: true. False: its deadline has
 * passed first. The caller completes the operation, then calls hd_changed. */
bool hd_wait_for(const struct hd_pending *pending, const void *pc);
/* The state of `object` has changed: operations pending on it are looked at again. */
void hd_changed(const void *object);
/* What the caller did before hd_order_release comes before what others do after hd_order_acquire of the
 * same object: for ThreadSanitizer, which cannot see waiting that is announced here alone. */
void hd_order_release(const void *object);
void hd_order_acquire(const void *object);
/* Lets others run: the strategy is asked anew. When all tasks that can run yield, time passes. */
void hd_yield(const void *pc);
/* Tasks whose pending operation is on `object` and whose purpose is `purpose`. */
uint32_t hd_waiters(const void *object, const char *purpose);

/* Starts a task that runs `entry(argument)`. Returns its number, or UINT32_MAX when the system refuses a
 * thread. Numbers are given in order of birth; when HD_TASKS_MAX are, those of tasks that have ended and
 * are detached or joined are given again. A fault when there are none. */
uint32_t hd_task_start(void *(*entry)(void *), void *argument);
/* Ends the calling task. */
_Noreturn void hd_task_exit(void *result);
/* What changes when a task ends: for hd_pending.object. */
const void *hd_task_object(uint32_t task);
bool hd_task_ended(uint32_t task);
void *hd_task_result(uint32_t task);
bool hd_task_detached(uint32_t task);
/* Marks as detached, or as joined: nobody may join it again. */
void hd_task_detach(uint32_t task);

/* Code under test has got so many bytes in one piece: see hd_watch_blocks. */
void hd_block_given(uint64_t size);

/* Virtual time in ns. Reading it takes 50 ns: who waits for a deadline that has come by then can run. */
uint64_t hd_time_now(void);

/* A draw of the execution's choice stream, below n (1 or more). */
uint64_t hd_choose(uint64_t n);

/* Called by tasks when they begin, and before they are gone (thread-specific data). */
extern void (*hd_task_beginning)(void);
extern void (*hd_task_ending)(void);

/* Where a fault outside of executions goes: set while real threads run the program. */
extern void (*hd_fault_outside)(enum hd_fault_kind kind, const char *message);

/* True while an execution's task runs: what interposed calls ask first. */
extern bool hd_running;

#endif
