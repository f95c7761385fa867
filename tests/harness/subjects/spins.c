/* spins.c - correct locks made at home: their waiters run, and keep the holder from running under a
 * strategy that ranks tasks.
 */
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness/subjects/subject.h"

#define TASKS 12
#define TURNS 3

static volatile long counter;

/* Nothing is lost under a lock. */
static long check(void) {
    assert(counter == TASKS * TURNS);
    return counter;
}

/* Defines a subject whose tasks count under a lock. */
#define LOCKED(symbol, enter, leave)                                                               \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        for (int turn = 0; turn < TURNS; turn++) {                                                 \
            enter;                                                                                 \
            for (int i = 0; i < 5; i++)                                                            \
                counter = counter + (i == 4);                                                      \
            leave;                                                                                 \
        }                                                                                          \
    }                                                                                              \
    SUBJECT(symbol, .tasks = TASKS, .task = symbol##_task, .check = check)

static atomic_int taken;

LOCKED(exchange, while (atomic_exchange(&taken, 1)), atomic_store(&taken, 0));

/* It counts its failures, where everybody sees them. */
static atomic_long failures;
LOCKED(counted, while (atomic_exchange(&taken, 1)) atomic_fetch_add(&failures, 1),
       atomic_store(&taken, 0));

static atomic_uint next_ticket, served;
static void take_ticket(void) {
    unsigned mine = atomic_fetch_add(&next_ticket, 1);
    while (atomic_load(&served) != mine)
        ;
}
LOCKED(ticket, take_ticket(), atomic_fetch_add(&served, 1));

/* Waits for twice as long each time, in a local variable. */
static void back_off(void) {
    for (int wait = 1; atomic_exchange(&taken, 1); wait = wait < 64 ? 2 * wait : wait)
        for (volatile int i = 0; i < wait; i++)
            ;
}
LOCKED(backs_off, back_off(), atomic_store(&taken, 0));

/* A hundred that back off for long, as programs with many threads do. */
static void back_off_far(void) {
    for (int wait = 1; atomic_exchange(&taken, 1); wait = wait < 1024 ? 2 * wait : wait)
        for (volatile int i = 0; i < wait; i++)
            ;
}
#define CELLS 60
static volatile long cell[CELLS]; /* one is searched for under the lock */
static void crowd_task(uint32_t index) {
    (void)index;
    back_off_far();
    for (int i = 0; i < CELLS && cell[i] != 0; i++)
        ;
    counter = counter + 1;
    atomic_store(&taken, 0);
}
static long check_crowd(void) {
    assert(counter == 150);
    return counter;
}
static void fill_cells(void) {
    for (int i = 0; i < CELLS; i++)
        cell[i] = i + 1;
}
SUBJECT(crowd, .tasks = 150, .setup = fill_cells, .task = crowd_task, .check = check_crowd);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;

static void nap(long ns) {
    struct timespec time = {0, ns};
    nanosleep(&time, NULL);
}
LOCKED(naps, while (pthread_mutex_trylock(&mutex) != 0) nap(1000), pthread_mutex_unlock(&mutex));
LOCKED(naps_for_nothing, while (pthread_rwlock_trywrlock(&rwlock) != 0) nap(0),
       pthread_rwlock_unlock(&rwlock));

static void lock_soon(void) {
    struct timespec end;
    do {
        clock_gettime(CLOCK_REALTIME, &end);
        end.tv_nsec += end.tv_nsec < 999999000 ? 200 : 0;
    } while (pthread_mutex_timedlock(&mutex, &end) != 0);
}
LOCKED(gives_up_soon, lock_soon(), pthread_mutex_unlock(&mutex));

static pthread_cond_t freed = PTHREAD_COND_INITIALIZER;
static int held;
static void wait_soon(void) {
    struct timespec end;
    pthread_mutex_lock(&mutex);
    while (held) {
        clock_gettime(CLOCK_REALTIME, &end);
        pthread_cond_timedwait(&freed, &mutex, &end);
    }
    held = 1;
    pthread_mutex_unlock(&mutex);
}
static void let_go(void) {
    pthread_mutex_lock(&mutex);
    held = 0;
    pthread_mutex_unlock(&mutex);
}
LOCKED(waits_in_slices, wait_soon(), let_go());

/* Two that take two locks the wrong way round and let go when the second is taken: in step they could
 * go on so for ever. */
static pthread_mutex_t other = PTHREAD_MUTEX_INITIALIZER;
static void both(pthread_mutex_t *first, pthread_mutex_t *second) {
    for (;;) { /* ends when nobody is in the way */
        while (pthread_mutex_trylock(first) != 0)
            ;
        if (pthread_mutex_trylock(second) == 0)
            return;
        pthread_mutex_unlock(first);
    }
}
static void gives_way_task(uint32_t index) {
    for (int turn = 0; turn < TURNS; turn++) {
        both(index % 2 ? &mutex : &other, index % 2 ? &other : &mutex);
        counter = counter + 1;
        pthread_mutex_unlock(&mutex);
        pthread_mutex_unlock(&other);
    }
}
SUBJECT(gives_way, .tasks = TASKS, .task = gives_way_task, .check = check);

/* Nobody ever lets go. */
static void never_free_task(uint32_t index) {
    (void)index;
    while (atomic_exchange(&taken, 1))
        ;
}
SUBJECT(never_free, .tasks = 3, .task = never_free_task, .check = check);
