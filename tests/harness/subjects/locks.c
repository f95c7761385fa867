/* locks.c - who waits for what is let in by the call that makes room, and by no other; what each call
 * tells when there is none. Subjects of two or three tasks; the first begins, the others come a second
 * later each.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

static volatile int inside, done;

/* ---- readers-writer locks ------------------------------------------------------------------------- */

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_rwlock_t fair = PTHREAD_RWLOCK_WRITER_NONRECURSIVE_INITIALIZER_NP;

static void rwlock_states_task(uint32_t index) {
    struct timespec past = {.tv_sec = 1}, wrong = {.tv_nsec = -1};
    pthread_rwlock_t own = PTHREAD_RWLOCK_INITIALIZER;
    (void)index;
    claim(pthread_rwlock_rdlock(&own) == 0 && pthread_rwlock_tryrdlock(&own) == 0);
    claim(pthread_rwlock_trywrlock(&own) == EBUSY);
    claim(pthread_rwlock_timedwrlock(&own, &past) == ETIMEDOUT);
    claim(pthread_rwlock_clockwrlock(&own, CLOCK_MONOTONIC, &past) == ETIMEDOUT);
    claim(pthread_rwlock_timedrdlock(&own, &past) == 0);
    claim(pthread_rwlock_clockrdlock(&own, CLOCK_MONOTONIC, &past) == 0);
    claim(pthread_rwlock_timedrdlock(&own, &wrong) == EINVAL);
    claim(pthread_rwlock_clockrdlock(&own, CLOCK_REALTIME, &wrong) == EINVAL);
    claim(pthread_rwlock_timedwrlock(&own, &wrong) == EINVAL);
    claim(pthread_rwlock_clockwrlock(&own, CLOCK_REALTIME, &wrong) == EINVAL);
    for (int i = 0; i < 4; i++)
        claim(pthread_rwlock_unlock(&own) == 0);
    claim(pthread_rwlock_trywrlock(&own) == 0 && pthread_rwlock_tryrdlock(&own) == EBUSY);
    claim(pthread_rwlock_rdlock(&own) == EDEADLK && pthread_rwlock_wrlock(&own) == EDEADLK);
    claim(pthread_rwlock_unlock(&own) == 0 && pthread_rwlock_timedwrlock(&own, &past) == 0);
    claim(pthread_rwlock_unlock(&own) == 0);
    claim(pthread_rwlock_clockwrlock(&own, CLOCK_MONOTONIC, &past) == 0);
    claim(pthread_rwlock_unlock(&own) == 0 && pthread_rwlock_destroy(&own) == 0);
}
SUBJECT(rwlock_states, .tasks = 2, .task = rwlock_states_task, .check = check);

/* The first holds it for five seconds: so long waits whoever wants what does not go together with that. */
#define HELD(symbol, hold, want, release, waits)                                                   \
    static void symbol##_task(uint32_t index) {                                                    \
        struct timespec start = after(CLOCK_MONOTONIC, 0);                                         \
        sleep(index);                                                                              \
        claim((index == 0 ? hold : want) == 0);                                                    \
        long waited = ms_since(CLOCK_MONOTONIC, &start);                                           \
        claim(waits &&index > 0 ? waited >= 5000 : waited < 5000);                                 \
        if (index == 0)                                                                            \
            sleep(5);                                                                              \
        claim(release == 0);                                                                       \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 2, .setup = set_up, .task = symbol##_task, .check = check)

static sem_t semaphore;
static pthread_spinlock_t spin;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static void set_up(void) {
    sem_init(&semaphore, 0, 1);
    pthread_spin_init(&spin, 0);
}

HELD(read_read, pthread_rwlock_rdlock(&lock), pthread_rwlock_rdlock(&lock),
     pthread_rwlock_unlock(&lock), 0);
HELD(read_write, pthread_rwlock_rdlock(&lock), pthread_rwlock_wrlock(&lock),
     pthread_rwlock_unlock(&lock), 1);
