/* calls.c - blocking calls beside the pthread ones of primitives.c: futexes and other system calls by
 * number, C11's threads, barriers, spin locks; and what code under test is told about process and
 * machine. A subject's check returns how many of its claims failed.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <threads.h>
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

static struct timespec now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return time;
}

static long ms_since(clockid_t clock, const struct timespec *from) {
    struct timespec to = now(clock);
    return (to.tv_sec - from->tv_sec) * 1000 + (to.tv_nsec - from->tv_nsec) / 1000000;
}

#define MISUSE(symbol, ...)                                                                        \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 1, .task = symbol##_task, .check = check)

/* ---- futexes -------------------------------------------------------------------------------------- */

static uint32_t word;

static long futex(uint32_t *at, int operation, uint32_t value, const struct timespec *time) {
    return syscall(SYS_futex, at, operation, value, time, 0, FUTEX_BITSET_MATCH_ANY);
}

/* Ulrich Drepper's second mutex ("Futexes are tricky", 2011): 0 free, 1 taken, 2 taken and waited for. */
static void lock_word(void) {
    uint32_t seen = 0;
    if (__atomic_compare_exchange_n(&word, &seen, 1, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
        return;
    while (__atomic_exchange_n(&word, 2, __ATOMIC_SEQ_CST) != 0)
        futex(&word, FUTEX_WAIT_PRIVATE, 2, 0);
}

static void unlock_word(void) {
    if (__atomic_exchange_n(&word, 0, __ATOMIC_SEQ_CST) == 2)
        futex(&word, FUTEX_WAKE_PRIVATE, 1, 0);
}

static void futex_mutex_task(uint32_t index) {
    (void)index;
    for (int round = 0; round < 3; round++) {
        lock_word();
        shared = shared + 1;
        unlock_word();
    }
}
static long futex_mutex_check(void) {
    return shared != 9;
}
SUBJECT(futex_mutex, .tasks = 3, .task = futex_mutex_task, .check = futex_mutex_check);

/* Three wait; task 3 wakes one, then the rest. */
static void futex_wakes_task(uint32_t index) {
    if (index < 3) {
        int operation = index == 0 ? FUTEX_WAIT : FUTEX_WAIT_BITSET;
        claim(futex(&word, operation, 0, 0) == 0);
        __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
        return;
    }
    sleep(1);
    claim(shared == 0);
    claim(futex(&word, FUTEX_WAKE, 1, 0) == 1);
    sleep(1);
    claim(shared == 1);
    claim(futex(&word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, INT_MAX, 0) == 2);
    sleep(1);
    claim(shared == 3);
    claim(futex(&word, FUTEX_WAKE, 5, 0) == 0);
}
SUBJECT(futex_wakes, .tasks = 4, .task = futex_wakes_task, .check = check);

static void futex_times_task(uint32_t index) {
    struct timespec second = {.tv_sec = 1}, wrong = {.tv_nsec = 1000000000};
    (void)index;
    claim(futex(&word, FUTEX_WAIT, 1, 0) == -1 && errno == EAGAIN);
    claim(futex(&word, FUTEX_WAIT, 0, &wrong) == -1 && errno == EINVAL);
    claim(futex((uint32_t *)((uintptr_t)&word + 1), FUTEX_WAKE, 1, 0) == -1 && errno == EINVAL);
    struct timespec start = now(CLOCK_MONOTONIC), later = start;
    claim(futex(&word, FUTEX_WAIT, 0, &second) == -1 && errno == ETIMEDOUT);
    claim(ms_since(CLOCK_MONOTONIC, &start) >= 1000 && ms_since(CLOCK_MONOTONIC, &start) < 1010);
    later.tv_sec += 5;
    claim(futex(&word, FUTEX_WAIT_BITSET, 0, &later) == -1 && errno == ETIMEDOUT);
    claim(ms_since(CLOCK_MONOTONIC, &start) >= 5000 && ms_since(CLOCK_MONOTONIC, &start) < 5010);
    later = start = now(CLOCK_REALTIME);
    later.tv_sec += 2;
    claim(futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 0, &later) == -1);
    claim(ms_since(CLOCK_REALTIME, &start) >= 2000 && ms_since(CLOCK_REALTIME, &start) < 2010);
}
SUBJECT(futex_times, .tasks = 2, .task = futex_times_task, .check = check);

/* The word changes between the test and the wait, and the wait is not told: no wake-up comes. */
static void futex_lost_task(uint32_t index) {
    if (index == 0) {
        if (__atomic_load_n(&word, __ATOMIC_SEQ_CST) == 0)
            futex(&word, FUTEX_WAIT, __atomic_load_n(&word, __ATOMIC_SEQ_CST), 0);
    } else {
        __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
        futex(&word, FUTEX_WAKE, 1, 0);
    }
}
SUBJECT(futex_lost, .tasks = 2, .task = futex_lost_task, .check = check);

MISUSE(futex_requeue, futex(&word, FUTEX_CMP_REQUEUE, 1, 0));
MISUSE(futex_unknown, futex(&word, 99, 1, 0));
MISUSE(futex_mask, syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, 0, 0, 6));
MISUSE(calls_select, syscall(SYS_pselect6, 0, 0, 0, 0, 0, 0));
MISUSE(calls_clone, syscall(SYS_clone3, 0, 0));

