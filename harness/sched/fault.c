/* fault.c - a fault in the code under test becomes data.
 *
 * Stacks are read along the frame pointers, which all code under test is compiled with; only frames of
 * modules under test are kept. Nothing here allocates, so that it also serves the signal handler.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/assert.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/same.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define WALK_MAX 64

void (*hd_fault_outside)(enum hd_fault_kind kind, const char *message);

__attribute__((noinline)) void hd_fault_stop(void) {
    __asm__ volatile("" ::: "memory"); /* a debugger's breakpoint: must not be optimised away */
}

/* Frame records are (caller's frame, return address), at rising addresses within the stack. */
uint32_t hd_stack_walk(uint32_t task, uint64_t frame, uint64_t pc,
                       uint64_t out[HD_STACK_FRAMES_MAX]) {
    uint64_t low, high;
    uint32_t count = 0;
    hd_pool_stack(task, &low, &high);
    for (int step = 0; step < WALK_MAX && count < HD_STACK_FRAMES_MAX; step++) {
        if (hd_modules_own(pc))
            out[count++] = pc;
        if (frame == 0 || frame < low || frame + 16 > high || frame % 8 != 0)
            break;
        const uint64_t *record = (const uint64_t *)frame;
        pc = hd_switch_strip(record[1]) - 1; /* inside the call instruction */
        if (record[0] <= frame)
            frame = 0; /* the last record of the chain: take its return address, then stop */
        else
            frame = record[0];
    }
    return count;
}

void hd_describe_wait(uint32_t number, char *text, size_t size) {
    const struct hd_task *task = &hd_scheduler.task[number];
    if (task->pending_position == HD_NOT_ENABLED) {
        snprintf(text, size, "preempted");
        return;
    }
    const struct hd_pending *pending = task->pending;
    uint32_t owner = pending->owner == NULL ? HD_NO_TASK : pending->owner(pending);
    if (pending->ready(pending, number))
        snprintf(text, size, "preempted before %s", hd_what_name(pending->what >> HD_WHAT_SHIFT));
    else if (owner != HD_NO_TASK)
        snprintf(text, size, "waits for %s held by task %u", pending->purpose, owner);
    else
        snprintf(text, size, "waits for %s", pending->purpose);
}

/* As in a deadlock's message, and who holds what it waits for. */
static void describe_waiting(uint32_t number, struct hd_raw_task *raw) {
    const struct hd_task *task = &hd_scheduler.task[number];
    hd_describe_wait(number, raw->state, sizeof raw->state);
    if (task->pending_position == HD_NOT_ENABLED || task->pending->ready(task->pending, number))
        return;
    char holders[HD_MESSAGE_SIZE - HD_NAME_SIZE];
    hd_describe_holders(number, holders, sizeof holders);
    snprintf(raw->part, sizeof raw->part, "%s", task->pending->purpose);
    if (holders[0] != '\0')
        snprintf(raw->state, sizeof raw->state, "waits for %s%s", raw->part, holders);
}

void hd_capture_waiting(uint32_t number, uint64_t frame, uint64_t pc, struct hd_raw_task *raw) {
    struct hd_scheduler *s = &hd_scheduler;
    const struct hd_task *task = &s->task[number];
    *raw = (struct hd_raw_task){.task = number, .point = task->point};
    if (task->fresh) {
        snprintf(raw->state, sizeof raw->state, "not yet started");
        return;
    }
    if (number != s->current) {
        struct hd_switch_frame saved = hd_switch_saved(task->stack_pointer);
        frame = saved.frame;
        pc = saved.pc;
    }
    raw->frames = hd_stack_walk(number, frame, pc, raw->pc);
    describe_waiting(number, raw);
}

/* By addresses, as far as the signature goes by names: see rerun.c. */
static uint64_t core_key(enum hd_fault_kind kind, const struct hd_raw_task *raw) {
    uint64_t key = 0;
    for (const char *at = raw->part; *at != '\0'; at++)
        key = hd_fold(key, (unsigned char)*at);
    for (uint32_t i = hd_fault_first_frame(kind, raw->frames); i < raw->frames; i++)
        key = hd_fold(key, hd_modules_offset(raw->pc[i]));
    return key;
}

