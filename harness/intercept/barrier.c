/* barrier.c - pthread barriers. The state stays in the caller's pthread_barrier_t, as glibc keeps it
 * there, so that calls outside of executions understand it.
 *
 * Invariant B1: `in` - `passed` tasks wait, fewer than `count`; `passed` - `out` have been let through and
 * have not left yet.
 */
#include <errno.h>
#include <pthread.h>
#include <stdint.h>

#include "harness/intercept/edges.h"
#include "harness/intercept/real.h"
#include "harness/sched/task.h"

/* glibc's own structure; its counts start again long after an execution's last point. */
struct barrier {
    uint32_t in;
    uint32_t passed;
    uint32_t count;
    int32_t shared;
    uint32_t out;
};
_Static_assert(sizeof(struct barrier) <= sizeof(pthread_barrier_t), "a barrier holds its state");

/* `argument`: the number of the arrival that waits, 1 for the first. */
static bool passed(const struct hd_pending *pending, uint32_t task) {
    const struct barrier *barrier = pending->object;
    (void)task;
    return barrier->passed >= pending->argument;
}

static bool left(const struct hd_pending *pending, uint32_t task) {
    const struct barrier *barrier = pending->object;
    (void)task;
    return barrier->out == barrier->passed;
}

static void wait_for(struct barrier *barrier, uint64_t arrival, const void *pc) {
    struct hd_pending pending = {.object = barrier,
                                 .ready = passed,
                                 .argument = arrival,
                                 .deadline = HD_NO_DEADLINE,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "barrier"};
    hd_wait_for(&pending, pc);
}

/* The last to arrive of each round is the one that is told so. */
int pthread_barrier_wait(pthread_barrier_t *object) {
    if (!hd_running)
        return REAL(pthread_barrier_wait)(object);
    struct barrier *barrier = (struct barrier *)object;
    hd_point(barrier, HD_WHAT(HD_WAIT, 0), CALLER);
    if (barrier->count == 0)
        hd_fault(HD_FAULT_MISUSE, "wait at a barrier that is not initialised");
    HD_EDGE_RELEASE(barrier);
    uint32_t arrival = ++barrier->in;
    bool last = arrival - barrier->passed == barrier->count;
    if (last) {
        barrier->passed = arrival;
        hd_changed(barrier);
    } else {
        wait_for(barrier, arrival, CALLER);
    }
    HD_EDGE_ACQUIRE(barrier);
    barrier->out++;
    hd_changed(barrier);
    return last ? PTHREAD_BARRIER_SERIAL_THREAD : 0;
}

/* Waits, as glibc's, for those that have been let through. */
int pthread_barrier_destroy(pthread_barrier_t *object) {
    if (!hd_running)
        return REAL(pthread_barrier_destroy)(object);
    struct barrier *barrier = (struct barrier *)object;
    struct hd_pending pending = {.object = barrier,
                                 .ready = left,
                                 .deadline = HD_NO_DEADLINE,
                                 .what = HD_WHAT(HD_RELEASE, 0),
                                 .purpose = "the last to leave a barrier"};
    hd_wait_for(&pending, CALLER);
    if (barrier->in != barrier->passed)
        hd_fault(HD_FAULT_MISUSE, "destruction of a barrier that tasks wait at");
    int error = REAL(pthread_barrier_destroy)(object);
    barrier->count = 0;
    return error;
}
