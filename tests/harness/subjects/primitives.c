/* primitives.c - every blocking call that is modelled: what it does when it works, when it has to wait,
 * and when it is misused. A subject's check returns how many of its claims failed.
 */
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness/subjects/subject.h"

static volatile long failures, shared;

UNSEEN static void claim(int holds) {
    failures += !holds;
}

static long check(void) {
    return failures;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, other = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;

static struct timespec after(clockid_t clock, long ms) {
    struct timespec time;
    clock_gettime(clock, &time);
    time.tv_nsec += ms % 1000 * 1000000;
    time.tv_sec += ms / 1000 + time.tv_nsec / 1000000000;
    time.tv_nsec %= 1000000000;
    return time;
}

static long ms_between(const struct timespec *from, const struct timespec *to) {
    return (to->tv_sec - from->tv_sec) * 1000 + (to->tv_nsec - from->tv_nsec) / 1000000;
}

/* ---- mutexes -------------------------------------------------------------------------------------- */

static void exclusion_task(uint32_t index) {
    (void)index;
    for (int round = 0; round < 3; round++) {
        pthread_mutex_lock(&mutex);
        shared = shared + 1;
        pthread_mutex_unlock(&mutex);
    }
}
static long exclusion_check(void) {
    return shared != 9;
}
SUBJECT(mutex_excludes, .tasks = 3, .task = exclusion_task, .check = exclusion_check);

static void kinds_task(uint32_t index) {
    (void)index;
    claim(pthread_mutex_lock(&recursive) == 0);
    claim(pthread_mutex_lock(&recursive) == 0);
    claim(pthread_mutex_trylock(&recursive) == 0);
    long before = shared;
    shared = before + 1;
    for (int i = 0; i < 3; i++)
        claim(pthread_mutex_unlock(&recursive) == 0);
    claim(pthread_mutex_unlock(&recursive) == EPERM);
    claim(pthread_mutex_lock(&checking) == 0);
    claim(pthread_mutex_lock(&checking) == EDEADLK);
    claim(pthread_mutex_trylock(&checking) == EBUSY);
    claim(pthread_mutex_unlock(&checking) == 0);
    claim(pthread_mutex_unlock(&checking) == EPERM);
}
static long kinds_check(void) {
    return failures + (shared != 2);
}
SUBJECT(mutex_kinds, .tasks = 2, .task = kinds_task, .check = kinds_check);

/* Whoever comes second finds it held; the first holds it over a sleep. */
static void trylock_task(uint32_t index) {
    struct timespec nap = {.tv_sec = 1};
    if (index == 0) {
        pthread_mutex_lock(&mutex);
        nanosleep(&nap, 0);
        pthread_mutex_unlock(&mutex);
    } else {
        int error = pthread_mutex_trylock(&mutex);
        claim(error == 0 || error == EBUSY);
        if (error == 0)
            pthread_mutex_unlock(&mutex);
    }
}
SUBJECT(mutex_trylock, .tasks = 2, .task = trylock_task, .check = check);

static void timedlock_task(uint32_t index) {
    if (index == 0) {
        pthread_mutex_lock(&mutex);
        shared = 1;
        sleep(10);
        pthread_mutex_unlock(&mutex);
        return;
    }
    sleep(1); /* by then the other holds it */
    struct timespec start, end, deadline = after(CLOCK_REALTIME, 2000);
    clock_gettime(CLOCK_REALTIME, &start);
    claim(pthread_mutex_timedlock(&mutex, &deadline) == ETIMEDOUT);
    clock_gettime(CLOCK_REALTIME, &end);
    claim(ms_between(&start, &end) >= 1990 && ms_between(&start, &end) <= 2010);
    deadline = after(CLOCK_REALTIME, 20000);
    claim(pthread_mutex_timedlock(&mutex, &deadline) == 0);
    pthread_mutex_unlock(&mutex);
    deadline.tv_nsec = 2000000000;
    claim(pthread_mutex_timedlock(&mutex, &deadline) == 0); /* valid or not: it is free */
    claim(pthread_mutex_timedlock(&mutex, &deadline) == EINVAL);
    pthread_mutex_unlock(&mutex);
}
SUBJECT(mutex_timedlock, .tasks = 2, .task = timedlock_task, .check = check);

static void self_deadlock_task(uint32_t index) {
    (void)index;
    pthread_mutex_lock(&mutex);
    pthread_mutex_lock(&mutex);
}
SUBJECT(mutex_self_deadlock, .tasks = 1, .task = self_deadlock_task, .check = check);

static void crossed_task(uint32_t index) {
    pthread_mutex_lock(index == 0 ? &mutex : &other);
    shared = 1;
    pthread_mutex_lock(index == 0 ? &other : &mutex);
    pthread_mutex_unlock(&mutex);
    pthread_mutex_unlock(&other);
}
SUBJECT(mutex_crossed, .tasks = 2, .task = crossed_task, .check = check);

#define MISUSE(symbol, ...)                                                                        \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 1, .task = symbol##_task, .check = check)

MISUSE(unlock_not_held, pthread_mutex_unlock(&mutex));
MISUSE(destroy_locked, pthread_mutex_lock(&mutex), pthread_mutex_destroy(&mutex));
MISUSE(wait_without_mutex, pthread_cond_wait(&condition, &mutex));
MISUSE(rwlock_not_held, pthread_rwlock_unlock(&rwlock));
MISUSE(rwlock_destroy_locked, pthread_rwlock_rdlock(&rwlock), pthread_rwlock_destroy(&rwlock));

/* The same fault, a point later. */
MISUSE(fault_early, shared = 1, pthread_mutex_unlock(&mutex));
MISUSE(fault_late, shared = 1, shared = 1, pthread_mutex_unlock(&mutex));

static void *volatile block;
MISUSE(double_free, block = malloc(8), free(block), free(hidden(block)));
MISUSE(wild_free, block = malloc(64), free(hidden((char *)block + 16)));

/* From the end of the first to the second's size: a number and a word of ours lie in between. */
static void overflow_task(uint32_t index) {
    uint64_t *first = hidden(malloc(16)), *second = hidden(malloc(16));
    (void)index;
    first[3] = -16ull;
    free(second);
}
SUBJECT(free_damaged, .tasks = 1, .task = overflow_task, .check = check);
MISUSE(realloc_freed, block = malloc(8), free(block), block = realloc(hidden(block), 16));

static void unlock_other_task(uint32_t index) {
    if (index == 0) {
        pthread_mutex_lock(&mutex);
        sleep(5);
        pthread_mutex_unlock(&mutex);
    } else {
        sleep(1);
        pthread_mutex_unlock(&mutex);
    }
}
SUBJECT(unlock_of_another, .tasks = 2, .task = unlock_other_task, .check = check);

/* Four points, and then none: nothing in a quiet stretch is counted. */
extern void hd_quiet_begin(void);
MISUSE(quiet_fault, block = malloc(64), shared = shared + 1, hd_quiet_begin(), shared = shared + 1,
       free(hidden((char *)block + 16)));

/* What a task has left locked, the main task waits for at the end. */
static void left_locked_task(uint32_t index) {
    (void)index;
    pthread_mutex_lock(&mutex);
}
static long left_locked_check(void) {
    return pthread_mutex_lock(&mutex);
}
SUBJECT(left_locked, .tasks = 1, .task = left_locked_task, .check = left_locked_check);

/* ---- readers-writer locks ------------------------------------------------------------------------- */

static volatile int readers_inside, readers_most, writers_inside;

static void rwlock_task(uint32_t index) {
    if (index < 2) {
        pthread_rwlock_rdlock(&rwlock);
        claim(writers_inside == 0);
        __atomic_fetch_add(&readers_inside, 1, __ATOMIC_SEQ_CST);
        sleep(1); /* the other reader gets in */
        if (readers_inside > readers_most)
            readers_most = readers_inside;
        sleep(1);
        __atomic_fetch_sub(&readers_inside, 1, __ATOMIC_SEQ_CST);
        pthread_rwlock_unlock(&rwlock);
    } else {
        pthread_rwlock_wrlock(&rwlock);
        claim(readers_inside == 0 && writers_inside == 0);
        writers_inside = 1;
        claim(pthread_rwlock_wrlock(&rwlock) == EDEADLK);
        claim(pthread_rwlock_tryrdlock(&rwlock) == EBUSY);
        claim(pthread_rwlock_trywrlock(&rwlock) == EBUSY);
        writers_inside = 0;
        pthread_rwlock_unlock(&rwlock);
    }
}
SUBJECT(rwlock_shares, .tasks = 4, .task = rwlock_task, .check = check);

/* ---- condition variables -------------------------------------------------------------------------- */

static volatile int ready, woken;

/* The flag is tested outside of the mutex: a wake-up between test and wait is lost. */
static void lost_task(uint32_t index) {
    if (index == 0) {
        if (!ready) {
            pthread_mutex_lock(&mutex);
            pthread_cond_wait(&condition, &mutex);
            pthread_mutex_unlock(&mutex);
        }
    } else {
        ready = 1;
        pthread_cond_signal(&condition);
    }
}
SUBJECT(condition_lost, .tasks = 2, .task = lost_task, .check = check);

static void wait_for_turn(void) {
    pthread_mutex_lock(&mutex);
    ready++;
    pthread_cond_wait(&condition, &mutex);
    woken++;
    pthread_mutex_unlock(&mutex);
}

/* Three wait; the fourth signals once and, when that one has gone, wakes the others together. */
static void signal_task(uint32_t index) {
    if (index < 3) {
        wait_for_turn();
        return;
    }
    sleep(1);
    pthread_mutex_lock(&mutex);
    claim(ready == 3 && woken == 0);
    claim(pthread_cond_signal(&condition) == 0);
    pthread_mutex_unlock(&mutex);
    sleep(1);
    claim(woken == 1);
    claim(pthread_cond_broadcast(&condition) == 0);
    sleep(1);
    claim(woken == 3);
}
SUBJECT(condition_signals, .tasks = 4, .task = signal_task, .check = check);

/* Which of three waiters a signal wakes. */
static volatile long first_woken;
static void choice_task(uint32_t index) {
    if (index == 3) {
        sleep(1);
        pthread_cond_signal(&condition);
        sleep(1);
        pthread_cond_broadcast(&condition);
        return;
    }
    pthread_mutex_lock(&mutex);
    pthread_cond_wait(&condition, &mutex);
    if (first_woken == 0)
        first_woken = index + 1;
    pthread_mutex_unlock(&mutex);
}
static long choice_check(void) {
    return first_woken;
}
SUBJECT(condition_choice, .tasks = 4, .task = choice_task, .check = choice_check);

/* Which of three that came one after the other. */
static void order_task(uint32_t index) {
    sleep(index + 1);
    if (index < 3) {
        choice_task(index);
        return;
    }
    pthread_cond_signal(&condition);
    sleep(1);
    pthread_cond_broadcast(&condition);
}
SUBJECT(condition_order, .tasks = 4, .task = order_task, .check = choice_check);

static void timedwait_task(uint32_t index) {
    (void)index;
    struct timespec start, end, deadline = after(CLOCK_REALTIME, 1500);
    clock_gettime(CLOCK_REALTIME, &start);
    pthread_mutex_lock(&mutex);
    claim(pthread_cond_timedwait(&condition, &mutex, &deadline) == ETIMEDOUT);
    clock_gettime(CLOCK_REALTIME, &end);
    claim(ms_between(&start, &end) >= 1490 && ms_between(&start, &end) <= 1510);
    shared = shared + 1; /* the mutex is held again */
    pthread_mutex_unlock(&mutex);
}
static long timedwait_check(void) {
    return failures + (shared != 2);
}
SUBJECT(condition_timedwait, .tasks = 2, .task = timedwait_task, .check = timedwait_check);

/* ---- once, semaphores ----------------------------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void initialise(void) {
    long before = shared;
    sleep(1);
    shared = before + 1;
}

static void once_task(uint32_t index) {
    (void)index;
    claim(pthread_once(&once, initialise) == 0);
    claim(shared == 1);
}
SUBJECT(once_runs_once, .tasks = 3, .task = once_task, .check = check);

static void semaphore_setup(void) {
    sem_init(&semaphore, 0, 0);
}

static void semaphore_task(uint32_t index) {
    int value;
    if (index > 0) {
        claim(sem_wait(&semaphore) == 0);
        shared = shared + 10; /* never both */
        claim(sem_post(&semaphore) == 0);
        return;
    }
    claim(sem_trywait(&semaphore) == -1 && errno == EAGAIN);
    struct timespec deadline = after(CLOCK_REALTIME, 100);
    claim(sem_timedwait(&semaphore, &deadline) == -1 && errno == ETIMEDOUT);
    shared = 1;
    claim(sem_post(&semaphore) == 0);
    sleep(1);
    claim(shared == 21);
    claim(sem_getvalue(&semaphore, &value) == 0 && value == 1);
}
SUBJECT(semaphore_counts, .tasks = 3, .setup = semaphore_setup, .task = semaphore_task,
        .check = check);

