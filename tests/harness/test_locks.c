/* test_locks.c - locks, conditions, semaphores, futexes, barriers, threads: who waits, who is let in, who
 * is told what; and the words of the deadlocks and of the misuse.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/promises.h"

static struct label sound[] = {
    {"rwlock_states"}, {"read_read"},      {"read_write"},       {"write_read"},
    {"write_write"},   {"try_read_write"}, {"try_write_read"},   {"fair_read_read"},
    {"lock_lock"},     {"trylock_lock"},   {"fair_read_write"},  {"wait_wait"},
    {"trywait_wait"},  {"spin_spin"},      {"spin_try_spin"},    {"stream_stream"},
    {"try_stream"},    {"stream_print"},   {"two_readers"},      {"mutex_states"},
    {"conditions"},    {"one_post"},       {"semaphore_states"}, {"futex_states"},
    {"futex_counts"},  {"spin_states"},    {"barrier_rounds"},   {"joins"},
};
#define SOUND (sizeof sound / sizeof sound[0])

ParameterizedTestParameters(locks, do_what_they_promise) {
    return cr_make_param_array(struct label, sound, SOUND);
}

ParameterizedTest(struct label *label, locks, do_what_they_promise, .timeout = 60) {
    expect_promises_kept("locks", label->name);
}

#define FUTEX(subject, name)                                                                       \
    {                                                                                              \
        subject, "syscall(SYS_futex, ..., " name ") is not modelled and could block",              \
            HD_FAULT_MISUSE                                                                        \
    }

static struct misuse misuses[] = {
    {"unlock_of_writer", "unlock of a rwlock that task 1 holds for writing", HD_FAULT_MISUSE},
    {"destroy_of_writer", "destruction of a rwlock that is locked", HD_FAULT_MISUSE},
    {"writer_waits_for_writer", "task 2 waits for rwlock (write) held by task 1",
     HD_FAULT_DEADLOCK},
    {"reader_waits_for_writer", "task 2 waits for rwlock (read) held by task 1", HD_FAULT_DEADLOCK},
    {"writer_waits_for_reader", "task 2 waits for rwlock (write)", HD_FAULT_DEADLOCK},
    {"semaphore_is_empty", "task 1 waits for semaphore", HD_FAULT_DEADLOCK},
    {"spin_is_held", "task 2 waits for spin lock held by task 1", HD_FAULT_DEADLOCK},
    {"stream_is_held", "task 2 waits for a stream's lock held by task 1", HD_FAULT_DEADLOCK},
    {"printing_waits", "task 2 waits for a stream's lock held by task 1", HD_FAULT_DEADLOCK},
    {"mutex_is_held", "task 2 waits for mutex held by task 1", HD_FAULT_DEADLOCK},
    {"once_in_itself", "task 1 waits for once", HD_FAULT_DEADLOCK},
    {"condition_is_waited_on", "destruction of a condition that tasks wait on", HD_FAULT_MISUSE},
    {"signalled_and_held", "task 1 waits for condition held by task 2", HD_FAULT_DEADLOCK},
    {"joins_in_a_ring",
     "task 1 waits for the end of a thread; task 2 waits for the end of a thread",
     HD_FAULT_DEADLOCK},
    FUTEX("futex_fd", "FUTEX_FD"),
    FUTEX("futex_requeue", "FUTEX_REQUEUE"),
    FUTEX("futex_op", "FUTEX_WAKE_OP"),
    FUTEX("futex_pi", "FUTEX_LOCK_PI"),
    FUTEX("futex_unlock_pi", "FUTEX_UNLOCK_PI"),
    FUTEX("futex_try_pi", "FUTEX_TRYLOCK_PI"),
    FUTEX("futex_wait_pi", "FUTEX_WAIT_REQUEUE_PI"),
    FUTEX("futex_requeue_pi", "FUTEX_CMP_REQUEUE_PI"),
    {"futex_13", "syscall(SYS_futex, ..., 13) is not a known operation", HD_FAULT_MISUSE},
    {"futex_wake_mask",
     "syscall(SYS_futex, ..., FUTEX_WAKE_BITSET) with a mask of bits is not modelled",
     HD_FAULT_MISUSE},
    {"spin_of_second", "unlock of a spin lock that task 2 holds", HD_FAULT_MISUSE},
    {"barrier_after_its_end", "wait at a barrier that is not initialised", HD_FAULT_MISUSE},
};
#define MISUSES (sizeof misuses / sizeof misuses[0])

ParameterizedTestParameters(locks, misuse_is_a_fault_with_its_words) {
    return cr_make_param_array(struct misuse, misuses, MISUSES);
}

ParameterizedTest(struct misuse *misuse, locks, misuse_is_a_fault_with_its_words) {
    expect_misuse("locks", misuse);
}
