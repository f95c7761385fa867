/* state.c - subjects whose result tells whether anything of an execution was left for the next: each
 * leaves something behind, and each reads what an earlier execution may have left.
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

#include "tests/harness/subjects/subject.h"

static volatile long sum; /* every task adds to it without a lock */

static long check_sum(void) {
    return sum;
}

static void add(long value) {
    sum = sum + value;
}

/* ---- statics, thread-locals, errno ---------------------------------------------------------------- */

static long count = 3;

static void static_counter_task(uint32_t index) {
    count += index + 1;
    add(count);
}
SUBJECT(static_counter, .tasks = 3, .task = static_counter_task, .check = check_sum);

static _Thread_local volatile long own = 5;
static _Thread_local volatile long own_zero;

static void thread_local_task(uint32_t index) {
    own = own + index;
    own_zero = own_zero + 1;
    add(own * 10 + own_zero);
}
SUBJECT(thread_local_state, .tasks = 3, .task = thread_local_task, .check = check_sum);

static void errno_task(uint32_t index) {
    add(errno);
    errno = (int)index + 7;
    add(1);
    add(errno);
}
SUBJECT(errno_state, .tasks = 2, .task = errno_task, .check = check_sum);

/* ---- memory that nobody has written --------------------------------------------------------------- */

UNSEEN static long sum_bytes(const volatile unsigned char *at, size_t size) {
    long total = 0;
    for (size_t i = 0; i < size; i++)
        total += at[i] * (long)(i % 31 + 1);
    return total;
}

UNSEEN static void scribble(volatile unsigned char *at, size_t size, unsigned char byte) {
    for (size_t i = 0; i < size; i++)
        at[i] = (unsigned char)(byte + i);
}

static void heap_garbage_task(uint32_t index) {
    size_t size = 40 + 100 * (size_t)index;
    unsigned char *block = hidden(malloc(size));
    add(sum_bytes(block, size));
    scribble(block, size, (unsigned char)index);
    free(block);
    add(1);
}
SUBJECT(heap_garbage, .tasks = 2, .task = heap_garbage_task, .check = check_sum);

/* The part of the stack that calls of the harness do not reach. */
UNSEEN static long read_stack(unsigned char byte) {
    unsigned char array[48 << 10];
    volatile unsigned char *local = hidden(array);
    long total = sum_bytes(local, 16 << 10);
    scribble(local, 16 << 10, byte);
    return total;
}

static void stack_garbage_task(uint32_t index) {
    add(read_stack((unsigned char)index));
    add(1);
}
SUBJECT(stack_garbage, .tasks = 2, .task = stack_garbage_task, .check = check_sum);

/* ---- locks and waiters left behind by a fault ----------------------------------------------------- */

static pthread_mutex_t first = PTHREAD_MUTEX_INITIALIZER, second = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t shared = PTHREAD_RWLOCK_INITIALIZER;

static void lock_left_task(uint32_t index) {
    pthread_mutex_t *outer = index == 0 ? &first : &second;
    pthread_mutex_t *inner = index == 0 ? &second : &first;
    pthread_rwlock_rdlock(&shared);
    pthread_mutex_lock(outer);
    add(1);
    pthread_mutex_lock(inner); /* a deadlock now and then, with all locks held */
    add(index);
    pthread_mutex_unlock(inner);
    pthread_mutex_unlock(outer);
    pthread_rwlock_unlock(&shared);
}
SUBJECT(lock_left, .tasks = 2, .task = lock_left_task, .check = check_sum);

static volatile int woken;

static void waiter_left_task(uint32_t index) {
    if (index == 2) {
        pthread_cond_signal(&condition); /* perhaps before anybody waits */
        return;
    }
    pthread_mutex_lock(&first);
    if (woken++ < 1)
        pthread_cond_wait(&condition, &first);
    add(index + 1);
    pthread_mutex_unlock(&first);
}
SUBJECT(waiter_left, .tasks = 3, .task = waiter_left_task, .check = check_sum);

