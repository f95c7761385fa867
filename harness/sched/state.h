/* state.h - the scheduler's own state, shared by its few files and nobody else. */
#ifndef HEDDLE_HARNESS_SCHED_STATE_H
#define HEDDLE_HARNESS_SCHED_STATE_H

#include "harness/base/assert.h"
#include "harness/base/hash.h"
#include "harness/base/random.h"
#include "harness/sched/execution.h"
#include "harness/sched/task.h"
#include "harness/sched/turns.h"

#define HD_NOT_ENABLED UINT32_MAX

struct hd_task {
    /* read or written at every switch: one cache line */
    _Alignas(64) void *stack_pointer; /* while it does not run */
    uint64_t tls;
    uint64_t point;    /* at which it last stopped */
    const void *pc;    /* of the event it stopped before */
    uint32_t position; /* in `enabled`, or HD_NOT_ENABLED */
    bool fresh;        /* has not run yet */
    bool ended;
    bool detached;
    bool program;                     /* one of the program's own, not started by code under test */
    bool timed_out;                   /* its pending operation's deadline has come: enabled */
    bool yielding;                    /* it stands at a yield */
    uint32_t pending_position;        /* in `pending`, or HD_NOT_ENABLED */
    const struct hd_pending *pending; /* on its own stack; meaningful while it has a position */
    void *(*entry)(void *);
    void *argument;
    void *result;
};

struct hd_scheduler {
    /* read or written at every decision */
    uint64_t granted; /* events executed since the grant = granted - hd_countdown */
    uint64_t budget;  /* events the strategy still allows */
    uint64_t events;  /* executed before the current grant */
    uint32_t (*next)(void *state, const struct hd_choice *choice, uint64_t *points);
    void *strategy_state;
    uint32_t current;
    struct hd_choice
        choice; /* its list and count are kept up to date, the rest is set when asked */
    union {
        struct {
            bool full;
            bool changed; /* the enabled set is another: ask the strategy at the next point */
            bool turns;   /* the tasks take turns: see turns.h */
        };
        uint32_t special; /* not 0: a point is more than the end of a budget */
    };
    bool stepwise;     /* every point is seen: in the concurrent part of a full run, and in turns */
    uint64_t schedule; /* hash of the switches */
    uint64_t results;  /* hash of the operations' results */
    uint64_t switches;
    uint64_t last_switch;    /* events at the last switch */
    uint64_t choices;        /* draws of the choice stream */
    uint64_t waited;         /* events between a task's blocking and its going on, all tasks' sum */
    uint64_t waited_max;     /* the longest such wait */
    uint64_t now;            /* virtual time */
    uint64_t idle_ns;        /* that the last idle yield took; 0: none since a deadline came */
    uint64_t fill_word;      /* what fresh memory holds */
    uint64_t events_max;     /* no grant goes beyond it: there turns begin, or it is a livelock */
    uint64_t phase_begin;    /* events before the present part */
    uint64_t phase_end;      /* events after which it is a livelock */
    uint64_t phase_switches; /* switches before it */
    uint32_t tasks;
    uint32_t next_number; /* where the search for one to be used again goes on */
    uint32_t live;
    uint32_t program_live; /* of the program's own tasks, those that have not ended */
    uint32_t runner;       /* the last task that has executed events, or HD_NO_TASK */
    uint32_t runners;      /* times that it became another one */
    uint64_t points;       /* events of the concurrent part, once it is over */
    uint32_t pending_count;
    struct {
        uint64_t least;
        void (*given)(void *context, uint64_t size); /* NULL: nobody watches */
        void *context;
    } blocks;
    uint32_t quiet;
    uint64_t quiet_countdown;
    uint64_t quiet_granted;
    /* of the execution */
    const struct hd_execution *execution;
    const struct hd_subject *subject;
    struct hd_outcome *outcome;
    struct hd_recording *recording;
    /* of full runs */
    struct hd_raw_event *last_write; /* whose value is read at the next event */
    bool observing; /* before the event that was seen last, or before all of them */
    bool written;   /* the event that was seen last may write, or none was seen */
    void *host_stack_pointer;
    uint64_t host_tls;
    uint32_t enabled[HD_TASKS_MAX];
    uint32_t pending[HD_TASKS_MAX]; /* tasks with a pending operation */
    struct hd_task task[HD_TASKS_MAX];
    struct hd_turns turn; /* once `turns` is set */
};

extern struct hd_scheduler hd_scheduler;

/* Whether the program's tasks run side by side now. */
static inline bool hd_concurrent(const struct hd_scheduler *s) {
    return s->choice.phase == HD_PHASE_CONCURRENT;
}

/* Begins a part of the execution. */
void hd_phase_begin(struct hd_scheduler *s, enum hd_phase phase);
/* An operation or a task has ended after so many events: the execution is no livelock yet. */
void hd_got_on(struct hd_scheduler *s, uint64_t events);

/* Asks the strategy and switches to whom it names. The calling task may not be enabled. */
void hd_decide(enum hd_choice_reason reason);
/* Events executed so far when the running task is between points. */
static inline uint64_t hd_events_now(void) {
    return hd_scheduler.events + hd_scheduler.granted - hd_countdown;
}
/* Takes over what the running grant has executed; `at_point`: one point was passed without its event. */
static inline void hd_settle_grant(bool at_point) {
    struct hd_scheduler *s = &hd_scheduler;
    uint64_t executed = s->granted - hd_countdown - (at_point ? 1 : 0);
    s->events += executed;
    s->budget -= executed;
    s->granted = hd_countdown;
}

