/* rerun.h - one execution again in a process of its own, seen in full.
 *
 * The child runs it and leaves outcome and recording in shared memory; a second child resolves the code
 * addresses to functions and lines. The calling process stays as it was.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_RERUN_H
#define HEDDLE_HARNESS_EXPLORE_RERUN_H

#include <signal.h>

#include "harness/explore/run.h"

struct hd_rerun; /* shared memory for one execution */

struct hd_rerun_request {
    const struct hd_subject *subject;
    const char *strategy; /* by name; NULL for one that is not known */
    uint64_t seed;
    const struct hd_run *run; /* a recorded schedule to follow instead, or NULL */
    uint64_t runs;
    uint64_t trace_max; /* points to keep a trace of, HD_TRACE_MAX at most; 0: none */
    bool keep_output;   /* the subject's output goes to standard error */
    bool in_process;    /* no child: for a debugger */
    const struct hd_raw_broken *broken; /* to search for instead of running it once; NULL: none */
    uint32_t stall_ms;
    const volatile sig_atomic_t *interrupted; /* once not 0 the child is soon killed; NULL: never */
    uint64_t free_executions; /* so many on real threads, of the campaign with this seed; 0: none */
    uint64_t free_deadline_ns; /* of the real clock, after which no more of them begin */
};

/* Takes the shared memory. NULL without memory. */
struct hd_rerun *hd_rerun_new(void);
void hd_rerun_free(struct hd_rerun *rerun);

/* Returns 0, -EINTR when it was interrupted, or -errno when no child could be made or the harness failed in
 * it. */
int hd_rerun_run(struct hd_rerun *rerun, const struct hd_rerun_request *request);

/* Executions on real threads that the last run completed. */
uint64_t hd_rerun_executions(const struct hd_rerun *rerun);
/* Whether the last run made no progress. */
bool hd_rerun_stalled(const struct hd_rerun *rerun);
const struct hd_outcome *hd_rerun_outcome(const struct hd_rerun *rerun);
/* Whether the last run did not follow its recorded schedule to the end, whatever became of it. *point:
 * the first that was not as recorded, 1-based. */
bool hd_rerun_diverged(const struct hd_rerun *rerun, uint64_t *point);
const struct hd_recording *hd_rerun_recording(const struct hd_rerun *rerun);
/* The schedule of the last run as text, which the caller frees. NULL without memory, and where not all of
 * it was recorded: it was too long, or its process was killed. */
char *hd_rerun_schedule(const struct hd_rerun *rerun, const struct hd_rerun_request *request);
/* Whether points came behind the last one of the trace. */
bool hd_rerun_trace_cut(const struct hd_rerun *rerun);

/* Makes a fault record of the last run: tasks, frames, state, schedule. Returns 0 or -ENOMEM. */
int hd_rerun_record(struct hd_rerun *rerun, const struct hd_rerun_request *request,
                    struct hd_fault_record *record);

/* After hd_rerun_record: looks for the first moment at which was broken what the last run told of
 * (hd_broken), in a child, and adds it to the record. Nothing happens where it told of nothing, under
 * ThreadSanitizer, or in the calling process. Returns 0 or -errno. The outcome is then gone. */
int hd_rerun_first_bad(struct hd_rerun *rerun, const struct hd_rerun_request *request,
                       struct hd_fault_record *record);

/* Resolves the code address of every recorded event; frame i then belongs to event i. Returns shared
 * memory that lives as long as `rerun`, or NULL. */
const struct hd_frame *hd_rerun_frames(struct hd_rerun *rerun);

#endif