HELD(write_read, pthread_rwlock_wrlock(&lock), pthread_rwlock_rdlock(&lock),
     pthread_rwlock_unlock(&lock), 1);
HELD(write_write, pthread_rwlock_wrlock(&lock), pthread_rwlock_wrlock(&lock),
     pthread_rwlock_unlock(&lock), 1);
HELD(try_read_write, pthread_rwlock_tryrdlock(&lock), pthread_rwlock_wrlock(&lock),
     pthread_rwlock_unlock(&lock), 1);
HELD(try_write_read, pthread_rwlock_trywrlock(&lock), pthread_rwlock_rdlock(&lock),
     pthread_rwlock_unlock(&lock), 1);
HELD(fair_read_read, pthread_rwlock_rdlock(&fair), pthread_rwlock_rdlock(&fair),
     pthread_rwlock_unlock(&fair), 0);
HELD(fair_read_write, pthread_rwlock_rdlock(&fair), pthread_rwlock_wrlock(&fair),
     pthread_rwlock_unlock(&fair), 1);
HELD(lock_lock, pthread_mutex_lock(&mutex), pthread_mutex_lock(&mutex),
     pthread_mutex_unlock(&mutex), 1);
HELD(trylock_lock, pthread_mutex_trylock(&mutex), pthread_mutex_lock(&mutex),
     pthread_mutex_unlock(&mutex), 1);
HELD(wait_wait, sem_wait(&semaphore), sem_wait(&semaphore), sem_post(&semaphore), 1);
HELD(trywait_wait, sem_trywait(&semaphore), sem_wait(&semaphore), sem_post(&semaphore), 1);
HELD(spin_spin, pthread_spin_lock(&spin), pthread_spin_lock(&spin), pthread_spin_unlock(&spin), 1);
HELD(spin_try_spin, pthread_spin_trylock(&spin), pthread_spin_lock(&spin),
     pthread_spin_unlock(&spin), 1);

static int lock_stream(void) {
    flockfile(stderr);
    return 0;
}
static int unlock_stream(void) {
    funlockfile(stderr);
    return 0;
}
HELD(stream_stream, lock_stream(), lock_stream(), unlock_stream(), 1);
HELD(try_stream, ftrylockfile(stderr), lock_stream(), unlock_stream(), 1);
HELD(stream_print, lock_stream(), fflush(stderr) | lock_stream(), unlock_stream(), 1);

/* The last of two readers lets the writer in, not the first. */
static void two_readers_task(uint32_t index) {
    if (index == 2) {
        sleep(1);
        claim(pthread_rwlock_wrlock(&lock) == 0 && done == 2);
        pthread_rwlock_unlock(&lock);
        return;
    }
    pthread_rwlock_rdlock(&lock);
    sleep(2 + index);
    done = done + 1;
    pthread_rwlock_unlock(&lock);
}
SUBJECT(two_readers, .tasks = 3, .task = two_readers_task, .check = check);

#define DIES(symbol, count, ...)                                                                   \
    static void symbol##_task(uint32_t index) {                                                    \
        sleep(index);                                                                              \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = count, .setup = set_up, .task = symbol##_task, .check = check)

DIES(unlock_of_writer, 2, index == 0 ? pthread_rwlock_wrlock(&lock) : pthread_rwlock_unlock(&lock));
DIES(destroy_of_writer, 1, pthread_rwlock_wrlock(&lock); pthread_rwlock_destroy(&lock));
DIES(writer_waits_for_writer, 2, pthread_rwlock_wrlock(&lock));
DIES(reader_waits_for_writer, 2,
     index == 0 ? pthread_rwlock_wrlock(&lock) : pthread_rwlock_rdlock(&lock));
DIES(writer_waits_for_reader, 2,
     index == 0 ? pthread_rwlock_rdlock(&lock) : pthread_rwlock_wrlock(&lock));
