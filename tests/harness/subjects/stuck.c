/* stuck.c - deadlocks, each of one kind, that many of the tasks may come into, in many ways. */
#include <pthread.h>
#include <sched.h>

#include "tests/harness/subjects/subject.h"

#define NOINLINE __attribute__((noinline))

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_spinlock_t spin;
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;
static volatile int shared;
static uint32_t arrived;

NOINLINE static void use(void) {
    shared = shared + 1;
}

/* A reader that would write without giving up what it reads. Two of six suffice. */
NOINLINE static void upgrade(void) {
    pthread_rwlock_rdlock(&rwlock);
    use();
    pthread_rwlock_wrlock(&rwlock);
    use();
    pthread_rwlock_unlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
    use();
}

/* At another place. */
NOINLINE static void upgrade_too(void) {
    pthread_rwlock_rdlock(&rwlock);
    pthread_rwlock_wrlock(&rwlock);
    pthread_rwlock_unlock(&rwlock);
    use();
}

NOINLINE static void read_plainly(void) {
    pthread_rwlock_rdlock(&rwlock);
    use();
    pthread_rwlock_unlock(&rwlock);
    use();
}

NOINLINE static void write_plainly(void) {
    pthread_rwlock_wrlock(&rwlock);
    use();
    pthread_rwlock_unlock(&rwlock);
    use();
}

static void upgrades_task(uint32_t index) {
    (void)index;
    upgrade();
    use();
}
SUBJECT(stuck_upgrades, .tasks = 6, .task = upgrades_task);

static void upgrades_too_task(uint32_t index) {
    (void)index;
    upgrade_too();
    use();
}
SUBJECT(stuck_upgrades_elsewhere, .tasks = 6, .task = upgrades_too_task);

/* Others come by and wait, too, or have ended before. */
static void crowd_task(uint32_t index) {
    if (index < 3)
        upgrade();
    else if (index < 6)
        read_plainly();
    else
        write_plainly();
    use();
}
SUBJECT(stuck_in_a_crowd, .tasks = 9, .task = crowd_task);

NOINLINE static void lock_both(pthread_mutex_t *one, pthread_mutex_t *other) {
    pthread_mutex_lock(one);
    use();
    pthread_mutex_lock(other);
    use();
    pthread_mutex_unlock(other);
    pthread_mutex_unlock(one);
    use();
}

/* In either order, from either side. */
static void orders_task(uint32_t index) {
    if (index % 2 == 0)
        lock_both(&first, &second);
    else
        lock_both(&second, &first);
    use();
}
static void orders_spin(uint32_t index) {
    orders_task(index);
    pthread_spin_lock(&spin);
    pthread_spin_unlock(&spin);
    use();
}
static void spin_setup(void) {
    pthread_spin_init(&spin, 0);
}
SUBJECT(stuck_by_order, .tasks = 6, .setup = spin_setup, .task = orders_spin);

/* One in six leaves its lock locked; the others wait for it here or there, or have ended before. */
NOINLINE static void leave_locked(void) {
    pthread_mutex_lock(&first);
    use();
}
NOINLINE static void lock_here(void) {
    pthread_mutex_lock(&first);
    pthread_mutex_unlock(&first);
    use();
}
NOINLINE static void lock_there(void) {
    pthread_mutex_lock(&first);
    use();
    pthread_mutex_unlock(&first);
    use();
}
static void left_task(uint32_t index) {
    if (index == 0)
        leave_locked();
    else if (index % 2 == 0)
        lock_here();
    else
        lock_there();
    use();
}
SUBJECT(stuck_left, .tasks = 6, .task = left_task);

/* The same of a lock that is asked for by readers and writers. */
NOINLINE static void leave_write_locked(void) {
    pthread_rwlock_wrlock(&rwlock);
    use();
}
static void left_by_a_writer_task(uint32_t index) {
    if (index == 0)
        leave_write_locked();
    else if (index % 2 == 0)
        read_plainly();
    else
        write_plainly();
    use();
}
SUBJECT(stuck_left_by_a_writer, .tasks = 5, .task = left_by_a_writer_task);

/* Those that come before the fourth wait to be woken; the fourth forgets to. */
NOINLINE static void wait_for_others(void) {
    pthread_mutex_lock(&first);
    arrived++;
    while (arrived < 4)
        pthread_cond_wait(&never, &first);
    pthread_mutex_unlock(&first);
    use();
}
static void unwoken_task(uint32_t index) {
    (void)index;
    wait_for_others();
    use();
}
SUBJECT(stuck_unwoken, .tasks = 6, .task = unwoken_task);

/* An unlock too many: of a lock that nobody holds, or somebody else. */
NOINLINE static void unlock_twice(void) {
    pthread_mutex_lock(&first);
    use();
    pthread_mutex_unlock(&first);
    pthread_mutex_unlock(&first);
    use();
}
static void unlocks_task(uint32_t index) {
    (void)index;
    unlock_twice();
    use();
}
SUBJECT(stuck_unlocked_twice, .tasks = 4, .task = unlocks_task);

/* They wait for each other with loops of their own. */
NOINLINE static void spin_for(volatile int *word) {
    while (*word == 0)
        sched_yield();
    use();
}
NOINLINE static void spin_twice(void) {
    spin_for(&shared);
    use();
}
static void loops_task(uint32_t index) {
    (void)index;
    spin_twice();
    use();
}
SUBJECT(stuck_in_a_loop, .tasks = 4, .task = loops_task);
