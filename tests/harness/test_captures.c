/* test_captures.c - what a fault takes down: where each task is, how it got there, and what was said. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/intercept/modules.h"
#include "harness/sched/task.h"
#include "tests/harness/support.h"

#define RUN(t, p)                                                                                  \
    { .task = (t), .points = (p), .phase = HD_PHASE_CONCURRENT }

static struct bench bench;

/* Opens the three tasks of `script`. */
static void open_script(const char *first, const char *second, const char *third) {
    bench_open(&bench, "script", "script_3");
    char(*text)[64] = bench_symbol(&bench, "script");
    strcpy(text[0], first);
    strcpy(text[1], second);
    strcpy(text[2], third);
}

static void follow(const struct hd_run *run, uint64_t runs) {
    cr_assert(bench_follow(&bench, run, runs)->fault);
}

/* ---- where each task is ---------------------------------------------------------------------------- */

static void expect_task(uint32_t index, uint32_t task, const char *state, uint64_t point) {
    const struct hd_raw_task *raw = &bench.outcome->task[index];
    char operation[HD_NAME_SIZE];
    snprintf(operation, sizeof operation, "operation of %u", task);
    cr_expect_eq(raw->task, task);
    cr_expect_str_eq(raw->state, state, "task %u: %s", task, raw->state);
    cr_expect_eq(raw->point, point, "task %u: at %lu", task, (unsigned long)raw->point);
    cr_expect_str_eq(raw->operation, operation);
    cr_expect_eq(raw->frames > 0, strcmp(state, "not yet started") != 0, "task %u", task);
}

Test(captures, a_task_is_running_or_preempted_or_not_yet_started) {
    static const struct hd_run run[] = {RUN(2, 1), RUN(1, 3), RUN(2, 1), RUN(1, 1)};
    open_script("xxxf", "xxx", "x");
    follow(run, 4);
    cr_assert_eq(bench.outcome->captured, 3);
    expect_task(0, 1, "running", 6);
    expect_task(1, 2, "preempted", 5);
    expect_task(2, 3, "not yet started", 0);
    cr_expect_str_eq(bench.outcome->state, "state of script_3");
    cr_expect_eq(bench.outcome->fault_point, 6);
}

Test(captures, a_task_waits_for_what_another_holds) {
    static const struct hd_run run[] = {RUN(2, 1), RUN(3, 2), RUN(2, 1), RUN(1, 2)};
    open_script("xf", "xxl", "lxx");
    follow(run, 4);
    expect_task(0, 1, "running", 6);
    expect_task(1, 2, "waits for mutex held by task 3 since operation of 3", 4);
    expect_task(2, 3, "preempted", 3);
}

Test(captures, a_task_is_preempted_before_what_it_could_do) {
    static const struct hd_run run[] = {RUN(2, 2), RUN(3, 1), RUN(1, 2)};
    open_script("xf", "xxl", "xrx");
    follow(run, 3);
    expect_task(1, 2, "preempted before lock", 2);
    expect_task(2, 3, "preempted before read lock", 3);
}

Test(captures, a_task_that_has_ended_is_not_listed) {
    static const struct hd_run run[] = {RUN(2, 1), RUN(3, 1), RUN(1, 2)};
    open_script("xf", "x", "xx");
    follow(run, 3);
    cr_assert_eq(bench.outcome->captured, 2);
    expect_task(1, 3, "preempted", 2);
}

/* A bare run takes down the faulting task alone. */
Test(captures, a_bare_run_lists_the_faulting_task) {
    open_script("xf", "xx", "xx");
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 10);
    cr_assert(outcome->fault);
    cr_expect_eq(outcome->captured, 1);
    cr_expect_eq(outcome->task[0].task, 1);
    cr_expect_str_eq(outcome->task[0].state, "running");
    cr_expect_eq(outcome->task[0].point, outcome->fault_point);
    cr_expect_str_empty(outcome->state, "it is rendered in full runs");
}

Test(captures, tasks_beyond_the_eighth_are_not_listed) {
    bench_open(&bench, "captures", "captures_many");
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_FULL, 20);
    cr_assert(outcome->fault);
    cr_assert_eq(outcome->captured, HD_FAULT_TASKS_MAX);
    for (uint32_t i = 1; i < HD_FAULT_TASKS_MAX; i++) {
        cr_expect_neq(outcome->task[i].task, outcome->task[0].task,
                      "the faulting task is there once");
        cr_expect(i == 1 || outcome->task[i].task > outcome->task[i - 1].task);
    }
}

