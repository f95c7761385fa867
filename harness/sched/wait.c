/* wait.c - pending operations: waiting, waking, virtual time, deadlock. See task.h.
 *
 * Time is virtual. It passes a little at each reading; when all tasks that can run do nothing but yield,
 * more and more; and when no task can run, to the earliest deadline.
 *
 * Invariant W1: whenever time passes, tasks that cannot go on and whose deadline has come are timed out
 * and enabled. One that could have gone on is not: what it was woken for would be lost.
 */
#include <stdio.h>

#include "harness/base/assert.h"
#include "harness/intercept/edges.h"
#include "harness/sched/state.h"

#define READING_NS 50u

static void add_pending(struct hd_scheduler *s, uint32_t task, const struct hd_pending *pending) {
    s->task[task].pending = pending;
    s->task[task].timed_out = false;
    s->task[task].pending_position = s->pending_count;
    s->pending[s->pending_count++] = task;
}

static void remove_pending(struct hd_scheduler *s, uint32_t task) {
    uint32_t position = s->task[task].pending_position;
    uint32_t last = s->pending[--s->pending_count];
    s->pending[position] = last;
    s->task[last].pending_position = position;
    s->task[task].pending_position = HD_NOT_ENABLED;
}

void hd_changed(const void *object) {
    struct hd_scheduler *s = &hd_scheduler;
    bool differs = false;
    for (uint32_t i = 0; i < s->pending_count; i++) {
        uint32_t number = s->pending[i];
        struct hd_task *task = &s->task[number];
        const struct hd_pending *pending = task->pending;
        if ((pending->object != object && pending->also != object) || task->timed_out)
            continue;
        bool ready = pending->ready(pending, number);
        if (ready == (task->position != HD_NOT_ENABLED))
            continue;
        if (ready)
            hd_enable(number);
        else
            hd_disable(number);
        differs = true;
    }
    if (differs)
        hd_ask_soon();
}

uint32_t hd_waiters(const void *object, const char *purpose) {
    struct hd_scheduler *s = &hd_scheduler;
    uint32_t count = 0;
    for (uint32_t i = 0; i < s->pending_count; i++) {
        const struct hd_pending *pending = s->task[s->pending[i]].pending;
        count += pending->object == object && pending->purpose == purpose;
    }
    return count;
}

static uint64_t earliest_deadline(const struct hd_scheduler *s) {
    uint64_t earliest = HD_NO_DEADLINE;
    for (uint32_t i = 0; i < s->pending_count; i++) {
        uint64_t deadline = s->task[s->pending[i]].pending->deadline;
        earliest = deadline < earliest ? deadline : earliest;
    }
    return earliest;
}

/* Time has passed: see W1. False when that is nothing to any task. */
static bool time_out(struct hd_scheduler *s) {
    bool any = false;
    for (uint32_t i = 0; i < s->pending_count; i++) {
        struct hd_task *task = &s->task[s->pending[i]];
        if (task->pending->deadline > s->now || task->position != HD_NOT_ENABLED)
            continue;
        task->timed_out = true;
        hd_enable(s->pending[i]);
        s->idle_ns = 0;
        any = true;
    }
    return any;
}

/* Lets time pass to the earliest deadline. False when no task waits for one. */
static bool pass_time(struct hd_scheduler *s) {
    uint64_t earliest = earliest_deadline(s);
    if (earliest == HD_NO_DEADLINE)
        return false;
    if (s->now < earliest)
        s->now = earliest;
    return time_out(s);
}

static bool all_yield(const struct hd_scheduler *s) {
    for (uint32_t i = 0; i < s->choice.count; i++)
        if (!s->task[s->enabled[i]].yielding)
            return false;
    return true;
}

/* Each such yield takes twice as long as the one before: a deadline of years comes after sixty of them,
 * but one of a second not between the few of a task that has work to do. */
void hd_pass_idle_time(void) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->pending_count == 0 || !all_yield(s))
        return;
    uint64_t earliest = earliest_deadline(s);
    if (earliest == HD_NO_DEADLINE)
        return;
    s->idle_ns = s->idle_ns == 0 ? READING_NS : 2 * s->idle_ns;
    if (earliest <= s->now || earliest - s->now <= s->idle_ns)
        pass_time(s);
    else
        s->now += s->idle_ns;
}

static _Noreturn void deadlock(struct hd_scheduler *s) {
    char message[HD_MESSAGE_SIZE] = "";
    size_t at = 0;
    for (uint32_t task = 1; task < s->tasks; task++) {
        if (s->task[task].ended || at >= sizeof message - 8)
            continue;
        char wait[HD_NAME_SIZE];
        hd_describe_wait(task, wait, sizeof wait);
        int length = snprintf(message + at, sizeof message - at, "%stask %u %s",
                              at == 0 ? "" : "; ", task, wait);
        at += (size_t)(length > 0 ? length : 0);
    }
    if (at == 0) { /* all others have ended */
        char wait[HD_NAME_SIZE];
        hd_describe_wait(0, wait, sizeof wait);
        snprintf(message, sizeof message, "the main task %s", wait);
    }
    hd_fault(HD_FAULT_DEADLOCK, "%s", message);
}

void hd_block(enum hd_choice_reason reason) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->choice.count == 0 && !pass_time(s))
        deadlock(s);
    hd_decide(reason);
}

/* Counts how long the running task, blocked at event `since`, was kept from going on. */
static void account_wait(struct hd_scheduler *s, uint64_t since) {
    if (!hd_concurrent(s) || s->current == 0)
        return;
    uint64_t waited = s->events - since;
    s->waited += waited;
    s->waited_max = waited > s->waited_max ? waited : s->waited_max;
}

bool hd_wait_for(const struct hd_pending *pending, const void *pc) {
    struct hd_scheduler *s = &hd_scheduler;
    uint32_t self = s->current;
    struct hd_task *task = &s->task[self];
    HD_ASSERT(hd_running && s->quiet == 0 && task->pending_position == HD_NOT_ENABLED);
    add_pending(s, self, pending);
    if (pending->ready(pending, self)) {
        hd_point(pending->object, pending->what, pc);
    } else {
        hd_settle_grant(false);
        task->pc = pc;
        hd_check_events_max(); /* it may sleep again and again, and never come to a point */
        if (s->full)
            hd_observe_value();
        hd_disable(self);
        if (pending->deadline <= s->now)
            time_out(s);
        uint64_t since = s->events;
        hd_block(HD_CHOICE_BLOCKED);
        account_wait(s, since);
        if (s->full)
            hd_observe(pending->object, pending->what, pc);
    }
    remove_pending(s, self);
    return !task->timed_out;
}

void hd_order_release(const void *object) {
    HD_EDGE_RELEASE(object);
}

void hd_order_acquire(const void *object) {
    HD_EDGE_ACQUIRE(object);
}

uint64_t hd_time_now(void) {
    struct hd_scheduler *s = &hd_scheduler;
    s->now += READING_NS;
    if (time_out(s))
        hd_ask_soon();
    return s->now;
}

uint64_t hd_choose(uint64_t n) {
    struct hd_scheduler *s = &hd_scheduler;
    return hd_draw_below(hd_stream_key(s->execution->seed, HD_STREAM_CHOICE), &s->choices, n);
}
