/* execution.h - one execution: from its seed to its outcome.
 *
 * The life of an execution: prepare stacks -> main task: setup -> start tasks -> [point -> strategy ->
 * switch]* -> all tasks ended or a fault -> main task: finish -> outcome. Code under test that starts
 * tasks of its own in setup, or leaves some to finish, is scheduled there, too.
 *
 * Invariant E1: the outcome is a function of `struct hd_execution` and the program alone. Threads: one
 * OS thread a process runs executions, one at a time. /
 */
#ifndef HEDDLE_HARNESS_SCHED_EXECUTION_H
#define HEDDLE_HARNESS_SCHED_EXECUTION_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/sched/outcome.h"
#include "harness/sched/probe.h"
#include "harness/sched/program.h"
#include "harness/strategy/strategy.h"

struct hd_execution {
    uint64_t seed;
    enum hd_run_kind kind;
    uint64_t events;     /* estimate of the batch's pilot run; 1 or more */
    uint64_t points_max; /* after these the tasks take turns: see turns.h */
    uint32_t tasks;      /* as build returned */
    bool fair;     /* as the strategy that draws the schedule, or drew the one that is followed */
    bool recorded; /* the strategy follows a recorded schedule: turns stand in it */
    const struct hd_strategy_ops *strategy;
    void *strategy_state;
    struct hd_recording *recording; /* full runs: what to write down, or NULL */
    struct hd_probe *probe;         /* ends at the moment that it asks for, or NULL: see probe.h */
};

/* Opens what executions need in this process: arena, parked threads, signal handlers. Call it after the
 * process has forked. Returns 0 or -errno. */
int hd_execution_open(const struct hd_subject *subject);

/* Runs one execution into *outcome, which may lie in shared memory. If the code under test crashes, the
 * process ends with HD_EXIT_CRASHED after *outcome has been filled. */
void hd_execution_run(const struct hd_subject *subject, const struct hd_execution *execution,
                      struct hd_outcome *outcome);

/* Status of a process that ended because the code under test did. */
#define HD_EXIT_CRASHED 86

/* A place for a debugger to stop at a fault, before the tasks' stacks are given up. */
void hd_fault_stop(void);

#endif
