/* outcome.h - what one execution came to, in a form that outlives the process that ran it.
 *
 * Plain data without pointers, kept in memory that worker and parent share: a worker that crashes leaves
 * its outcome behind. Code addresses are raw; the parent has the same modules at the same addresses.
 */
#ifndef HEDDLE_HARNESS_SCHED_OUTCOME_H
#define HEDDLE_HARNESS_SCHED_OUTCOME_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/result/record.h"
#include "harness/sched/program.h"

#define HD_STATE_TEXT_SIZE 8192u

struct hd_raw_task {
    uint32_t task;
    uint32_t frames;
    uint64_t point;
    uint64_t pc[HD_STACK_FRAMES_MAX]; /* innermost first; addresses of instructions */
    char state[HD_MESSAGE_SIZE];
    char operation[HD_NAME_SIZE];
    char note[HD_MESSAGE_SIZE];
    char part[32]; /* its part in the fault, without numbers: what it waits for; empty when none */
    bool core;     /* part and stack make the fault this one and no other */
    bool told;     /* `operation` is an earlier one, as it was told */
};

/* What hd_broken told first. */
struct hd_raw_broken {
    uint64_t what;   /* 0: nothing */
    uint64_t moment; /* see harness/sched/probe.h */
    char message[HD_MESSAGE_SIZE];
};

struct hd_outcome {
    uint64_t points;
    uint64_t switches;
    uint64_t waited;     /* points between a task's blocking and its going on, all tasks' sum ... */
    uint64_t waited_max; /* ... and the longest single wait */
    uint64_t schedule;   /* hash of who ran when */
    uint64_t digest;     /* of schedule, results and fault */
    uint64_t points_seen;   /* full runs: events observed, counted as they come ... */
    uint64_t module_points; /* ... and those by code of the modules under test */
    uint32_t tasks;         /* that existed, the main task included */
    bool contended;         /* at least two tasks passed points */
    bool tallied;           /* `tally` is of this execution; else it holds nothing */
    bool fault;
    bool stalled; /* the fault is that it made no progress in time */
    int question; /* HD_SIGNAL_STALL: the number of the last one that was answered; 0: none ... */
    uint64_t position; /* ... and where the execution was then, another for each point */
    enum hd_fault_kind kind;
    uint64_t key; /* of kind, message and what makes the fault, by addresses of this process */
    uint64_t fault_point;
    char message[HD_MESSAGE_SIZE];
    struct hd_raw_broken broken;
    uint64_t tally[HD_COUNTERS_MAX]; /* the program's own: hd_tally */
    uint32_t captured;               /* entries in `task`; the faulting task first */
    struct hd_raw_task task[HD_FAULT_TASKS_MAX];
    char state[HD_STATE_TEXT_SIZE]; /* the program's rendering; full runs only */
};

/* One stretch of a schedule: `task` executed `points` events in a row. Stretches of the set-up and of the
 * end are listed where more than the main task ran there. */
struct hd_run {
    uint64_t points;
    uint32_t task;
    uint32_t phase; /* enum hd_phase; never falls from one run to the next */
};

/* One event of a full run. */
struct hd_raw_event {
    uint64_t pc;
    uint64_t address;
    uint64_t value;
    uint64_t offset; /* within the block, module or stack that the address belongs to */
    uint32_t task;
    uint32_t what;   /* enum hd_what and size: see point.h */
    uint32_t owner;  /* heap: allocating task; stack: its task; data: module number */
    uint32_t number; /* heap: n-th allocation */
    uint8_t place;   /* enum hd_place */
    bool has_value;
    char operation[46];
};

enum hd_place { HD_PLACE_UNKNOWN, HD_PLACE_HEAP, HD_PLACE_STACK, HD_PLACE_DATA };

/* What a full run writes down, in shared memory. */
struct hd_recording {
    uint64_t runs;
    uint64_t runs_max;
    uint64_t events;
    uint64_t events_max; /* 0: no trace is kept */
    bool cut;            /* one of the two was full */
    struct hd_run *run;
    struct hd_raw_event *event;
};

#endif
