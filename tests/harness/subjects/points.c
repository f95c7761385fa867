/* points.c - which points a call passes: subjects of one task whose trace the test knows by heart. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <malloc.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <threads.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

/* A subject of one task that does what is given, and passes no points but those of the calls. */
#define QUIET(symbol, ...)                                                                         \
    UNSEEN static void symbol##_task(uint32_t index) {                                             \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = 1, .task = symbol##_task)

static const struct timespec past = {.tv_sec = 1}, nothing = {0};

/* ---- locks ---------------------------------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
QUIET(mutexes, pthread_mutex_lock(&mutex); pthread_mutex_trylock(&mutex);
      pthread_mutex_unlock(&mutex); pthread_mutex_timedlock(&mutex, &past);
      pthread_mutex_unlock(&mutex); pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &past);
      pthread_mutex_unlock(&mutex); pthread_mutex_destroy(&mutex));

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
QUIET(conditions, pthread_cond_signal(&condition); pthread_cond_broadcast(&condition);
      pthread_mutex_lock(&mutex); pthread_cond_timedwait(&condition, &mutex, &past);
      pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &past);
      pthread_cond_destroy(&condition));

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
QUIET(rwlocks_read, pthread_rwlock_rdlock(&rwlock); pthread_rwlock_tryrdlock(&rwlock);
      pthread_rwlock_timedrdlock(&rwlock, &past);
      pthread_rwlock_clockrdlock(&rwlock, CLOCK_MONOTONIC, &past); pthread_rwlock_unlock(&rwlock));
QUIET(rwlocks_write, pthread_rwlock_wrlock(&rwlock); pthread_rwlock_trywrlock(&rwlock);
      pthread_rwlock_unlock(&rwlock); pthread_rwlock_timedwrlock(&rwlock, &past);
      pthread_rwlock_unlock(&rwlock); pthread_rwlock_clockwrlock(&rwlock, CLOCK_MONOTONIC, &past);
      pthread_rwlock_unlock(&rwlock); pthread_rwlock_destroy(&rwlock));

static sem_t semaphore;
QUIET(semaphores, sem_init(&semaphore, 0, 0); sem_post(&semaphore); sem_wait(&semaphore);
      sem_trywait(&semaphore); sem_timedwait(&semaphore, &past);
      sem_clockwait(&semaphore, CLOCK_MONOTONIC, &past));

static pthread_spinlock_t spin;
static pthread_barrier_t barrier;
QUIET(spins, pthread_spin_init(&spin, 0); pthread_spin_lock(&spin); pthread_spin_trylock(&spin);
      pthread_spin_unlock(&spin); pthread_spin_destroy(&spin));
QUIET(barriers, pthread_barrier_init(&barrier, NULL, 1); pthread_barrier_wait(&barrier);
      pthread_barrier_destroy(&barrier));

static pthread_once_t once = PTHREAD_ONCE_INIT;
static once_flag flag = ONCE_FLAG_INIT;
static void nobody(void) {
}
QUIET(onces, pthread_once(&once, nobody); pthread_once(&once, nobody); call_once(&flag, nobody));

static uint32_t word;
static long futex(int operation, uint32_t value) {
    return syscall(SYS_futex, &word, operation, value, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
}
QUIET(futexes, futex(FUTEX_WAIT, 1); futex(FUTEX_WAIT_BITSET, 1); futex(FUTEX_WAKE, 1);
      futex(FUTEX_WAKE, INT_MAX); futex(FUTEX_WAKE_BITSET, 2));

/* ---- threads -------------------------------------------------------------------------------------- */

static pthread_t thread;
static void *end(void *argument) {
    return argument;
}
QUIET(threads, pthread_create(&thread, NULL, end, NULL); pthread_join(thread, NULL);
      pthread_create(&thread, NULL, end, NULL); sleep(1); pthread_tryjoin_np(thread, NULL);
      pthread_create(&thread, NULL, end, NULL); pthread_timedjoin_np(thread, NULL, NULL);
      pthread_create(&thread, NULL, end, NULL);
      pthread_clockjoin_np(thread, NULL, CLOCK_MONOTONIC, NULL));
QUIET(sleeps, sched_yield(); usleep(1); nanosleep(&nothing, NULL);
      clock_nanosleep(CLOCK_MONOTONIC, 0, &nothing, NULL); thrd_sleep(&nothing, NULL); thrd_yield();
      syscall(SYS_sched_yield));