/* ---- threads -------------------------------------------------------------------------------------- */

static void *child(void *argument) {
    shared = shared + 1;
    if (argument == 0)
        pthread_exit((void *)55);
    return argument;
}

static void threads_task(uint32_t index) {
    (void)index;
    pthread_t first, second;
    struct timespec wrong = {.tv_nsec = 1000000000};
    void *result = 0;
    claim(pthread_create(&first, 0, child, 0) == 0);
    claim(!pthread_equal(first, pthread_self()));
    claim(pthread_join(first, &result) == 0 && result == (void *)55);
    claim(pthread_join(first, 0) == EINVAL);
    claim(pthread_create(&second, 0, child, (void *)7) == 0);
    claim(pthread_timedjoin_np(second, 0, &wrong) == EINVAL);
    claim(pthread_clockjoin_np(second, 0, CLOCK_MONOTONIC, &wrong) == EINVAL);
    claim(pthread_join(second, &result) == 0 && result == (void *)7);
    claim(pthread_join(pthread_self(), 0) == EDEADLK);
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    claim(pthread_create(&first, &attributes, child, 0) == 0);
    claim(pthread_join(first, 0) == EINVAL && pthread_detach(first) == EINVAL);
    sleep(1);
    claim(shared == 3);
}
SUBJECT(threads_join, .tasks = 1, .task = threads_task, .check = check);

