/* condition.c - pthread condition variables.
 *
 * A wait is two events: release the mutex and join the waiters; then, once signalled and once the mutex
 * is free, take it again. Who waits is kept here, not in the caller's pthread_cond_t, which stays as it
 * was initialised. A signal wakes a waiter drawn from the execution's choice stream. There are no
 * spurious wake-ups.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <time.h>

#include "harness/base/assert.h"
#include "harness/intercept/mutex.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"

static struct {
    uint32_t count;
    uint32_t task[HD_TASKS_MAX];            /* that wait, in no order of meaning */
    const pthread_cond_t *on[HD_TASKS_MAX]; /* by task; NULL: does not wait */
    bool signalled[HD_TASKS_MAX];           /* by task */
} waiting;

void hd_condition_reset(void) {
    for (uint32_t i = 0; i < waiting.count; i++)
        waiting.on[waiting.task[i]] = NULL;
    waiting.count = 0;
}

static void enter(uint32_t task, const pthread_cond_t *condition) {
    waiting.on[task] = condition;
    waiting.signalled[task] = false;
    waiting.task[waiting.count++] = task;
}

static void leave(uint32_t task) {
    uint32_t at = 0;
    while (waiting.task[at] != task) {
        at++;
        HD_ASSERT(at < waiting.count);
    }
    waiting.task[at] = waiting.task[--waiting.count];
    waiting.on[task] = NULL;
}

static bool ready(const struct hd_pending *pending, uint32_t task) {
    return waiting.signalled[task] && hd_mutex_free_for(pending->also, task);
}

static uint32_t owner(const struct hd_pending *pending) {
    return hd_mutex_owner(pending->also);
}

static int wait_on(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline,
                   const void *pc) {
    uint32_t self = hd_task_self();
    hd_point(condition, HD_WHAT(HD_WAIT, 0), pc);
    if (hd_mutex_owner(mutex) != self)
        hd_fault(HD_FAULT_MISUSE, "wait on a condition without holding its mutex");
    int result = REAL(pthread_mutex_unlock)(mutex);
    if (result != 0)
        return result;
    enter(self, condition);
    hd_changed(mutex);
    struct hd_pending pending = {.object = condition,
                                 .also = mutex,
                                 .ready = ready,
                                 .owner = owner,
                                 .deadline = deadline,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "condition"};
    bool signalled = hd_wait_for(&pending, pc);
    signalled |= waiting.signalled[self]; /* the signal came together with the deadline */
    leave(self);
    result = hd_mutex_free_for(mutex, self) ? REAL(pthread_mutex_lock)(mutex)
                                            : hd_mutex_lock(mutex, HD_NO_DEADLINE, pc);
    hd_changed(mutex);
    return result != 0 ? result : signalled ? 0 : ETIMEDOUT;
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    if (!hd_running)
        return REAL(pthread_cond_wait)(condition, mutex);
    return wait_on(condition, mutex, HD_NO_DEADLINE, CALLER);
}

int pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                           const struct timespec *time) {
    if (!hd_running)
        return REAL(pthread_cond_timedwait)(condition, mutex, time);
    if (!hd_time_valid(time))
        return EINVAL;
    bool monotonic =
        (condition->__data.__wrefs & 2) != 0; /* as pthread_condattr_setclock left it */
    uint64_t deadline = hd_deadline_at(monotonic ? CLOCK_MONOTONIC : CLOCK_REALTIME, time);
    return wait_on(condition, mutex, deadline, CALLER);
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_cond_clockwait)(condition, mutex, clock, time);
    if (!hd_time_valid(time))
        return EINVAL;
    return wait_on(condition, mutex, hd_deadline_at(clock, time), CALLER);
}

/* Tasks that wait on the condition and have not been signalled. */
static uint32_t unsignalled(const pthread_cond_t *condition) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < waiting.count; i++) {
        uint32_t task = waiting.task[i];
        count += waiting.on[task] == condition && !waiting.signalled[task];
    }
    return count;
}

/* Signals waiter number `which` among them. */
static void signal_one(const pthread_cond_t *condition, uint64_t which) {
    for (uint32_t i = 0; i < waiting.count; i++) {
        uint32_t task = waiting.task[i];
        if (waiting.on[task] != condition || waiting.signalled[task])
            continue;
        if (which-- > 0)
            continue;
        waiting.signalled[task] = true;
        return;
    }
}

int pthread_cond_signal(pthread_cond_t *condition) {
    if (!hd_running)
        return REAL(pthread_cond_signal)(condition);
    hd_point(condition, HD_WHAT(HD_SIGNAL, 0), CALLER);
    uint32_t count = unsignalled(condition);
    if (count > 0)
        signal_one(condition, count > 1 ? hd_choose(count) : 0);
    hd_changed(condition);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *condition) {
    if (!hd_running)
        return REAL(pthread_cond_broadcast)(condition);
    hd_point(condition, HD_WHAT(HD_BROADCAST, 0), CALLER);
    for (uint32_t count = unsignalled(condition); count > 0; count--)
        signal_one(condition, 0);
    hd_changed(condition);
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *condition) {
    if (!hd_running)
        return REAL(pthread_cond_destroy)(condition);
    hd_point(condition, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (unsignalled(condition) > 0)
        hd_fault(HD_FAULT_MISUSE, "destruction of a condition that tasks wait on");
    return REAL(pthread_cond_destroy)(condition);
}
