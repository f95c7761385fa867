/* program_internal.h - the program that a scenario and a map make. Private to scenarios/.
 *
 * All of its memory is allocated outside of executions (sn_program_open, build), since an execution
 * may be abandoned at any point; setup puts everything back to its start.
 */
#ifndef HEDDLE_SCENARIOS_PROGRAM_INTERNAL_H
#define HEDDLE_SCENARIOS_PROGRAM_INTERNAL_H

#include <pthread.h>

#include "harness/base/random.h"
#include "scenarios/check/look.h"
#include "scenarios/check/v10.h"
#include "scenarios/flag.h"
#include "scenarios/study.h"

/* Streams of a batch that belong to the program. The numbers are part of the replay contract. */
enum sn_stream {
    SN_STREAM_SHAPE = HD_STREAM_PROGRAM, /* hint, prefill, how many tasks and operations */
    SN_STREAM_MAP,                       /* seed of the map */
    SN_STREAM_TASKS,                     /* key of the streams of single operations */
};

/* Sums over a campaign. The order is known to judge.c alone. */
enum sn_counter {
    SN_COUNT_WINDOW_POINTS,
    SN_COUNT_PUT_MOVED, /* operations by kind, whose key's old bucket was moved ... */
    SN_COUNT_GET_MOVED,
    SN_COUNT_DELETE_MOVED,
    SN_COUNT_PUT_UNMOVED, /* ... and not yet moved, while the table grew */
    SN_COUNT_GET_UNMOVED,
    SN_COUNT_DELETE_UNMOVED,
    SN_COUNT_GROWTHS,
    SN_COUNT_GROWTHS_DONE,
    SN_COUNT_MOVES,
    SN_COUNT_OPERATIONS,
    SN_COUNT_REFUSED,
    SN_COUNT_DECLINED,          /* for another reason than that the map is frozen */
    SN_COUNT_TAKEN,             /* puts and deletes that were not refused */
    SN_COUNT_LOOKS,             /* complete looks at a table */
    SN_COUNT_POINT_LOOKS,       /* points looked at in full runs */
    SN_COUNT_ENDS,              /* executions that came to their end ... */
    SN_COUNT_HISTORIES,         /* ... and were judged as a whole (V10) ... */
    SN_COUNT_HISTORIES_UNKNOWN, /* ... without an answer */
    SN_COUNT_MISPLACED,         /* keys that are not where the scenario wants them */
    SN_COUNT_STUDIES,           /* batches whose map was studied, by the sign that it gave ... */
    SN_COUNT_STUDIES_LAST = SN_COUNT_STUDIES + SN_SIGNS - 1,
    SN_COUNT_STUDY_KEYS, /* ... and the keys that were put for that */
    SN_COUNT_GRADUAL,    /* batches whose map moves its entries in later writes */
    SN_COUNT_TIMED,      /* operations held to the scenario's operation_points_max */
    SN_COUNT_SIGHTS,     /* executions that came upon each enum sn_sight */
    SN_COUNTERS = SN_COUNT_SIGHTS + SN_SIGHTS,
};
_Static_assert(SN_COUNTERS <= HD_COUNTERS_MAX, "the campaign keeps enough sums");

/* The counter of one sight. */
static inline uint32_t sn_sight_counter(enum sn_sight sight) {
    return (uint32_t)SN_COUNT_SIGHTS + (uint32_t)sight;
}

/* One operation as drawn; `key` and `value` are settled by setup. */
struct sn_operation {
    enum sn_operation_kind kind;
    enum sn_key_choice choice;
    uint64_t number;
    uint64_t draw[3]; /* is it the hot key, is it a new key, which key */
    uint32_t key;     /* index in the universe, or SN_NO_KEY */
    uint64_t value;
};

struct sn_task {
    uint32_t group;
    uint32_t first; /* in `operation` */
    uint32_t count;
    uint32_t now;        /* operations begun */
    uint32_t puts;       /* of its iterations that put */
    uint32_t iterations; /* of its operations */
    uint32_t phase;
};

/* A put or a delete of the prefill. */
struct sn_prefill_step {
    uint32_t key;
    bool remove;
    bool refused; /* by the map, in this execution */
};

