/* thread.c - pthread_create, join, detach: threads of code under test are tasks.
 *
 * A task's pthread_t is that of the parked thread whose identity it carries.
 */
#include <errno.h>
#include <pthread.h>
#include <time.h>

#include "harness/intercept/edges.h"
#include "harness/intercept/operations.h"
#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"
#include "harness/task/pool.h"

uint32_t hd_thread_create(pthread_t *thread, void *(*entry)(void *), void *argument,
                          const void *pc) {
    hd_point(thread, HD_WHAT(HD_CREATE, 0), pc);
    uint32_t task = hd_task_start(entry, argument);
    if (task != UINT32_MAX)
        *thread = hd_pool_handle(task);
    return task;
}

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes, void *(*entry)(void *),
                   void *argument) {
    if (!hd_running)
        return REAL(pthread_create)(thread, attributes, entry, argument);
    int state = PTHREAD_CREATE_JOINABLE;
    if (attributes != NULL)
        pthread_attr_getdetachstate(attributes, &state);
    uint32_t task = hd_thread_create(thread, entry, argument, CALLER);
    if (task == UINT32_MAX)
        return EAGAIN;
    if (state == PTHREAD_CREATE_DETACHED)
        hd_task_detach(task);
    return 0;
}

static bool ended(const struct hd_pending *pending, uint32_t task) {
    (void)task;
    return hd_task_ended((uint32_t)pending->argument);
}

int hd_thread_join(pthread_t thread, void **result, uint64_t deadline, const void *pc) {
    uint32_t task = hd_pool_task_of(thread);
    if (task == UINT32_MAX)
        return ESRCH;
    if (task == hd_task_self())
        return EDEADLK;
    if (hd_task_detached(task))
        return EINVAL;
    struct hd_pending pending = {.object = hd_task_object(task),
                                 .ready = ended,
                                 .argument = task,
                                 .deadline = deadline,
                                 .what = HD_WHAT(HD_JOIN, 0),
                                 .purpose = "the end of a thread"};
    if (!hd_wait_for(&pending, pc))
        return ETIMEDOUT;
    HD_EDGE_ACQUIRE(hd_task_object(task));
    hd_task_detach(task);
    if (result != NULL)
        *result = hd_task_result(task);
    return 0;
}

int pthread_join(pthread_t thread, void **result) {
    if (!hd_running)
        return REAL(pthread_join)(thread, result);
    return hd_thread_join(thread, result, HD_NO_DEADLINE, CALLER);
}

int pthread_tryjoin_np(pthread_t thread, void **result) {
    if (!hd_running)
        return REAL_NEXT(pthread_tryjoin_np)(thread, result);
    uint32_t task = hd_pool_task_of(thread);
    hd_point(NULL, HD_WHAT(HD_JOIN, 0), CALLER);
    if (task != UINT32_MAX && !hd_task_ended(task))
        return EBUSY;
    return hd_thread_join(thread, result, HD_NO_DEADLINE, CALLER);
}

int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_timedjoin_np)(thread, result, time);
    if (time != NULL && !hd_time_valid(time))
        return EINVAL;
    return hd_thread_join(thread, result, hd_deadline_at(CLOCK_REALTIME, time), CALLER);
}

int pthread_clockjoin_np(pthread_t thread, void **result, clockid_t clock,
                         const struct timespec *time) {
    if (!hd_running)
        return REAL_NEXT(pthread_clockjoin_np)(thread, result, clock, time);
    if (time != NULL && !hd_time_valid(time))
        return EINVAL;
    return hd_thread_join(thread, result, hd_deadline_at(clock, time), CALLER);
}

int pthread_detach(pthread_t thread) {
    if (!hd_running)
        return REAL(pthread_detach)(thread);
    uint32_t task = hd_pool_task_of(thread);
    if (task == UINT32_MAX)
        return ESRCH;
    if (hd_task_detached(task))
        return EINVAL;
    hd_task_detach(task);
    return 0;
}

int sched_yield(void) {
    if (!hd_running)
        return REAL_NEXT(sched_yield)();
    hd_yield(CALLER);
    return 0;
}