static inline void hd_enable(uint32_t task) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->task[task].position != HD_NOT_ENABLED)
        return;
    s->task[task].position = s->choice.count;
    s->enabled[s->choice.count++] = task;
}

static inline void hd_disable(uint32_t task) {
    struct hd_scheduler *s = &hd_scheduler;
    uint32_t position = s->task[task].position;
    if (position == HD_NOT_ENABLED)
        return;
    uint32_t last = s->enabled[--s->choice.count];
    s->enabled[position] = last;
    s->task[last].position = position;
    s->task[task].position = HD_NOT_ENABLED;
}

/* Asks the strategy before the running task's next event; in a quiet stretch, behind its end. */
static inline void hd_ask_soon(void) {
    struct hd_scheduler *s = &hd_scheduler;
    s->changed = true;
    if (s->quiet > 0)
        return;
    s->granted -= hd_countdown - 1;
    hd_countdown = 1;
}

/* Gives the running task up to `budget` events, but none beyond the limit of points; one when the limit was
 * reached by a task that could not go on, for a point at which to say so. */
static inline void hd_grant(void) {
    struct hd_scheduler *s = &hd_scheduler;
    uint64_t left = s->events < s->events_max ? s->events_max - s->events : 1;
    uint64_t size = s->budget < left ? s->budget : left;
    if (__builtin_expect(s->stepwise, 0))
        size = 1;
    HD_ASSERT(size >= 1);
    s->granted = size + 1;
    hd_countdown = size;
}

/* A task that runs for the first time: its first event is behind its first point, not before it. In full
 * runs and in turns that point is seen, too. */
static inline __attribute__((always_inline)) void hd_grant_fresh(void) {
    struct hd_scheduler *s = &hd_scheduler;
    s->task[s->current].fresh = false;
    if (s->full || s->turns)
        s->granted = hd_countdown = 1;
    else
        hd_countdown++;
}

/* Ends a quiet stretch, if the running task is in one, because it cannot come to its end. */
void hd_quiet_abandon(void);

/* When the present part has used up its points its tasks take turns from now on; when it has used up
 * those of the turns, too, the execution ends as a livelock. */
void hd_check_events_max(void);

/* Virtual time passes at a yield, if every task that can run stands at one and others wait for a
 * deadline. */
void hd_pass_idle_time(void);

/* The running task cannot go on: lets another run, or time pass, or ends in a deadlock. */
void hd_block(enum hd_choice_reason reason);

/* Ends the execution on the host's stack; never returns to the task. */
_Noreturn void hd_leave(void);
/* Fills the outcome with a fault of the running task, whose stack starts at `frame`/`pc`. Safe in a
 * signal handler. */
void hd_capture(enum hd_fault_kind kind, const char *message, uint64_t frame, uint64_t pc);
/* Ends the execution with a fault of the running task whose tasks are known already. */
_Noreturn void hd_fault_of(enum hd_fault_kind kind, const char *message,
                           const struct hd_raw_task *task, uint32_t tasks);
/* "waits for mutex held by task 2": into `text`. */
void hd_describe_wait(uint32_t task, char *text, size_t size);
/* Operations that a task has begun; 0 where the program does not count them. */
uint32_t hd_begun(uint32_t task);
/* " held by task 2 since put(7, 1)", for a task that waits; "" when it is not known by whom. */
void hd_describe_holders(uint32_t task, char *text, size_t size);
/* Fills in where a task is that does not run; `frame`/`pc` are those of the running task, which may be the
 * one that is meant. */
void hd_capture_waiting(uint32_t task, uint64_t frame, uint64_t pc, struct hd_raw_task *raw);
/* Takes down the tasks of a deadlock: see deadlock.c. */
void hd_capture_deadlock(uint64_t frame, uint64_t pc);

/* The frames of code under test on a task's stack, innermost first; `pc` is where it stands and `frame`
 * its frame pointer. Returns how many. */
uint32_t hd_stack_walk(uint32_t task, uint64_t frame, uint64_t pc,
                       uint64_t out[HD_STACK_FRAMES_MAX]);
/* The present moment: see probe.h. */
static inline uint64_t hd_moment_now(void) {
    return hd_scheduler.outcome->points_seen + (hd_scheduler.observing ? 0 : 1);
}

/* A probe looks at the present moment, and the event behind it (0: none). Returns unless the execution
 * ends here. */
void hd_probe_look(uint32_t what, const void *pc);

/* Adds the running stretch to the recorded schedule, unless the main task is the only one that has run in a
 * part of the execution that is its own. */
void hd_record_stretch(struct hd_scheduler *s);
/* Takes over counts and digests; called at the end of every execution, also by the crash handler. */
void hd_outcome_close(struct hd_scheduler *s, struct hd_outcome *outcome);

/* Full runs: the running task is about to execute an event. */
void hd_observe(const void *address, uint32_t what, const void *pc);
/* Full runs: reads back the value of the last write. */
void hd_observe_value(void);

#endif
