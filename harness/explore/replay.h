/* replay.h - one execution again, from its seed or from a recorded schedule, seen in full.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_REPLAY_H
#define HEDDLE_HARNESS_EXPLORE_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/result/record.h"
#include "harness/sched/program.h"

#define HD_TRACE_MAX (2ull << 20) /* points that a trace holds */

/* One line of a trace: an access or a synchronising call, in the order of the execution. */
struct hd_trace_event {
    uint64_t point; /* 1-based */
    uint32_t task;
    const char *kind;          /* "read", "write", "atomic load", "mutex lock", ... static */
    char object[HD_NAME_SIZE]; /* "heap 0:3+16" (allocating task : n-th allocation + offset),
                                  "gomap.so data+0x28", "stack of 2-176" (below its top); empty for
                                  what is none of these: thread-local storage, memory of libc */
    uint32_t size;             /* bytes; 0 for calls */
    bool has_value;
    uint64_t value; /* read, or written, when it fits 8 bytes */
    struct hd_frame frame;
    char operation[HD_NAME_SIZE];
};

struct hd_replay_options {
    uint64_t seed;        /* execution seed */
    const char *strategy; /* "random", "pct:3"; may be NULL with a schedule */
    const char *schedule; /* text to follow: seed and strategy then name the program and the find */
    bool in_process;      /* run in this process (for a debugger) instead of a forked one */
    uint32_t stall_ms;    /* as in campaigns */
    /* For every point, in order, after the execution has ended; NULL = no trace. */
    void (*trace)(void *context, const struct hd_trace_event *event);
    uint64_t trace_max; /* points to keep, at most HD_TRACE_MAX; 0 = that many */
    void *context;
};

struct hd_replay {
    bool fault;
    bool diverged;                    /* a recorded schedule did not fit the program */
    char divergence[HD_MESSAGE_SIZE]; /* from which point on */
    bool trace_cut;                   /* points came behind the last one of the trace */
    uint64_t digest;
    uint64_t points;
    uint64_t switches;
    struct hd_fault_record record; /* when `fault`; owned by the caller */
    /* What ran, as text; heap, owned by the caller. NULL when not all of it was recorded. */
    char *schedule;
};

/* Runs one execution in full. Returns 0 with *replay filled, -EINVAL for an unknown strategy or a
 * malformed schedule (`error`, of HD_LINE_SIZE bytes, says why), -ELIBBAD when ThreadSanitizer itself
 * has ended the process, or -errno. */
int hd_replay_run(const struct hd_replay_options *options, const struct hd_subject *subject,
                  struct hd_replay *replay, char *error);
void hd_replay_clear(struct hd_replay *replay);

/* Identity of this binary and of the modules under test: 16 hex digits of a hash of their build
 * ids. */
void hd_build_identity(const struct hd_subject *subject, char text[HD_NAME_SIZE]);

#endif
