/* threads.c - looking for the end of a thread without waiting, and what destructors leave. */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

static void *sleeper(void *argument) {
    sleep(5);
    return argument;
}

static void tryjoin_task(uint32_t index) {
    pthread_t thread;
    void *result = 0;
    struct timespec start = after(CLOCK_REALTIME, 0), soon = after(CLOCK_REALTIME, 2000);
    (void)index;
    claim(pthread_create(&thread, 0, sleeper, (void *)7) == 0);
    claim(pthread_tryjoin_np(thread, &result) == EBUSY);
    claim(ms_since(CLOCK_REALTIME, &start) < 10);
    claim(pthread_timedjoin_np(thread, &result, &soon) == ETIMEDOUT);
    soon = after(CLOCK_MONOTONIC, 1000);
    claim(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &soon) == ETIMEDOUT);
    claim(result == 0);
    sleep(10);
    claim(pthread_tryjoin_np(thread, &result) == 0 && result == (void *)7);
    claim(pthread_tryjoin_np(thread, &result) == EINVAL);
}
SUBJECT(tryjoin, .tasks = 1, .task = tryjoin_task, .check = check);

/* In time. */
static void joins_in_time_task(uint32_t index) {
    pthread_t first, second;
    void *result = 0;
    struct timespec late = after(CLOCK_REALTIME, 20000), later = after(CLOCK_MONOTONIC, 20000);
    (void)index;
    pthread_create(&first, 0, sleeper, (void *)7);
    pthread_create(&second, 0, sleeper, (void *)8);
    claim(pthread_timedjoin_np(first, &result, &late) == 0 && result == (void *)7);
    claim(pthread_clockjoin_np(second, &result, CLOCK_MONOTONIC, &later) == 0);
    claim(result == (void *)8);
}
SUBJECT(joins_in_time, .tasks = 1, .task = joins_in_time_task, .check = check);

/* A destructor that leaves a value is called again, four times at most. */
static pthread_key_t key;
static volatile long calls;

static void set_again(void *value) {
    calls = calls + 1;
    pthread_setspecific(key, value);
}

static void *leaves_value(void *argument) {
    pthread_setspecific(key, (void *)1);
    return argument;
}

static void destructors_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    claim(pthread_key_create(&key, set_again) == 0);
    pthread_create(&thread, 0, leaves_value, 0);
    pthread_join(thread, 0);
    claim(calls == 4);
}
SUBJECT(destructors_again, .tasks = 1, .task = destructors_task, .check = check);

/* The compiler must not treat it as what it is. */
static pid_t (*volatile copy)(void);
static void vforks_task(uint32_t index) {
    (void)index;
    copy = vfork;
    copy();
}
SUBJECT(vforks, .tasks = 1, .task = vforks_task, .check = check);