/* What pthread_exit leaves behind: handlers run from the newest to the oldest, and one may wait. */
static void add_digit(void *digit) {
    pthread_mutex_lock(&other);
    shared = shared * 10 + (long)(intptr_t)digit;
    pthread_mutex_unlock(&other);
}

static void unlock(void *locked) {
    pthread_mutex_unlock(locked);
}

static void leave_deep(void) {
    pthread_cleanup_push(add_digit, (void *)3);
    pthread_cleanup_push(add_digit, (void *)4);
    pthread_cleanup_pop(1);
    pthread_exit((void *)55);
    pthread_cleanup_pop(0);
}

static void *leaves(void *argument) {
    pthread_mutex_lock(&mutex);
    pthread_cleanup_push(unlock, &mutex);
    pthread_cleanup_push(add_digit, argument);
    pthread_cleanup_push_defer_np(add_digit, argument);
    pthread_cleanup_pop_restore_np(0);
    leave_deep();
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return 0;
}

static void cleanup_task(uint32_t index) {
    void *result = 0;
    pthread_t thread;
    if (index == 1) {
        pthread_mutex_lock(&mutex);
        pthread_mutex_unlock(&mutex);
        return;
    }
    pthread_create(&thread, 0, leaves, (void *)5);
    claim(pthread_join(thread, &result) == 0 && result == (void *)55);
    pthread_mutex_lock(&mutex);
    claim(shared == 435);
    pthread_mutex_unlock(&mutex);
}
SUBJECT(threads_clean_up, .tasks = 2, .task = cleanup_task, .check = check);

