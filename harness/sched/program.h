/* program.h - the program under test, as the harness sees it, and what it may call while it runs.
 *
 * A program is a main task (task 0) and the tasks it starts. One execution is: setup on the main
 * task, all tasks side by side, finish on the main task. The harness schedules whatever
 * instrumented code and blocking calls the tasks reach; the program's own code (the scenario
 * engine) is not instrumented and adds no point.
 *
 * Life:        open -> { [build -> study -> [setup -> finish]] -> build -> { [setup -> task* -> finish] ->
 *              ended }* }* -> close
 * Determinism: everything a program does follows from `batch_seed`; the schedule alone follows from
 * the execution. So all executions of a batch run the same program under different schedules (but of
 * a subject that is `alone`: there `batch_seed` is the execution's, and build precedes each).
 * Threads:     every slot is called on the one OS thread of a worker process (but under HD_RUN_FREE,
 * where real threads call `task`). setup, task and finish run on tasks and may be switched away from at
 * any point, and abandoned for ever at a fault: they must keep no heap memory that only they can free.
 */
#ifndef HEDDLE_HARNESS_SCHED_PROGRAM_H
#define HEDDLE_HARNESS_SCHED_PROGRAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/result/record.h"

#define HD_TASKS_MAX    1024u /* tasks an execution may have, the main task included */
#define HD_COUNTERS_MAX 128u  /* sums a program may keep over a campaign */

struct hd_module;

/* How much of an execution is seen. Schedules, results and digests are the same in all three. */
enum hd_run_kind {
    HD_RUN_BARE = 1, /* the countdown only */
    HD_RUN_WATCHED,  /* besides, the program checks its invariants at the ends of operations */
    HD_RUN_FULL,     /* every access is seen; at_point is called at every point */
    HD_RUN_FREE, /* tsan flavour: real threads, no schedule; nothing may be checked but at the end */
};

/* What a program can tell of a moment: see `judge`. */
enum hd_judgement { HD_UNJUDGED, HD_HOLDS, HD_BROKEN };

struct hd_program_ops {
    const char *name;
    /* Draws a program from `batch_seed`, outside of tasks. Returns how many tasks setup will be
     * followed by (1 to HD_TASKS_MAX - 1), and in *fingerprint a hash of the program. */
    uint32_t (*build)(void *program, uint64_t batch_seed, uint64_t *fingerprint);
    /* Outside of tasks, once a batch, behind a build and before all else of it: whether the program wants
     * an execution of its own to find out what the batch's executions need. That one has no tasks; what
     * it finds must follow from the build alone. `crashed`: it has ended a process, and is not run again.
     * NULL: never. */
    bool (*study)(void *program, bool crashed);
    /* On the main task, before any other runs. */
    void (*setup)(void *program, enum hd_run_kind kind);
    /* The body of task `index`, 0-based (task name index + 1). */
    void (*task)(void *program, uint32_t index);
    /* On the main task, after all others have ended without a fault. */
    void (*finish)(void *program);
    /* Full runs only, at every point, before the pending access, on the running task. `written`: since
     * the last call, or the start, code under test may have written to memory; false when all that it
     * announced were reads. */
    void (*at_point)(void *program, bool written);
    /* Whether `what`, the program's own word in a call of hd_broken, is broken at this moment, between
     * two events, on the running task. It asks and changes nothing: an execution goes on as if it had
     * not been asked. Called only by searches for what hd_broken has told. */
    enum hd_judgement (*judge)(void *program, uint64_t what);
    /* Outside of tasks, after each execution, also after a fault: adds to the campaign's sums. NULL: it
     * has none. */
    void (*ended)(void *program, bool fault, uint64_t counters[HD_COUNTERS_MAX]);
    /* What task `task` (0 is main) is doing, "put(7, 2)", and a remark on its part in the fault or
     * "". Called after a fault, outside of tasks; must only read. */
    void (*describe)(void *program, uint32_t task, char operation[HD_NAME_SIZE],
                     char note[HD_MESSAGE_SIZE]);
    /* How many operations task `task` has begun. Must only read. NULL: that is not known. */
    uint32_t (*begun)(void *program, uint32_t task);
    /* Renders the subject's state after a fault into `text` (NUL-terminated, cut at `size`). */
    void (*render)(void *program, char *text, size_t size);
};

/* A program together with the modules whose code is under test. */
struct hd_subject {
    const struct hd_program_ops *ops;
    void *program;
    struct hd_module *const
        *module; /* their data is saved and restored, their points are counted */
    uint32_t modules;
    uint64_t points_max; /* four times as many are a livelock: see turns.h; 0 = 500,000 */
    /* Its programs have one task, and so one schedule: each execution has its own program, drawn from its
     * own seed, where those of a batch would repeat one and the same. */
    bool alone;
};

/* ---- what a program may call
 * ---------------------------------------------------------------------- */

/* The running task: 0 main, 1.. the others; 0 outside of executions. */
uint32_t hd_task_self(void);
/* Whether an execution is running and the caller is one of its tasks. */
bool hd_task_running(void);
/* Points passed so far in this execution, by any task, since the tasks were started; after it, in all. */
uint64_t hd_points_now(void);
/* Whether no task that could run is kept waiting for long by the strategy itself, so that how long
 * something takes in points may be judged. */
bool hd_schedule_fair(void);
/* HD_COUNTERS_MAX sums of this execution, 0 at its start. They are added to the campaign's as they stand
 * when it ends, and unlike those of `ended` also when the process dies in it. */
uint64_t *hd_tally(void);
/* Folds an operation's result into the digest of this execution, and so says that an operation has ended:
 * an execution whose operations end is no livelock yet. */
void hd_result(uint64_t value);
/* Says that something which the state shows is broken now: `what` is the program's word for it, not 0,
 * `message` says it to people, cut at HD_MESSAGE_SIZE. The first call in an execution counts, and only
 * if it ends in a fault: then the first moment at which it was broken is looked for. */
void hd_broken(uint64_t what, const char *message);
/* Ends this execution with a fault of the running task. The message is printf-formatted, cut at
 * HD_MESSAGE_SIZE. Outside of an execution it prints the fault and exits with status 70. */
_Noreturn void hd_fault(enum hd_fault_kind kind, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Has `given` called, until the execution ends, on the task that is running, whenever code under test gets
 * `least` bytes or more in one piece, as a block of the heap or a mapping. `given` passes no points. */
void hd_watch_blocks(uint64_t least, void (*given)(void *context, uint64_t size), void *context);
/* Code between these two passes no points and is never preempted (they nest). */
void hd_quiet_begin(void);
void hd_quiet_end(void);

#endif