/* How many tasks of each phase have not ended. Real threads wait for it under a mutex. */
struct sn_phases {
    uint32_t live[SN_PHASES_MAX];
    pthread_mutex_t mutex;
    pthread_cond_t ended;
};

struct sn_program {
    const struct sn_scenario *scenario;
    const struct map_ops *ops;
    const struct map_inspector *inspector; /* NULL: none, or too many tables */
    struct sn_texts *texts;                /* NULL: the map's keys are numbers */
    struct hd_module *module[1];

    /* of the batch */
    uint64_t map_seed;
    uint64_t hint;
    uint64_t amount; /* of the prefill ... */
    uint64_t above;  /* ... and beyond its threshold */
    uint32_t tasks;
    uint32_t operations;
    bool planned; /* universe, prefill plan and keys of the operations are settled */
    bool nests;   /* some operation puts within itself: V10 cannot follow that */
    uint32_t plan_count;
    uint32_t misplaced; /* keys of the plan that are not where the scenario wants them */
    struct sn_task task[HD_TASKS_MAX];
    struct sn_operation *operation;
    struct sn_prefill_step *plan;
    uint8_t *visits; /* SN_KEYS_MAX for each task that iterates */
    uint64_t
        *shown; /* as many values, where the map promises iterations of one moment; else NULL */
    struct sn_universe universe;
    uint64_t weight[SN_KEYS_MAX]; /* for Zipf's law: see plan.c */
    struct sn_study study;
    struct sn_place_of_growth growth; /* next to what the scenario asks for */

    /* of the execution */
    enum hd_run_kind kind;
    void *map;
    uint64_t counter[SN_COUNTERS];
    bool flagged; /* hashWriting has been seen set */
    bool moved;   /* the map told an event, or the model changed, since the last point */
    bool later;   /* a finding of a moment that only full runs see: raised when all else is well */
    struct sn_finding later_finding;
    char later_note[HD_MESSAGE_SIZE];
    uint64_t grown_block;           /* bytes of the last block that told of a growth; 0: none did */
    uint64_t buckets[SN_PARTS_MAX]; /* as the inspector showed them when the tasks started */
    bool growing_at_start;
    bool replaced;              /* a window closed without an event while no write was inside */
    char note[HD_MESSAGE_SIZE]; /* on the part of `note_task` in a fault */
    uint32_t note_task;
    struct map_host host;
    struct sn_flight flight[HD_TASKS_MAX];
    struct sn_flight within[HD_TASKS_MAX]; /* puts in the middle of an iteration */
    uint32_t sights;                       /* bits: enum sn_sight */
    uint64_t ended[HD_TASKS_MAX];   /* tables, as bits, whose growth its operation ended ... */
    uint64_t grown[HD_TASKS_MAX];   /* ... and that began to grow within its iteration ... */
    bool grown_again[HD_TASKS_MAX]; /* ... one of them twice */
    struct sn_track track;
    struct sn_model model;
    bool judged; /* as a whole, by V10 */
    struct sn_v10 v10;
    struct sn_cells cells;
    uint8_t scratch[SN_KEYS_MAX];
    struct sn_phases phases;
    struct sn_flag flag;
};

/* The inspector's answers by the number of a key; there must be an inspector. */
static inline uint32_t sn_part_of(const struct sn_program *program, uint64_t key) {
    return sn_key_part(program->inspector, program->texts, program->map, key);
}

static inline uint64_t sn_hash(const struct sn_program *program, uint32_t part, uint64_t key) {
    return sn_key_hash(program->inspector, program->texts, program->map, part, key);
}

/* Values are unique in a program: first those of a task's operations, then those of prefilled keys, then
 * those that iterations put. */
#define SN_VALUE_TASK    1000u
#define SN_VALUE_PREFILL 1100000u
#define SN_VALUE_WITHIN  2000000u
_Static_assert(SN_OPERATIONS_MAX <= SN_VALUE_TASK, "a task's values end before the next one's");
_Static_assert((HD_TASKS_MAX + 1) * SN_VALUE_TASK <= SN_VALUE_PREFILL, "tasks' values end");
_Static_assert(SN_VALUE_PREFILL + SN_KEY_LIMIT <= SN_VALUE_WITHIN, "prefilled values end");