/* ---- who waits for whom ---------------------------------------------------------------------------- */

struct wait {
    char script[3][8];
    struct hd_run run[3];
    uint64_t runs;
    char message[128];
};

static struct wait waits[] = {
    {{"w", "r", "w"},
     {RUN(1, 1), RUN(2, 0), RUN(3, 0)},
     3,
     "task 2 waits for rwlock (read) held by task 1; task 3 waits for rwlock (write) held by task "
     "1"},
    {{"r", "r", "w"}, {RUN(1, 1), RUN(2, 1), RUN(3, 0)}, 3, "task 3 waits for rwlock (write)"},
    {{"x", "w", "r"},
     {RUN(2, 1), RUN(1, 1), RUN(3, 0)},
     3,
     "task 3 waits for rwlock (read) held by task 2"},
};

ParameterizedTestParameters(captures, a_deadlock_names_the_writer_of_a_rwlock_and_no_reader) {
    return cr_make_param_array(struct wait, waits, sizeof waits / sizeof waits[0]);
}

ParameterizedTest(struct wait *wait, captures,
                  a_deadlock_names_the_writer_of_a_rwlock_and_no_reader) {
    open_script(wait->script[0], wait->script[1], wait->script[2]);
    follow(wait->run, wait->runs);
    cr_expect_eq(bench.outcome->kind, HD_FAULT_DEADLOCK);
    cr_expect_str_eq(bench.outcome->message, wait->message, "%s", bench.outcome->message);
}

static void expect_state(uint32_t task, const char *state) {
    for (uint32_t i = 0; i < bench.outcome->captured; i++)
        if (bench.outcome->task[i].task == task)
            cr_expect_str_eq(bench.outcome->task[i].state, state, "%s",
                             bench.outcome->task[i].state);
}

Test(captures, a_task_that_waits_names_each_reader_and_since_when) {
    static const struct hd_run run[] = {RUN(1, 1), RUN(2, 1), RUN(3, 0)};
    open_script("rw", "rw", "w");
    follow(run, 3);
    cr_expect_eq(bench.outcome->kind, HD_FAULT_DEADLOCK);
    cr_assert_eq(bench.outcome->captured, 3);
    for (uint32_t task = 1; task <= 3; task++)
        expect_state(task,
                     "waits for rwlock (write) held by task 1 (reading) since operation of 1, "
                     "task 2 (reading) since operation of 2");
    cr_expect_eq(bench.outcome->task[2].task, 3, "it holds nothing and comes last");
    cr_expect_not(bench.outcome->task[2].core);
}

Test(captures, a_task_that_waits_names_the_writer_and_since_when) {
    static const struct hd_run run[] = {RUN(1, 1), RUN(2, 0), RUN(3, 0)};
    open_script("w", "r", "w");
    follow(run, 3);
    expect_state(2, "waits for rwlock (read) held by task 1 (ended) since operation of 1");
    expect_state(3, "waits for rwlock (write) held by task 1 (ended) since operation of 1");
}

/* What has been given back is held no more. */
Test(captures, a_reader_that_has_left_is_not_named) {
    static const struct hd_run run[] = {RUN(1, 2), RUN(2, 1), RUN(3, 0)};
    open_script("rv", "rw", "w");
    follow(run, 3);
    expect_state(3, "waits for rwlock (write) held by task 2 (reading) since operation of 2");
}

/* Nine fit in, but for a few bytes; who does not is left out. */
Test(captures, a_deadlock_of_many_tasks_is_told_as_far_as_a_message_goes) {
    char all[HD_MESSAGE_SIZE] = "";
    size_t at = 0;
    bench_open(&bench, "captures", "captures_all_wait");
    for (uint32_t task = 1; task <= 9; task++)
        at += (size_t)snprintf(all + at, sizeof all - at, "%stask %u waits for semaphore",
                               task == 1 ? "" : "; ", task);
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 20);
    cr_expect_eq(outcome->kind, HD_FAULT_DEADLOCK);
    cr_expect_str_eq(outcome->message, all);
}

/* ---- how it got there ------------------------------------------------------------------------------ */

