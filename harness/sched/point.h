/* point.h - the scheduling point: one decrement and one branch.
 *
 * hd_countdown says how many more points the running task may pass before the scheduler decides again.
 * Outside of executions it is so large that it never ends.
 */
#ifndef HEDDLE_HARNESS_SCHED_POINT_H
#define HEDDLE_HARNESS_SCHED_POINT_H

#include <stdint.h>

/* What the event behind a point is. Together with the size in bytes it fits one word. */
enum hd_what {
    HD_READ = 1,
    HD_WRITE,
    HD_ATOMIC_LOAD,
    HD_ATOMIC_STORE,
    HD_ATOMIC_UPDATE, /* read-modify-write */
    HD_ATOMIC_COMPARE,
    HD_FENCE,
    HD_ALLOCATE,
    HD_FREE,
    HD_ACQUIRE,
    HD_TRY_ACQUIRE,
    HD_RELEASE,
    HD_ACQUIRE_SHARED,
    HD_TRY_ACQUIRE_SHARED,
    HD_WAIT,
    HD_SIGNAL,
    HD_BROADCAST,
    HD_ONCE,
    HD_CREATE,
    HD_JOIN,
    HD_YIELD,
    HD_SLEEP,
    HD_WHATS
};

/* "read", "atomic load", "lock", ...; "?" outside of the enumeration. */
const char *hd_what_name(uint32_t what);

#define HD_WHAT_SHIFT       26
#define HD_WHAT(what, size) ((uint32_t)(what) << HD_WHAT_SHIFT | (uint32_t)(size))
#define HD_WHAT_SIZE(word)  ((word) & ((1u << HD_WHAT_SHIFT) - 1))
#define HD_WHAT_SIZE_MAX    ((1u << HD_WHAT_SHIFT) - 1)

#define HD_COUNTDOWN_IDLE (1ull << 62)

extern uint64_t hd_countdown;

/* The rest of a point: on expiry, in full runs always. May switch tasks. */
void hd_point_slow(const void *address, uint32_t what, const void *pc);

static inline __attribute__((always_inline)) void hd_point(const void *address, uint32_t what,
                                                           const void *pc) {
    if (__builtin_expect(--hd_countdown == 0, 0))
        hd_point_slow(address, what, pc);
}

#endif