static thrd_t c11_thread;
static mtx_t c11_mutex;
static cnd_t c11_condition;
static int end_c11(void *argument) {
    (void)argument;
    return 0;
}
QUIET(c11, thrd_create(&c11_thread, end_c11, NULL); thrd_join(c11_thread, NULL);
      mtx_init(&c11_mutex, mtx_timed); mtx_lock(&c11_mutex); mtx_trylock(&c11_mutex);
      mtx_unlock(&c11_mutex); mtx_timedlock(&c11_mutex, &past); cnd_init(&c11_condition);
      cnd_signal(&c11_condition); cnd_broadcast(&c11_condition);
      cnd_timedwait(&c11_condition, &c11_mutex, &past); cnd_destroy(&c11_condition);
      mtx_unlock(&c11_mutex); mtx_destroy(&c11_mutex));
QUIET(signals, raise(SIGCHLD); kill(0, SIGCHLD); pthread_kill(pthread_self(), SIGCHLD); raise(0));

/* ---- memory --------------------------------------------------------------------------------------- */

/* The one place where pointers are kept: no point is passed there. */
UNSEEN static char *keep(void *block) {
    return hidden(block);
}
UNSEEN static void heap_task(uint32_t index) {
    void *out = NULL;
    (void)index;
    char *block = keep(malloc(24)), *text = keep((void *)(uintptr_t) "abcd");
    block = keep(realloc(block, 40));
    free(keep(realloc(NULL, 7)));
    free(keep(reallocarray(block, 3, 20)));
    free(keep(reallocarray(NULL, 3, 3)));
    free(keep(calloc(3, 5)));
    free(keep(aligned_alloc(64, 128)));
    free(keep(memalign(64, 12)));
    posix_memalign(&out, 64, 13);
    free(keep(out));
    free(keep(strdup(text)));
    free(keep(strndup(text, 2)));
    free(NULL);
}
SUBJECT(heap, .tasks = 1, .task = heap_task);

UNSEEN static void mappings_task(uint32_t index) {
    (void)index;
    void *at = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    at = mremap(at, 4096, 8192, MREMAP_MAYMOVE);
    munmap(at, 8192);
    mmap64(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}
SUBJECT(mappings, .tasks = 1, .task = mappings_task);

static char area[64];
UNSEEN static void ranges_task(uint32_t index) {
    char *at = keep(area), *sink;
    volatile size_t five = 5, none = 0;
    (void)index;
    sink = keep(memcpy(at, at + 32, five));
    sink = keep(memmove(at, at + 1, five + 1));
    sink = keep(memset(at, 'x', five + 2));
    claim(memcmp(at, at + 32, five + 3) != 99);
    sink = keep(memset(at, 'x', none));
    sink = keep(strcpy(at, keep((void *)(uintptr_t) "abc")));
    claim(strlen(at) == 3 && strcmp(at, keep(at)) == 0);
    (void)sink;
}
SUBJECT(ranges, .tasks = 1, .task = ranges_task, .check = check);

UNSEEN static void streams_task(uint32_t index) {
    (void)index;
    flockfile(stderr);
    ftrylockfile(stderr);
    funlockfile(stderr);
    funlockfile(stderr);
    fflush(stderr);
}
SUBJECT(streams, .tasks = 1, .task = streams_task);

/* ---- what compilers call -------------------------------------------------------------------------- */

#ifndef __clang__ /* gcc knows these itself, with pointers to void */
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
#endif

#define ACCESS(name)   void __tsan_##name(void *address);
#define FIVE(DO, name) DO(name##1) DO(name##2) DO(name##4) DO(name##8) DO(name##16)
#define ALL(DO)                                                                                    \
    FIVE(DO, read)                                                                                 \
    FIVE(DO, write)                                                                                \
    FIVE(DO, read_write)                                                                           \
    FIVE(DO, unaligned_read)                                                                       \
    FIVE(DO, unaligned_write)                                                                      \
    FIVE(DO, unaligned_read_write)                                                                 \
    FIVE(DO, volatile_read)                                                                        \
    FIVE(DO, volatile_write)                                                                       \
    FIVE(DO, unaligned_volatile_read)                                                              \
    FIVE(DO, unaligned_volatile_write)
ALL(ACCESS)
ACCESS(vptr_read)
void __tsan_vptr_update(void **address, void *value);
void __tsan_read_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size);
void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);
void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_end(void);
void __tsan_external_read(void *object, void *caller, void *tag);
void __tsan_external_write(void *object, void *caller, void *tag);
int __tsan_mutex_pre_unlock(void *object, unsigned flags);
void *__tsan_external_register_tag(const char *type);

#define CALL(name) __tsan_##name(area);
UNSEEN static void accesses_task(uint32_t index) {
    (void)index;
    ALL(CALL)
}
SUBJECT(accesses, .tasks = 1, .task = accesses_task);

