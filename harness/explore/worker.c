/* worker.c - a process that claims batches and runs them. See run.h. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/base/clock.h"
#include "harness/explore/run.h"
#include "harness/sched/crash.h"
#include "harness/task/pool.h"

#define RING_WAIT_NS 50000u

struct worker {
    const struct hd_run_plan *plan;
    struct hd_worker_state *state;
    uint32_t strategies;
    struct hd_strategy strategy[HD_STRATEGY_MEMBERS_MAX]; /* they take turns */
};

/* The subject's output must not mix with ours; its input is empty. */
static void give_away_output(bool keep_output) {
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    HD_ASSERT(null >= 0);
    dup2(null, STDIN_FILENO);
    if (keep_output) {
        dup2(STDERR_FILENO, STDOUT_FILENO);
        return;
    }
    hd_assert_file = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3);
    dup2(null, STDOUT_FILENO);
    dup2(null, STDERR_FILENO);
}

static void become_worker(pid_t parent, bool keep_output) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        hd_exit_now(HD_EXIT_INTERNAL);
    hd_crash_forget_signals();
    signal(SIGHUP, SIG_IGN); /* the parent hears it, and tells us or ends with us */
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    give_away_output(keep_output);
}

/* A worker may be asked where it is before it has a handler: the signal waits until it is ignored. */
pid_t hd_fork_worker(bool keep_output) {
    sigset_t stall, before;
    pid_t self = getpid();
    sigemptyset(&stall);
    sigaddset(&stall, HD_SIGNAL_STALL);
    fflush(NULL);
    sigprocmask(SIG_BLOCK, &stall, &before);
    pid_t child = fork();
    int error = errno;
    if (child == 0)
        become_worker(self, keep_output);
    else
        sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return child;
}

/* The system refuses what executions need: no fault of anybody's. */
static _Noreturn void give_up(struct worker *worker, int error) {
    worker->state->error = error;
    hd_exit_now(HD_EXIT_INTERNAL);
}

static bool flag(const uint32_t *word) {
    return __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
}

/* Claims the next batch and waits for its place in the ring. NULL when there is nothing left to do. */
static struct hd_batch_result *claim(struct worker *worker) {
    struct hd_shared *shared = worker->plan->shared;
    if (flag(&shared->stop))
        return NULL;
    uint64_t batch = __atomic_fetch_add(&shared->next_batch, 1, __ATOMIC_RELAXED);
    if (batch >= worker->plan->batches)
        return NULL;
    while (batch >= __atomic_load_n(&shared->merged, __ATOMIC_ACQUIRE) + HD_RING) {
        if (flag(&shared->stop_now))
            return NULL;
        hd_clock_rest(RING_WAIT_NS);
    }
    struct hd_batch_result *result = hd_batch_begin(worker->plan, batch);
    worker->state->batch = batch;
    return result;
}

/* Builds the program that execution `index` of the batch runs, with a thread for each of its tasks. */
static uint32_t build(struct worker *worker, uint64_t name, uint32_t index, uint64_t *fingerprint) {
    const struct hd_subject *subject = worker->plan->subject;
    uint64_t seed = hd_program_seed(subject, name, index);
    uint32_t tasks = subject->ops->build(subject->program, seed, fingerprint);
    int error = hd_pool_open(tasks + 1);
    if (error != 0)
        give_up(worker, error);
    return tasks;
}

static void run_pilot(struct worker *worker, struct hd_batch_result *result, uint64_t name,
                      uint32_t tasks) {
    bool needed = false;
    if (result->events != 0)
        return;
    for (uint32_t i = 0; i < worker->strategies; i++)
        needed = needed || worker->strategy[i].ops->needs_events;
    worker->state->index = HD_BATCH;
    result->events = needed ? hd_pilot(worker->plan->subject, name, tasks, result->pilot,
                                       &worker->state->outcome)
                            : 1;
}

static void run_one(struct worker *worker, struct hd_batch_result *result, uint32_t index,
                    struct hd_execution *execution, uint64_t fingerprint) {
    const struct hd_run_plan *plan = worker->plan;
    const struct hd_subject *subject = plan->subject;
    uint32_t turn = worker->strategies > 1 ? index % worker->strategies : 0;
    const struct hd_strategy *strategy = &worker->strategy[turn];
    struct hd_outcome *outcome = &worker->state->outcome;
    bool sample = index == 0 && result->batch % HD_SAMPLE_EVERY == 0;
    worker->state->index = index;
    execution->kind = sample ? HD_RUN_FULL : plan->options->kind;
    execution->fair = strategy->ops->fair;
    execution->strategy = strategy->ops;
    execution->strategy_state = strategy->state;
    if (strategy->twice)
        hd_run_twice(subject, execution, outcome);
    else
        hd_execution_run(subject, execution, outcome);
    if (subject->ops->ended != NULL)
        subject->ops->ended(subject->program, outcome->fault, result->counters);
    hd_batch_account(result, index, outcome, fingerprint);
    worker->state->progress++;
}

static void run_batch(struct worker *worker, struct hd_batch_result *result) {
    const struct hd_run_plan *plan = worker->plan;
    const struct hd_subject *subject = plan->subject;
    uint64_t name = hd_batch_name(plan->options->seed, result->batch);
    uint64_t fingerprint;
    uint32_t first = result->executed;
    worker->state->index = HD_STUDY;
    hd_study(subject, name, result->study > 0, &worker->state->outcome);
    uint32_t tasks = build(worker, name, first, &fingerprint);
    run_pilot(worker, result, name, tasks);
    struct hd_execution execution = {
        .events = result->events, .points_max = hd_points_max(subject), .tasks = tasks};
    for (uint32_t index = first; index < result->limit; index++) {
        if (flag(&plan->shared->stop_now) ||
            (plan->options->until_fault && result->first_fault >= 0))
            break;
        execution.seed = hd_execution_seed(name, index);
        if (subject->alone && index > first)
            execution.tasks = build(worker, name, index, &fingerprint);
        run_one(worker, result, index, &execution, fingerprint);
    }
    hd_pool_settle();
    worker->state->batch = UINT64_MAX;
    __atomic_store_n(&result->ready, 1, __ATOMIC_RELEASE);
}

_Noreturn void hd_worker_run(const struct hd_run_plan *plan, uint32_t number, bool resume) {
    struct worker worker = {.plan = plan,
                            .state = &plan->shared->worker[number],
                            .strategies = hd_strategy_members(plan->options->strategy)};
    char error[256];
    int failed = hd_execution_open(plan->subject);
    for (uint32_t i = 0; i < worker.strategies && failed == 0; i++)
        failed = hd_strategy_open(plan->options->strategy, i, &worker.strategy[i], error);
    if (failed != 0)
        give_up(&worker, failed);
    HD_ASSERT(worker.strategy[0].ops != NULL);
    struct hd_batch_result *result =
        resume ? &plan->shared->ring[worker.state->batch % HD_RING] : claim(&worker);
    while (result != NULL) { /* claim ends when the budget does */
        run_batch(&worker, result);
        result = claim(&worker);
    }
    hd_exit_now(0);
}
