/* script.c - tasks that execute what a test has written into `script`, one event a letter, and note the
 * order in which the events happened.
 *
 *     x   a plain write           l, u   lock and unlock of the mutex
 *     y   a yield                     r, w   read and write lock of the readers-writer lock
 *     (, )   a quiet stretch          v      unlock of it
 *     f   a fault: unlock of another mutex, which nobody holds
 *     c   starts the next task that is not one of the program's own; the main task joins it at the end
 */
#include <pthread.h>
#include <sched.h>

#include "tests/harness/subjects/subject.h"

#define SCRIPTS    8
#define SCRIPT_MAX 64

__attribute__((visibility("default"))) extern char script[SCRIPTS][SCRIPT_MAX];
__attribute__((visibility("default"))) extern unsigned char order[SCRIPTS * SCRIPT_MAX];
__attribute__((visibility("default"))) extern uint32_t order_count;

char script[SCRIPTS][SCRIPT_MAX];
unsigned char order[SCRIPTS * SCRIPT_MAX]; /* which script each event was of */
uint32_t order_count;

extern void hd_quiet_begin(void);
extern void hd_quiet_end(void);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t unheld = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_t child[SCRIPTS];
static volatile int cell;
static uint32_t first_child, next_child;

UNSEEN static char letter(uint32_t index, uint32_t at) {
    return script[index][at];
}

UNSEEN static void note(uint32_t index) {
    order[order_count++] = (unsigned char)index;
}

UNSEEN static uintptr_t take_child(void) {
    return next_child++;
}

static void perform(uint32_t index);

static void *born(void *argument) {
    perform((uint32_t)(uintptr_t)argument);
    return 0;
}

static void create(uintptr_t index) {
    pthread_create(&child[index], 0, born, (void *)index);
}

static void act(char letter) {
    switch (letter) {
    case 'x':
        cell = 1;
        break;
    case 'l':
        pthread_mutex_lock(&mutex);
        break;
    case 'u':
        pthread_mutex_unlock(&mutex);
        break;
    case 'r':
        pthread_rwlock_rdlock(&rwlock);
        break;
    case 'w':
        pthread_rwlock_wrlock(&rwlock);
        break;
    case 'v':
        pthread_rwlock_unlock(&rwlock);
        break;
    case 'y':
        sched_yield();
        break;
    case '(':
        hd_quiet_begin();
        break;
    case ')':
        hd_quiet_end();
        break;
    case 'f':
        pthread_mutex_unlock(&unheld);
        break;
    default:
        create(take_child());
    }
}

static void perform(uint32_t index) {
    for (uint32_t at = 0; letter(index, at) != '\0'; at++) {
        act(letter(index, at));
        note(index);
    }
}

static long check(void) {
    for (uint32_t index = first_child; index < next_child; index++)
        pthread_join(child[index], 0);
    return (long)order_count;
}

static void setup_one(void) {
    first_child = next_child = 1;
}

static void setup_two(void) {
    first_child = next_child = 2;
}

static void setup_three(void) {
    first_child = next_child = 3;
}

SUBJECT(script_1, .tasks = 1, .setup = setup_one, .task = perform, .check = check);
SUBJECT(script_2, .tasks = 2, .setup = setup_two, .task = perform, .check = check);
SUBJECT(script_3, .tasks = 3, .setup = setup_three, .task = perform, .check = check);
