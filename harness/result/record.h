/* record.h - the records that everything else reads: fault, row, campaign.
 *
 * Plain data. Strings inside are NUL-terminated and owned by the record. Reports and tests depend
 * on this header alone.
 */
#ifndef HEDDLE_HARNESS_RESULT_RECORD_H
#define HEDDLE_HARNESS_RESULT_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HD_SCHEMA_VERSION   1 /* changes when the meaning of a field does */
#define HD_NAME_SIZE        64
#define HD_MESSAGE_SIZE     256
#define HD_LINE_SIZE        512
#define HD_STACK_FRAMES_MAX 16
#define HD_FAULT_TASKS_MAX  8

/* Order and spelling are part of the outside contract: see hd_fault_kind_name. */
enum hd_fault_kind {
    HD_FAULT_FATAL = 1, /* the map's own detection, message as Go prints it */
    HD_FAULT_INVARIANT,
    HD_FAULT_LINEARIZABILITY,
    HD_FAULT_RACE,
    HD_FAULT_DEADLOCK,
    HD_FAULT_LIVELOCK,
    HD_FAULT_CRASH,
    HD_FAULT_ASSERT,
    HD_FAULT_USE_AFTER_FREE,
    HD_FAULT_DOUBLE_FREE,
    HD_FAULT_LEAK,
    HD_FAULT_MISUSE, /* of a primitive, or a call that is not modelled */
    HD_FAULT_TSAN,
};
#define HD_FAULT_KINDS 14

enum hd_verdict { HD_VERDICT_OK = 1, HD_VERDICT_FAULT, HD_VERDICT_UNKNOWN, HD_VERDICT_VACUOUS };

/* "fatal", "use-after-free", ...; NULL for a value outside the enumeration. */
const char *hd_fault_kind_name(enum hd_fault_kind kind);
/* The inverse: 0 when `name` is none of them. */
enum hd_fault_kind hd_fault_kind_from_name(const char *name);
const char *hd_verdict_name(enum hd_verdict verdict);

/* One stack frame, resolved. `function` is "?" and `line` 0 where unknown. `file` is relative to
 * the source tree, so that it is the same wherever the tree was built. */
struct hd_frame {
    char function[HD_NAME_SIZE];
    char file[128];
    uint32_t line;
};

/* One task at the moment of the fault. */
struct hd_fault_task {
    uint32_t task;               /* 0 is the main task, 1.. are its children in order of creation */
    uint64_t point;              /* point at which it last ran */
    char state[HD_MESSAGE_SIZE]; /* "running", "waits for mutex held by task 2 since put(7)", ... */
    char operation[HD_NAME_SIZE]; /* "put(7, 2)"; empty when none */
    char note[HD_MESSAGE_SIZE];   /* "found the flag set", "holds the flag"; empty when none */
    uint32_t frames;
    struct hd_frame
        frame[HD_STACK_FRAMES_MAX]; /* innermost first; frames of code under test only */
};

/* An event of a task, as a trace numbers and names it. */
struct hd_fault_event {
    uint64_t point;
    uint32_t task;
    char kind[HD_NAME_SIZE]; /* "write", "atomic store", "unlock" */
    char operation[HD_NAME_SIZE];
    uint32_t frames;
    struct hd_frame frame[HD_STACK_FRAMES_MAX]; /* as of a fault's task */
};

/* Where something that the state shows was first broken: by one of the events from `first` to `last`,
 * which are one and the same where every moment can be judged. */
struct hd_first_bad {
    bool told;                     /* anything at all is said here */
    char message[HD_MESSAGE_SIZE]; /* what is broken, as it was first seen ... */
    uint64_t seen;                 /* ... after so many events */
    char note[HD_MESSAGE_SIZE];    /* why there is no answer; else empty, and what follows holds */
    struct hd_fault_event first;
    struct hd_fault_event last;
    char *before;        /* the state before `first`, heap, owned ... */
    char *after;         /* ... and after `last`; both NULL without an answer */
    uint32_t executions; /* that it took to find */
};

