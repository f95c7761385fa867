/* execution.c - see execution.h.
 *
 * The main task runs on the first parked thread, the program's tasks on the next ones. All state that an
 * execution can leave behind is put back before the next: the modules' data and TLS, the arena, the
 * stacks' filling, what the interposed calls remember, virtual time.
 */
#include "harness/sched/execution.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/base/assert.h"
#include "harness/intercept/edges.h"
#include "harness/intercept/modules.h"
#include "harness/sched/crash.h"
#include "harness/sched/frees.h"
#include "harness/sched/holds.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

int hd_execution_open(const struct hd_subject *subject) {
    int error = hd_arena_open();
    if (error == 0)
        error = hd_pool_open(1);
    if (error == 0)
        error = hd_modules_use(subject->module, subject->modules);
    if (error == 0)
        error = hd_crash_open();
    return error;
}

static void *program_task(void *argument) {
    struct hd_scheduler *s = &hd_scheduler;
    s->subject->ops->task(s->subject->program, (uint32_t)(uintptr_t)argument);
    return NULL;
}

/* Points are counted from here on. */
static void begin_concurrent(struct hd_scheduler *s) {
    hd_settle_grant(false);
    hd_record_stretch(s);
    s->events = 0;
    s->last_switch = 0;
    s->switches = 0;
    s->runner = HD_NO_TASK;
    s->runners = 0;
    hd_phase_begin(s, HD_PHASE_CONCURRENT);
    s->written = true;
}

/* The main task stops here, its events settled; the last of the program's tasks to end lets it go on. */
static void wait_for_all(struct hd_scheduler *s) {
    HD_ASSERT(s->program_live > 0);
    hd_disable(0);
    hd_block(HD_CHOICE_BLOCKED);
    if (s->full)
        hd_observe(&s->program_live, HD_WHAT(HD_JOIN, 0), NULL);
}

static void end_concurrent(struct hd_scheduler *s) {
    hd_settle_grant(false);
    if (s->full)
        hd_observe_value();
    if (s->execution->probe != NULL)
        hd_probe_look(0, NULL);
    s->budget = HD_POINTS_FOREVER;
    hd_phase_begin(s, HD_PHASE_FINISH);
    hd_grant();
    hd_grant_fresh(); /* its join has been counted */
}

static void *main_task(void *argument) {
    struct hd_scheduler *s = argument;
    const struct hd_program_ops *ops = s->subject->ops;
    ops->setup(s->subject->program, s->execution->kind);
    s->program_live = s->execution->tasks;
    for (uint32_t index = 0; index < s->execution->tasks; index++) {
        uint32_t task = hd_task_start(program_task, (void *)(uintptr_t)index);
        HD_ASSERT(task != UINT32_MAX);
        s->task[task].program = true;
    }
    begin_concurrent(s);
    if (s->execution->probe != NULL) {
        s->observing = true;
        hd_probe_look(0, NULL);
        s->observing = false;
    }
    if (s->program_live > 0) /* a study has no tasks */
        wait_for_all(s);
    HD_EDGE_ACQUIRE(&s->program_live);
    end_concurrent(s);
    ops->finish(s->subject->program);
    return NULL;
}

static void begin(struct hd_scheduler *s, const struct hd_subject *subject,
                  const struct hd_execution *execution, struct hd_outcome *outcome) {
    size_t variable = offsetof(struct hd_scheduler, enabled); /* tasks keep their marks */
    memset(s, 0, variable);
    s->subject = subject;
    s->execution = execution;
    s->outcome = outcome;
    s->recording = execution->recording;
    s->full = execution->kind == HD_RUN_FULL || execution->probe != NULL;
    s->runner = HD_NO_TASK;
    s->choice.enabled = s->enabled;
    s->budget = HD_POINTS_FOREVER;
    hd_phase_begin(s, HD_PHASE_SETUP);
    uint64_t fill = hd_stream_key(execution->seed, HD_STREAM_FILL);
    s->fill_word = hd_fill_word(fill);
    outcome->fault = outcome->stalled = false;
    outcome->key = 0;
    outcome->broken.what = 0;
    outcome->points_seen = 0;
    outcome->question = 0;
    outcome->position = UINT64_MAX;
    outcome->module_points = 0;
    outcome->captured = 0;
    outcome->tallied = false;
    outcome->state[0] = '\0';
    hd_arena_reset(fill);
    hd_holds_forget();
    hd_frees_forget();
    hd_modules_restore();
    hd_intercept_reset(hd_stream_key(execution->seed, HD_STREAM_CHANCE));
}

