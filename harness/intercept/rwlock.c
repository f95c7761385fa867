/* rwlock.c - pthread readers-writer locks. As in mutex.c the state stays in the caller's object.
 *
 * glibc's default prefers readers: a reader gets in whenever no writer is inside. The kind
 * PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP holds new readers back while a writer waits.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/holds.h"
#include "harness/sched/task.h"
#include "harness/task/pool.h"

#define READERS_SHIFT 3 /* glibc keeps three flags below the number of readers */

static const char purpose_read[] = "rwlock (read)";
static const char purpose_write[] = "rwlock (write)";

static unsigned readers(const pthread_rwlock_t *lock) {
    return lock->__data.__readers >> READERS_SHIFT;
}

static int writer(const pthread_rwlock_t *lock) {
    return lock->__data.__cur_writer;
}

static bool prefers_writers(const pthread_rwlock_t *lock) {
    return lock->__data.__flags == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP;
}

/* A writer that asks again is refused with EDEADLK at once. */
static bool may_read(const struct hd_pending *pending, uint32_t task) {
    const pthread_rwlock_t *lock = pending->object;
    if (writer(lock) != 0)
        return writer(lock) == hd_pool_tid(task);
    return !prefers_writers(lock) || hd_waiters(lock, purpose_write) == 0;
}

static bool may_write(const struct hd_pending *pending, uint32_t task) {
    const pthread_rwlock_t *lock = pending->object;
    if (writer(lock) != 0)
        return writer(lock) == hd_pool_tid(task);
    return readers(lock) == 0;
}

static uint32_t owner(const struct hd_pending *pending) {
    const pthread_rwlock_t *lock = pending->object;
    return writer(lock) == 0 ? UINT32_MAX : hd_pool_task_with_tid(writer(lock));
}

static bool wait_for(pthread_rwlock_t *lock, bool write, uint64_t deadline, const void *pc) {
    struct hd_pending pending = {.object = lock,
                                 .ready = write ? may_write : may_read,
                                 .owner = owner,
                                 .deadline = deadline,
                                 .what = HD_WHAT(write ? HD_ACQUIRE : HD_ACQUIRE_SHARED, 0),
                                 .purpose = write ? purpose_write : purpose_read};
    return hd_wait_for(&pending, pc);
}

static int lock_read(pthread_rwlock_t *lock, uint64_t deadline, const void *pc) {
    if (!wait_for(lock, false, deadline, pc))
        return ETIMEDOUT;
    int result = REAL(pthread_rwlock_rdlock)(lock);
    if (result == 0)
        hd_hold(lock, true, pc);
    hd_changed(lock);
    return result;
}

static int lock_write(pthread_rwlock_t *lock, uint64_t deadline, const void *pc) {
    if (!wait_for(lock, true, deadline, pc)) {
        hd_changed(lock); /* readers may have waited for this writer */
        return ETIMEDOUT;
    }
    int result = REAL(pthread_rwlock_wrlock)(lock);
    if (result == 0)
        hd_hold(lock, false, pc);
    hd_changed(lock);
    return result;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_rwlock_rdlock)(lock);
    return lock_read(lock, HD_NO_DEADLINE, CALLER);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_rwlock_wrlock)(lock);
    return lock_write(lock, HD_NO_DEADLINE, CALLER);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *lock, const struct timespec *time) {
    if (!hd_running)
        return REAL(pthread_rwlock_timedrdlock)(lock, time);
    if (!hd_time_valid(time))
        return EINVAL;
    return lock_read(lock, hd_deadline_at(CLOCK_REALTIME, time), CALLER);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *lock, const struct timespec *time) {
    if (!hd_running)
        return REAL(pthread_rwlock_timedwrlock)(lock, time);
    if (!hd_time_valid(time))
        return EINVAL;
    return lock_write(lock, hd_deadline_at(CLOCK_REALTIME, time), CALLER);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t *lock, clockid_t clock,
                               const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_rwlock_clockrdlock)(lock, clock, time);
    if (!hd_time_valid(time))
        return EINVAL;
    return lock_read(lock, hd_deadline_at(clock, time), CALLER);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t *lock, clockid_t clock,
                               const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_rwlock_clockwrlock)(lock, clock, time);
    if (!hd_time_valid(time))
        return EINVAL;
    return lock_write(lock, hd_deadline_at(clock, time), CALLER);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_rwlock_tryrdlock)(lock);
    hd_point(lock, HD_WHAT(HD_TRY_ACQUIRE_SHARED, 0), CALLER);
    int result = REAL(pthread_rwlock_tryrdlock)(lock);
    if (result == 0)
        hd_hold(lock, true, CALLER);
    hd_changed(lock);
    return result;
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_rwlock_trywrlock)(lock);
    hd_point(lock, HD_WHAT(HD_TRY_ACQUIRE, 0), CALLER);
    int result = REAL(pthread_rwlock_trywrlock)(lock);
    if (result == 0)
        hd_hold(lock, false, CALLER);
    hd_changed(lock);
    return result;
}

int pthread_rwlock_unlock(pthread_rwlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_rwlock_unlock)(lock);
    hd_point(lock, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (writer(lock) == 0 && readers(lock) == 0)
        hd_fault(HD_FAULT_MISUSE, "unlock of a rwlock that nobody holds");
    if (writer(lock) != 0 && writer(lock) != hd_pool_tid(hd_task_self()))
        hd_fault(HD_FAULT_MISUSE, "unlock of a rwlock that task %u holds for writing",
                 hd_pool_task_with_tid(writer(lock)));
    int result = REAL(pthread_rwlock_unlock)(lock);
    hd_unhold(lock);
    hd_changed(lock);
    return result;
}

int pthread_rwlock_destroy(pthread_rwlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_rwlock_destroy)(lock);
    hd_point(lock, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (writer(lock) != 0 || readers(lock) != 0)
        hd_fault(HD_FAULT_MISUSE, "destruction of a rwlock that is locked");
    return REAL(pthread_rwlock_destroy)(lock);
}