/* As many as there may be: 1,024 with the main task and this one. */
static void many_task(uint32_t index) {
    static pthread_t thread[1022];
    (void)index;
    for (int i = 0; i < 1022; i++)
        claim(pthread_create(&thread[i], 0, child, (void *)1) == 0);
    for (int i = 0; i < 1022; i++)
        claim(pthread_join(thread[i], 0) == 0);
}
SUBJECT(threads_many, .tasks = 1, .task = many_task, .check = check);

static pthread_key_t key;
static _Thread_local int own;

static void destroy(void *value) {
    claim(value == (void *)((uintptr_t)pthread_self() | 1));
    shared = shared + 1;
}

static void *keeps(void *argument) {
    claim(pthread_getspecific(key) == 0);
    claim(own == 0);
    own = 1;
    pthread_setspecific(key, (void *)((uintptr_t)pthread_self() | 1));
    return argument;
}

static void keys_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    claim(pthread_key_create(&key, destroy) == 0);
    keeps(0);
    pthread_create(&thread, 0, keeps, 0);
    pthread_join(thread, 0);
    claim(shared == 1);
    claim(pthread_getspecific(key) == (void *)((uintptr_t)pthread_self() | 1));
}
static long keys_check(void) {
    return failures + (shared != 2);
}
SUBJECT(threads_keys, .tasks = 1, .task = keys_task, .check = keys_check);

