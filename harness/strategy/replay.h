/* replay.h - the strategy that follows a recorded schedule. */
#ifndef HEDDLE_HARNESS_STRATEGY_REPLAY_H
#define HEDDLE_HARNESS_STRATEGY_REPLAY_H

#include "harness/sched/outcome.h"
#include "harness/strategy/strategy.h"

struct hd_replay_state {
    const struct hd_run *run; /* set before begin; `runs` of them, owned by the caller */
    uint64_t runs;
    uint64_t at;          /* the run that is being followed */
    uint64_t since;       /* events when it began */
    enum hd_phase phase;  /* of the last choice */
    bool listed;          /* the list has runs of that phase */
    bool begun;           /* the run's task has been chosen */
    bool diverged;        /* the program did not do what was recorded; the rest ran unguided */
    uint64_t diverged_at; /* events */
};

extern const struct hd_strategy_ops hd_strategy_replay;

#endif
