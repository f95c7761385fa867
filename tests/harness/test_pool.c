/* test_pool.c - tasks run on parked threads' stacks with those threads' identity.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define WORD 0x5151515151515151ull

static void *host_stack_pointer, *task_stack_pointer;
static uint64_t host_tls;
static _Thread_local int own = 7;

/* What a task saw of itself. */
static struct sight {
    uintptr_t local;
    pthread_t self;
    int *error;
    int *own;
    int own_value;
    bool filled;
} sight;

static void back(void) {
    hd_switch(&task_stack_pointer, host_stack_pointer, host_tls);
}

static void run(uint32_t task, void (*entry)(void)) {
    host_tls = hd_switch_thread_pointer();
    void *start = hd_pool_prepare(task, WORD, entry);
    hd_switch(&host_stack_pointer, start, hd_pool_tls(task));
}

static void look(void) {
    int local;
    sight.local = (uintptr_t)&local;
    sight.self = pthread_self();
    sight.error = &errno;
    sight.own = &own;
    sight.own_value = own++;
    errno = 1234;
    back();
}

/* The stack below its first kilobyte is closed until it is touched. */
static enum hd_pool_touch touch;
static uint32_t touched_task;

static void handle(int number, siginfo_t *info, void *context) {
    (void)context;
    touch = hd_pool_touched((uint64_t)info->si_addr, &touched_task);
    if (touch != HD_POOL_OPENED) {
        signal(number, SIG_DFL);
        back();
    }
}

static void catch_touches(void) {
    static char stack[64 << 10];
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    struct sigaction action = {.sa_sigaction = handle, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    cr_assert_eq(sigaltstack(&alternate, NULL), 0);
    cr_assert_eq(sigaction(SIGSEGV, &action, NULL), 0);
}

static void open_pool(void) {
    catch_touches();
    cr_assert_eq(hd_pool_open(3), 0);
}

TestSuite(pool, .init = open_pool, .timeout = 20);

Test(pool, each_task_has_its_own_identity) {
    struct sight seen[3];
    int host_errno = 17;
    errno = host_errno;
    for (uint32_t task = 0; task < 3; task++) {
        run(task, look);
        seen[task] = sight;
        cr_expect_eq(errno, host_errno, "the host's errno is its own");
        cr_expect(pthread_equal(sight.self, hd_pool_handle(task)));
        cr_expect_eq(hd_pool_task_of(sight.self), task);
        cr_expect_eq(hd_pool_task_with_tid(hd_pool_tid(task)), task);
        cr_expect_eq(sight.own_value, 7);
    }
    for (uint32_t task = 1; task < 3; task++) {
        cr_expect_neq(seen[task].error, seen[0].error);
        cr_expect_neq(seen[task].own, seen[0].own);
    }
    cr_expect_eq(own, 7);
    cr_expect_eq(hd_pool_task_of(pthread_self()), UINT32_MAX);
}

Test(pool, a_task_runs_on_its_own_stack) {
    uint64_t low, high;
    for (uint32_t task = 0; task < 3; task++) {
        run(task, look);
        hd_pool_stack(task, &low, &high);
        cr_expect(sight.local >= low && sight.local < high, "task %u", task);
    }
}

static void report(int pipe_end) {
    catch_touches();
    cr_assert_eq(hd_pool_open(2), 0);
    for (uint32_t task = 0; task < 2; task++) {
        run(task, look);
        uintptr_t words[3] = {sight.local, (uintptr_t)sight.self, (uintptr_t)sight.error};
        if (write(pipe_end, words, sizeof words) < 0)
            _exit(1);
    }
    _exit(0);
}

/* Made before any thread is parked: a process that has parked some must not fork. */
Test(pool_addresses, are_the_same_in_every_process, .timeout = 20) {
    uintptr_t words[2][6];
    for (int process = 0; process < 2; process++) {
        int ends[2];
        cr_assert_eq(pipe(ends), 0);
        pid_t child = fork();
        if (child == 0)
            report(ends[1]);
        cr_assert_eq(waitpid(child, NULL, 0), child);
        cr_assert_eq(read(ends[0], words[process], sizeof words[process]), sizeof words[process]);
    }
    cr_expect_arr_eq(words[0], words[1], sizeof words[0]);
    cr_expect_eq(words[0][0] >> 40, 0x7e, "%lx", (unsigned long)words[0][0]);
}

/* ---- what the stack holds ------------------------------------------------------------------------- */

#define DEEP 500000u

/* Reads `size` bytes that lie below the caller's frame, from the lowest up, and leaves something else
 * there. */
__attribute__((noinline)) static bool filled_below(size_t size) {
    volatile unsigned char *at = (volatile unsigned char *)__builtin_frame_address(0) - size;
    bool same = true;
    for (size_t i = 0; i < size - 512; i++) { /* above: this function's own frame */
        same &= at[i] == (WORD & 0xff);
        at[i] = 0xee;
    }
    return same;
}

static void look_near(void) {
    sight.filled = filled_below(800);
    back();
}

static void look_deep(void) {
    sight.filled = filled_below(DEEP);
    back();
}

Test(pool, a_fresh_stack_holds_the_fill_word) {
    run(0, look_near);
    cr_expect(sight.filled);
    run(0, look_near);
    cr_expect(sight.filled, "also when it was used before");
}

Test(pool, deep_memory_is_filled_at_first_touch_and_again_when_used_again) {
    run(1, look_deep);
    cr_expect_eq(touch, HD_POOL_OPENED);
    cr_expect(sight.filled);
    run(1, look_deep);
    cr_expect(sight.filled);
    touch = HD_POOL_ELSEWHERE;
    hd_pool_settle();
    run(1, look_deep);
    cr_expect_eq(touch, HD_POOL_OPENED, "closed between batches");
    cr_expect(sight.filled);
}

static void overflow(void) {
    sight.filled = filled_below((1536 << 10) - (32 << 10)); /* into the guard */
    back();
}

Test(pool, a_stack_that_is_used_up_is_told_from_other_crashes) {
    run(2, overflow);
    cr_expect_eq(touch, HD_POOL_OVERFLOW);
    cr_expect_eq(touched_task, 2);
    uint32_t task = 99;
    cr_expect_eq(hd_pool_touched(0, &task), HD_POOL_ELSEWHERE);
    cr_expect_eq(hd_pool_touched((uint64_t)&task, &task), HD_POOL_ELSEWHERE);
}
