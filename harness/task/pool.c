/* pool.c - see pool.h.
 *
 * One slot of address space a task, from low to high:
 *
 *     guard | closed ............ | open | start .. reserve for the parked thread, its TLS, its frames |
 *           limit                 low    start                                                     end
 *
 * `start` lies half a kilobyte above a page boundary, so that the memory filled for each execution is small
 * for tasks that do not call deep.
 */
#include "harness/task/pool.h"

#include <errno.h>
#include <link.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/intercept/real.h"
#include "harness/intercept/tsan.h"
#include "harness/task/switch.h"

#if defined(__SANITIZE_ADDRESS__)
#define HD_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HD_ASAN 1
#endif
#endif
#ifdef HD_ASAN
#include <sanitizer/asan_interface.h>
#endif

#define POOL_BASE    0x7ec000000000ull
#define SLOT_SIZE    (2ull << 20)
#define GUARD_SIZE   (64ull << 10)
#define RESERVE_SIZE (512ull << 10) /* ThreadSanitizer keeps its per-thread state in TLS */
#define TSAN_FILL    (16ull << 10)
#define START_ROOM   512ull /* always open below `start` */

struct parked {
    uint64_t tls;
    pthread_t handle;
    int tid;
    int *error;   /* the thread's errno */
    uint64_t low; /* lowest open address, a page boundary */
};

static struct {
    uint32_t count;
    uint64_t word;
    int access;         /* of the open part of a stack, as mprotect takes it */
    uint64_t page_size; /* 4, 16 or 64 KiB on arm64; a slot is laid out for each */
    struct parked thread[HD_POOL_MAX];
    uint32_t arrived; /* threads that have told their thread pointer */
    long (*syscall)(long number, ...);
} pool;

static uint64_t slot_base(uint32_t task) {
    return POOL_BASE + task * SLOT_SIZE;
}

static uint64_t start_page(uint32_t task) {
    return slot_base(task) + SLOT_SIZE - RESERVE_SIZE;
}

static uint64_t limit(uint32_t task) {
    return slot_base(task) + GUARD_SIZE;
}

/* ThreadSanitizer's runtime must not meet closed memory: it would take the fault in its own locks. Its
 * flavour keeps stacks open and fills a fixed part of them. */
static uint64_t filled_low(uint32_t task) {
    return start_page(task) - (HD_TSAN ? TSAN_FILL : 0);
}

void hd_pool_stack(uint32_t task, uint64_t *low, uint64_t *high) {
    *low = limit(task);
    *high = start_page(task) + START_ROOM;
}

/* Parked until the process ends; not by the interposed call, since tasks may run by now. */
static void *park(void *argument) {
    struct parked *self = argument;
    self->tls = hd_switch_thread_pointer();
    self->error = &errno;
    self->tid = (int)syscall(SYS_gettid);
    hd_switch_settle_guard(self->tls);
    __atomic_fetch_add(&pool.arrived, 1, __ATOMIC_RELEASE);
    for (;;)
        pool.syscall(SYS_ppoll, NULL, 0, NULL, NULL, 0);
    return NULL;
}

static int map_slot(uint32_t task) {
    void *at = mmap((void *)slot_base(task), SLOT_SIZE, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (at == MAP_FAILED)
        return -errno;
    if ((uint64_t)at != slot_base(task)) {
        munmap(at, SLOT_SIZE);
        return -EEXIST;
    }
    madvise(at, SLOT_SIZE, MADV_NOHUGEPAGE);
    uint64_t low = HD_TSAN ? limit(task) : start_page(task);
    if (mprotect((void *)low, slot_base(task) + SLOT_SIZE - low, pool.access) != 0)
        return -errno;
    return 0;
}

/* The thread's stack is the whole slot but the guard: pthread_create looks at no byte of it but the
 * reserve at its top. */
static int park_thread(uint32_t task) {
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return -ENOMEM;
    struct parked *thread = &pool.thread[task];
    thread->low = filled_low(task);
    int error = pthread_attr_setstack(&attributes, (void *)limit(task), SLOT_SIZE - GUARD_SIZE);
    if (error == 0)
        error = pthread_create(&thread->handle, &attributes, park, thread);
    pthread_attr_destroy(&attributes);
    return -error;
}

/* A frame's red zones are marked before its memory is touched, and the filling goes over them. */
#define OVER_RED_ZONES __attribute__((no_sanitize("address")))

/* Made for every execution, so with the widest stores there are. Both ends are multiples of 512. */
OVER_RED_ZONES static void fill_words(uint64_t low, uint64_t high, uint64_t word) {
    for (uint64_t *at = (uint64_t *)low; at < (uint64_t *)high; at++)
        *at = word;
}

static void (*fill)(uint64_t low, uint64_t high, uint64_t word) = fill_words;

#if defined(__x86_64__)
typedef uint64_t four __attribute__((vector_size(32)));
typedef uint64_t eight __attribute__((vector_size(64)));

__attribute__((target("avx2"))) OVER_RED_ZONES static void fill_four(uint64_t low, uint64_t high,
                                                                     uint64_t word) {
    four words = {word, word, word, word};
    for (volatile four *at = (volatile four *)low; at < (volatile four *)high; at += 4)
        at[0] = at[1] = at[2] = at[3] = words;
}

__attribute__((target("avx512f"))) OVER_RED_ZONES static void
fill_eight(uint64_t low, uint64_t high, uint64_t word) {
    eight words = {word, word, word, word, word, word, word, word};
    for (volatile eight *at = (volatile eight *)low; at < (volatile eight *)high; at += 4)
        at[0] = at[1] = at[2] = at[3] = words;
}
#endif

static void choose_fill(void) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        fill = fill_eight;
    else if (__builtin_cpu_supports("avx2"))
        fill = fill_four;
#endif
}

