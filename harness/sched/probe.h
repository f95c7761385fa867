/* probe.h - an execution that is only run up to one moment, for the program to judge it.
 *
 * Moment p is the one before the p-th event, as a trace counts them from 1; moment 0 is before the tasks
 * start, and if n events are executed, moment n + 1 is the end, or the fault. Everything comes in the same
 * order as without a probe, and the program sees a watched run.
 */
#ifndef HEDDLE_HARNESS_SCHED_PROBE_H
#define HEDDLE_HARNESS_SCHED_PROBE_H

#include "harness/sched/outcome.h"
#include "harness/sched/program.h"

/* The event behind a moment. */
struct hd_probe_event {
    uint64_t moment;
    uint32_t task;
    uint32_t kind; /* enum hd_what; 0: there is none, it is moment 0 or the last one */
    uint32_t frames;
    uint64_t pc[HD_STACK_FRAMES_MAX]; /* as those of a fault */
    char operation[HD_NAME_SIZE];
};

struct hd_probe {
    uint64_t what;  /* as hd_broken was told; 0: nothing is judged, `event` alone is wanted */
    uint64_t from;  /* the first moment in question ... */
    uint64_t limit; /* ... and the first that is not: there the execution ends, not judged */
    /* what it came to */
    enum hd_judgement judgement;
    struct hd_probe_event event; /* at the moment that was judged */
    char state[HD_STATE_TEXT_SIZE];
};

#endif
