/* test_calls.c - futexes and other system calls by number, C11's threads, barriers, spin locks, and what
 * code under test is told about process and machine.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"
#include "tests/harness/support.h"

static struct label sound[] = {
    {"futex_mutex"},       {"futex_wakes"}, {"futex_times"},   {"c11_mutex"},
    {"c11_condition"},     {"c11_threads"}, {"barrier_meets"}, {"spin_excludes"},
    {"resize_to_nothing"}, {"alignments"},  {"signals"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(calls, do_what_they_promise) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, calls, do_what_they_promise, .timeout = 60) {
    expect_promises_kept("calls", label->name);
}

static struct misuse misuses[] = {
    {"futex_lost", "task 1 waits for futex", HD_FAULT_DEADLOCK},
    {"futex_requeue", "syscall(SYS_futex, ..., FUTEX_CMP_REQUEUE) is not modelled and could block",
     HD_FAULT_MISUSE},
    {"futex_unknown", "syscall(SYS_futex, ..., 99) is not a known operation", HD_FAULT_MISUSE},
    {"futex_mask", "syscall(SYS_futex, ..., FUTEX_WAIT_BITSET) with a mask of bits is not modelled",
     HD_FAULT_MISUSE},
    {"calls_select", "syscall(SYS_pselect6) is not modelled and could block", HD_FAULT_MISUSE},
    {"calls_clone", "syscall(SYS_clone3) is not modelled and could block", HD_FAULT_MISUSE},
    {"c11_self_deadlock", "task 1 waits for mutex held by task 1", HD_FAULT_DEADLOCK},
    {"c11_not_held", "unlock of a mutex that nobody holds", HD_FAULT_MISUSE},
    {"barrier_short", "task 1 waits for barrier; task 2 waits for barrier", HD_FAULT_DEADLOCK},
    {"barrier_destroyed", "destruction of a barrier that tasks wait at", HD_FAULT_MISUSE},
    {"barrier_unmade", "wait at a barrier that is not initialised", HD_FAULT_MISUSE},
    {"spin_of_another", "unlock of a spin lock that task 1 holds", HD_FAULT_MISUSE},
    {"spin_self_deadlock", "task 1 waits for spin lock held by task 1", HD_FAULT_DEADLOCK},
    {"spin_not_held", "unlock of a spin lock that nobody holds", HD_FAULT_MISUSE},
    {"spin_destroy_held", "destruction of a spin lock that is held", HD_FAULT_MISUSE},
    {"signal_unhandled", "SIGUSR1 raised, and nothing handles it", HD_FAULT_CRASH},
    {"signal_kills", "SIGKILL raised, and nothing handles it", HD_FAULT_CRASH},
    {"signal_handler_of_fault", "a handler of SIGSEGV is not modelled", HD_FAULT_MISUSE},
    {"signal_of_another", "a signal for another task, SIGUSR1, is not modelled", HD_FAULT_MISUSE},
    {"signal_blocked", "a signal that is blocked, SIGUSR1, is not modelled", HD_FAULT_MISUSE},
    {"signal_of_timer", "alarm() is not modelled and could block", HD_FAULT_MISUSE},
    {"signal_elsewhere", "kill() of another process is not modelled", HD_FAULT_MISUSE},
    {"resized_is_freed", "free of block 1.0, which has been freed", HD_FAULT_DOUBLE_FREE},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(calls, misuse_is_a_fault_with_its_words) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

/* The rarest is futex_lost: it takes one of 15 schedules, which the random walk meets in a sixth of the
 * executions or more; none of 300 is beyond any odds. */
ParameterizedTest(struct misuse *misuse, calls, misuse_is_a_fault_with_its_words) {
    expect_misuse("calls", misuse);
}

/* 5,000,000 for the process and one more each for the tasks; 4 processors, the first of which runs. */
Test(calls, process_and_machine_are_the_same_everywhere) {
    long process = 5000000, told = process * 31 + 1 * 37 + 4 * (41 + 43 + 47 + 53 + 59);
    long threads = (process + 1) + (process + 2) + (process + 3);
    struct bench bench;
    bench_open(&bench, "calls", "identity_told");
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 30);
    cr_assert_not(outcome->fault, "%s", outcome->message);
    cr_assert_eq(bench.result, 3 * told + 61 * threads, "%ld", bench.result);
}
