/* deadlines.c - calls that wait until a time, on the clock that they name, and sleeps of no time. */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

static volatile long shared;
static volatile int ready;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t fair = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;
static sem_t semaphore;

static void semaphore_setup(void) {
    sem_init(&semaphore, 0, 0);
}

/* ---- every timed call, on every clock ------------------------------------------------------------- */

/* What a call does that waits for a lock which another task holds for ten seconds. */
typedef int timed(clockid_t clock, const struct timespec *time);

static int mutex_clock(clockid_t clock, const struct timespec *time) {
    return pthread_mutex_clocklock(&mutex, clock, time);
}

static int read_clock(clockid_t clock, const struct timespec *time) {
    return pthread_rwlock_clockrdlock(&rwlock, clock, time);
}

static int write_clock(clockid_t clock, const struct timespec *time) {
    return pthread_rwlock_clockwrlock(&rwlock, clock, time);
}

static int read_timed(clockid_t clock, const struct timespec *time) {
    (void)clock;
    return pthread_rwlock_timedrdlock(&rwlock, time);
}

static int write_timed(clockid_t clock, const struct timespec *time) {
    (void)clock;
    return pthread_rwlock_timedwrlock(&rwlock, time);
}

static int semaphore_clock(clockid_t clock, const struct timespec *time) {
    return sem_clockwait(&semaphore, clock, time) == 0 ? 0 : errno;
}

static int condition_clock(clockid_t clock, const struct timespec *time) {
    pthread_mutex_lock(&mutex);
    int error = pthread_cond_clockwait(&condition, &mutex, clock, time);
    pthread_mutex_unlock(&mutex);
    return error;
}

/* In vain for two seconds, with a time that is none, and in time. */
static void expect_timed(timed *call, clockid_t clock, int none) {
    struct timespec start = after(clock, 0), soon = after(clock, 2000), late = after(clock, 20000);
    struct timespec wrong = {.tv_nsec = 1000000000}, past = {.tv_sec = -1};
    claim(call(clock, &wrong) == none);
    claim(call(clock, &past) == ETIMEDOUT);
    claim(ms_since(clock, &start) < 10);
    claim(call(clock, &soon) == ETIMEDOUT);
    claim(ms_since(clock, &start) >= 2000 && ms_since(clock, &start) <= 2010);
    claim(call(clock, &late) == 0);
    claim(ms_since(clock, &start) >= 5000 && ms_since(clock, &start) <= 12000);
}

static void hold_all(void) {
    pthread_mutex_lock(&mutex);
    pthread_rwlock_wrlock(&rwlock);
    ready = 1;
    sleep(10);
    pthread_rwlock_unlock(&rwlock);
    pthread_mutex_unlock(&mutex);
    sem_post(&semaphore);
}

#define TIMED(symbol, call, clock, none)                                                           \
    static void symbol##_task(uint32_t index) {                                                    \
        if (index == 0) {                                                                          \
            hold_all();                                                                            \
            return;                                                                                \
        }                                                                                          \
        sleep(1);                                                                                  \
        claim(ready);                                                                              \
        expect_timed(call, clock, none);                                                           \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 2, .setup = semaphore_setup, .task = symbol##_task, .check = check)

TIMED(mutex_monotonic, mutex_clock, CLOCK_MONOTONIC, EINVAL);
TIMED(mutex_realtime, mutex_clock, CLOCK_REALTIME, EINVAL);
TIMED(read_monotonic, read_clock, CLOCK_MONOTONIC, EINVAL);
TIMED(read_realtime, read_clock, CLOCK_REALTIME, EINVAL);
TIMED(write_monotonic, write_clock, CLOCK_MONOTONIC, EINVAL);
TIMED(write_realtime, write_clock, CLOCK_REALTIME, EINVAL);
TIMED(read_until, read_timed, CLOCK_REALTIME, EINVAL);
TIMED(write_until, write_timed, CLOCK_REALTIME, EINVAL);
TIMED(semaphore_monotonic, semaphore_clock, CLOCK_MONOTONIC, EINVAL);
TIMED(semaphore_realtime, semaphore_clock, CLOCK_REALTIME, EINVAL);