DIES(semaphore_is_empty, 1, sem_wait(&semaphore); sem_wait(&semaphore));
DIES(spin_is_held, 2, pthread_spin_lock(&spin));
DIES(stream_is_held, 2, flockfile(stderr));
DIES(printing_waits, 2, if (index == 0) flockfile(stdout); else puts("never"));
DIES(mutex_is_held, 2, pthread_mutex_lock(&mutex));

static pthread_once_t once = PTHREAD_ONCE_INIT;
static void once_more(void) {
    pthread_once(&once, once_more);
}
DIES(once_in_itself, 1, pthread_once(&once, once_more));

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
DIES(condition_is_waited_on, 2, if (index == 0) pthread_mutex_lock(&mutex),
     pthread_cond_wait(&condition, &mutex);
     else pthread_cond_destroy(&condition));
DIES(signalled_and_held, 2, pthread_mutex_lock(&mutex);
     if (index == 0) pthread_cond_wait(&condition, &mutex); else pthread_cond_signal(&condition));

static void *wait_for_main(void *other) {
    pthread_join(*(pthread_t *)other, NULL);
    return NULL;
}
static pthread_t threads[2];
DIES(joins_in_a_ring, 1, threads[0] = pthread_self();
     pthread_create(&threads[1], NULL, wait_for_main, threads); pthread_join(threads[1], NULL));

/* ---- mutexes -------------------------------------------------------------------------------------- */

static pthread_mutex_t recursive = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t checking = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
static pthread_mutex_t adaptive = PTHREAD_ADAPTIVE_MUTEX_INITIALIZER_NP;

static void mutex_states_task(uint32_t index) {
    struct timespec past = {.tv_sec = 1}, wrong = {.tv_nsec = 1000000000};
    if (index == 1) {
        sleep(1);
        claim(pthread_mutex_unlock(&recursive) == EPERM);
        claim(pthread_mutex_unlock(&checking) == EPERM);
        claim(pthread_mutex_trylock(&recursive) == EBUSY);
        claim(pthread_mutex_trylock(&checking) == EBUSY);
        claim(pthread_mutex_timedlock(&recursive, &past) == ETIMEDOUT);
        claim(pthread_mutex_timedlock(&checking, &past) == ETIMEDOUT);
        claim(pthread_mutex_clocklock(&checking, CLOCK_MONOTONIC, &wrong) == EINVAL);
        claim(pthread_mutex_lock(&recursive) == 0 && done == 1);
        claim(pthread_mutex_lock(&checking) == 0 && pthread_mutex_lock(&adaptive) == 0);
        return;
    }
    claim(pthread_mutex_lock(&recursive) == 0 && pthread_mutex_lock(&checking) == 0);
    claim(pthread_mutex_lock(&adaptive) == 0 && pthread_mutex_trylock(&adaptive) == EBUSY);
    claim(pthread_mutex_timedlock(&recursive, &past) == 0);
    claim(pthread_mutex_clocklock(&recursive, CLOCK_MONOTONIC, &wrong) == 0);
    claim(pthread_mutex_timedlock(&checking, &past) == EDEADLK);
    claim(pthread_mutex_clocklock(&checking, CLOCK_MONOTONIC, &past) == EDEADLK);
    sleep(3);
    done = 1;
    for (int i = 0; i < 3; i++)
        claim(pthread_mutex_unlock(&recursive) == 0);
    claim(pthread_mutex_unlock(&checking) == 0 && pthread_mutex_unlock(&adaptive) == 0);
}
SUBJECT(mutex_states, .tasks = 2, .task = mutex_states_task, .check = check);

