/* parts.c - subjects with tasks of their own beside the program's: before, among and after them; and
 * main tasks that do not come to an end. /
 */
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <stdlib.h>

#include "tests/harness/subjects/subject.h"

static volatile long counter;
static volatile int stop, steps;
static pthread_t helper;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t wanted = PTHREAD_COND_INITIALIZER;

static long check(void) {
    return counter;
}

static void increment(void) {
    counter = counter + 1;
}

static void two_increments(uint32_t index) {
    (void)index;
    increment();
    increment();
}

/* ---- a helper that lives from the set-up to the end ------------------------------------------------ */

static void *serve(void *argument) {
    pthread_mutex_lock(&lock);
    while (!stop) {
        pthread_cond_wait(&wanted, &lock);
        steps = steps + 1;
    }
    pthread_mutex_unlock(&lock);
    return argument;
}

static void start_serving(void) {
    assert(pthread_create(&helper, NULL, serve, NULL) == 0);
    for (int i = 0; i < 3; i++)
        increment();
}

static void end_serving(void) {
    pthread_mutex_lock(&lock);
    stop = 1;
    pthread_cond_signal(&wanted);
    pthread_mutex_unlock(&lock);
    pthread_join(helper, NULL);
}

static void wake(uint32_t index) {
    two_increments(index);
    pthread_cond_signal(&wanted);
}

/* An update is lost among the tasks; it is seen when the helper has ended. */
static long served(void) {
    end_serving();
    assert(counter == 3 + 2 * 3);
    return counter;
}
SUBJECT(among, .tasks = 3, .setup = start_serving, .task = wake, .check = served);

static long served_well(void) {
    end_serving();
    return counter;
}
SUBJECT(among_without_fault, .tasks = 3, .setup = start_serving, .task = wake,
        .check = served_well);

/* ---- races of the main task with its helper --------------------------------------------------------- */

static void *add_three(void *argument) {
    for (int i = 0; i < 3; i++)
        increment();
    return argument;
}

/* Loses an update before the tasks start. */
static void race_first(void) {
    assert(pthread_create(&helper, NULL, add_three, NULL) == 0);
    add_three(NULL);
    pthread_join(helper, NULL);
    assert(counter == 6);
}
SUBJECT(before, .tasks = 2, .setup = race_first, .task = two_increments, .check = check);

/* One task, and a helper that has run before it, or runs beside it, or both. */
static void start_adding(void) {
    assert(pthread_create(&helper, NULL, add_three, NULL) == 0);
    add_three(NULL);
}

static long join_helper(void) {
    pthread_join(helper, NULL);
    return counter;
}
SUBJECT(beside_one, .tasks = 1, .setup = start_adding, .task = two_increments,
        .check = join_helper);

/* Loses one after they have ended. */
static long race_last(void) {
    counter = 0;
    assert(pthread_create(&helper, NULL, add_three, NULL) == 0);
    add_three(NULL);
    pthread_join(helper, NULL);
    assert(counter == 6);
    return counter;
}
SUBJECT(after, .tasks = 2, .task = two_increments, .check = race_last);

/* ---- a main task that does not come to its end ------------------------------------------------------ */

static void never_set_up_setup(void) {
    for (;;)
        increment();
}
SUBJECT(never_set_up, .tasks = 2, .setup = never_set_up_setup, .task = two_increments,
        .check = check);

static long never_checked_check(void) {
    for (;;)
        increment();
    return counter;
}
SUBJECT(never_checked, .tasks = 2, .task = two_increments, .check = never_checked_check);

/* The helper waits in a loop for what the main task never does. */
static void *wait_for_stop(void *argument) {
    while (!stop)
        steps = steps + 1;
    return argument;
}

static long never_joined_check(void) {
    assert(pthread_create(&helper, NULL, wait_for_stop, NULL) == 0);
    pthread_join(helper, NULL);
    return counter;
}
SUBJECT(never_joined, .tasks = 2, .task = two_increments, .check = never_joined_check);
