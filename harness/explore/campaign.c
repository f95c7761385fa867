/* campaign.c - the parent of a campaign: makes workers, replaces those that die, merges their batches in
 * order of index, re-runs each distinct fault. See campaign.h.
 *
 * The parent runs no code under test and parks no threads, so that it can fork at any time.
 */
#include "harness/explore/campaign.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/base/clock.h"
#include "harness/base/hash.h"
#include "harness/explore/distinct.h"
#include "harness/explore/faults.h"
#include "harness/explore/free.h"
#include "harness/explore/run.h"
#include "harness/explore/stall.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/crash.h"

#define POLL_NS       500000u
#define PROGRESS_NS   100000000u
#define PILOTS_MAX    2u /* that may crash: the third run is without one */
#define KILL_AFTER_NS 1000000000u
#define KILLED_MAX    1u /* times that a worker may be killed from outside */

struct parent {
    struct hd_run_plan plan;
    struct hd_campaign *campaign;
    struct hd_distinct *distinct;
    struct hd_faults *faults;
    struct hd_stall worker[HD_WORKERS_MAX]; /* a pid of 0: has ended */
    uint32_t live;
    uint64_t start_ns;
    uint64_t progress_ns;
    uint64_t watched_ns;   /* when the workers were last watched */
    uint64_t interrupt_ns; /* when the interruption was seen; 0: none */
    uint32_t killed;       /* workers that were killed from outside */
    uint64_t next;         /* batch to merge */
    bool ended;            /* no more batches are merged */
    int error;
};

static volatile sig_atomic_t interrupted;

void hd_campaign_interrupt(void) {
    interrupted = 1;
    hd_free_interrupt();
}

static double seconds_since(uint64_t start_ns) {
    return (double)(hd_clock_ns() - start_ns) * 1e-9;
}

static int start_worker(struct parent *parent, uint32_t number, bool resume) {
    pid_t pid = hd_fork_worker(false);
    if (pid < 0)
        return -errno;
    if (pid == 0)
        hd_worker_run(&parent->plan, number, resume);
    hd_stall_begin(&parent->worker[number], pid, parent->plan.options->stall_ms, hd_clock_ns());
    parent->live++;
    return 0;
}

static void stop(struct parent *parent, bool now) {
    __atomic_store_n(&parent->plan.shared->stop, 1, __ATOMIC_RELAXED);
    if (now)
        __atomic_store_n(&parent->plan.shared->stop_now, 1, __ATOMIC_RELAXED);
}

static void end(struct parent *parent, int error) {
    parent->ended = true;
    if (parent->error == 0)
        parent->error = error;
    stop(parent, true);
}

static void add_sums(struct hd_campaign *campaign, const struct hd_batch_result *result) {
    campaign->executions += result->executed;
    campaign->points += result->points;
    campaign->switches += result->switches;
    campaign->waited += result->waited;
    if (result->waited_max > campaign->waited_max)
        campaign->waited_max = result->waited_max;
    campaign->module_points += result->module_points;
    campaign->sample_points += result->sample_points;
    campaign->full_runs += result->full_runs;
    campaign->contended += result->contended;
    campaign->fault_executions += result->fault_executions;
    if (campaign->first_fault_execution < 0)
        campaign->first_fault_execution = result->first_fault;
    for (uint32_t i = 0; i < HD_COUNTERS_MAX; i++)
        campaign->counters[i] += result->counters[i];
    if (result->executed > 0) /* else it was stopped before it began */
        campaign->digest = hd_fold(campaign->digest, result->digest);
}

/* A batch that was cut ends the campaign: what comes behind it is dropped. */
static void merge(struct parent *parent, const struct hd_batch_result *result) {
    const struct hd_campaign_options *options = parent->plan.options;
    add_sums(parent->campaign, result);
    hd_distinct_add(parent->distinct, result->schedule, result->executed);
    for (uint32_t i = 0; i < result->faults && parent->error == 0; i++) {
        int error = hd_faults_add(parent->faults, &result->fault[i]);
        if (error != 0)
            end(parent, error);
    }
    parent->campaign->stalled |= result->stalled != 0;
    if (result->executed < result->limit || result->stalled ||
        (options->until_fault && result->fault_executions > 0))
        end(parent, 0);
}

static void merge_ready(struct parent *parent) {
    struct hd_shared *shared = parent->plan.shared;
    while (!parent->ended && parent->next < parent->plan.batches) { /* to the first one not ready */
        struct hd_batch_result *result = &shared->ring[parent->next % HD_RING];
        if (!__atomic_load_n(&result->ready, __ATOMIC_ACQUIRE) || result->batch != parent->next)
            return;
        merge(parent, result);
        __atomic_store_n(&result->ready, 0, __ATOMIC_RELAXED);
        parent->next++;
        __atomic_store_n(&shared->merged, parent->next, __ATOMIC_RELEASE);
    }
}