/* A mutex that waits with others on a condition is free meanwhile; of two waiters one is signalled. */
static void conditions_task(uint32_t index) {
    static pthread_cond_t other = PTHREAD_COND_INITIALIZER;
    struct timespec soon = after(CLOCK_REALTIME, 4000), wrong = {.tv_nsec = -1};
    if (index == 0) {
        pthread_mutex_lock(&checking);
        claim(pthread_cond_timedwait(&condition, &checking, &wrong) == EINVAL);
        claim(pthread_cond_clockwait(&condition, &checking, CLOCK_REALTIME, &wrong) == EINVAL);
        claim(pthread_cond_wait(&condition, &checking) == 0 && done == 1);
        claim(pthread_mutex_unlock(&checking) == 0);
        return;
    }
    sleep(1);
    claim(pthread_mutex_lock(&checking) == 0); /* it is free */
    claim(pthread_cond_broadcast(&other) == 0 && pthread_cond_signal(&other) == 0);
    claim(pthread_cond_timedwait(&other, &checking, &soon) == ETIMEDOUT && done == 0);
    done = 1;
    claim(pthread_cond_signal(&condition) == 0 && pthread_mutex_unlock(&checking) == 0);
    claim(pthread_cond_destroy(&other) == 0);
}
SUBJECT(conditions, .tasks = 2, .task = conditions_task, .check = check);

/* ---- semaphores ----------------------------------------------------------------------------------- */

static void semaphore_states_task(uint32_t index) {
    struct timespec past = {.tv_sec = 1}, wrong = {.tv_nsec = -1};
    sem_t own;
    int value = -1;
    (void)index;
    claim(sem_init(&own, 0, 2) == 0 && sem_wait(&own) == 0 && sem_trywait(&own) == 0);
    errno = 0;
    claim(sem_trywait(&own) == -1 && errno == EAGAIN);
    errno = 0;
    claim(sem_timedwait(&own, &past) == -1 && errno == ETIMEDOUT);
    errno = 0;
    claim(sem_timedwait(&own, &wrong) == -1 && errno == EINVAL);
    errno = 0;
    claim(sem_clockwait(&own, CLOCK_MONOTONIC, &wrong) == -1 && errno == EINVAL);
    claim(sem_post(&own) == 0 && sem_post(&own) == 0 && sem_getvalue(&own, &value) == 0);
    claim(value == 2 && sem_timedwait(&own, &past) == 0);
    claim(sem_clockwait(&own, CLOCK_MONOTONIC, &past) == 0);
    sem_init(&own, 0, SEM_VALUE_MAX);
    errno = 0;
    claim(sem_post(&own) == -1 && errno == EOVERFLOW);
}
SUBJECT(semaphore_states, .tasks = 1, .task = semaphore_states_task, .check = check);

/* One post lets one of two in. */
static sem_t closed;
static void one_post_task(uint32_t index) {
    if (index < 2) {
        claim(sem_wait(&closed) == 0);
        inside = inside + 1;
        return;
    }
    for (int i = 1; i <= 2; i++) {
        claim(sem_post(&closed) == 0);
        sleep(1);
        claim(inside == i);
    }
}
SUBJECT(one_post, .tasks = 3, .task = one_post_task, .check = check);

/* ---- futexes -------------------------------------------------------------------------------------- */

static uint32_t words[2];

static long futex(uint32_t *word, int operation, long value, const struct timespec *time,
                  long bits) {
    return syscall(SYS_futex, word, operation, value, time, NULL, bits);
}

