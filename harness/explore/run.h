/* run.h - what parent and workers of a campaign share, and how one batch is run.
 *
 * Invariant R1: everything in a batch's results follows from the campaign seed and the batch number.
 * Invariant R2: a slot of the ring belongs to batch b until the parent has merged b; batch b + RING waits.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_RUN_H
#define HEDDLE_HARNESS_EXPLORE_RUN_H

#include <sys/types.h>

#include "harness/explore/campaign.h"
#include "harness/sched/execution.h"

#define HD_RING         128u
#define HD_BATCH_FAULTS 16u /* distinct faults a batch tells apart; more are counted only */
#define HD_WORKERS_MAX  256u
#define HD_SAMPLE_EVERY 16u /* the first execution of every so many batches runs full */

struct hd_batch_fault {
    uint64_t key;
    uint64_t execution; /* the first, in the campaign */
    uint64_t count;
    enum hd_fault_kind kind;
    bool stalled; /* it made no progress */
    char message[HD_MESSAGE_SIZE];
};

/* The results of one batch, as far as it has come. */
struct hd_batch_result {
    uint64_t batch;
    uint32_t limit;    /* executions it should have */
    uint32_t executed; /* that are accounted for */
    uint32_t ready;    /* 1 when the parent may merge it; accessed atomically */
    uint32_t study;    /* studies that have crashed: see hd_study */
    uint32_t pilot;    /* pilots that have crashed */
    uint32_t stalled;  /* its last execution made no progress: the batch ends with it */
    uint64_t events;   /* of the pilot; 0 until it has run */
    uint64_t digest;
    uint64_t points;
    uint64_t switches;
    uint64_t waited;
    uint64_t waited_max;
    uint64_t module_points;
    uint64_t sample_points;
    uint64_t full_runs;
    uint64_t contended;
    uint64_t fault_executions;
    int64_t first_fault;
    uint64_t counters[HD_COUNTERS_MAX];
    uint32_t faults;
    struct hd_batch_fault fault[HD_BATCH_FAULTS];
    uint64_t schedule[HD_BATCH];
};

#define HD_STUDY (HD_BATCH + 1u)

/* What a worker is doing, for the parent to read when it dies. */
struct hd_worker_state {
    uint64_t batch;    /* UINT64_MAX: none */
    uint32_t index;    /* in the batch; HD_BATCH: the pilot; HD_STUDY: the study */
    uint64_t progress; /* grows with every execution */
    int error;         /* -errno: the system refused what executions need, and the worker ended */
    struct hd_outcome outcome;
};

struct hd_shared {
    uint64_t next_batch; /* to be claimed; accessed atomically */
    uint64_t merged;     /* batches the parent has merged; accessed atomically */
    uint32_t stop;       /* claim no more batches */
    uint32_t stop_now;   /* and end the ones that run */
    struct hd_worker_state worker[HD_WORKERS_MAX];
    struct hd_batch_result ring[HD_RING];
};

/* A campaign as its processes see it. */
struct hd_run_plan {
    const struct hd_campaign_options *options;
    const struct hd_subject *subject;
    struct hd_shared *shared;
    uint64_t batches; /* UINT64_MAX when only time ends it */
};

/* The body of worker `number`; `resume`: it goes on with the batch of the one it replaces. Ends the
 * process. */
_Noreturn void hd_worker_run(const struct hd_run_plan *plan, uint32_t number, bool resume);

/* Empties the place of a batch in the ring, for a worker to run it from its start. */
struct hd_batch_result *hd_batch_begin(const struct hd_run_plan *plan, uint64_t batch);

/* Adds execution `index` to its batch. Called by the worker, or by the parent for one that crashed. */
void hd_batch_account(struct hd_batch_result *result, uint32_t index,
                      const struct hd_outcome *outcome, uint64_t fingerprint);

/* What an execution of a batch needs to run. */
struct hd_prepared {
    struct hd_execution execution;
    struct hd_strategy strategy;
    uint64_t fingerprint;
};

/* Opens the strategies, builds the program and runs the pilot of the batch that `seed` belongs to, as
 * the campaign did, behind hd_study; `crashed`: pilots that have ended a process. Returns 0, -EINVAL,
 * -ENOMEM (`error`: 256 bytes), or -EAGAIN when there may be no more threads. */
int hd_prepare(const struct hd_subject *subject, const char *strategy, uint64_t seed,
               uint32_t crashed, struct hd_outcome *outcome, struct hd_prepared *prepared,
               char *error);
void hd_prepared_close(struct hd_prepared *prepared);

/* The seed of the program that execution `index` of a batch runs: the batch's, or, of a subject that is
 * alone, the execution's. */
uint64_t hd_program_seed(const struct hd_subject *subject, uint64_t batch_name, uint32_t index);

/* The subject's limit of points, or the default. */
uint64_t hd_points_max(const struct hd_subject *subject);

/* The study of a batch: its program's own execution, without tasks, from which it learns what the batch's
 * executions need. Every process that runs one of them makes it first. `crashed`: it has ended a process,
 * and is not made again. */
void hd_study(const struct hd_subject *subject, uint64_t batch_name, bool crashed,
              struct hd_outcome *outcome);

/* Events of the batch's pilot, enlarged; `crashed`: so many pilots before ended the process. */
uint64_t hd_pilot(const struct hd_subject *subject, uint64_t batch_name, uint32_t tasks,
                  uint32_t crashed, struct hd_outcome *outcome);

/* Forgets what was written down. */
void hd_recording_clear(struct hd_recording *recording);

/* Runs an execution of strategy "twice:..." two times; a difference becomes the outcome's fault. Outcome
 * and recording are of the second run, or of the first when that ended the process. */
void hd_run_twice(const struct hd_subject *subject, const struct hd_execution *execution,
                  struct hd_outcome *outcome);

/* As fork. The child is a worker: it has its own signal dispositions, no standard input or output, and
 * dies with its parent. `keep_output`: what it prints goes to standard error. */
pid_t hd_fork_worker(bool keep_output);

/* The outcome of an execution whose process ended without leaving one. `status`: of waitpid. */
void hd_outcome_died(struct hd_outcome *outcome, int status);

#endif
