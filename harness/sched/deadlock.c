/* deadlock.c - no task can go on: who waits for whom, and what makes this deadlock the one it is.
 *
 * The message names every task that waits. Most of them came by later and wait for what can no longer be
 * had; which, and how many, is chance. What makes the deadlock is its core:
 *
 *   - a lock that its holder has left locked: where it was taken; or
 *   - the tasks that wait for each other in a circle, if there is one; or
 *   - those that wait for nobody who waits.
 *
 * Tasks of the core that stand at the same place and wait for the same are one: see fault.c.
 */
#include <stdio.h>
#include <string.h>

#include "harness/sched/holds.h"
#include "harness/sched/state.h"

#define NAMED_MAX 3u /* holders of one lock */

static bool waits(uint32_t task) {
    return hd_scheduler.task[task].pending_position != HD_NOT_ENABLED;
}

/* ---- in words -------------------------------------------------------------------------------- */

static size_t say_holder(const struct hd_holder *holder, const char *before, char *text,
                         size_t size) {
    const struct hd_hold *hold = holder->hold;
    bool since = hold != NULL && hold->operation[0] != '\0';
    int length = snprintf(text, size, "%s task %u%s%s%s%s", before, holder->task,
                          hold != NULL && hold->shared ? " (reading)" : "",
                          hd_scheduler.task[holder->task].ended ? " (ended)" : "",
                          since ? " since " : "", since ? hold->operation : "");
    return length < 0 ? 0 : (size_t)length < size ? (size_t)length : size - 1;
}

void hd_describe_holders(uint32_t task, char *text, size_t size) {
    static struct hd_holder holder[HD_HOLDS_MAX];
    uint32_t count = hd_holders(task, holder);
    size_t at = 0;
    text[0] = '\0';
    for (uint32_t i = 0; i < count && i < NAMED_MAX; i++) {
        const char *before = i > 0 ? "," : holder[0].hold == NULL ? ":" : " held by";
        at += say_holder(&holder[i], before, text + at, size - at);
    }
    if (count > NAMED_MAX)
        snprintf(text + at, size - at, " and %u more", count - NAMED_MAX);
}

/* ---- the core -------------------------------------------------------------------------------- */

/* Takes out whom nobody of the set waits for, and who waits for nobody of it. Whether any was. */
static bool trim(bool set[HD_TASKS_MAX], uint32_t tasks) {
    static struct hd_holder holder[HD_HOLDS_MAX];
    bool awaited[HD_TASKS_MAX] = {false}, awaits[HD_TASKS_MAX] = {false}, any = false;
    for (uint32_t task = 0; task < tasks; task++) {
        uint32_t count = set[task] ? hd_holders(task, holder) : 0;
        for (uint32_t i = 0; i < count; i++) {
            awaited[holder[i].task] = true;
            awaits[task] |= set[holder[i].task];
        }
    }
    for (uint32_t task = 0; task < tasks; task++) {
        bool stays = set[task] && awaited[task] && awaits[task];
        any |= set[task] != stays;
        set[task] = stays;
    }
    return any;
}

static bool waits_for_waiting(uint32_t task) {
    static struct hd_holder holder[HD_HOLDS_MAX];
    uint32_t count = hd_holders(task, holder);
    for (uint32_t i = 0; i < count; i++)
        if (waits(holder[i].task))
            return true;
    return false;
}

static void find_core(bool core[HD_TASKS_MAX], uint32_t tasks) {
    bool any = false;
    for (uint32_t task = 0; task < tasks; task++)
        core[task] = waits(task);
    while (trim(core, tasks))
        continue; /* ends: the set gets smaller */
    for (uint32_t task = 0; task < tasks; task++)
        any |= core[task];
    for (uint32_t task = 0; task < tasks && !any; task++)
        core[task] = waits(task) && !waits_for_waiting(task);
}

/* ---- taking it down -------------------------------------------------------------------------- */

static bool same_place(const struct hd_raw_task *left, const struct hd_raw_task *right) {
    return left->core == right->core && strcmp(left->part, right->part) == 0 &&
           left->frames == right->frames &&
           memcmp(left->pc, right->pc, left->frames * sizeof *left->pc) == 0;
}

static bool has_its_like(const struct hd_outcome *outcome, const struct hd_raw_task *raw) {
    for (uint32_t i = 0; i < outcome->captured; i++)
        if (same_place(&outcome->task[i], raw))
            return true;
    return false;
}

static bool is_taken(const struct hd_outcome *outcome, uint32_t task) {
    for (uint32_t i = 0; i < outcome->captured; i++)
        if (outcome->task[i].task == task && !outcome->task[i].told)
            return true;
    return false;
}

/* How it is waited for says nothing of it: the same lock may be asked for in several ways. */
static void take_hold(struct hd_outcome *outcome, const struct hd_hold *hold) {
    const char *how = hold->shared ? " (reading)" : "";
    struct hd_raw_task raw = {
        .task = hold->task, .core = true, .told = true, .frames = hold->frames};
    snprintf(raw.part, sizeof raw.part, "left locked%s", how);
    snprintf(raw.state, sizeof raw.state, "took a lock here and left it locked%s", how);
    memcpy(raw.pc, hold->pc, sizeof raw.pc);
    memcpy(raw.operation, hold->operation, sizeof raw.operation);
    if (outcome->captured < HD_FAULT_TASKS_MAX / 2 && !has_its_like(outcome, &raw))
        outcome->task[outcome->captured++] = raw;
}

/* Where locks were taken that tasks wait for and that were left locked. Whether there are any. */
static bool take_left(struct hd_outcome *outcome, uint32_t tasks) {
    static struct hd_holder holder[HD_HOLDS_MAX];
    for (uint32_t task = 0; task < tasks; task++) {
        uint32_t count = waits(task) ? hd_holders(task, holder) : 0;
        for (uint32_t i = 0; i < count; i++)
            if (holder[i].hold != NULL && hd_hold_left(holder[i].hold))
                take_hold(outcome, holder[i].hold);
    }
    return outcome->captured > 0;
}

/* Those of `set`; first, where `once`, one for each place. */
static void take(struct hd_outcome *outcome, const bool *set, uint32_t tasks, bool core, bool once,
                 uint64_t frame, uint64_t pc) {
    for (uint32_t task = 0; task < tasks && outcome->captured < HD_FAULT_TASKS_MAX; task++) {
        if (!set[task] || is_taken(outcome, task))
            continue;
        struct hd_raw_task *raw = &outcome->task[outcome->captured];
        hd_capture_waiting(task, frame, pc, raw);
        raw->core = core;
        if (!once || !has_its_like(outcome, raw))
            outcome->captured++;
    }
}

void hd_capture_deadlock(uint64_t frame, uint64_t pc) {
    struct hd_scheduler *s = &hd_scheduler;
    bool core[HD_TASKS_MAX], others[HD_TASKS_MAX];
    bool left = take_left(s->outcome, s->tasks);
    find_core(core, s->tasks);
    for (uint32_t task = 0; task < s->tasks; task++)
        others[task] = task > 0 && !s->task[task].ended;
    /* in bare runs a lock's call alone is known, not who called it: where the others wait tells more */
    bool counts = !left || !s->full;
    take(s->outcome, core, s->tasks, counts, true, frame, pc);
    take(s->outcome, core, s->tasks, counts, false, frame, pc);
    if (s->full)
        take(s->outcome, others, s->tasks, false, false, frame, pc);
}