/* The frames of `descend`, which calls itself as often as it is told, and that of the task. */
static void expect_depth(uint32_t depth, uint32_t frames) {
    bench_open(&bench, "captures", "captures_deep");
    *(uint32_t *)bench_symbol(&bench, "captures_depth") = depth;
    const char *descend = bench_symbol(&bench, "captures_descend");
    const struct hd_outcome *outcome = bench_run(&bench, "random", bench_seed(0), HD_RUN_FULL, 10);
    cr_assert(outcome->fault);
    const struct hd_raw_task *raw = &outcome->task[0];
    cr_expect_eq(raw->frames, frames, "%u deep: %u", depth, raw->frames);
    for (uint32_t i = 0; i < raw->frames && i <= depth; i++) {
        uint64_t offset = raw->pc[i] - (uint64_t)descend;
        cr_expect_lt(offset, 300, "frame %u of %u", i, depth);
        cr_expect(hd_modules_own(raw->pc[i]));
        cr_expect(i < 2 || raw->pc[i] == raw->pc[1], "each calls itself at the same place");
    }
}

Test(captures, the_frames_are_those_of_the_code_under_test_innermost_first) {
    expect_depth(0, 2);
    expect_depth(1, 3);
    expect_depth(5, 7);
}

Test(captures, the_innermost_sixteen_frames_are_kept) {
    expect_depth(14, 16);
    expect_depth(15, 16);
    expect_depth(300, 16);
}

/* Whatever code under test leaves in the frame pointer: it is followed upwards within the stack, and no
 * further. */
Test(captures, a_damaged_chain_of_frames_ends_the_stack) {
    static const char *const places[] = {"captures_cycle",  "captures_low",     "captures_high",
                                         "captures_skewed", "captures_nowhere", "captures_at_end"};
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        bench_open(&bench, "captures", places[i]);
        const struct hd_outcome *outcome =
            bench_run(&bench, "random", bench_seed(0), HD_RUN_FULL, 10);
        cr_assert(outcome->fault, "%s", places[i]);
        cr_expect_str_eq(outcome->message, "unlock of a mutex that nobody holds");
        cr_expect_eq(outcome->task[0].frames, 2, "%s: %u", places[i], outcome->task[0].frames);
    }
}

/* ---- what was said --------------------------------------------------------------------------------- */

static const struct hd_outcome *said(const char *subject, int saying) {
    bench_open(&bench, "captures", subject);
    *(int *)bench_symbol(&bench, "captures_saying") = saying;
    bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 10);
    cr_assert(bench.outcome->fault);
    return bench.outcome;
}

/* Two faults are the same one when they differ in numbers alone. */
Test(captures, the_key_is_made_of_kind_words_and_stack) {
    uint64_t key = said("captures_says", 0)->key;
    cr_expect_eq(said("captures_says", 1)->key, key, "other numbers");
    cr_expect_neq(said("captures_says", 2)->key, key, "other words");
    cr_expect_neq(said("captures_says", 3)->key, key, "another kind");
    cr_expect_neq(said("captures_says_elsewhere", 0)->key, key, "another place");
    cr_expect_eq(said("captures_says", 0)->key, key);
}

Test(captures, the_kind_of_a_fault_is_in_the_digest) {
    uint64_t digest = said("captures_says", 0)->digest;
    cr_expect_neq(said("captures_says", 3)->digest, digest);
}

Test(captures, a_message_is_cut_at_its_size) {
    char much[HD_MESSAGE_SIZE];
    memset(much, 'm', sizeof much);
    much[HD_MESSAGE_SIZE - 1] = '\0';
    cr_expect_str_eq(said("captures_says", 4)->message, much);
}

/* The memory of an outcome is used again and again. */
Test(captures, an_execution_without_a_fault_leaves_nothing_of_the_one_before) {
    struct bench sound;
    said("captures_says", 0);
    bench_open(&sound, "increments", "subject");
    bench_execution(&sound, "random", 0, HD_RUN_BARE, 1);
    *sound.outcome = *bench.outcome;
    sound.outcome->broken.what = 7;
    sound.outcome->stalled = sound.outcome->tallied = true;
    strcpy(sound.outcome->state, "left");
    const struct hd_outcome *outcome = bench_run(&sound, "random", bench_seed(0), HD_RUN_BARE, 20);
    cr_expect_not(outcome->fault || outcome->stalled || outcome->tallied);
    cr_expect_eq(outcome->key, 0);
    cr_expect_eq(outcome->broken.what, 0);
    cr_expect_eq(outcome->captured, 0);
    cr_expect_str_empty(outcome->state);
}

