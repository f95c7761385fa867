/* lock.c - see lock.h.
 *
 * Source: Go 1.19, packages sync (RWMutex, Mutex) and runtime (the semaphores below them): the algorithm,
 * told again in C. A reader counts itself in one word and is in, unless a writer has made that word
 * negative. Differs:
 *   - a semaphore is a word of permits and a futex, where Go has a queue of goroutines;
 *   - the mutex is handed to a waiter that was woken and lost once, where Go's is to one that has waited
 *     for a millisecond, and to one waiter a time, where Go hands it on until nobody has waited so long;
 *   - who waits looks a few times before it sleeps, where an idle thread of Go looks for goroutines.
 *
 * Invariants:
 *   R1  `readers` is how many read or wait to, less GORW_READERS_MAX from the moment a writer asks until
 *       it leaves;
 *   R2  `leaving` is 0 but while a writer waits for those who read when it asked. It may be negative
 *       before the writer has added their number: those have left already;
 *   R3  as many permits are given to `reader` as readers found the word negative.
 */
#include "mapimpl/gorwmutex/lock.h"

#include <linux/futex.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOCKED     1u /* bits of struct gorw_mutex.state; above them the number of waiters */
#define WOKEN      2u /* a waiter is on its way and needs no other one to be woken */
#define STARVING   4u /* the mutex, free or not, is the heir's */
#define WAITER_ONE 8u

#define SPINS_MAX 4u  /* looks at a mutex before its waiter counts itself */
#define LOOKS_MAX 16u /* looks for a permit before its waiter sleeps */
#define PAUSES    30u /* from one look to the next */

static void pause_a_little(void) {
    for (unsigned i = 0; i < PAUSES; i++) {
#if defined(__x86_64__)
        __builtin_ia32_pause();
#else
        __asm__ volatile("yield");
#endif
    }
}

/* ---- semaphores */

static bool sem_try(struct gorw_sem *sem) {
    uint32_t permits = atomic_load(&sem->permits);
    while (permits != 0) { /* ends: each turn another waiter took a permit, or this one did */
        if (atomic_compare_exchange_weak(&sem->permits, &permits, permits - 1)) {
            return true;
        }
    }
    return false;
}

/* Who sleeps has counted itself before its last look, who gives a permit looks for sleepers after it gave:
 * one of the two sees the other. */