static void stream_left_task(uint32_t index) {
    FILE *outer = index == 0 ? stdout : stderr;
    flockfile(outer);
    add(1);
    fflush(index == 0 ? stderr : stdout);
    add(index);
    funlockfile(outer);
}
SUBJECT(stream_left, .tasks = 2, .task = stream_left_task, .check = check_sum);

/* ---- once, keys, time, threads -------------------------------------------------------------------- */

static pthread_once_t once = PTHREAD_ONCE_INIT;
static volatile long made;

static void make(void) {
    made = sum + 100;
}

static void once_task(uint32_t index) {
    add(index);
    pthread_once(&once, make);
    add(made);
}
SUBJECT(once_state, .tasks = 3, .task = once_task, .check = check_sum);

static pthread_key_t key;

static void drop(void *value) {
    add(*(long *)value);
    free(value);
}

static void keys_setup(void) {
    pthread_key_create(&key, drop);
}

static void keys_task(uint32_t index) {
    long *value = malloc(sizeof *value);
    add(pthread_getspecific(key) != 0);
    *value = (long)(index + 1) * 1000;
    pthread_setspecific(key, value);
    add((long)key);
}
SUBJECT(keys_state, .tasks = 3, .setup = keys_setup, .task = keys_task, .check = check_sum);

/* A key that is made once a process; the value stays when the task ends. */
static pthread_key_t kept_key;

__attribute__((constructor)) static void make_kept_key(void) {
    pthread_key_create(&kept_key, 0);
}

static void kept_key_task(uint32_t index) {
    add((long)(uintptr_t)pthread_getspecific(kept_key));
    pthread_setspecific(kept_key, (void *)(uintptr_t)(sum + index + 1));
}
SUBJECT(kept_key_state, .tasks = 3, .task = kept_key_task, .check = check_sum);

static void time_task(uint32_t index) {
    struct timespec now, nap = {.tv_nsec = 1000 * (long)(index + 1)};
    add(1);
    clock_gettime(CLOCK_MONOTONIC, &now);
    add(now.tv_nsec + now.tv_sec);
    nanosleep(&nap, 0);
    clock_gettime(CLOCK_REALTIME, &now);
    add(now.tv_nsec + now.tv_sec);
}
SUBJECT(time_state, .tasks = 2, .task = time_task, .check = check_sum);

static void *child(void *argument) {
    add((long)(uintptr_t)argument);
    return argument;
}

static void threads_task(uint32_t index) {
    pthread_t thread;
    void *result;
    pthread_create(&thread, 0, child, (void *)(uintptr_t)(index + 10));
    add(index);
    pthread_join(thread, &result);
    add((long)(uintptr_t)result);
}
SUBJECT(threads_state, .tasks = 2, .task = threads_task, .check = check_sum);

/* Addresses of heap, stack and thread are the same in every run. */
static void addresses_task(uint32_t index) {
    volatile int local = (int)index;
    void *block = malloc(16);
    add((long)((uintptr_t)&local ^ (uintptr_t)&errno ^ (uintptr_t)block ^ pthread_self()));
}
SUBJECT(addresses, .tasks = 3, .task = addresses_task, .check = check_sum);

