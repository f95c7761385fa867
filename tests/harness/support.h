/* support.h - subjects of tests/harness/subjects as programs of the harness.
 *
 * A test either runs executions in its own process (bench_run) or has the harness fork (campaigns,
 * replays); not both, since a process that has parked threads must not fork.
 */
#ifndef HEDDLE_TESTS_HARNESS_SUPPORT_H
#define HEDDLE_TESTS_HARNESS_SUPPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/explore/campaign.h"
#include "harness/explore/replay.h"
#include "harness/sched/execution.h"
#include "tests/harness/subjects/subject.h"

struct bench {
    struct hd_module *module;
    const struct subject *subject;
    struct hd_subject program; /* for the harness */
    struct hd_strategy strategy;
    struct hd_outcome *outcome;
    bool tallies;     /* every execution adds 1 to the third of hd_tally */
    long result;      /* of check, in the last execution of this process that reached it */
    uint64_t visible; /* calls of at_point, in this process ... */
    uint64_t written; /* ... after something that may have written */
    /* What the program judges of moment p is letter p: 'h' holds, 'b' broken, else not to be told. */
    const char *moments;
};

/* Loads subject `symbol` of module `file` (without .so); ends the process when there is none. */
void bench_open(struct bench *bench, const char *file, const char *symbol);
/* The same without sums of its own: what a campaign costs, and no more. */
void bench_open_plain(struct bench *bench, const char *file, const char *symbol);
/* An exported variable of the module. Write to it before the first execution only. */
void *bench_symbol(const struct bench *bench, const char *name);

/* The seed of execution `index` of the campaign whose seed is 1. */
uint64_t bench_seed(uint64_t index);
/* What bench_run runs. */
struct hd_execution bench_execution(struct bench *bench, const char *strategy, uint64_t seed,
                                    enum hd_run_kind kind, uint64_t events);
/* Runs one execution here. `events`: what a pilot would have counted. */
const struct hd_outcome *bench_run(struct bench *bench, const char *strategy, uint64_t seed,
                                   enum hd_run_kind kind, uint64_t events);

/* Runs the execution of a list of runs, in full. Ends the process when it goes another way. */
const struct hd_outcome *bench_follow(struct bench *bench, const struct hd_run *run, uint64_t runs);

/* Options of a campaign of seed 1 over one worker. */
struct hd_campaign_options bench_options(const char *strategy, uint64_t executions);
/* Runs it; ends the process when it cannot be run. */
void bench_campaign(struct bench *bench, const struct hd_campaign_options *options,
                    struct hd_campaign *campaign);
/* Replays by seed; ends the process when that cannot be done. */
void bench_replay(struct bench *bench, const char *strategy, uint64_t seed,
                  struct hd_replay *replay);

/* ---- statistics ----------------------------------------------------------------------------------- */

/* Whether counts fit probabilities: Pearson's chi^2 over all cells, cells that expect less than 20 taken
 * together, against the quantile that a right sampler exceeds with odds of 1e-6 or less. A count in a
 * cell of probability 0 never fits. Prints the cells when they do not fit. */
bool fits(const char *what, const uint64_t *count, const double *probability, uint32_t cells);

#endif
