/* mutex.c - pthread mutexes of all kinds.
 *
 * The state stays in the caller's pthread_mutex_t, kept by the real functions: tasks carry real threads'
 * identities, so owner, recursion and error checks come out right, and resetting the program's memory
 * resets its locks. We only make sure that the real function never has to wait.
 */
#include "harness/intercept/mutex.h"

#include <errno.h>
#include <time.h>

#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/holds.h"
#include "harness/sched/task.h"
#include "harness/task/pool.h"

#define KIND_MASK 3 /* of pthread_mutex_t's __kind: normal, recursive, error-checking, adaptive */

uint32_t hd_mutex_owner(const pthread_mutex_t *mutex) {
    int tid = mutex->__data.__owner;
    return tid == 0 ? UINT32_MAX : hd_pool_task_with_tid(tid);
}

static int kind(const pthread_mutex_t *mutex) {
    return mutex->__data.__kind & KIND_MASK;
}

bool hd_mutex_free_for(const pthread_mutex_t *mutex, uint32_t task) {
    if (mutex->__data.__lock == 0)
        return true;
    bool own = mutex->__data.__owner == hd_pool_tid(task);
    return own &&
           (kind(mutex) == PTHREAD_MUTEX_RECURSIVE || kind(mutex) == PTHREAD_MUTEX_ERRORCHECK);
}

static bool ready(const struct hd_pending *pending, uint32_t task) {
    return hd_mutex_free_for(pending->object, task);
}

static uint32_t owner(const struct hd_pending *pending) {
    return hd_mutex_owner(pending->object);
}

int hd_mutex_lock(pthread_mutex_t *mutex, uint64_t deadline, const void *pc) {
    struct hd_pending pending = {.object = mutex,
                                 .ready = ready,
                                 .owner = owner,
                                 .deadline = deadline,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "mutex"};
    if (!hd_wait_for(&pending, pc))
        return ETIMEDOUT;
    int result = REAL(pthread_mutex_lock)(mutex);
    if (result == 0)
        hd_hold(mutex, false, pc);
    hd_changed(mutex);
    return result;
}

int hd_mutex_try(pthread_mutex_t *mutex, const void *pc) {
    hd_point(mutex, HD_WHAT(HD_TRY_ACQUIRE, 0), pc);
    int result = REAL(pthread_mutex_trylock)(mutex);
    if (result == 0)
        hd_hold(mutex, false, pc);
    hd_changed(mutex);
    return result;
}

int hd_mutex_unlock(pthread_mutex_t *mutex, const void *pc) {
    hd_point(mutex, HD_WHAT(HD_RELEASE, 0), pc);
    uint32_t holder = hd_mutex_owner(mutex);
    if (kind(mutex) != PTHREAD_MUTEX_ERRORCHECK && kind(mutex) != PTHREAD_MUTEX_RECURSIVE &&
        holder != hd_task_self()) {
        if (holder == UINT32_MAX)
            hd_fault(HD_FAULT_MISUSE, "unlock of a mutex that nobody holds");
        hd_fault(HD_FAULT_MISUSE, "unlock of a mutex that task %u holds", holder);
    }
    int result = REAL(pthread_mutex_unlock)(mutex);
    if (result == 0)
        hd_unhold(mutex);
    hd_changed(mutex);
    return result;
}

int pthread_mutex_lock(pthread_mutex_t *mutex) {
    if (!hd_running)
        return REAL(pthread_mutex_lock)(mutex);
    return hd_mutex_lock(mutex, HD_NO_DEADLINE, CALLER);
}

int pthread_mutex_trylock(pthread_mutex_t *mutex) {
    if (!hd_running)
        return REAL(pthread_mutex_trylock)(mutex);
    return hd_mutex_try(mutex, CALLER);
}

int pthread_mutex_timedlock(pthread_mutex_t *mutex, const struct timespec *time) {
    if (!hd_running)
        return REAL(pthread_mutex_timedlock)(mutex, time);
    if (!hd_mutex_free_for(mutex, hd_task_self()) && !hd_time_valid(time))
        return EINVAL;
    return hd_mutex_lock(mutex, hd_deadline_at(CLOCK_REALTIME, time), CALLER);
}

int pthread_mutex_clocklock(pthread_mutex_t *mutex, clockid_t clock, const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_mutex_clocklock)(mutex, clock, time);
    if (!hd_mutex_free_for(mutex, hd_task_self()) && !hd_time_valid(time))
        return EINVAL;
    return hd_mutex_lock(mutex, hd_deadline_at(clock, time), CALLER);
}

int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    if (!hd_running)
        return REAL(pthread_mutex_unlock)(mutex);
    return hd_mutex_unlock(mutex, CALLER);
}

int pthread_mutex_destroy(pthread_mutex_t *mutex) {
    if (!hd_running)
        return REAL(pthread_mutex_destroy)(mutex);
    hd_point(mutex, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (mutex->__data.__lock != 0)
        hd_fault(HD_FAULT_MISUSE, "destruction of a mutex that is locked");
    return REAL(pthread_mutex_destroy)(mutex);
}
