/* spin.c - pthread spin locks: a task that would spin waits as for a mutex.
 *
 * The real functions keep the caller's word, free or taken; while it is taken by a task we write there
 * by whom, in words that the real functions take for "taken", too.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#include "harness/intercept/real.h"
#include "harness/sched/holds.h"
#include "harness/sched/task.h"

/* What glibc's architecture takes for a free lock; all below is taken. */
#if defined(__x86_64__)
#define FREE 1
#else
#define FREE 0
#endif

static void set_owner(pthread_spinlock_t *lock, uint32_t task) {
    *lock = FREE - 1 - (int)task;
}

static uint32_t owner_in(const pthread_spinlock_t *lock) {
    return *lock == FREE ? UINT32_MAX : (uint32_t)(FREE - 1 - *lock);
}

static bool is_free(const struct hd_pending *pending, uint32_t task) {
    (void)task;
    return owner_in(pending->object) == UINT32_MAX;
}

static uint32_t owner(const struct hd_pending *pending) {
    return owner_in(pending->object);
}

int pthread_spin_lock(pthread_spinlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_spin_lock)(lock);
    struct hd_pending pending = {.object = (const void *)lock,
                                 .ready = is_free,
                                 .owner = owner,
                                 .deadline = HD_NO_DEADLINE,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "spin lock"};
    hd_wait_for(&pending, CALLER);
    int error = REAL(pthread_spin_lock)(lock);
    set_owner(lock, hd_task_self());
    hd_hold((const void *)lock, false, CALLER);
    hd_changed((const void *)lock);
    return error;
}

int pthread_spin_trylock(pthread_spinlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_spin_trylock)(lock);
    hd_point((const void *)lock, HD_WHAT(HD_TRY_ACQUIRE, 0), CALLER);
    if (owner_in(lock) != UINT32_MAX)
        return EBUSY;
    int error = REAL(pthread_spin_trylock)(lock);
    set_owner(lock, hd_task_self());
    hd_hold((const void *)lock, false, CALLER);
    hd_changed((const void *)lock);
    return error;
}

int pthread_spin_unlock(pthread_spinlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_spin_unlock)(lock);
    hd_point((const void *)lock, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (owner_in(lock) == UINT32_MAX)
        hd_fault(HD_FAULT_MISUSE, "unlock of a spin lock that nobody holds");
    if (owner_in(lock) != hd_task_self())
        hd_fault(HD_FAULT_MISUSE, "unlock of a spin lock that task %u holds", owner_in(lock));
    int error = REAL(pthread_spin_unlock)(lock);
    hd_unhold((const void *)lock);
    hd_changed((const void *)lock);
    return error;
}

int pthread_spin_destroy(pthread_spinlock_t *lock) {
    if (!hd_running)
        return REAL(pthread_spin_destroy)(lock);
    hd_point((const void *)lock, HD_WHAT(HD_RELEASE, 0), CALLER);
    if (owner_in(lock) != UINT32_MAX)
        hd_fault(HD_FAULT_MISUSE, "destruction of a spin lock that is held");
    return REAL(pthread_spin_destroy)(lock);
}