/* The same with a key that is made when the module is loaded; deleting it is undone for the next. */
static pthread_key_t kept_key;

__attribute__((constructor)) static void make_kept_key(void) {
    pthread_key_create(&kept_key, destroy);
}

static void *keeps_kept(void *argument) {
    claim(pthread_getspecific(kept_key) == 0);
    pthread_setspecific(kept_key, (void *)((uintptr_t)pthread_self() | 1));
    return argument;
}

static void kept_key_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    for (int round = 1; round <= 2; round++) {
        pthread_create(&thread, 0, keeps_kept, 0);
        pthread_join(thread, 0);
        claim(shared == 1);
        if (round == 1)
            claim(pthread_key_delete(kept_key) == 0);
    }
    claim(pthread_key_delete(kept_key) == EINVAL);
}
SUBJECT(threads_kept_key, .tasks = 1, .task = kept_key_task, .check = check);

/* ---- time ----------------------------------------------------------------------------------------- */

static void time_task(uint32_t index) {
    struct timespec start, end, year = {.tv_sec = 86400 * 365};
    struct timeval day;
    (void)index;
    clock_gettime(CLOCK_MONOTONIC, &start);
    claim(nanosleep(&year, 0) == 0);
    usleep(500000);
    clock_gettime(CLOCK_MONOTONIC, &end);
    claim(ms_between(&start, &end) >= 86400L * 365 * 1000 + 500);
    claim(ms_between(&start, &end) <= 86400L * 365 * 1000 + 510);
    gettimeofday(&day, 0);
    claim(time(0) == day.tv_sec);
    end = after(CLOCK_MONOTONIC, 3000);
    claim(clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, 0) == 0);
    clock_gettime(CLOCK_MONOTONIC, &start);
    claim(ms_between(&end, &start) >= 0 && ms_between(&end, &start) <= 1);
    year.tv_nsec = -1;
    claim(nanosleep(&year, 0) == -1 && errno == EINVAL);
}
SUBJECT(time_is_virtual, .tasks = 2, .task = time_task, .check = check);