/* The value `number`, as large as the scenario's values are. */
static inline uint64_t sn_value(const struct sn_program *program, uint64_t number) {
    return program->scenario->large ? SN_VALUE_LARGE + number : number;
}

/* generate.c */
uint32_t sn_build(void *program, uint64_t batch_seed, uint64_t *fingerprint);
/* study_run.c: whether a batch begins with a study, and the study itself. */
bool sn_study_begin(void *program, bool crashed);
void sn_study_run(struct sn_program *program);
/* How many keys the scenario wants in one table when the tasks start: near a place of growth, if it wants
 * one. */
uint64_t sn_study_keys(const struct sn_program *program);
void sn_study_event(struct sn_program *program, const struct map_event *event);
/* Has the growths of the concurrent part noticed that only their blocks tell. */
void sn_study_watch(struct sn_program *program);
/* plan.c: which key a table gets as the next one of its prefill, from *next on; UINT64_MAX: none. */
uint64_t sn_plan_key(const struct sn_program *program, uint32_t part, uint64_t *next);
/* plan.c: settles universe, prefill and keys on a fresh map, putting the prefill in as it goes. */
void sn_plan(struct sn_program *program);
/* setup.c */
void sn_setup(void *program, enum hd_run_kind kind);
/* Puts or deletes one key before the tasks start. */
void sn_prefill_step(struct sn_program *program, struct sn_prefill_step *step);
/* operate.c */
void sn_task_run(void *program, uint32_t index);
/* finish.c */
void sn_finish(void *program);
/* sight.c: what an execution comes upon, counted for the scenario's coverage demands. */
void sn_sight_begin(struct sn_program *program, const struct sn_flight *flight);
void sn_sight_growth(struct sn_program *program, uint32_t part, const struct map_view *view);
/* A growth that a block or the inspector tells; `again`: it is the second one. */
void sn_sight_growth_seen(struct sn_program *program, bool again);
void sn_sight_growth_end(struct sn_program *program, uint32_t part);
void sn_sight_end(struct sn_program *program, const struct sn_flight *flight);
void sn_sight_count(struct sn_program *program);
/* phase.c: before a task's first operation and after its last one. */
void sn_phases_reset(struct sn_program *program);
void sn_phase_enter(struct sn_program *program, uint32_t phase);
void sn_phase_leave(struct sn_program *program, uint32_t phase);
/* moments.c */
void sn_observe(void *program, const struct map_event *event);
void sn_at_operation_end(struct sn_program *program, const struct sn_flight *flight);
void sn_at_point(void *program, bool written);
struct sn_look sn_look_at(struct sn_program *program, uint32_t part);
void sn_look_collect(struct sn_program *program, struct sn_look *look);
/* Closes the window of a table that was replaced as a whole. */
void sn_notice_replacement(struct sn_program *program);
/* first_bad.c: what was found broken is told to the harness, and judged again at other moments. */
void sn_tell_finding(const struct sn_finding *finding);
void sn_tell_key(struct sn_program *program, uint32_t letter, uint32_t key, const char *message);
void sn_tell_count(const char *message);
enum hd_judgement sn_judge_moment(void *program, uint64_t what);
/* Remembers how many buckets each table has before the tasks start. */
void sn_note_shapes(struct sn_program *program);
/* Whether no growth of any table was part of overlapping writes: then the inspector may follow its
 * pointers. */
bool sn_tables_sure(const struct sn_program *program);
/* Whether the step that opens or closes the window, or clears, is under way. */
bool sn_within_step(const struct sn_part *part, const struct map_view *view);
/* Counts a keyed operation if its table is growing. */
void sn_count_window(struct sn_program *program, const struct sn_flight *flight);
/* describe.c */
void sn_describe(void *program, uint32_t task, char operation[HD_NAME_SIZE],
                 char note[HD_MESSAGE_SIZE]);
uint32_t sn_begun(void *program, uint32_t task);
void sn_render(void *program, char *text, size_t size);
void sn_operation_text(const struct sn_program *program, const struct sn_operation *operation,
                       char *text, size_t size);

/* Ends the execution with a fault of the running task; `note` (may be "") goes beside its name. In a
 * program that watches the flag it takes note of a finding and returns. */
void sn_raise(struct sn_program *program, enum hd_fault_kind kind, const char *message,
              const char *note);

#endif