/* ---- C11 ------------------------------------------------------------------------------------------ */

static mtx_t mutex, recursive;
static cnd_t condition;
static once_flag once = ONCE_FLAG_INIT;
static tss_t key;

static void initialise(void) {
    thrd_yield();
    shared = shared + 100;
    mtx_init(&mutex, mtx_plain);
    mtx_init(&recursive, mtx_timed | mtx_recursive);
    cnd_init(&condition);
}

static void c11_mutex_task(uint32_t index) {
    struct timespec soon, nap = {.tv_nsec = 1000};
    (void)index;
    call_once(&once, initialise);
    claim(mtx_lock(&mutex) == thrd_success);
    long before = shared;
    claim(thrd_sleep(&nap, 0) == 0);
    shared = before + 1;
    claim(mtx_trylock(&mutex) == thrd_busy);
    soon = now(CLOCK_REALTIME);
    claim(mtx_timedlock(&mutex, &soon) == thrd_timedout);
    claim(mtx_unlock(&mutex) == thrd_success);
    claim(mtx_lock(&recursive) == thrd_success && mtx_trylock(&recursive) == thrd_success);
    claim(mtx_unlock(&recursive) == thrd_success && mtx_unlock(&recursive) == thrd_success);
    claim(mtx_unlock(&recursive) == thrd_error);
}
static long c11_mutex_check(void) {
    return failures + (shared != 103);
}
SUBJECT(c11_mutex, .tasks = 3, .task = c11_mutex_task, .check = c11_mutex_check);

/* Two wait for their turn, the third signals once and wakes the rest. */
static void c11_condition_task(uint32_t index) {
    call_once(&once, initialise);
    mtx_lock(&mutex);
    if (index < 2) {
        claim(cnd_wait(&condition, &mutex) == thrd_success);
        shared = shared + 1;
        mtx_unlock(&mutex);
        return;
    }
    struct timespec soon = now(CLOCK_REALTIME);
    claim(cnd_timedwait(&condition, &mutex, &soon) == thrd_timedout);
    soon.tv_nsec = -1;
    claim(cnd_timedwait(&condition, &mutex, &soon) == thrd_error);
    mtx_unlock(&mutex);
    sleep(1);
    claim(cnd_signal(&condition) == thrd_success);
    sleep(1);
    claim(shared == 101);
    claim(cnd_broadcast(&condition) == thrd_success);
    sleep(1);
    claim(shared == 102);
    cnd_destroy(&condition);
    mtx_destroy(&mutex);
}
SUBJECT(c11_condition, .tasks = 3, .task = c11_condition_task, .check = check);

static void destroy(void *value) {
    claim(value == (void *)7);
    __atomic_fetch_add(&shared, 1, __ATOMIC_SEQ_CST);
}

static int child(void *argument) {
    tss_set(key, (void *)7);
    if (argument == 0)
        thrd_exit(-3);
    return (int)(intptr_t)argument;
}

static void c11_threads_task(uint32_t index) {
    thrd_t first, second;
    int result = 0;
    (void)index;
    claim(tss_create(&key, destroy) == thrd_success);
    claim(thrd_create(&first, child, 0) == thrd_success);
    claim(thrd_create(&second, child, (void *)(intptr_t)-9) == thrd_success);
    claim(!thrd_equal(first, second) && thrd_equal(thrd_current(), pthread_self()));
    claim(thrd_join(second, &result) == thrd_success && result == -9);
    claim(thrd_join(first, &result) == thrd_success && result == -3);
    claim(thrd_join(first, 0) == thrd_error);
    claim(shared == 2 && tss_get(key) == 0);
    tss_delete(key);
    claim(thrd_create(&first, child, (void *)1) == thrd_success);
    claim(thrd_detach(first) == thrd_success && thrd_detach(first) == thrd_error);
    sleep(1); /* it has ended: what comes behind the last of the tasks is seen, not counted */
}
SUBJECT(c11_threads, .tasks = 1, .task = c11_threads_task, .check = check);

MISUSE(c11_self_deadlock, initialise(), mtx_lock(&mutex), mtx_lock(&mutex));
MISUSE(c11_not_held, initialise(), mtx_unlock(&mutex));

/* ---- barriers, spin locks ------------------------------------------------------------------------- */

