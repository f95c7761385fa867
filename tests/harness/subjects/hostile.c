/* hostile.c - subjects that try to take the harness down. Each does it only when a racy counter says so,
 * so that a campaign meets good and bad executions.
 */
#undef NDEBUG
#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/harness/subjects/subject.h"

static volatile long counter;

UNSEEN static int finished(void) {
    static int count;
    return ++count;
}

/* Two increments; then, for the second task that arrives here, whether an update was lost: in about two
 * of three executions. */
static int lost(void) {
    for (int round = 0; round < 2; round++)
        counter = counter + 1;
    return finished() == 2 && counter < 4;
}

static long check(void) {
    return counter;
}

#define HOSTILE(symbol, ...)                                                                       \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        if (lost())                                                                                \
            __VA_ARGS__;                                                                           \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 2, .task = symbol##_task, .check = check)

static int *volatile nowhere;
static volatile int zero;

HOSTILE(crash, *nowhere = 1);
HOSTILE(divides_by_zero, zero = 5 / zero);
HOSTILE(aborts, abort());
HOSTILE(asserts, assert(zero == 1));
HOSTILE(exits, exit(3));
HOSTILE(exits_at_once, _exit(0));
HOSTILE(ends_the_process, syscall(SYS_exit_group, 0));
HOSTILE(forks, (void)fork());
HOSTILE(polls, poll(0, 0, -1));
HOSTILE(spawns, (void)system("true"));
HOSTILE(kills_itself, raise(SIGKILL));

/* Not a tail call: each turn has a frame, and something is done behind it. */
UNSEEN static int deeper(int depth) {
    volatile char frame[512];
    frame[0] = (char)depth;
    return depth == 1000000 ? 0 : deeper(depth + 1) + frame[0];
}
HOSTILE(overflows, zero = deeper(0));

static void spin_with_points(void) {
    while (zero == 0)
        continue;
}
HOSTILE(never_ends, spin_with_points());

/* Has no point but those of its sleeps. */
static void sleep_for_ever(void) {
    for (;;)
        nanosleep(&(struct timespec){.tv_nsec = 1}, NULL);
}
HOSTILE(never_wakes_up, sleep_for_ever());

/* Both wait for the lost update, in turns: the last point may be any that a decision comes at. */
static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER;
static void never_end_together_task(uint32_t index) {
    (void)index;
    lost();
    while (counter < 4) {
        pthread_mutex_lock(&turn);
        pthread_mutex_unlock(&turn);
    }
}
SUBJECT(never_end_together, .tasks = 2, .task = never_end_together_task, .check = check);

UNSEEN static void spin_unseen(void) {
    for (;;)
        __asm__ volatile("" ::: "memory");
}
HOSTILE(never_ends_unseen, spin_unseen());

/* Some hundred points with some milliseconds of work between them, which no decision cuts. */
UNSEEN static void work(void) {
    for (volatile int i = 0; i < 5000000; i++)
        ;
}
static void works_long_task(uint32_t index) {
    (void)index;
    for (int round = 0; round < 250; round++) {
        counter = 1;
        work();
    }
}
SUBJECT(works_long, .tasks = 1, .task = works_long_task, .check = check);

/* ---- printing ------------------------------------------------------------------------------------- */

static void prints_task(uint32_t index) {
    for (int line = 0; line < 20; line++)
        printf("task %u prints line %d of many, %0200d\n", index, line, 1);
    lost();
}
SUBJECT(prints, .tasks = 2, .task = prints_task, .check = check);

/* Holds stdio's lock over points, while the other prints. */
static void holds_stdio_task(uint32_t index) {
    if (index == 0) {
        flockfile(stdout);
        lost();
        printf("%u\n", index);
        funlockfile(stdout);
    } else {
        lost();
        printf("%u\n", index);
    }
}
SUBJECT(holds_stdio, .tasks = 2, .task = holds_stdio_task, .check = check);