static void sem_acquire(struct gorw_sem *sem) {
    for (unsigned look = 0; look < LOOKS_MAX && atomic_load(&sem->sleepers) == 0; look++) {
        if (sem_try(sem)) {
            return;
        }
        pause_a_little();
    }
    atomic_fetch_add(&sem->sleepers, 1);
    while (!sem_try(sem)) {
        syscall(SYS_futex, &sem->permits, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
    atomic_fetch_sub(&sem->sleepers, 1);
}

static void sem_release(struct gorw_sem *sem, uint32_t permits) {
    atomic_fetch_add(&sem->permits, permits);
    if (atomic_load(&sem->sleepers) != 0) {
        syscall(SYS_futex, &sem->permits, FUTEX_WAKE_PRIVATE, permits, NULL, NULL, 0);
    }
}

/* ---- the writers' mutex */

/* Says that a waiter is on its way, so that the holder wakes no other one. */
static bool mutex_announce(struct gorw_mutex *mutex, uint32_t state) {
    return (state & WOKEN) == 0 && state >= WAITER_ONE &&
           atomic_compare_exchange_strong(&mutex->state, &state, state | WOKEN);
}

struct waiter {
    bool woken;     /* WOKEN is its own */
    bool slept;     /* it was in the queue: it loses one more time at most */
    unsigned spins; /* looks since it came or woke */
};

/* Returns the state that was seen last. */
static uint32_t mutex_spin(struct gorw_mutex *mutex, struct waiter *waiter) {
    uint32_t state = atomic_load(&mutex->state);
    while ((state & (LOCKED | STARVING)) == LOCKED && waiter->spins < SPINS_MAX) {
        waiter->woken = waiter->woken || mutex_announce(mutex, state);
        pause_a_little();
        waiter->spins++;
        state = atomic_load(&mutex->state);
    }
    return state;
}

static void mutex_inherit(struct gorw_mutex *mutex) {
    sem_acquire(&mutex->heir);
    atomic_fetch_add(&mutex->state, LOCKED - STARVING);
}

static void mutex_wait(struct gorw_mutex *mutex) {
    struct waiter waiter = {0};
    for (;;) { /* ends: the second time that it wakes, the mutex is this waiter's */
        uint32_t state = mutex_spin(mutex, &waiter);
        bool taken = (state & (LOCKED | STARVING)) != 0;
        bool heir = waiter.slept && (state & (LOCKED | STARVING)) == LOCKED;
        uint32_t next = waiter.woken ? state & ~WOKEN : state;
        next = heir ? next | STARVING : taken ? next + WAITER_ONE : next | LOCKED;
        if (!atomic_compare_exchange_strong(&mutex->state, &state, next)) {
            continue;
        }
        if (!taken) {
            return;
        }
        if (heir) {
            mutex_inherit(mutex);
            return;
        }
        sem_acquire(&mutex->queue);
        waiter = (struct waiter){.woken = true, .slept = true};
    }
}

static void mutex_lock(struct gorw_mutex *mutex) {
    uint32_t free = 0;
    if (!atomic_compare_exchange_strong(&mutex->state, &free, LOCKED)) {
        mutex_wait(mutex);
    }
}

static void mutex_unlock(struct gorw_mutex *mutex) {
    uint32_t state = atomic_fetch_sub(&mutex->state, LOCKED) - LOCKED;
    if ((state & STARVING) != 0) {
        sem_release(&mutex->heir, 1);
        return;
    }
    while (state >= WAITER_ONE && (state & (LOCKED | WOKEN | STARVING)) == 0) {
        /* ends: somebody changed the state, or this does */
        if (atomic_compare_exchange_weak(&mutex->state, &state, (state - WAITER_ONE) | WOKEN)) {
            sem_release(&mutex->queue, 1);
            return;
        }
    }
}

/* ---- readers and writers */

void gorw_init(struct gorw_lock *lock, const struct map_host *host) {
    struct gorw_lock *l = lock;
    atomic_init(&l->readers, 0);
    atomic_init(&l->leaving, 0);
    atomic_init(&l->writer.permits, 0);
    atomic_init(&l->writer.sleepers, 0);
    atomic_init(&l->reader.permits, 0);
    atomic_init(&l->reader.sleepers, 0);
    atomic_init(&l->writers.state, 0);
    atomic_init(&l->writers.queue.permits, 0);
    atomic_init(&l->writers.queue.sleepers, 0);
    atomic_init(&l->writers.heir.permits, 0);
    atomic_init(&l->writers.heir.sleepers, 0);
    l->host = host;
}

void gorw_read_wait(struct gorw_lock *lock) {
    sem_acquire(&lock->reader);
}

void gorw_read_left(struct gorw_lock *lock, int32_t readers) {
    if (readers == -1 || readers == -1 - GORW_READERS_MAX) {
        lock->host->fatal(lock->host->context, "sync: RUnlock of unlocked RWMutex");
    }
    if (atomic_fetch_sub(&lock->leaving, 1) - 1 == 0) {
        sem_release(&lock->writer, 1);
    }
}

void gorw_lock(struct gorw_lock *lock) {
    mutex_lock(&lock->writers);
    int32_t inside = atomic_fetch_sub(&lock->readers, GORW_READERS_MAX);
    if (inside != 0 && atomic_fetch_add(&lock->leaving, inside) + inside != 0) {
        sem_acquire(&lock->writer);
    }
}

void gorw_unlock(struct gorw_lock *lock) {
    int32_t waiting = atomic_fetch_add(&lock->readers, GORW_READERS_MAX) + GORW_READERS_MAX;
    if (waiting >= GORW_READERS_MAX) {
        lock->host->fatal(lock->host->context, "sync: Unlock of unlocked RWMutex");
    }
    if (waiting > 0) {
        sem_release(&lock->reader, (uint32_t)waiting);
    }
    mutex_unlock(&lock->writers);
}