/* One distinct fault of a row: the first execution that showed it, and how often it came. */
struct hd_fault_record {
    enum hd_fault_kind kind;
    char message[HD_MESSAGE_SIZE];
    char strategy[HD_NAME_SIZE]; /* the one that ran this execution: "pct:3" */
    uint64_t seed;               /* execution seed */
    uint64_t execution;          /* 0-based index in the campaign */
    uint64_t count;              /* executions with this signature */
    uint64_t point;              /* points passed when it was found */
    uint64_t digest;             /* of that execution */
    uint64_t signature;          /* of kind, message and what makes the fault, by names */
    uint32_t confirmed;          /* replays that showed the same fault and digest ... */
    uint32_t replays;            /* ... of so many made */
    uint32_t tasks;              /* entries in `task`, the faulting one first */
    struct hd_fault_task task[HD_FAULT_TASKS_MAX];
    char replay[HD_LINE_SIZE]; /* the line to paste */
    char file[HD_LINE_SIZE];   /* where record and schedule were saved; empty when not saved */
    struct hd_first_bad first_bad;
    char *schedule; /* schedule text, heap, owned; NULL when not recorded */
    char *state;    /* the subject's own rendering of its state, heap, owned; may be NULL */
    char *report;   /* ThreadSanitizer's report, heap, owned; NULL unless kind is tsan */
};

/* Operations of one kind that began while the map grew, by where their key was to be found. */
struct hd_window_seen {
    uint64_t moved;   /* its old bucket had been moved: in the new one */
    uint64_t unmoved; /* in its old bucket */
};

/* Of single operations, in ns; zeroes where there were none. */
struct hd_latency {
    uint64_t p50;
    uint64_t p99;
    uint64_t p999;
    uint64_t max;
};

/* What a map does on real threads, without instrumentation: `heddle bench` in short. */
#define HD_NATIVE_RATES 3
struct hd_native {
    bool measured;
    double lookups[HD_NATIVE_RATES]; /* a second, with 1, 2, 4 threads; 0: not for this map */
    double mixed[HD_NATIVE_RATES];   /* the same with one write among 100 operations */
    double bytes_per_entry;
    struct hd_latency calm;    /* of filling an empty map by one thread: outside of growth ... */
    struct hd_latency growing; /* ... and within */
};

/* One row: a campaign of one scenario against one map with one strategy. */
struct hd_row {
    char scenario[HD_NAME_SIZE];
    char map[HD_NAME_SIZE];
    char strategy[HD_NAME_SIZE];
    uint64_t seed; /* campaign seed */
    uint64_t executions;
    uint64_t points;        /* scheduling points passed while tasks ran side by side */
    uint64_t switches;      /* changes of the running task */
    uint64_t window_points; /* points passed, by any task, while old buckets existed */
    uint64_t waited_points; /* points between a task's blocking and its going on, all tasks' sum */
    uint64_t waited_max;    /* the longest single wait, in points */
    uint64_t histories;     /* executions whose results were judged as a whole ... */
    uint64_t histories_unknown; /* ... without an answer */
    struct hd_window_seen window_get, window_put, window_delete;
    uint64_t distinct;       /* distinct schedules (of distinct programs) */
    bool distinct_estimated; /* more than could be counted exactly: within 2 % */
    struct hd_native native; /* `heddle compare` only */
    enum hd_verdict verdict;
    char verdict_reason[HD_MESSAGE_SIZE]; /* why vacuous or unknown; empty otherwise */
    char expected[HD_MESSAGE_SIZE];       /* "ok", "fault fatal: concurrent map writes" */
    char expected_reason[HD_MESSAGE_SIZE];
    bool as_expected;
    bool interrupted;              /* ended by a signal before its budget */
    int64_t first_fault_execution; /* -1 without a fault */
    uint64_t fault_executions;     /* executions that ended in a fault */
    uint64_t digest;
    double seconds;
    char coverage[HD_MESSAGE_SIZE]; /* which checks ran, at which moments: "V1-V6 V8 at operation
                                       ends; ..." */
    uint32_t faults;
    struct hd_fault_record *fault; /* `faults` entries in order of first execution; heap, owned */
};

/* Everything one `heddle run` found. */
struct hd_report {
    char version[HD_NAME_SIZE];
    char build[HD_NAME_SIZE]; /* identity of the binary and of the modules under test */
    uint64_t seed;
    uint32_t jobs;
    bool interrupted;
    bool complete;         /* every row is there, and none was cut short */
    uint32_t rows_planned; /* of which `rows` are there */
    uint32_t rows;
    struct hd_row *row; /* heap, owned */
};

/* Appends a row, taking over what it owns. Returns 0 or -ENOMEM (the row still belongs to the
 * caller). */
int hd_report_add(struct hd_report *report, const struct hd_row *row);
/* Releases what the record owns, not the record itself. Safe on zeroed records. */
void hd_fault_record_clear(struct hd_fault_record *record);
void hd_row_clear(struct hd_row *row);
void hd_report_clear(struct hd_report *report);

#endif
