/* test_calls.c - futexes and other system calls by number, C11's threads, barriers, spin locks, and what
 * code under test is told about process and machine.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <inttypes.h>
#include <stdio.h>

#include "tests/harness/support.h"

#define EXECUTIONS 300u

struct label {
    char name[32];
};

static struct label sound[] = {
    {"futex_mutex"}, {"futex_wakes"},   {"futex_times"},   {"c11_mutex"},         {"c11_condition"},
    {"c11_threads"}, {"barrier_meets"}, {"spin_excludes"}, {"resize_to_nothing"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(calls, do_what_they_promise) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, calls, do_what_they_promise, .timeout = 60) {
    static const char *const strategies[] = {"random", "pct:2", "pct:5"};
    struct bench bench;
    bench_open(&bench, "calls", label->name);
    for (uint32_t i = 0; i < 3 * EXECUTIONS; i++) {
        const char *strategy = strategies[i / EXECUTIONS];
        uint64_t seed = bench_seed(i);
        const struct hd_outcome *outcome = bench_run(&bench, strategy, seed, HD_RUN_BARE, 30);
        uint64_t digest = outcome->digest;
        cr_assert_not(outcome->fault, "%s: %s", label->name, outcome->message);
        cr_assert_eq(bench.result, 0, "%s: %ld claims fail with %s, execution %u", label->name,
                     bench.result, strategy, i);
        bench_run(&bench, strategy, seed, HD_RUN_FULL, 30);
        cr_assert_eq(outcome->digest, digest, "%s in full", label->name);
    }
}

struct misuse {
    char subject[32];
    char message[96];
    enum hd_fault_kind kind;
};

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
    {"resized_is_freed", "free of block 1.0, which has been freed", HD_FAULT_DOUBLE_FREE},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(calls, misuse_is_a_fault_with_its_words) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

/* The rarest is futex_lost: it takes one of 15 schedules, which the random walk meets in a sixth of the
 * executions or more; none of 300 is beyond any odds. */
ParameterizedTest(struct misuse *misuse, calls, misuse_is_a_fault_with_its_words) {
    struct bench bench;
    uint32_t faults = 0;
    bench_open(&bench, "calls", misuse->subject);
    for (uint32_t i = 0; i < EXECUTIONS; i++) {
        const struct hd_outcome *outcome =
            bench_run(&bench, "random", bench_seed(i), HD_RUN_BARE, 30);
        if (!outcome->fault) {
            cr_assert_eq(bench.result, 0);
            continue;
        }
        faults++;
        cr_assert_eq(outcome->kind, misuse->kind, "%s: %s", misuse->subject, outcome->message);
        cr_assert_str_eq(outcome->message, misuse->message, "%s", misuse->subject);
    }
    cr_expect_gt(faults, 0, "%s", misuse->subject);
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