/* The waiter is signalled five seconds after it came. */
static void condition_clocks_task(uint32_t index) {
    if (index == 2) {
        sleep(7);
        pthread_mutex_lock(&mutex);
        pthread_cond_broadcast(&condition);
        pthread_mutex_unlock(&mutex);
        return;
    }
    expect_timed(condition_clock, index == 0 ? CLOCK_MONOTONIC : CLOCK_REALTIME, EINVAL);
}
SUBJECT(condition_clocks, .tasks = 3, .task = condition_clocks_task, .check = check);

static void condition_attribute_task(uint32_t index) {
    static pthread_cond_t monotonic;
    pthread_condattr_t attributes;
    struct timespec start = after(CLOCK_REALTIME, 0), deadline = after(CLOCK_MONOTONIC, 1500);
    (void)index;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&monotonic, &attributes);
    pthread_mutex_lock(&mutex);
    claim(pthread_cond_timedwait(&monotonic, &mutex, &deadline) == ETIMEDOUT);
    claim(ms_since(CLOCK_REALTIME, &start) >= 1490 && ms_since(CLOCK_REALTIME, &start) <= 1510);
    deadline.tv_nsec = -1;
    claim(pthread_cond_timedwait(&monotonic, &mutex, &deadline) == EINVAL);
    pthread_mutex_unlock(&mutex);
    claim(pthread_cond_destroy(&monotonic) == 0);
}
SUBJECT(condition_attribute, .tasks = 1, .task = condition_attribute_task, .check = check);

/* ---- writers first -------------------------------------------------------------------------------- */

/* A reader that comes while a writer waits gets in behind it. */
static void writers_first_task(uint32_t index) {
    sleep(index);
    if (index == 1) {
        pthread_rwlock_wrlock(&fair);
        shared = 1;
    } else {
        pthread_rwlock_rdlock(&fair);
        claim(shared == (index == 2));
    }
    if (index == 0)
        sleep(10);
    pthread_rwlock_unlock(&fair);
}
SUBJECT(writers_first, .tasks = 3, .task = writers_first_task, .check = check);

/* ... or when the writer gives up, three seconds after the start. */
static void writer_gives_up_task(uint32_t index) {
    struct timespec start = after(CLOCK_REALTIME, 0), deadline = after(CLOCK_REALTIME, 3000);
    sleep(index);
    if (index == 1) {
        claim(pthread_rwlock_timedwrlock(&fair, &deadline) == ETIMEDOUT);
        return;
    }
    pthread_rwlock_rdlock(&fair);
    long waited = ms_since(CLOCK_REALTIME, &start);
    claim(index == 0 || (waited >= 2990 && waited <= 3010));
    if (index == 0)
        sleep(10);
    pthread_rwlock_unlock(&fair);
}
SUBJECT(writer_gives_up, .tasks = 3, .task = writer_gives_up_task, .check = check);

/* ---- wake-ups and deadlines ----------------------------------------------------------------------- */

/* What comes in time is had, however late the waiter gets to run. */
static volatile long posted_ns;
static void in_time_task(uint32_t index) {
    struct timespec soon = after(CLOCK_REALTIME, 0), now;
    if (index == 1) {
        soon.tv_nsec += 500;
        ready = 1;
        if (sem_timedwait(&semaphore, &soon) != 0)
            claim(posted_ns == 0 || soon.tv_nsec <= posted_ns + 150);
        return;
    }
    while (!ready)
        sched_yield();
    clock_gettime(CLOCK_REALTIME, &now);
    posted_ns = now.tv_nsec;
    sem_post(&semaphore);
    for (int i = 0; i < 20; i++)
        clock_gettime(CLOCK_REALTIME, &now);
}
SUBJECT(in_time, .tasks = 2, .setup = semaphore_setup, .task = in_time_task, .check = check);

/* A sleep of no time lets the other go on. */
static void naps_task(uint32_t index) {
    struct timespec nothing = {0};
    int naps = 0;
    if (index == 0)
        ready = 1;
    while (!ready) {
        nanosleep(&nothing, 0);
        naps++;
    }
    claim(naps < 20);
}
SUBJECT(naps_let_others_run, .tasks = 2, .task = naps_task, .check = check);