static void futex_states_task(uint32_t index) {
    struct timespec past = {.tv_sec = 1}, wrong = {.tv_nsec = -1}, minus = {.tv_sec = -1};
    struct timespec nothing = {0};
    (void)index;
    for (int i = 0; i < 2; i++) {
        int wait = i == 0 ? FUTEX_WAIT : FUTEX_WAIT_BITSET;
        int wake = i == 0 ? FUTEX_WAKE : FUTEX_WAKE_BITSET;
        errno = 0;
        claim(futex(words, wait, 1, NULL, -1) == -1 && errno == EAGAIN);
        errno = 0;
        claim(futex(words, wait | FUTEX_PRIVATE_FLAG, 0, &wrong, -1) == -1 && errno == EINVAL);
        errno = 0;
        claim(futex(words, wait, 0, &minus, -1) == -1 && errno == EINVAL);
        errno = 0;
        claim(futex(words, wait, 0, i == 0 ? &nothing : &past, -1) == -1 && errno == ETIMEDOUT);
        errno = 0;
        claim(futex((uint32_t *)((char *)words + 2), wake, 1, NULL, -1) == -1 && errno == EINVAL);
        errno = 0;
        claim(futex(NULL, wake, 1, NULL, -1) == -1 && errno == EFAULT);
        claim(futex(words, wake, 1, NULL, -1) == 0 && futex(words, wake, INT_MAX, NULL, -1) == 0);
    }
    errno = 0;
    claim(futex(words, FUTEX_WAIT_BITSET, 0, NULL, 0) == -1 && errno == EINVAL);
    errno = 0;
    claim(futex(words, FUTEX_WAKE_BITSET, 1, NULL, 0) == -1 && errno == EINVAL);
    claim(futex(words, FUTEX_WAKE, 1, NULL, 0) == 0 && futex(words, FUTEX_WAKE, 1, NULL, 6) == 0);
}
SUBJECT(futex_states, .tasks = 1, .task = futex_states_task, .check = check);

/* Three wait, for two words; how many are woken is told. */
static void futex_counts_task(uint32_t index) {
    if (index < 3) {
        claim(futex(&words[index / 2], FUTEX_WAIT, 0, NULL, 0) == 0);
        inside = inside + 1;
        return;
    }
    sleep(1);
    claim(futex(&words[0], FUTEX_WAKE, 0, NULL, 0) == 1); /* as the kernel: one */
    sleep(1);
    claim(inside == 1 && futex(&words[0], FUTEX_WAKE, 5, NULL, 0) == 1);
    sleep(1);
    claim(inside == 2 && futex(&words[1], FUTEX_WAKE, -1, NULL, 0) == 1);
}
SUBJECT(futex_counts, .tasks = 4, .task = futex_counts_task, .check = check);

static long requeue(int operation) {
    return syscall(SYS_futex, words, operation, 1L, 1L, words + 1, 0L);
}
DIES(futex_fd, 1, requeue(FUTEX_FD));
DIES(futex_requeue, 1, requeue(FUTEX_REQUEUE));
DIES(futex_op, 1, requeue(FUTEX_WAKE_OP));
DIES(futex_pi, 1, requeue(FUTEX_LOCK_PI));
DIES(futex_unlock_pi, 1, requeue(FUTEX_UNLOCK_PI));
DIES(futex_try_pi, 1, requeue(FUTEX_TRYLOCK_PI));
DIES(futex_wait_pi, 1, requeue(FUTEX_WAIT_REQUEUE_PI));
DIES(futex_requeue_pi, 1, requeue(FUTEX_CMP_REQUEUE_PI | FUTEX_PRIVATE_FLAG));
DIES(futex_13, 1, requeue(13));
DIES(futex_wake_mask, 1, futex(words, FUTEX_WAKE_BITSET, 1, NULL, 2));

/* ---- spin locks and barriers ---------------------------------------------------------------------- */

static void spin_states_task(uint32_t index) {
    pthread_spinlock_t own;
    (void)index;
    claim(pthread_spin_init(&own, 0) == 0 && pthread_spin_trylock(&own) == 0);
    claim(pthread_spin_trylock(&own) == EBUSY && pthread_spin_unlock(&own) == 0);
    claim(pthread_spin_lock(&own) == 0 && pthread_spin_unlock(&own) == 0);
    claim(pthread_spin_destroy(&own) == 0);
}
SUBJECT(spin_states, .tasks = 2, .task = spin_states_task, .check = check);
DIES(spin_of_second, 2, if (index == 1) pthread_spin_lock(&spin); sleep(2);
     if (index == 0) pthread_spin_unlock(&spin));