/* What the faulting task did with freed memory is told beside what the program has to say. */
static void add_freed(struct hd_raw_task *raw) {
    char text[HD_MESSAGE_SIZE];
    size_t used = strlen(raw->note);
    hd_frees_say(raw->task, text, sizeof text);
    if (text[0] != '\0')
        snprintf(raw->note + used, sizeof raw->note - used, "%s%.200s", used > 0 ? "; " : "", text);
}

static void describe(const struct hd_scheduler *s, struct hd_outcome *outcome) {
    const struct hd_program_ops *ops = s->subject->ops;
    for (uint32_t i = 0; i < outcome->captured; i++) {
        struct hd_raw_task *raw = &outcome->task[i];
        if (!raw->told)
            ops->describe(s->subject->program, raw->task, raw->operation, raw->note);
        if (i == 0 && outcome->kind != HD_FAULT_DEADLOCK)
            add_freed(raw);
    }
    if (outcome->kind !=
        HD_FAULT_CRASH) /* memory may be damaged, and we be in the signal handler */
        ops->render(s->subject->program, outcome->state, sizeof outcome->state);
}

void hd_outcome_close(struct hd_scheduler *s, struct hd_outcome *outcome) {
    hd_record_stretch(s); /* a fault: the stretch is open */
    outcome->points = hd_concurrent(s) ? s->events : s->points;
    outcome->switches = s->switches;
    outcome->waited = s->waited;
    outcome->waited_max = s->waited_max;
    outcome->schedule = s->schedule;
    outcome->contended = s->runners > 1;
    outcome->tasks = s->tasks;
    uint64_t digest = hd_fold(s->schedule, s->results);
    if (outcome->fault) {
        digest = hd_fold(digest, (uint64_t)outcome->kind);
        for (const char *at = outcome->message; *at != '\0'; at++)
            digest = hd_fold(digest, (unsigned char)*at);
        digest = hd_fold(digest, outcome->fault_point);
    }
    outcome->digest = digest;
    if (outcome->fault && s->full)
        describe(s, outcome);
}

void hd_execution_run(const struct hd_subject *subject, const struct hd_execution *execution,
                      struct hd_outcome *outcome) {
    struct hd_scheduler *s = &hd_scheduler;
    HD_ASSERT(!hd_running && execution->points_max > 0);
    HD_ASSERT(hd_pool_open(execution->tasks + 1) == 0);
    begin(s, subject, execution, outcome);
    s->host_tls = hd_switch_thread_pointer();
    HD_ASSERT(execution->tasks < HD_TASKS_MAX);
    struct hd_strategy_start start = {.seed = execution->seed,
                                      .key = hd_stream_key(execution->seed, HD_STREAM_SCHEDULE),
                                      .events = execution->events,
                                      .tasks = execution->tasks};
    execution->strategy->begin(execution->strategy_state, &start);
    HD_ASSERT(hd_task_start(main_task, s) == 0);
    s->changed = false;
    hd_running = true;
    hd_grant();
    hd_switch(&s->host_stack_pointer, s->task[0].stack_pointer, s->task[0].tls);
    HD_ASSERT(!hd_running);
    HD_EDGE_ACQUIRE(&s->task[0]);
    hd_observe_value();
    hd_outcome_close(s, outcome);
}
