/* test_signals.c - signals of code under test: actions, delivery, masks; what is not modelled is told. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"

static struct label sound[] = {
    {"actions"}, {"ignored_faults"},    {"delivery"},          {"nothing_sent"},    {"another"},
    {"masks"},   {"masks_of_handlers"}, {"left_in_a_handler"}, {"mask_of_another"}, {"flags"},
    {"loaded"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(signals, do_what_they_promise) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, signals, do_what_they_promise, .timeout = 60) {
    expect_promises_kept("signals", label->name);
}

static struct misuse misuses[] = {
    {"handles_bus", "a handler of SIGBUS is not modelled", HD_FAULT_MISUSE},
    {"handles_fpe", "a handler of SIGFPE is not modelled", HD_FAULT_MISUSE},
    {"handles_ill", "a handler of SIGILL is not modelled", HD_FAULT_MISUSE},
    {"handles_trap", "a handler of SIGTRAP is not modelled", HD_FAULT_MISUSE},
    {"handles_sys", "a handler of SIGSYS is not modelled", HD_FAULT_MISUSE},
    {"handles_abrt", "a handler of SIGABRT is not modelled", HD_FAULT_MISUSE},
    {"handles_info", "a handler of SIGSEGV is not modelled", HD_FAULT_MISUSE},
    {"own_stack", "sigaltstack() is not modelled", HD_FAULT_MISUSE},
    {"dies_of_term", "SIGTERM raised, and nothing handles it", HD_FAULT_CRASH},
    {"dies_of_abort", "SIGABRT raised, and nothing handles it", HD_FAULT_CRASH},
    {"queue_elsewhere", "sigqueue() of another process is not modelled", HD_FAULT_MISUSE},
    {"kill_group", "kill() of another process is not modelled", HD_FAULT_MISUSE},
    {"again_in_its_handler", "a signal that is blocked, SIGUSR1, is not modelled", HD_FAULT_MISUSE},
    {"masked_in_a_handler", "a signal that is blocked, SIGINT, is not modelled", HD_FAULT_MISUSE},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(signals, misuse_is_a_fault_with_its_words) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

ParameterizedTest(struct misuse *misuse, signals, misuse_is_a_fault_with_its_words) {
    expect_misuse("signals", misuse);
}