/* Two of four get through a barrier for two, twice; who destroys it waits for those inside. */
static pthread_barrier_t barrier;
static volatile int through, last;
static void barrier_task(uint32_t index) {
    sleep(index / 2);
    int result = pthread_barrier_wait(&barrier);
    claim(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
    __atomic_fetch_add(&last, result == PTHREAD_BARRIER_SERIAL_THREAD, __ATOMIC_SEQ_CST);
    __atomic_fetch_add(&through, 1, __ATOMIC_SEQ_CST);
    if (index == 3) {
        claim(pthread_barrier_destroy(&barrier) == 0 && last >= 1);
        sleep(5);
        claim(through == 4 && last == 2);
    }
}
static void barrier_setup(void) {
    pthread_barrier_init(&barrier, NULL, 2);
}
SUBJECT(barrier_rounds, .tasks = 4, .setup = barrier_setup, .task = barrier_task, .check = check);
DIES(barrier_after_its_end, 1, pthread_barrier_init(&barrier, NULL, 1);
     pthread_barrier_destroy(&barrier); pthread_barrier_wait(&barrier));

/* ---- threads -------------------------------------------------------------------------------------- */

static void *sleep_five(void *argument) {
    sleep(5);
    return argument;
}

static void joins_task(uint32_t index) {
    struct timespec soon, wrong = {.tv_nsec = -1}, start = after(CLOCK_MONOTONIC, 0);
    pthread_t thread, detached;
    pthread_attr_t attributes;
    void *result = &thread;
    (void)index;
    claim(pthread_create(&thread, NULL, sleep_five, &start) == 0);
    claim(pthread_tryjoin_np(thread, &result) == EBUSY && result == &thread);
    claim(pthread_timedjoin_np(thread, &result, &wrong) == EINVAL);
    claim(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &wrong) == EINVAL);
    soon = after(CLOCK_REALTIME, 1000);
    claim(pthread_timedjoin_np(thread, &result, &soon) == ETIMEDOUT && result == &thread);
    soon = after(CLOCK_MONOTONIC, 1000);
    claim(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &soon) == ETIMEDOUT);
    long waited = ms_since(CLOCK_MONOTONIC, &start);
    claim(waited >= 2000 && waited < 2100 && pthread_join(thread, &result) == 0);
    claim(result == &start && ms_since(CLOCK_MONOTONIC, &start) >= 5000);
    claim(pthread_tryjoin_np(thread, &result) == EINVAL && pthread_detach(thread) == EINVAL);
    claim(pthread_create(&thread, NULL, sleep_five, &soon) == 0 && sleep(6) == 0);
    claim(pthread_tryjoin_np(thread, &result) == 0 && result == &soon);
    claim(pthread_create(&thread, NULL, sleep_five, NULL) == 0);
    soon = after(CLOCK_REALTIME, 9000);
    claim(pthread_timedjoin_np(thread, NULL, &soon) == 0);
    claim(pthread_create(&thread, NULL, sleep_five, &wrong) == 0);
    soon = after(CLOCK_MONOTONIC, 9000);
    claim(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &soon) == 0 && result == &wrong);
    pthread_t none = (pthread_t)&soon;
    claim(pthread_join(none, NULL) == ESRCH && pthread_detach(none) == ESRCH);
    claim(pthread_tryjoin_np(none, NULL) == ESRCH);
    claim(pthread_join(pthread_self(), NULL) == EDEADLK);
    pthread_attr_init(&attributes);
    claim(pthread_create(&thread, &attributes, sleep_five, NULL) == 0 &&
          pthread_join(thread, 0) == 0);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    claim(pthread_create(&detached, &attributes, sleep_five, NULL) == 0);
    claim(pthread_join(detached, NULL) == EINVAL && pthread_detach(detached) == EINVAL);
    claim(pthread_create(&detached, NULL, sleep_five, NULL) == 0 && pthread_detach(detached) == 0);
    claim(pthread_join(detached, NULL) == EINVAL && sleep(6) == 0);
}
SUBJECT(joins, .tasks = 1, .task = joins_task, .check = check);