static void *pointer;
UNSEEN static void special_task(uint32_t index) {
    (void)index;
    __tsan_vptr_read(area);
    __tsan_vptr_update(&pointer, NULL);
    __tsan_vptr_update(&pointer, area);
    __tsan_read_range(area, 0);
    __tsan_read_range(area, 1);
    __tsan_read_range(area, 7);
    __tsan_write_range(area, 0);
    __tsan_write_range(area, 9);
    __tsan_read_range(area, 1ul << 26);
    __tsan_write_range(area, (1ul << 26) - 1);
    __tsan_init();
    __tsan_func_entry(area);
    __tsan_func_exit();
    __tsan_ignore_thread_begin();
    __tsan_ignore_thread_end();
    __tsan_external_read(area, NULL, NULL);
    __tsan_external_write(area, NULL, NULL);
    claim(__tsan_mutex_pre_unlock(area, 0) == 1);
    claim(__tsan_external_register_tag("it") == NULL);
}
SUBJECT(special, .tasks = 1, .task = special_task, .check = check);

/* ---- atomics -------------------------------------------------------------------------------------- */

__extension__ typedef unsigned __int128 uint128_t;
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);

/* What each does with the value that is there, 12, and 10; and what it tells. */
#define ATOMICS(bits, type)                                                                        \
    type __tsan_atomic##bits##_load(const volatile type *at, int order);                           \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order);                    \
    type __tsan_atomic##bits##_exchange(volatile type *at, type value, int order);                 \
    type __tsan_atomic##bits##_fetch_add(volatile type *at, type value, int order);                \
    type __tsan_atomic##bits##_fetch_sub(volatile type *at, type value, int order);                \
    type __tsan_atomic##bits##_fetch_and(volatile type *at, type value, int order);                \
    type __tsan_atomic##bits##_fetch_or(volatile type *at, type value, int order);                 \
    type __tsan_atomic##bits##_fetch_xor(volatile type *at, type value, int order);                \
    type __tsan_atomic##bits##_fetch_nand(volatile type *at, type value, int order);               \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type *at, type *expected,           \
                                                      type value, int order, int failure);         \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile type *at, type *expected, type value, \
                                                    int order, int failure);                       \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *at, type expected, type value,  \
                                                    int order, int failure);                       \
    static type atom##bits;                                                                        \
    UNSEEN static void atomics##bits##_task(uint32_t index) {                                      \
        type *at = &atom##bits, expected = 12;                                                     \
        (void)index;                                                                               \
        __tsan_atomic##bits##_store(at, 12, 0);                                                    \
        claim(__tsan_atomic##bits##_load(at, 0) == 12);                                            \
        claim(__tsan_atomic##bits##_fetch_add(at, 10, 0) == 12 && *at == 22);                      \
        claim(__tsan_atomic##bits##_fetch_sub(at, 10, 0) == 22 && *at == 12);                      \
        claim(__tsan_atomic##bits##_fetch_and(at, 10, 0) == 12 && *at == 8);                       \
        claim(__tsan_atomic##bits##_fetch_or(at, 10, 0) == 8 && *at == 10);                        \
        claim(__tsan_atomic##bits##_fetch_xor(at, 12, 0) == 10 && *at == 6);                       \
        claim(__tsan_atomic##bits##_fetch_nand(at, 10, 0) == 6 && *at == (type) ~(type)2);         \
        claim(__tsan_atomic##bits##_exchange(at, 12, 0) == (type) ~(type)2 && *at == 12);          \
        claim(__tsan_atomic##bits##_compare_exchange_strong(at, &expected, 5, 0, 0) == 1);         \
        claim(*at == 5 && expected == 12);                                                         \
        claim(__tsan_atomic##bits##_compare_exchange_strong(at, &expected, 6, 0, 0) == 0);         \
        claim(*at == 5 && expected == 5);                                                          \
        claim(__tsan_atomic##bits##_compare_exchange_weak(at, &expected, 7, 0, 0) == 1);           \
        claim(*at == 7 && expected == 5);                                                          \
        claim(__tsan_atomic##bits##_compare_exchange_weak(at, &expected, 8, 0, 0) == 0);           \
        claim(*at == 7 && expected == 7);                                                          \
        claim(__tsan_atomic##bits##_compare_exchange_val(at, 7, 9, 0, 0) == 7 && *at == 9);        \
        claim(__tsan_atomic##bits##_compare_exchange_val(at, 7, 3, 0, 0) == 9 && *at == 9);        \
        __tsan_atomic_thread_fence(0);                                                             \
        __tsan_atomic_signal_fence(0);                                                             \
    }                                                                                              \
    SUBJECT(atomics##bits, .tasks = 1, .task = atomics##bits##_task, .check = check);

ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
ATOMICS(128, uint128_t)