static pthread_barrier_t barrier;
static pthread_spinlock_t spin;
static volatile int arrived, served;

static void barrier_setup(void) {
    pthread_barrier_init(&barrier, 0, 3);
    pthread_spin_init(&spin, PTHREAD_PROCESS_PRIVATE);
}

/* Nobody gets through before all have arrived; of each round one is told that it was the last. */
static void barrier_task(uint32_t index) {
    for (int round = 1; round <= 3; round++) {
        __atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
        int result = pthread_barrier_wait(&barrier);
        claim(result == 0 || result == PTHREAD_BARRIER_SERIAL_THREAD);
        claim(arrived >= 3 * round && arrived <= 3 * round + 2);
        if (result == PTHREAD_BARRIER_SERIAL_THREAD)
            __atomic_fetch_add(&served, 1, __ATOMIC_SEQ_CST);
    }
    if (index == 0)
        claim(pthread_barrier_destroy(&barrier) == 0);
}
static long barrier_check(void) {
    return failures + (served != 3);
}
SUBJECT(barrier_meets, .tasks = 3, .setup = barrier_setup, .task = barrier_task,
        .check = barrier_check);

/* Two of three come: the third place stays empty. */
static void barrier_short_task(uint32_t index) {
    (void)index;
    pthread_barrier_wait(&barrier);
}
SUBJECT(barrier_short, .tasks = 2, .setup = barrier_setup, .task = barrier_short_task,
        .check = check);

static void barrier_destroyed_task(uint32_t index) {
    if (index == 0)
        pthread_barrier_wait(&barrier);
    sleep(1);
    pthread_barrier_destroy(&barrier);
}
SUBJECT(barrier_destroyed, .tasks = 2, .setup = barrier_setup, .task = barrier_destroyed_task,
        .check = check);
MISUSE(barrier_unmade, pthread_barrier_wait(&barrier));

static void spin_task(uint32_t index) {
    (void)index;
    for (int round = 0; round < 3; round++) {
        claim(pthread_spin_lock(&spin) == 0);
        shared = shared + 1;
        claim(pthread_spin_trylock(&spin) == EBUSY);
        claim(pthread_spin_unlock(&spin) == 0);
    }
}
static long spin_check(void) {
    return failures + (shared != 9) + (pthread_spin_trylock(&spin) != 0);
}
SUBJECT(spin_excludes, .tasks = 3, .setup = barrier_setup, .task = spin_task, .check = spin_check);

static void spin_other_task(uint32_t index) {
    if (index == 0)
        pthread_spin_lock(&spin);
    sleep(1);
    if (index == 1)
        pthread_spin_unlock(&spin);
}
SUBJECT(spin_of_another, .tasks = 2, .setup = barrier_setup, .task = spin_other_task,
        .check = check);
MISUSE(spin_self_deadlock, barrier_setup(), pthread_spin_lock(&spin), pthread_spin_lock(&spin));
MISUSE(spin_not_held, barrier_setup(), pthread_spin_unlock(&spin));
MISUSE(spin_destroy_held, barrier_setup(), pthread_spin_lock(&spin), pthread_spin_destroy(&spin));

/* ---- identity ------------------------------------------------------------------------------------- */

static long identity(void) {
    cpu_set_t set;
    unsigned cpu = 9, node = 9;
    getcpu(&cpu, &node);
    sched_getaffinity(0, sizeof set, &set);
    return getpid() * 31L + getppid() * 37L + sched_getcpu() + cpu + node + CPU_COUNT(&set) * 41L +
           sysconf(_SC_NPROCESSORS_ONLN) * 43L + sysconf(_SC_NPROCESSORS_CONF) * 47L +
           get_nprocs() * 53L + get_nprocs_conf() * 59L;
}

/* Its result tells them: they are the same in every process. */
static void identity_task(uint32_t index) {
    (void)index;
    claim(gettid() != getpid() && gettid() == syscall(SYS_gettid));
    claim(syscall(SYS_getpid) == getpid());
    __atomic_fetch_add(&shared, gettid() * 61L + identity(), __ATOMIC_SEQ_CST);
    kill(getpid(), 0);
    claim(syscall(SYS_tgkill, getpid(), gettid(), 0) == 0 && kill(getpid(), 0) == 0);
    claim(sysconf(_SC_PAGESIZE) >= 4096);
}
static long identity_check(void) {
    claim(gettid() == getpid());
    return failures != 0 ? failures : shared;
}
SUBJECT(identity_told, .tasks = 3, .task = identity_task, .check = identity_check);

static void resize_task(uint32_t index) {
    void *volatile block = malloc(8);
    (void)index;
    claim(realloc(block, 0) == 0);
    block = realloc(0, 0);
    claim(block != 0);
    free(block);
}
SUBJECT(resize_to_nothing, .tasks = 1, .task = resize_task, .check = check);

