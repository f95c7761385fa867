/* life.c - tasks: birth, body, end. See task.h. */
#include <string.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/intercept/edges.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

void (*hd_task_beginning)(void);
void (*hd_task_ending)(void);

static void task_begin(void) {
    struct hd_task *self = &hd_scheduler.task[hd_scheduler.current];
    hd_grant_fresh();
    HD_EDGE_ACQUIRE(self);
    hd_task_beginning();
    hd_task_exit(self->entry(self->argument));
}

/* Parks more threads with the host's own identity: a borrowed one must not create threads. */
static bool grow_pool(struct hd_scheduler *s, uint32_t count) {
    bool running = hd_running;
    uint64_t own = hd_switch_thread_pointer();
    hd_running = false;
    hd_switch_set_thread_pointer(s->host_tls);
    hd_tsan_ignore_begin();
    bool grown = hd_pool_open(count) == 0;
    hd_tsan_ignore_end();
    hd_switch_set_thread_pointer(own);
    hd_running = running;
    return grown;
}

/* A task's thread is the same as long as the process lives. */
static bool find_thread(struct hd_scheduler *s, uint32_t number) {
    if (number >= hd_pool_count() && !grow_pool(s, number + 1))
        return false;
    s->task[number].tls = hd_pool_tls(number);
    return true;
}

/* A number that no task has: a new one, or when there are no more that of a task that has ended and that
 * nobody can ask for. Those are taken in turns, so that the same comes again as late as it can. */
static uint32_t find_number(struct hd_scheduler *s) {
    if (s->tasks < HD_TASKS_MAX)
        return s->tasks;
    for (uint32_t i = 0; i < HD_TASKS_MAX; i++) {
        uint32_t number = s->next_number++ % HD_TASKS_MAX;
        if (s->task[number].ended && s->task[number].detached)
            return number;
    }
    hd_fault(HD_FAULT_MISUSE,
             "threads of the execution are used up: %u live, or have ended and were never joined",
             HD_TASKS_MAX - 1);
}

uint32_t hd_task_start(void *(*entry)(void *), void *argument) {
    struct hd_scheduler *s = &hd_scheduler;
    uint32_t number = find_number(s);
    struct hd_task *task = &s->task[number];
    if (task->tls == 0 && !find_thread(s, number))
        return UINT32_MAX;
    if (number == s->tasks)
        s->tasks++;
    *task = (struct hd_task){.tls = task->tls,
                             .position = HD_NOT_ENABLED,
                             .pending_position = HD_NOT_ENABLED,
                             .fresh = true,
                             .entry = entry,
                             .argument = argument};
    task->stack_pointer = hd_pool_prepare(number, s->fill_word, task_begin);
    if (hd_modules_have_tls)
        hd_modules_restore_tls(number);
    HD_EDGE_RELEASE(task);
    s->live++;
    hd_enable(number);
    s->execution->strategy->task_born(s->execution->strategy_state, number);
    hd_ask_soon();
    return number;
}

_Noreturn void hd_task_exit(void *result) {
    struct hd_scheduler *s = &hd_scheduler;
    struct hd_task *self = &s->task[s->current];
    hd_task_ending();
    hd_tsan_check();
    HD_EDGE_RELEASE(self);
    if (self->program)
        HD_EDGE_RELEASE(&s->program_live);
    hd_settle_grant(false);
    if (s->full)
        hd_observe_value();
    if (self->program && --s->program_live == 0) { /* the main task waits for it */
        s->points = s->events;
        hd_enable(0);
    }
    self->result = result;
    self->ended = true;
    self->point = s->events;
    hd_got_on(s, s->events);
    s->live--;
    hd_disable(s->current);
    if (s->current == 0)
        hd_leave();
    if (s->pending_count > 0)
        hd_changed(self);
    hd_block(HD_CHOICE_ENDED);
    HD_ASSERT(false); /* nobody switches to a task that has ended */
    __builtin_unreachable();
}

const void *hd_task_object(uint32_t task) {
    return &hd_scheduler.task[task];
}

bool hd_task_ended(uint32_t task) {
    return hd_scheduler.task[task].ended;
}

void *hd_task_result(uint32_t task) {
    return hd_scheduler.task[task].result;
}

bool hd_task_detached(uint32_t task) {
    return hd_scheduler.task[task].detached;
}

void hd_task_detach(uint32_t task) {
    hd_scheduler.task[task].detached = true;
}

/* The host's stack is where the execution was started; tasks that have not ended stay as they are and
 * are never resumed. */
_Noreturn void hd_leave(void) {
    struct hd_scheduler *s = &hd_scheduler;
    void *unused;
    hd_running = false;
    hd_countdown = HD_COUNTDOWN_IDLE;
    if (HD_TSAN &&
        s->outcome->fault) { /* its shadow of the stacks that are given up cannot be reset */
        hd_outcome_close(s, s->outcome);
        hd_exit_now(HD_EXIT_CRASHED);
    }
    hd_switch(&unused, s->host_stack_pointer, s->host_tls);
    HD_ASSERT(false);
    __builtin_unreachable();
}