static void leave_as_it_is(struct hd_batch_result *result) {
    __atomic_store_n(&result->ready, 1, __ATOMIC_RELEASE);
}

/* A worker that somebody or some limit has killed says nothing of the code under test. Its batch, of which
 * anything may have been accounted, is begun again by another one, once. */
static void begin_again(struct parent *parent, uint32_t number) {
    const struct hd_worker_state *state = &parent->plan.shared->worker[number];
    bool resume = state->batch != UINT64_MAX;
    if (parent->killed++ == KILLED_MAX) {
        end(parent, -EOWNERDEAD);
        return;
    }
    if (resume)
        hd_batch_begin(&parent->plan, state->batch);
    int error = start_worker(parent, number, resume);
    if (error != 0)
        end(parent, error);
}

/* The execution that ended a worker is a fault of its batch; a new worker goes on behind it, unless it made
 * no progress: the campaign then ends with it. */
static void take_over(struct parent *parent, uint32_t number, int status) {
    struct hd_worker_state *state = &parent->plan.shared->worker[number];
    bool crashed = WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_CRASHED;
    if (WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_INTERNAL) {
        end(parent, state->error != 0 ? state->error : -ENOTRECOVERABLE);
        return;
    }
    if (HD_TSAN && WIFEXITED(status) && WEXITSTATUS(status) == HD_EXIT_TSAN) {
        end(parent, -ELIBBAD);
        return;
    }
    struct hd_batch_result *result = &parent->plan.shared->ring[state->batch % HD_RING];
    if (parent->campaign->interrupted) { /* it may have been us */
        if (state->batch != UINT64_MAX)
            leave_as_it_is(result);
        return;
    }
    if (!parent->worker[number].asked && hd_ended_from_outside(status)) {
        begin_again(parent, number);
        return;
    }
    if (state->batch == UINT64_MAX) { /* died between batches: not by code under test */
        end(parent, -ECHILD);
        return;
    }
    if (state->index >= HD_BATCH) {
        uint32_t crashes = state->index == HD_STUDY ? result->study++ : result->pilot++;
        if (crashes == PILOTS_MAX) {
            end(parent, -ECHILD);
            return;
        }
    } else {
        if (!crashed)
            hd_outcome_died(&state->outcome, status);
        bool stalled = crashed ? state->outcome.stalled : parent->worker[number].asked;
        state->outcome.stalled = stalled;
        const struct hd_subject *subject = parent->plan.subject;
        uint64_t name = hd_batch_name(parent->plan.options->seed, state->batch), fingerprint = 0;
        subject->ops->build(subject->program, hd_program_seed(subject, name, state->index),
                            &fingerprint);
        hd_batch_account(result, state->index, &state->outcome, fingerprint);
        if (stalled) {
            result->stalled = 1;
            leave_as_it_is(result);
            stop(parent, false);
            return;
        }
    }
    int error = start_worker(parent, number, true);
    if (error != 0)
        end(parent, error);
}

static void collect_dead(struct parent *parent) {
    for (uint32_t i = 0; i < parent->plan.options->jobs; i++) {
        int status;
        pid_t ended = parent->worker[i].pid != 0 ? hd_stall_wait(&parent->worker[i], &status) : 0;
        if (ended == 0)
            continue;
        parent->worker[i].pid = 0;
        parent->live--;
        if (ended < 0) { /* gone, and nobody can tell how */
            end(parent, -errno);
            continue;
        }
        bool done = WIFEXITED(status) && WEXITSTATUS(status) == 0 &&
                    parent->plan.shared->worker[i].batch == UINT64_MAX;
        if (!parent->ended && !done)
            take_over(parent, i, status);
    }
}

/* Time in which all of us were stopped, or a worker had no execution to run, is no time without
 * progress. */
static void watch_workers(struct parent *parent) {
    uint64_t away = hd_clock_away(&parent->watched_ns), now = parent->watched_ns;
    for (uint32_t i = 0; i < parent->plan.options->jobs; i++) {
        struct hd_stall *worker = &parent->worker[i];
        const struct hd_worker_state *state = &parent->plan.shared->worker[i];
        uint64_t count[HD_STALL_COUNTS] = {state->progress, state->outcome.points_seen,
                                           state->outcome.position};
        if (state->batch == UINT64_MAX)
            count[1] = now;
        if (worker->pid != 0)
            hd_stall_look(worker, count, now, away);
    }
}

/* Whether an execution has been accounted for: a campaign has at least one. */
static bool begun(const struct parent *parent) {
    const struct hd_batch_result *first = &parent->plan.shared->ring[0];
    return parent->next > 0 || __atomic_load_n(&first->executed, __ATOMIC_RELAXED) > 0;
}

