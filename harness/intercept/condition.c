/* condition.c - pthread condition variables.
 *
 * A wait is two events: release the mutex and join the waiters; then, once signalled and once the mutex
 * is free, take it again. Who waits is kept in queue.c, not in the caller's pthread_cond_t, which stays
 * as it was initialised. A signal wakes a waiter drawn from the execution's choice stream. There are no
 * spurious wake-ups.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "harness/intercept/mutex.h"
#include "harness/intercept/operations.h"
#include "harness/intercept/queue.h"
#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/holds.h"
#include "harness/sched/task.h"

static bool ready(const struct hd_pending *pending, uint32_t task) {
    return hd_queue_woken(task) && hd_mutex_free_for(pending->also, task);
}

static uint32_t owner(const struct hd_pending *pending) {
    return hd_mutex_owner(pending->also);
}

int hd_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline,
                      const void *pc) {
    uint32_t self = hd_task_self();
    hd_point(condition, HD_WHAT(HD_WAIT, 0), pc);
    if (hd_mutex_owner(mutex) != self)
        hd_fault(HD_FAULT_MISUSE, "wait on a condition without holding its mutex");
    int result = REAL(pthread_mutex_unlock)(mutex);
    if (result != 0)
        return result;
    hd_unhold(mutex);
    hd_queue_enter(self, condition);
    hd_changed(mutex);
    struct hd_pending pending = {.object = condition,
                                 .also = mutex,
                                 .ready = ready,
                                 .owner = owner,
                                 .deadline = deadline,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "condition"};
    bool signalled = hd_wait_for(&pending, pc);
    signalled |= hd_queue_woken(self); /* the signal came together with the deadline */
    hd_queue_leave(self);
    if (!hd_mutex_free_for(mutex, self)) {
        result = hd_mutex_lock(mutex, HD_NO_DEADLINE, pc);
    } else {
        result = REAL(pthread_mutex_lock)(mutex);
        hd_hold(mutex, false, pc);
    }
    hd_changed(mutex);
    return result != 0 ? result : signalled ? 0 : ETIMEDOUT;
}

int pthread_cond_wait(pthread_cond_t *condition, pthread_mutex_t *mutex) {
    if (!hd_running)
        return REAL(pthread_cond_wait)(condition, mutex);
    return hd_condition_wait(condition, mutex, HD_NO_DEADLINE, CALLER);
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
    return hd_condition_wait(condition, mutex, deadline, CALLER);
}

int pthread_cond_clockwait(pthread_cond_t *condition, pthread_mutex_t *mutex, clockid_t clock,
                           const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_cond_clockwait)(condition, mutex, clock, time);
    if (!hd_time_valid(time))
        return EINVAL;
    return hd_condition_wait(condition, mutex, hd_deadline_at(clock, time), CALLER);
}

void hd_condition_wake(pthread_cond_t *condition, uint32_t count, const void *pc) {
    hd_point(condition, HD_WHAT(count == 1 ? HD_SIGNAL : HD_BROADCAST, 0), pc);
    hd_queue_wake(condition, count);
    hd_changed(condition);
}

int pthread_cond_signal(pthread_cond_t *condition) {
    if (!hd_running)
        return REAL(pthread_cond_signal)(condition);
    hd_condition_wake(condition, 1, CALLER);
    return 0;
}

int pthread_cond_broadcast(pthread_cond_t *condition) {
    if (!hd_running)
        return REAL(pthread_cond_broadcast)(condition);
    hd_condition_wake(condition, UINT32_MAX, CALLER);
    return 0;
}

int pthread_cond_destroy(pthread_cond_t *condition) {
    if (!hd_running)
        return REAL(pthread_cond_destroy)(condition);
    hd_point(condition, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (hd_queue_waiting(condition) > 0)
        hd_fault(HD_FAULT_MISUSE, "destruction of a condition that tasks wait on");
    return REAL(pthread_cond_destroy)(condition);
}