/* A breakpoint at hd_fault_stop ends the process: its own signal is blocked in our handler. */
static void set_breakpoint(void) {
#if defined(__x86_64__)
    static const unsigned char trap[] = {0xcc};
#else
    static const unsigned char trap[] = {0x00, 0x00, 0x20, 0xd4};
#endif
    unsigned char *code = (unsigned char *)(uintptr_t)hd_fault_stop;
    void *page = (void *)((uintptr_t)code & ~(uintptr_t)4095);
    cr_assert_eq(mprotect(page, 8192, PROT_READ | PROT_WRITE | PROT_EXEC), 0);
    memcpy(code, trap, sizeof trap);
    __builtin___clear_cache((char *)code, (char *)code + sizeof trap);
}

Test(captures, a_debugger_can_stop_at_a_fault, .init = set_breakpoint, .signal = SIGTRAP) {
    said("captures_says", 0);
}

Test(captures, a_debugger_can_stop_at_a_crash, .init = set_breakpoint, .signal = SIGTRAP) {
    said("captures_crashes", 0);
}

Test(captures, a_debugger_can_stop_at_a_fault_of_several_tasks, .init = set_breakpoint,
     .signal = SIGTRAP) {
    said("captures_of_others", 0);
}

/* Who found it says what each task was at. */
Test(captures, a_fault_of_several_tasks_is_as_it_was_told) {
    const struct hd_outcome *outcome = said("captures_of_others", 0);
    cr_expect_eq(outcome->kind, HD_FAULT_INVARIANT);
    cr_expect_str_eq(outcome->message, "told");
    cr_expect_eq(outcome->fault_point, 1, "%lu", (unsigned long)outcome->fault_point);
    cr_assert_eq(outcome->captured, 3);
    for (uint32_t i = 0; i < 3; i++) {
        cr_expect_eq(outcome->task[i].task, 10 + i);
        cr_expect_eq(outcome->task[i].frames, 1);
        cr_expect_eq(outcome->task[i].point, 20 + i);
        cr_expect_str_eq(outcome->task[i].state, i == 2 ? "third" : "other");
    }
}

/* Code that fails may have written anywhere before. */
Test(captures, what_a_fault_leaves_in_memory_is_gone) {
    bench_open(&bench, "captures", "captures_fresh");
    const struct subject *fresh = bench.subject;
    uint64_t digest = bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 10)->digest;
    bench.subject = bench_symbol(&bench, "captures_overrun");
    cr_assert(bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 10)->fault);
    bench.subject = fresh;
    cr_expect_eq(bench_run(&bench, "random", bench_seed(0), HD_RUN_BARE, 10)->digest, digest);
    cr_expect_neq(bench_run(&bench, "random", bench_seed(1), HD_RUN_BARE, 10)->digest, digest);
}

/* ---- outside of executions ------------------------------------------------------------------------- */

static void see(enum hd_fault_kind kind, const char *message) {
    _Exit(kind == HD_FAULT_MISUSE && strcmp(message, "three of 3") == 0 ? 7 : 8);
}

Test(captures, a_fault_outside_of_executions_goes_where_it_is_told, .exit_code = 7) {
    hd_fault_outside = see;
    hd_fault(HD_FAULT_MISUSE, "three of %d", 3);
}

/* The text is on standard error when the process has ended. */
Test(captures, a_fault_outside_of_executions_is_printed_and_ends_the_process) {
    int end[2], status;
    char text[512] = "";
    cr_assert_eq(pipe(end), 0);
    pid_t child = fork();
    cr_assert_geq(child, 0);
    if (child == 0) {
        dup2(end[1], STDERR_FILENO);
        hd_fault(HD_FAULT_MISUSE, "three of %d", 3);
    }
    close(end[1]);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_gt(read(end[0], text, sizeof text - 1), 0);
    cr_expect(WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_INTERNAL);
    cr_expect_str_eq(text, "heddle: misuse outside of an execution: three of 3\n");
}