/* Workers end with the executions that run; those that do not soon are killed. */
static void interrupt(struct parent *parent, uint64_t now) {
    if (!parent->campaign->interrupted)
        parent->interrupt_ns = now;
    parent->campaign->interrupted = true;
    stop(parent, true);
    if (now - parent->interrupt_ns < KILL_AFTER_NS)
        return;
    for (uint32_t i = 0; i < parent->plan.options->jobs; i++)
        if (parent->worker[i].pid != 0)
            kill(parent->worker[i].pid, SIGKILL);
}

static void watch_budget(struct parent *parent, uint64_t now) {
    const struct hd_campaign_options *options = parent->plan.options;
    double seconds = (double)(now - parent->start_ns) * 1e-9;
    if (options->seconds > 0 && seconds >= options->seconds && begun(parent))
        stop(parent, true);
    if (interrupted)
        interrupt(parent, now);
    if (options->progress != NULL && now - parent->progress_ns >= PROGRESS_NS) {
        parent->progress_ns = now;
        options->progress(options->context, parent->campaign->executions,
                          parent->campaign->fault_executions, seconds);
    }
}

static void supervise(struct parent *parent) {
    parent->watched_ns = hd_clock_ns();
    while (parent->live > 0) { /* workers end when the budget does or they are told to stop */
        merge_ready(parent);
        collect_dead(parent);
        watch_workers(parent);
        watch_budget(parent, parent->watched_ns);
        hd_clock_rest(POLL_NS);
    }
    merge_ready(parent);
}

static int open_parent(struct parent *parent, const struct hd_campaign_options *options,
                       const struct hd_subject *subject) {
    struct hd_shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return -ENOMEM;
    for (uint32_t i = 0; i < HD_WORKERS_MAX; i++)
        shared->worker[i].batch = UINT64_MAX;
    parent->plan = (struct hd_run_plan){
        .options = options, .subject = subject, .shared = shared, .batches = UINT64_MAX};
    if (options->executions != 0)
        parent->plan.batches = hd_batch_containing(options->executions - 1).batch + 1;
    parent->distinct = hd_distinct_new(options->executions);
    parent->faults = hd_faults_new(options, subject, &interrupted);
    return parent->distinct == NULL || parent->faults == NULL ? -ENOMEM : 0;
}

static void close_parent(struct parent *parent) {
    for (uint32_t i = 0; i < HD_WORKERS_MAX; i++)
        if (parent->worker[i].pid != 0)
            kill(parent->worker[i].pid, SIGKILL);
    while (parent->live > 0 && wait(NULL) > 0)
        parent->live--;
    if (parent->plan.shared != NULL)
        munmap(parent->plan.shared, sizeof *parent->plan.shared);
    hd_distinct_free(parent->distinct);
    hd_faults_free(parent->faults);
    free(parent);
}

static int check(const struct hd_campaign_options *options) {
    char error[256];
    if (options->jobs == 0 || options->jobs > HD_WORKERS_MAX ||
        options->executions > HD_EXECUTIONS_MAX ||
        (options->executions == 0 && !(options->seconds > 0)))
        return -EINVAL;
    return hd_strategy_check(options->strategy, error);
}

int hd_campaign_run(const struct hd_campaign_options *options, const struct hd_subject *subject,
                    struct hd_campaign *campaign) {
    if (options->kind == HD_RUN_FREE)
        return hd_free_campaign(options, subject, &interrupted, campaign);
    int error = check(options);
    if (error != 0)
        return error;
    struct parent *parent = calloc(1, sizeof *parent);
    if (parent == NULL)
        return -ENOMEM;
    *campaign = (struct hd_campaign){.first_fault_execution = -1};
    parent->campaign = campaign;
    parent->start_ns = hd_clock_ns();
    error = open_parent(parent, options, subject);
    for (uint32_t i = 0; i < options->jobs && error == 0; i++)
        error = start_worker(parent, i, false);
    if (error == 0) {
        supervise(parent);
        error = parent->error;
        campaign->interrupted |= interrupted != 0; /* in the last re-run, perhaps */
        campaign->distinct = hd_distinct_count(parent->distinct, &campaign->distinct_estimated);
        hd_faults_take(parent->faults, campaign);
    }
    campaign->digest = hd_fold(campaign->digest, campaign->executions);
    campaign->seconds = seconds_since(parent->start_ns);
    close_parent(parent);
    return error;
}

void hd_campaign_clear(struct hd_campaign *campaign) {
    for (uint32_t i = 0; i < campaign->faults; i++)
        hd_fault_record_clear(&campaign->fault[i]);
    free(campaign->fault);
    campaign->fault = NULL;
    campaign->faults = 0;
}
