/* campaign.h - many executions of one program: worker processes, batches, the merge in order of
 * index.
 *
 * Executions come in batches of up to HD_BATCH that share one generated program. Workers (forked
 * processes) claim batches in order and the parent merges their results in order of index, so that
 * every figure but the seconds is the same for any number of jobs. A worker that dies by a fault in
 * the code under test is replaced, and the batch goes on behind the execution that killed it.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_CAMPAIGN_H
#define HEDDLE_HARNESS_EXPLORE_CAMPAIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/result/record.h"
#include "harness/sched/program.h"

#define HD_BATCH          256u /* executions that share a program, at most */
#define HD_EXECUTIONS_MAX (1ull << 40)

/* Where batch `batch` stands in any campaign. The first are short, so that a small budget meets many
 * programs: 32 batches of 8, then 32 of 32, then HD_BATCH each. */
struct hd_batch_place {
    uint64_t batch;
    uint64_t first; /* execution */
    uint32_t size;
};
struct hd_batch_place hd_batch_place(uint64_t batch);
/* The batch of execution number `execution`. */
struct hd_batch_place hd_batch_containing(uint64_t execution);

struct hd_campaign_options {
    uint64_t seed;         /* campaign seed */
    const char *strategy;  /* "default", "random", "pct:3", "twice:random" ... must be known: see
                              strategy.h */
    uint64_t executions;   /* budget; 0 = no bound (then `seconds` must be set) */
    double seconds;        /* budget of wall time, re-runs of faults and all, to the end of the
                              executions that run by then, one or more; 0 = no bound */
    uint32_t jobs;         /* worker processes, 1 or more */
    bool until_fault;      /* end with the lowest execution that shows a fault */
    enum hd_run_kind kind; /* what a campaign's executions run as; faults are re-run full */
    uint32_t
        stall_ms; /* wall time without progress that makes an execution a livelock, the last one of
                          the campaign; 0 = 10 s; two fifths of it when it is processor time */
    uint32_t confirm; /* replays of each distinct fault, as far as there is time; 0 = none */
    /* Called in the parent, in order of index, for each distinct fault once it has been re-run; may
     * fill record->replay and record->file. Returns 0 or -errno, which ends the campaign. */
    int (*found)(void *context, struct hd_fault_record *record);
    /* Called in the parent about ten times a second. `done` executions are merged, `faults` of them
     * bad. */
    void (*progress)(void *context, uint64_t done, uint64_t faults, double seconds);
    void *context;
};

struct hd_campaign {
    uint64_t executions;
    uint64_t points;
    uint64_t switches;
    uint64_t waited;     /* points between a task's blocking and its going on, all tasks' sum ... */
    uint64_t waited_max; /* ... and the longest single wait */
    uint64_t distinct;
    bool distinct_estimated;
    uint64_t module_points; /* accesses by the modules' instrumented code, in a sample of runs */
    uint64_t sample_points; /* all points of that sample */
    uint64_t full_runs;     /* executions that ran full, sample and re-runs together */
    uint64_t contended;     /* executions in which at least two tasks passed points */
    uint64_t fault_executions;
    int64_t first_fault_execution; /* -1 without a fault */
    uint64_t counters[HD_COUNTERS_MAX];
    uint64_t digest;
    double seconds;
    bool interrupted;
    bool stalled; /* ended at an execution that made no progress: each of them costs `stall_ms` */
    bool free;    /* real threads ran: nothing is known of points, schedules and digests */
    uint32_t faults;
    struct hd_fault_record *fault; /* heap, owned by the caller, in order of first execution */
};

/* Runs a campaign. Returns 0 with *campaign filled (also after an interruption), -EINVAL for an
 * unknown strategy or no budget, -ENOTSUP for free runs outside of the tsan flavour, -EAGAIN when
 * the system allows no more processes or threads, -ENOMEM, -ELIBBAD when ThreadSanitizer itself has
 * ended a process, -EOWNERDEAD when a signal from outside has ended a process and then another one,
 * -ENOTRECOVERABLE when an assertion of ours has, -ECHILD when one ended that ran
 * no code under test, or what `found` returned. After an error *campaign holds what was merged until
 * then, or is as it was for -EINVAL, -ENOTSUP and without memory. The calling process must have no
 * other thread. */
int hd_campaign_run(const struct hd_campaign_options *options, const struct hd_subject *subject,
                    struct hd_campaign *campaign);
void hd_campaign_clear(struct hd_campaign *campaign);

/* Asks a running campaign to end soon and return what it has. Async-signal-safe. */
void hd_campaign_interrupt(void);

#endif