/* Kind, message, and what its core is at: see same.h. */
static uint64_t fault_key(const struct hd_outcome *outcome) {
    char words[HD_MESSAGE_SIZE];
    uint64_t key = hd_fold(0, (uint64_t)outcome->kind), core = 0, seen[HD_FAULT_TASKS_MAX];
    uint32_t count = 0;
    hd_fault_words(outcome->kind, outcome->message, words);
    for (const char *at = words; *at != '\0'; at++)
        key = hd_fold(key, (unsigned char)*at);
    for (uint32_t i = 0; i < outcome->captured; i++)
        if (outcome->task[i].core)
            core += hd_fault_once(seen, &count, core_key(outcome->kind, &outcome->task[i]));
    return hd_fold(key, core);
}

static void open_fault(enum hd_fault_kind kind, const char *message) {
    struct hd_outcome *outcome = hd_scheduler.outcome;
    hd_quiet_abandon();
    hd_settle_grant(false);
    hd_arena_suspect();
    outcome->fault = true;
    outcome->kind = kind;
    outcome->fault_point = hd_scheduler.events;
    outcome->captured = 0;
    size_t length = strnlen(message, sizeof outcome->message - 1);
    memcpy(outcome->message, message, length);
    outcome->message[length] = '\0';
}

static void capture_running(struct hd_outcome *outcome, uint64_t frame, uint64_t pc) {
    struct hd_scheduler *s = &hd_scheduler;
    struct hd_raw_task *raw = &outcome->task[outcome->captured++];
    *raw = (struct hd_raw_task){.task = s->current, .point = s->events, .core = true};
    raw->frames = hd_stack_walk(s->current, frame, pc, raw->pc);
    snprintf(raw->state, sizeof raw->state, "running");
}

/* Full runs: what the other tasks are at. */
static void capture_others(struct hd_outcome *outcome) {
    struct hd_scheduler *s = &hd_scheduler;
    for (uint32_t task = 1; task < s->tasks && outcome->captured < HD_FAULT_TASKS_MAX; task++)
        if (task != s->current && !s->task[task].ended)
            hd_capture_waiting(task, 0, 0, &outcome->task[outcome->captured++]);
}

void hd_capture(enum hd_fault_kind kind, const char *message, uint64_t frame, uint64_t pc) {
    struct hd_scheduler *s = &hd_scheduler;
    struct hd_outcome *outcome = s->outcome;
    open_fault(kind, message);
    if (kind == HD_FAULT_DEADLOCK) {
        hd_capture_deadlock(frame, pc);
    } else {
        capture_running(outcome, frame, pc);
        if (s->full)
            capture_others(outcome);
    }
    outcome->key = fault_key(outcome);
}

_Noreturn void hd_fault_of(enum hd_fault_kind kind, const char *message,
                           const struct hd_raw_task *task, uint32_t tasks) {
    struct hd_outcome *outcome = hd_scheduler.outcome;
    HD_ASSERT(hd_running && tasks <= HD_FAULT_TASKS_MAX);
    open_fault(kind, message);
    memcpy(outcome->task, task, tasks * sizeof *task);
    outcome->captured = tasks;
    outcome->task[0].core = true;
    outcome->key = fault_key(outcome);
    hd_fault_stop();
    hd_leave();
}

_Noreturn void hd_fault(enum hd_fault_kind kind, const char *format, ...) {
    char message[HD_MESSAGE_SIZE];
    va_list arguments;
    hd_tsan_ignore_begin();
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    if (!hd_running && hd_fault_outside != NULL)
        hd_fault_outside(kind, message);
    if (!hd_running) {
        fprintf(stderr, "heddle: %s outside of an execution: %s\n", hd_fault_kind_name(kind),
                message);
        hd_exit_now(HD_EXIT_INTERNAL);
    }
    if (hd_scheduler.execution->probe != NULL)
        hd_probe_look(0, NULL);
    hd_capture(kind, message, (uint64_t)__builtin_frame_address(0),
               (uint64_t)__builtin_return_address(0) - 1);
    hd_fault_stop();
    hd_leave();
}
