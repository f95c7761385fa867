/* c11.c - the threads of C11: pthread's under other names, as in glibc.
 *
 * mtx_t, cnd_t and once_flag hold a pthread_mutex_t, a pthread_cond_t and a pthread_once_t; thrd_t and
 * tss_t are pthread_t and pthread_key_t. thrd_current, thrd_equal, tss_get and tss_set need nothing of us.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <threads.h>
#include <time.h>

#include "harness/intercept/mutex.h"
#include "harness/intercept/operations.h"
#include "harness/intercept/real.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/sched/task.h"

_Static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t), "mtx_t holds a pthread_mutex_t");
_Static_assert(sizeof(cnd_t) == sizeof(pthread_cond_t), "cnd_t holds a pthread_cond_t");
_Static_assert(sizeof(once_flag) == sizeof(pthread_once_t), "once_flag holds a pthread_once_t");

static int as_thrd(int error) {
    switch (error) {
    case 0:
        return thrd_success;
    case ENOMEM:
    case EAGAIN:
        return thrd_nomem;
    case ETIMEDOUT:
        return thrd_timedout;
    case EBUSY:
        return thrd_busy;
    default:
        return thrd_error;
    }
}

/* ---- mutexes -------------------------------------------------------------------------------------- */

static pthread_mutex_t *mutex_in(mtx_t *mutex) {
    return (pthread_mutex_t *)mutex;
}

int mtx_init(mtx_t *mutex, int type) {
    pthread_mutexattr_t attributes;
    if ((type & ~(mtx_timed | mtx_recursive)) != 0)
        return thrd_error;
    pthread_mutexattr_init(&attributes);
    if ((type & mtx_recursive) != 0)
        pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    int error = REAL(pthread_mutex_init)(mutex_in(mutex), &attributes);
    pthread_mutexattr_destroy(&attributes);
    return as_thrd(error);
}

void mtx_destroy(mtx_t *mutex) {
    pthread_mutex_destroy(mutex_in(mutex));
}

int mtx_lock(mtx_t *mutex) {
    if (!hd_running)
        return as_thrd(REAL(pthread_mutex_lock)(mutex_in(mutex)));
    return as_thrd(hd_mutex_lock(mutex_in(mutex), HD_NO_DEADLINE, CALLER));
}

int mtx_timedlock(mtx_t *restrict mutex, const struct timespec *restrict time) {
    if (!hd_running)
        return as_thrd(REAL(pthread_mutex_timedlock)(mutex_in(mutex), time));
    if (!hd_mutex_free_for(mutex_in(mutex), hd_task_self()) && !hd_time_valid(time))
        return thrd_error;
    return as_thrd(hd_mutex_lock(mutex_in(mutex), hd_deadline_at(CLOCK_REALTIME, time), CALLER));
}

int mtx_trylock(mtx_t *mutex) {
    if (!hd_running)
        return as_thrd(REAL(pthread_mutex_trylock)(mutex_in(mutex)));
    return as_thrd(hd_mutex_try(mutex_in(mutex), CALLER));
}

int mtx_unlock(mtx_t *mutex) {
    if (!hd_running)
        return as_thrd(REAL(pthread_mutex_unlock)(mutex_in(mutex)));
    return as_thrd(hd_mutex_unlock(mutex_in(mutex), CALLER));
}

/* ---- condition variables -------------------------------------------------------------------------- */

static pthread_cond_t *condition_in(cnd_t *condition) {
    return (pthread_cond_t *)condition;
}

int cnd_init(cnd_t *condition) {
    return as_thrd(REAL(pthread_cond_init)(condition_in(condition), NULL));
}

void cnd_destroy(cnd_t *condition) {
    pthread_cond_destroy(condition_in(condition));
}

int cnd_wait(cnd_t *condition, mtx_t *mutex) {
    if (!hd_running)
        return as_thrd(REAL(pthread_cond_wait)(condition_in(condition), mutex_in(mutex)));
    return as_thrd(
        hd_condition_wait(condition_in(condition), mutex_in(mutex), HD_NO_DEADLINE, CALLER));
}

