/* bisect.h - the first moment at which what an execution has shown broken was broken.
 *
 * The execution is run again up to one moment after another (harness/sched/probe.h), about log2 of its
 * points times. What is found is so whatever else holds: at one moment it was judged to hold, at a later
 * one to be broken, and no moment in between can be judged. That it is the *first* such change rests on
 * an assumption: once broken it stays broken until it is seen.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_BISECT_H
#define HEDDLE_HARNESS_EXPLORE_BISECT_H

#include "harness/sched/execution.h"

enum hd_bisect_result {
    HD_BISECT_NONE, /* not come to an end */
    HD_BISECT_FOUND,
    HD_BISECT_UNSEEN,     /* it cannot be judged where it was seen, or holds there */
    HD_BISECT_FROM_START, /* it is broken at the first moment that can be judged */
};

/* Plain data, in memory that parent and child share. */
struct hd_bisection {
    enum hd_bisect_result result;
    uint32_t executions;
    uint64_t broken;             /* the first moment judged to be broken ... */
    struct hd_probe_event first; /* ... the event behind the last moment judged to hold ... */
    struct hd_probe_event last;  /* ... and the last event before it was broken: often the same */
    char before[HD_STATE_TEXT_SIZE]; /* FOUND: the state when it held ... */
    char after[HD_STATE_TEXT_SIZE];  /* ... and the first one when it was broken */
    struct hd_probe probe;           /* the latest one */
};

/* Searches for `broken` in the execution, which has told of it. */
void hd_bisect(const struct hd_subject *subject, const struct hd_execution *execution,
               const struct hd_raw_broken *broken, struct hd_outcome *outcome,
               struct hd_bisection *bisection);

#endif