/* One sleeps, the other waits for it: by the clock, and by yielding alone, or with a third. */
static void reader_task(uint32_t index) {
    struct timespec nap = {.tv_nsec = 1000}, now;
    if (index == 0) {
        nanosleep(&nap, 0);
        ready = 1;
    }
    while (!ready) {
        clock_gettime(CLOCK_MONOTONIC, &now);
        sched_yield();
    }
}
SUBJECT(time_passes_for_readers, .tasks = 2, .task = reader_task, .check = check);

static void spinner_task(uint32_t index) {
    if (index == 0) {
        sleep(86400);
        ready = 1;
    }
    while (!ready)
        sched_yield();
}
SUBJECT(time_passes_for_a_spinner, .tasks = 2, .task = spinner_task, .check = check);
SUBJECT(time_passes_for_spinners, .tasks = 4, .task = spinner_task, .check = check);

/* Few yields take little time: no timeout comes between those of a task that works. */
static void worker_task(uint32_t index) {
    if (index == 0) {
        sleep(1);
        claim(ready == 10);
    }
    for (int round = 0; index == 1 && round < 10; round++) {
        ready++;
        sched_yield();
    }
}
SUBJECT(time_waits_for_work, .tasks = 2, .task = worker_task, .check = check);

/* Some times never come: a lock is waited for as long as it takes, a sleep is for ever. */
static void far_task(uint32_t index) {
    struct timespec far = {.tv_sec = 20000000000}, farthest = {.tv_sec = LONG_MAX};
    if (index == 0) {
        pthread_mutex_lock(&mutex);
        sleep(86400);
    } else {
        claim(pthread_mutex_timedlock(&mutex, index == 1 ? &far : &farthest) == 0);
    }
    pthread_mutex_unlock(&mutex);
}
SUBJECT(time_never_comes, .tasks = 3, .task = far_task, .check = check);
MISUSE(sleeps_for_ever, nanosleep(&(struct timespec){.tv_sec = LONG_MAX}, 0));
MISUSE(sleeps_centuries, nanosleep(&(struct timespec){.tv_sec = 20000000000}, 0));

/* A lock is asked for until a time that has come: the holder, who waits for the answer, may well run. */
static void expired_task(uint32_t index) {
    struct timespec past;
    pthread_mutex_lock(index == 0 ? &mutex : &other);
    if (index == 0) {
        ready = 1;
        while (!woken)
            shared = shared + 1;
    } else {
        while (!ready)
            sched_yield();
        past = after(CLOCK_REALTIME, 0);
        claim(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT);
        woken = 1;
    }
    pthread_mutex_unlock(index == 0 ? &mutex : &other);
}
SUBJECT(time_has_come, .tasks = 2, .task = expired_task, .check = check);

/* A signal is never lost to a waiter whose time is up: it passes it on, or the other one is woken. */
static void timeout_race_task(uint32_t index) {
    struct timespec soon = after(CLOCK_REALTIME, 0);
    soon.tv_nsec += 500;
    pthread_mutex_lock(&mutex);
    if (index == 0 && pthread_cond_timedwait(&condition, &mutex, &soon) == 0)
        pthread_cond_signal(&condition);
    if (index == 1) {
        ready = 1;
        pthread_cond_wait(&condition, &mutex);
    }
    pthread_mutex_unlock(&mutex);
    while (index == 2 && !ready)
        sched_yield();
    for (int i = 0; index == 2 && i < 15; i++)
        clock_gettime(CLOCK_REALTIME, &soon);
    if (index == 2) {
        pthread_mutex_lock(&mutex); /* by now task 2 waits */
        pthread_cond_signal(&condition);
        pthread_mutex_unlock(&mutex);
    }
}
SUBJECT(time_loses_no_signal, .tasks = 3, .task = timeout_race_task, .check = check);

/* A yield under the highest priority lets the other go on. */
static void yields_task(uint32_t index) {
    if (index == 0)
        ready = 1;
    while (!ready)
        sched_yield();
}
SUBJECT(yield_lets_others_run, .tasks = 2, .task = yields_task, .check = check);
