/* futex.c - see futex.h.
 *
 * WAIT and WAKE, with and without FUTEX_PRIVATE_FLAG, and WAIT_BITSET and WAKE_BITSET with every bit
 * set; futex(2) says what they promise. A wait is two events, as on a condition variable: compare the
 * word and join the waiters; then, once woken, go on. A wake wakes waiters drawn from the execution's
 * choice stream. There are no spurious wake-ups.
 */
#include "harness/intercept/futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <time.h>

#include "harness/intercept/queue.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"

static const char *const names[] = {
    [FUTEX_WAIT] = "FUTEX_WAIT",
    [FUTEX_WAKE] = "FUTEX_WAKE",
    [FUTEX_FD] = "FUTEX_FD",
    [FUTEX_REQUEUE] = "FUTEX_REQUEUE",
    [FUTEX_CMP_REQUEUE] = "FUTEX_CMP_REQUEUE",
    [FUTEX_WAKE_OP] = "FUTEX_WAKE_OP",
    [FUTEX_LOCK_PI] = "FUTEX_LOCK_PI",
    [FUTEX_UNLOCK_PI] = "FUTEX_UNLOCK_PI",
    [FUTEX_TRYLOCK_PI] = "FUTEX_TRYLOCK_PI",
    [FUTEX_WAIT_BITSET] = "FUTEX_WAIT_BITSET",
    [FUTEX_WAKE_BITSET] = "FUTEX_WAKE_BITSET",
    [FUTEX_WAIT_REQUEUE_PI] = "FUTEX_WAIT_REQUEUE_PI",
    [FUTEX_CMP_REQUEUE_PI] = "FUTEX_CMP_REQUEUE_PI",
};
#define NAMES (sizeof names / sizeof names[0])

static long fail(int error) {
    errno = error;
    return -1;
}

static bool woken(const struct hd_pending *pending, uint32_t task) {
    (void)pending;
    return hd_queue_woken(task);
}

static long wait_on(const uint32_t *word, uint32_t expected, uint64_t deadline, const void *pc) {
    uint32_t self = hd_task_self();
    hd_point(word, HD_WHAT(HD_WAIT, sizeof *word), pc);
    if (__atomic_load_n(word, __ATOMIC_SEQ_CST) != expected)
        return fail(EAGAIN);
    hd_queue_enter(self, word);
    struct hd_pending pending = {.object = word,
                                 .ready = woken,
                                 .deadline = deadline,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "futex"};
    bool in_time = hd_wait_for(&pending, pc) || hd_queue_woken(self);
    hd_queue_leave(self);
    return in_time ? 0 : fail(ETIMEDOUT);
}

/* Tells how many are woken, as the kernel: of a negative number of waiters, and of none, one. */
static long wake(const uint32_t *word, int count, const void *pc) {
    hd_point(word, HD_WHAT(count == INT_MAX ? HD_BROADCAST : HD_SIGNAL, 0), pc);
    uint32_t woken_now = hd_queue_wake(word, count < 1 ? 1 : (uint32_t)count);
    hd_changed(word);
    return woken_now;
}

/* FUTEX_WAIT: from now; FUTEX_WAIT_BITSET: at a time of CLOCK_MONOTONIC, or CLOCK_REALTIME. */
static uint64_t deadline_of(int operation, const struct timespec *time) {
    if (time == NULL)
        return HD_NO_DEADLINE;
    if ((operation & FUTEX_CMD_MASK) == FUTEX_WAIT)
        return hd_deadline_in(time);
    return hd_deadline_at(operation & FUTEX_CLOCK_REALTIME ? CLOCK_REALTIME : CLOCK_MONOTONIC,
                          time);
}

/* Whether a mask of bits is given that is not all of them. */
static bool with_bits(int command, uint32_t bits) {
    return (command == FUTEX_WAIT_BITSET || command == FUTEX_WAKE_BITSET) &&
           bits != FUTEX_BITSET_MATCH_ANY;
}

static _Noreturn void refuse(int command) {
    if (command >= 0 && (size_t)command < NAMES)
        hd_fault(HD_FAULT_MISUSE, "syscall(SYS_futex, ..., %s) is not modelled and could block",
                 names[command]);
    hd_fault(HD_FAULT_MISUSE, "syscall(SYS_futex, ..., %d) is not a known operation", command);
}

long hd_futex(const long argument[6], const void *pc) {
    const uint32_t *word = (const uint32_t *)argument[0];
    int operation = (int)argument[1], command = operation & FUTEX_CMD_MASK;
    const struct timespec *time = (const struct timespec *)argument[3];
    uint32_t bits = (uint32_t)argument[5];
    if (with_bits(command, bits) && bits != 0)
        hd_fault(HD_FAULT_MISUSE, "syscall(SYS_futex, ..., %s) with a mask of bits is not modelled",
                 names[command]);
    if (with_bits(command, bits) || (uintptr_t)word % sizeof *word != 0)
        return fail(EINVAL);
    if (word == NULL)
        return fail(EFAULT);
    switch (command) {
    case FUTEX_WAIT:
    case FUTEX_WAIT_BITSET:
        if (time != NULL && (!hd_time_valid(time) || time->tv_sec < 0))
            return fail(EINVAL);
        return wait_on(word, (uint32_t)argument[2], deadline_of(operation, time), pc);
    case FUTEX_WAKE:
    case FUTEX_WAKE_BITSET:
        return wake(word, (int)argument[2], pc);
    default:
        refuse(command);
    }
}
