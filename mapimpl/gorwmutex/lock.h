/* lock.h - a readers-writer lock that behaves as sync.RWMutex of Go 1.19 does.
 *
 * Who reads holds back a writer, and a writer that waits holds back readers that come later; a writer that
 * leaves lets in all readers that came meanwhile before it lets in the next writer. So nobody waits for
 * more than one round of the others, but who is inside must not ask again: a reader that asks for the
 * write lock waits for itself, and one that asks to read once more waits for a writer that waits for it.
 */
#ifndef HEDDLE_MAPIMPL_GORWMUTEX_LOCK_H
#define HEDDLE_MAPIMPL_GORWMUTEX_LOCK_H

#include <stdatomic.h>
#include <stdint.h>

#include "mapimpl/map.h"

#define GORW_LINE        64        /* bytes of a cache line */
#define GORW_READERS_MAX (1 << 30) /* what a writer takes off `readers`: no more can be inside */

/* Permits, and who sleeps until there is one. */
struct gorw_sem {
    _Atomic uint32_t permits;
    _Atomic uint32_t sleepers;
};

struct gorw_mutex {
    _Atomic uint32_t state; /* lock.c has the bits */
    struct gorw_sem queue;
    struct gorw_sem heir; /* the one waiter that gets the mutex next, whoever else comes */
};

/* The words that waiters look at share no line with the one that every reader changes. */
struct gorw_lock {
    _Alignas(
        GORW_LINE) _Atomic int32_t readers; /* inside or waiting; less READERS_MAX: a writer came */
    const struct map_host *host;
    _Alignas(GORW_LINE) _Atomic int32_t leaving;   /* readers that the writer waits for */
    struct gorw_sem writer;                        /* where it does */
    struct gorw_sem reader;                        /* where readers wait until it has left */
    _Alignas(GORW_LINE) struct gorw_mutex writers; /* one at a time */
};

/* `host` must outlive the lock: its `fatal` is called when somebody unlocks what is not locked. */
void gorw_init(struct gorw_lock *lock, const struct map_host *host);

void gorw_lock(struct gorw_lock *lock);
void gorw_unlock(struct gorw_lock *lock);

/* What is left of gorw_read_lock and gorw_read_unlock once a writer is there. */
void gorw_read_wait(struct gorw_lock *lock);
void gorw_read_left(struct gorw_lock *lock, int32_t readers);

static inline void gorw_read_lock(struct gorw_lock *lock) {
    if (atomic_fetch_add(&lock->readers, 1) + 1 < 0) {
        gorw_read_wait(lock);
    }
}

static inline void gorw_read_unlock(struct gorw_lock *lock) {
    int32_t readers = atomic_fetch_sub(&lock->readers, 1) - 1;
    if (readers < 0) {
        gorw_read_left(lock, readers);
    }
}

#endif