/* A yield that a fault leaves a task at: time passes only when all yield. */
static void yield_left_task(uint32_t index) {
    struct timespec now, nap = {.tv_nsec = 100000};
    if (index == 0) {
        nanosleep(&nap, 0);
        return;
    }
    for (int i = 0; i < 3; i++) {
        add(index);
        sched_yield();
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    add(now.tv_nsec);
    if (index == 2 && now.tv_nsec % 4 != 0)
        free(hidden((char *)hidden(malloc(64)) + 16));
}
SUBJECT(yield_left, .tasks = 3, .task = yield_left_task, .check = check_sum);

/* One and the same fault, with either task's number in its message. */
static void numbers_task(uint32_t index) {
    void *volatile block = malloc(16);
    add(index);
    free(block);
    add(index);
    free(block);
}
SUBJECT(numbers_fault, .tasks = 2, .task = numbers_task, .check = check_sum);

/* ---- not under control ---------------------------------------------------------------------------- */

static void ticks_task(uint32_t index) {
    (void)index;
#if defined(__x86_64__)
    add((long)__builtin_ia32_rdtsc());
#else
    long ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    add(ticks);
#endif
}
SUBJECT(reads_ticks, .tasks = 2, .task = ticks_task, .check = check_sum);

/* The same fault each time, with other results: processes share the count. */
static unsigned *shared_count;

__attribute__((constructor)) static void share_count(void) {
    shared_count =
        mmap(0, sizeof *shared_count, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
}

static void other_results_task(uint32_t index) {
    for (unsigned i = __atomic_fetch_add(shared_count, 1, __ATOMIC_RELAXED) % 5 + 1; i > 0; i--)
        add(index);
    pthread_mutex_unlock(&first);
}
SUBJECT(other_results, .tasks = 2, .task = other_results_task, .check = check_sum);

/* The number of points depends on what libc remembers from earlier executions: whether there is a table. */
static void table_task(uint32_t index) {
    for (int i = hcreate(1); i >= 0; i--)
        add(index);
}
SUBJECT(uses_table, .tasks = 2, .task = table_task, .check = check_sum);

/* ---- memory of a module that is loaded, and of C++ -------------------------------------------------- */

static volatile long *table;

__attribute__((constructor)) static void make_table(void) {
    table = calloc(8, sizeof *table);
    free(malloc(100));
    table = realloc((void *)table, 16 * sizeof *table);
    table[3] = 5;
}

/* Changed, made larger and given back in an execution: the next one begins as the first did. */
static void loaded_task(uint32_t index) {
    table[3] = table[3] + index + 1;
    add(table[3]);
    if (index == 2) {
        table = realloc((void *)table, 64 * sizeof *table);
        add(table[3] * 3);
        free((void *)table);
        table = NULL;
    }
}
static long check_loaded(void) {
    return sum + (table != NULL);
}
SUBJECT(loaded_memory, .tasks = 1, .task = loaded_task, .check = check_loaded);
static void given_back_task(uint32_t index) {
    (void)index;
    loaded_task(2);
}
SUBJECT(loaded_memory_given_back, .tasks = 1, .task = given_back_task, .check = check_loaded);

/* operator new, operator delete and operator new[] by their names. */
void *_Znwm(size_t size);
void _ZdlPv(void *address);
void *_Znam(size_t size);
void _ZdaPvm(void *address, size_t size);

/* What is read of a block that was given back, or never written, is the same whatever came before. */
static void cxx_heap_task(uint32_t index) {
    volatile long *block = _Znwm(64), *blocks = _Znam(24);
    add(block[index] % 1009 + blocks[index % 3] % 1009);
    _ZdlPv((void *)block);
    add(block[index] % 1013);
    add((long)((uintptr_t)block >> 4) % 1019);
    if (index > 0)
        _ZdaPvm((void *)blocks, 24);
}
SUBJECT(cxx_heap, .tasks = 3, .task = cxx_heap_task, .check = check_sum);

static void text_task(uint32_t index) {
    char *text = NULL;
    if (asprintf(&text, "%u %s", index, "text") < 0)
        abort();
    add(text[0] + (long)((uintptr_t)text >> 4) % 1021);
    free(text);
    add(((volatile char *)text)[1]);
}
SUBJECT(text_heap, .tasks = 2, .task = text_task, .check = check_sum);

/* ---- mappings ---------------------------------------------------------------------------------------- */

static void mappings_task(uint32_t index) {
    size_t size = 20000 * (index + 1);
    volatile unsigned char *block =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED)
        abort();
    add((long)((uintptr_t)block >> 12) % 100003 + block[5]);
    block[5] = 9;
    if (index == 1) {
        block = mremap((void *)block, size, 8 * size, MREMAP_MAYMOVE);
        add((long)((uintptr_t)block >> 12) % 100019 + block[5]);
    }
    if (index == 2 && munmap((void *)block, size) != 0)
        abort();
}
SUBJECT(mappings_left, .tasks = 3, .task = mappings_task, .check = check_sum);
