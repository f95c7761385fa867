/* trial.h - tasks on one map under many schedules, for claims about more than one of them. Private to
 * scenarios/claims.
 */
#ifndef HEDDLE_SCENARIOS_CLAIMS_TRIAL_H
#define HEDDLE_SCENARIOS_CLAIMS_TRIAL_H

#include "harness/sched/program.h"
#include "scenarios/claims/witness.h"
#include "scenarios/scenario.h"

#define SN_TRIAL_BUCKETS 64u
#define SN_TRIAL_TASKS   2u

struct sn_trial;

/* What is tried. Every slot runs on a task of the execution. */
struct sn_trial_ops {
    void (*fill)(struct sn_trial *trial); /* the map is made: before the tasks */
    void (*task)(struct sn_trial *trial, uint32_t index);
    /* An event of the map while the tasks run; hd_tally is the claim's. */
    void (*event)(struct sn_trial *trial, const struct map_event *event);
};

struct sn_trial {
    const struct sn_trial_ops *trial;
    const struct map_ops *ops;
    const struct sn_witness *witness; /* for the keys of its program */

    /* of the execution */
    struct map_host host;
    void *map;
    bool running;                     /* its tasks have started */
    uint64_t moved[SN_TRIAL_BUCKETS]; /* by which tasks: bits */
};

/* Sums over executions. */
struct sn_trial_sum {
    uint64_t executions;
    uint64_t points;
    uint64_t waited; /* points between a task's blocking and its going on */
    uint64_t tally[SN_TALLIES];
};

/* Runs a trial for each program of the witness on a built-in map, under random schedules that follow from
 * the witness's seed, and calls `after` with what came of each. Returns 0, -EINTR, or another -errno. */
int sn_trial_run(struct sn_witness *witness, const char *map, const struct sn_trial_ops *ops,
                 void (*after)(struct sn_witness *witness, const struct sn_trial_sum *sum));

#endif