int cnd_timedwait(cnd_t *restrict condition, mtx_t *restrict mutex,
                  const struct timespec *restrict time) {
    if (!hd_running)
        return as_thrd(
            REAL(pthread_cond_timedwait)(condition_in(condition), mutex_in(mutex), time));
    if (!hd_time_valid(time))
        return thrd_error;
    return as_thrd(hd_condition_wait(condition_in(condition), mutex_in(mutex),
                                     hd_deadline_at(CLOCK_REALTIME, time), CALLER));
}

int cnd_signal(cnd_t *condition) {
    if (!hd_running)
        return as_thrd(REAL(pthread_cond_signal)(condition_in(condition)));
    hd_condition_wake(condition_in(condition), 1, CALLER);
    return thrd_success;
}

int cnd_broadcast(cnd_t *condition) {
    if (!hd_running)
        return as_thrd(REAL(pthread_cond_broadcast)(condition_in(condition)));
    hd_condition_wake(condition_in(condition), UINT32_MAX, CALLER);
    return thrd_success;
}

/* ---- threads -------------------------------------------------------------------------------------- */

/* What a thread is to run: C11's entries return an int. */
struct start {
    thrd_start_t entry;
    void *argument;
};

static struct start starts[HD_TASKS_MAX]; /* by task */

static void *run_task(void *unused) {
    const struct start *start = &starts[hd_task_self()];
    (void)unused;
    return (void *)(intptr_t)start->entry(start->argument);
}

static void *run_thread(void *argument) {
    struct start start = *(struct start *)argument;
    free(argument);
    return (void *)(intptr_t)start.entry(start.argument);
}

static int create_thread(thrd_t *thread, struct start start) {
    struct start *kept = malloc(sizeof *kept);
    if (kept == NULL)
        return thrd_nomem;
    *kept = start;
    int error = REAL(pthread_create)(thread, NULL, run_thread, kept);
    if (error != 0)
        free(kept);
    return as_thrd(error);
}

int thrd_create(thrd_t *thread, thrd_start_t entry, void *argument) {
    struct start start = {.entry = entry, .argument = argument};
    if (!hd_running)
        return create_thread(thread, start);
    uint32_t task = hd_thread_create(thread, run_task, NULL, CALLER);
    if (task == UINT32_MAX)
        return thrd_nomem;
    starts[task] = start; /* it has not run yet */
    return thrd_success;
}

int thrd_join(thrd_t thread, int *result) {
    void *value = NULL;
    int error = hd_running ? hd_thread_join(thread, &value, HD_NO_DEADLINE, CALLER)
                           : REAL(pthread_join)(thread, &value);
    if (error == 0 && result != NULL)
        *result = (int)(intptr_t)value;
    return as_thrd(error);
}

int thrd_detach(thrd_t thread) {
    return as_thrd(pthread_detach(thread));
}

void thrd_exit(int result) {
    pthread_exit((void *)(intptr_t)result);
}

int thrd_sleep(const struct timespec *time, struct timespec *left) {
    int error =
        hd_running ? hd_sleep(time, CALLER) : clock_nanosleep(CLOCK_REALTIME, 0, time, left);
    return error == 0 ? 0 : error == EINTR ? -1 : -2;
}

void thrd_yield(void) {
    if (hd_running)
        hd_yield(CALLER);
    else
        sched_yield();
}

/* ---- once, keys ----------------------------------------------------------------------------------- */

void call_once(once_flag *flag, void (*function)(void)) {
    if (hd_running)
        hd_once((pthread_once_t *)flag, function, CALLER);
    else
        REAL(pthread_once)((pthread_once_t *)flag, function);
}

int tss_create(tss_t *key, tss_dtor_t destructor) {
    return as_thrd(pthread_key_create(key, destructor));
}

void tss_delete(tss_t key) {
    pthread_key_delete(key);
}