/* As glibc: an alignment is rounded up, and may be too large. */
static void align_task(uint32_t index) {
    volatile size_t largest = (size_t)1 << 63, none = 0;
    void *out;
    (void)index;
    claim(hidden(memalign(none, 8)) != 0);
    claim((uintptr_t)hidden(memalign(1, 8)) % 16 == 0);
    claim((uintptr_t)hidden(memalign(none + 24, 8)) % 32 == 0);
    claim((uintptr_t)hidden(memalign(4096, 8)) % 4096 == 0);
    claim(hidden(memalign(largest, 8)) == 0 && errno == ENOMEM);
    claim(hidden(memalign(largest + 1, 8)) == 0 && errno == EINVAL);
    claim(hidden(aligned_alloc(largest, 8)) == 0 && errno == ENOMEM);
    claim(posix_memalign(&out, none, 8) == EINVAL);
    claim(posix_memalign(&out, none + 24, 8) == EINVAL);
    claim(posix_memalign(&out, largest, 8) == ENOMEM);
}
SUBJECT(alignments, .tasks = 1, .task = align_task, .check = check);

static void *volatile freed;
MISUSE(resized_is_freed, freed = malloc(8), claim(realloc(freed, 0) == 0), free(hidden(freed)));

/* ---- signals ---------------------------------------------------------------------------------------- */

static volatile int handled, handled_by;
static volatile int value_of;

static void count_signal(int number) {
    handled = handled + 1;
    handled_by = number;
}

static void take_value(int number, siginfo_t *info, void *context) {
    (void)context;
    handled_by = number;
    value_of = info->si_value.sival_int;
}

/* A second task that has begun and waits. */
static pthread_t waiting;
static void *wait_long(void *argument) {
    sleep(10);
    return argument;
}
static void start_waiting(void) {
    pthread_create(&waiting, NULL, wait_long, NULL);
    sleep(1);
}

#define ONE(symbol, ...)                                                                           \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 1, .task = symbol##_task, .check = check)

ONE(signal_unhandled, raise(SIGUSR1));
ONE(signal_kills, kill(getpid(), SIGKILL));
ONE(signal_handler_of_fault, signal(SIGSEGV, count_signal));
ONE(signal_of_another, signal(SIGUSR1, count_signal); start_waiting();
    pthread_kill(waiting, SIGUSR1));
static sigset_t all_signals;
ONE(signal_blocked, signal(SIGUSR1, count_signal); sigfillset(&all_signals);
    pthread_sigmask(SIG_SETMASK, &all_signals, NULL); raise(SIGUSR1));
ONE(signal_of_timer, alarm(1));
ONE(signal_elsewhere, kill(1, SIGTERM));

static void signals_task(uint32_t index) {
    struct sigaction action = {.sa_sigaction = take_value, .sa_flags = SA_SIGINFO}, old;
    sigset_t set, before;
    (void)index;
    claim(signal(SIGUSR1, count_signal) == SIG_DFL && raise(SIGUSR1) == 0 && handled == 1);
    claim(kill(getpid(), SIGUSR1) == 0 && handled == 2);
    claim(pthread_kill(pthread_self(), SIGUSR1) == 0 && handled == 3 && handled_by == SIGUSR1);
    claim(signal(SIGUSR1, SIG_IGN) == count_signal && raise(SIGUSR1) == 0 && handled == 3);
    claim(raise(0) == 0 && raise(SIGWINCH) == 0 && raise(999) == -1 && errno == EINVAL);
    claim(sigaction(SIGUSR2, &action, NULL) == 0);
    claim(sigqueue(getpid(), SIGUSR2, (union sigval){.sival_int = 7}) == 0 && value_of == 7);
    claim(sigaction(SIGUSR2, NULL, &old) == 0 && old.sa_sigaction == take_value);
    claim(sigaction(SIGKILL, &action, NULL) == -1 && errno == EINVAL);
    action = (struct sigaction){.sa_handler = count_signal, .sa_flags = (int)SA_RESETHAND};
    claim(sigaction(SIGUSR2, &action, NULL) == 0 && raise(SIGUSR2) == 0 && handled == 4);
    claim(sigaction(SIGUSR2, NULL, &old) == 0 && old.sa_handler == SIG_DFL);
    claim(syscall(SYS_tgkill, getpid(), syscall(SYS_gettid), SIGWINCH) == 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    claim(pthread_sigmask(SIG_BLOCK, &set, NULL) == 0);
    claim(sigprocmask(SIG_UNBLOCK, &set, &before) == 0 && sigismember(&before, SIGUSR1) == 1);
    claim(sigpending(&set) == 0 && sigismember(&set, SIGUSR1) == 0);
}
SUBJECT(signals, .tasks = 1, .task = signals_task, .check = check);
