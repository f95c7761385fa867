/* semaphore.c - unnamed POSIX semaphores. The count stays in the caller's sem_t. */
#include <errno.h>
#include <semaphore.h>
#include <time.h>

#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"

static bool positive(const struct hd_pending *pending, uint32_t task) {
    int value = 0;
    (void)task;
    sem_getvalue((sem_t *)(uintptr_t)pending->object, &value);
    return value > 0;
}

static int fail(int error) {
    errno = error;
    return -1;
}

static int wait_for(sem_t *semaphore, uint64_t deadline, const void *pc) {
    struct hd_pending pending = {.object = semaphore,
                                 .ready = positive,
                                 .deadline = deadline,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "semaphore"};
    if (!hd_wait_for(&pending, pc))
        return fail(ETIMEDOUT);
    int result = REAL(sem_trywait)(semaphore);
    hd_changed(semaphore);
    return result;
}

int sem_wait(sem_t *semaphore) {
    if (!hd_running)
        return REAL(sem_wait)(semaphore);
    return wait_for(semaphore, HD_NO_DEADLINE, CALLER);
}

int sem_timedwait(sem_t *semaphore, const struct timespec *time) {
    if (!hd_running)
        return REAL(sem_timedwait)(semaphore, time);
    if (!hd_time_valid(time))
        return fail(EINVAL);
    return wait_for(semaphore, hd_deadline_at(CLOCK_REALTIME, time), CALLER);
}

int sem_clockwait(sem_t *semaphore, clockid_t clock, const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(sem_clockwait)(semaphore, clock, time);
    if (!hd_time_valid(time))
        return fail(EINVAL);
    return wait_for(semaphore, hd_deadline_at(clock, time), CALLER);
}

int sem_trywait(sem_t *semaphore) {
    if (!hd_running)
        return REAL(sem_trywait)(semaphore);
    hd_point(semaphore, HD_WHAT(HD_TRY_ACQUIRE, 0), CALLER);
    int result = REAL(sem_trywait)(semaphore);
    int error = errno;
    hd_changed(semaphore);
    errno = error;
    return result;
}

int sem_post(sem_t *semaphore) {
    if (!hd_running)
        return REAL(sem_post)(semaphore);
    hd_point(semaphore, HD_WHAT(HD_RELEASE, 0), CALLER);
    int result = REAL(sem_post)(semaphore);
    hd_changed(semaphore);
    return result;
}