static int wants_code_on_stacks(struct dl_phdr_info *info, size_t size, void *context) {
    (void)size, (void)context;
    for (int i = 0; i < info->dlpi_phnum; i++)
        if (info->dlpi_phdr[i].p_type == PT_GNU_STACK && (info->dlpi_phdr[i].p_flags & PF_X))
            return 1;
    return 0;
}

/* As libc's own stacks: code may lie there once a module asks for it, as one with nested functions does. */
static void choose_access(void) {
    bool code = dl_iterate_phdr(wants_code_on_stacks, NULL) != 0;
    pool.access = PROT_READ | PROT_WRITE | (code ? PROT_EXEC : 0);
}

int hd_pool_open(uint32_t count) {
    HD_ASSERT(count <= HD_POOL_MAX);
    if (count <= pool.count)
        return 0;
    hd_switch_detect();
    choose_fill();
    choose_access();
    pool.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    pool.syscall = REAL_NEXT(syscall);
    sigset_t all, before; /* signals sent to the process are for the thread that runs the tasks */
    sigfillset(&all);
    sigdelset(&all, SIGSEGV); /* first touch of closed stack, if this runs on a task */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    int error = 0;
    while (pool.count < count && error == 0) {
        error = map_slot(pool.count);
        if (error == 0)
            error = park_thread(pool.count);
        if (error == 0)
            pool.count++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    while (__atomic_load_n(&pool.arrived, __ATOMIC_ACQUIRE) < pool.count) /* each arrives at once */
        syscall(SYS_sched_yield);
    return error;
}

uint32_t hd_pool_count(void) {
    return pool.count;
}

uint64_t hd_pool_tls(uint32_t task) {
    HD_ASSERT(task < pool.count);
    return pool.thread[task].tls;
}

pthread_t hd_pool_handle(uint32_t task) {
    HD_ASSERT(task < pool.count);
    return pool.thread[task].handle;
}

int hd_pool_tid(uint32_t task) {
    HD_ASSERT(task < pool.count);
    return pool.thread[task].tid;
}

uint32_t hd_pool_task_with_tid(int tid) {
    for (uint32_t task = 0; task < pool.count; task++)
        if (pool.thread[task].tid == tid)
            return task;
    return UINT32_MAX;
}

uint32_t hd_pool_task_of(pthread_t handle) {
    for (uint32_t task = 0; task < pool.count; task++)
        if (pthread_equal(pool.thread[task].handle, handle))
            return task;
    return UINT32_MAX;
}

/* Under ASan: red zones of frames that were never returned from, those of tasks that ended among them. */
static void forget_frames(uint64_t low, uint64_t high) {
#ifdef HD_ASAN
    __asan_unpoison_memory_region((void *)low, high - low);
#else
    (void)low;
    (void)high;
#endif
}

void *hd_pool_prepare(uint32_t task, uint64_t word, void (*entry)(void)) {
    HD_ASSERT(task < pool.count);
    uint64_t start = start_page(task) + START_ROOM;
    forget_frames(pool.thread[task].low, start);
    pool.word = word;
    *pool.thread[task].error = 0; /* as in a new thread: the last execution's is not of this one */
    fill(pool.thread[task].low, start, word);
    return hd_switch_prepare((void *)start, entry);
}

enum hd_pool_touch hd_pool_touched(uint64_t address, uint32_t *task) {
    if (address - POOL_BASE >= pool.count * SLOT_SIZE)
        return HD_POOL_ELSEWHERE;
    *task = (uint32_t)((address - POOL_BASE) / SLOT_SIZE);
    struct parked *thread = &pool.thread[*task];
    if (address >= thread->low)
        return HD_POOL_ELSEWHERE;
    if (address < limit(*task))
        return HD_POOL_OVERFLOW;
    uint64_t low = address & ~(pool.page_size - 1);
    if (mprotect((void *)low, thread->low - low, pool.access) != 0)
        return HD_POOL_OVERFLOW;
    fill(low, thread->low, pool.word);
    thread->low = low;
    return HD_POOL_OPENED;
}

void hd_pool_settle(void) {
    for (uint32_t task = 0; task < pool.count; task++) {
        struct parked *thread = &pool.thread[task];
        uint64_t top = filled_low(task);
        if (thread->low == top)
            continue;
        forget_frames(thread->low, top);
        madvise((void *)thread->low, top - thread->low, MADV_DONTNEED);
        mprotect((void *)thread->low, top - thread->low, PROT_NONE);
        thread->low = top;
    }
}
