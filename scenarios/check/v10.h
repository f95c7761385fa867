/* v10.h - V10: the results of all puts, gets, deletes and clears of an execution, and what a reader
 * finds at its end, are linearizable with respect to a sequential map, key by key.
 *
 * The model beside the map (scenarios/model.h) judges each result as it comes, by itself; V10 judges
 * all of them together, and so sees what no single result shows: a value that comes back after
 * another reader has seen its successor. Lengths and iterations have rules of their own (V9).
 *
 * Threads: called between points, one task at a time. Nothing here allocates but sn_v10_open.
 */
#ifndef HEDDLE_SCENARIOS_CHECK_V10_H
#define HEDDLE_SCENARIOS_CHECK_V10_H

#include "harness/check/linearizability.h"
#include "harness/sched/program.h"
#include "scenarios/check/look.h"

#define SN_V10_OPERATIONS_MAX 4096u      /* of all tasks; larger programs are not judged */
#define SN_V10_STEPS_MIN      20000u     /* a judgement may take so many, and ... */
#define SN_V10_STEPS_CALL     64u        /* ... so many a call */
#define SN_V10_LINES          16u        /* of what it tells without having judged it */
#define SN_V10_MEMORY         (2u << 20) /* holds what 20,000 steps on one key try */

/* What is rendered though no judgement found it illegal. */
enum sn_v10_telling { SN_V10_NOTHING, SN_V10_KEY, SN_V10_WRITES };

struct sn_v10 {
    struct hd_checker *checker;
    struct hd_history history;
    struct hd_call *call; /* of each operation one, besides as many puts and reads */
    uint32_t calls_max;
    uint32_t open[HD_TASKS_MAX]; /* the call of each task */
    bool follows[SN_KEYS_MAX];   /* keys that an operation names */
    uint32_t illegal;            /* events of the shortest illegal prefix, once judged; or 0 ... */
    uint64_t part;               /* ... and the number of its key */
    enum sn_v10_telling told;    /* besides, or instead */
};

/* For executions of at most `operations` operations, or SN_V10_OPERATIONS_MAX. Returns 0 or -ENOMEM. */
int sn_v10_open(struct sn_v10 *v10, uint64_t operations);
void sn_v10_close(struct sn_v10 *v10);

/* An execution begins, over `keys` keys. */
void sn_v10_reset(struct sn_v10 *v10, uint32_t keys);
/* Some operation names this key, which holds `state` before the tasks start. */
void sn_v10_follow(struct sn_v10 *v10, uint32_t key, const struct sn_candidate *state);
/* Task `task` (0-based) starts an operation, and ends it. `tells`: a delete says whether the key was
 * present. `forgets`: a key may be gone by itself, so that its absence says nothing. */
void sn_v10_begin(struct sn_v10 *v10, uint32_t task, const struct sn_flight *flight);
void sn_v10_end(struct sn_v10 *v10, uint32_t task, const struct sn_result *result, bool tells,
                bool forgets);
/* A reader after the last task found this under a key; ignored unless it is followed. */
void sn_v10_read(struct sn_v10 *v10, uint32_t key, bool found, uint64_t value);

/* The judgement. ILLEGAL: `finding` says which operation has no explanation, `note` what it
 * returned (HD_MESSAGE_SIZE bytes); `name` has the map's key of each number. */
enum hd_check_verdict sn_v10(struct sn_v10 *v10, const uint64_t *name, struct sn_finding *finding,
                             char *note);

/* Something else than V10 has found a fault, with key number `key`, or with the number of entries. */
void sn_v10_tell_key(struct sn_v10 *v10, uint32_t key);
void sn_v10_tell_writes(struct sn_v10 *v10);

/* The calls and returns that concern the fault, a line each in order of time, cut at `size`. After ILLEGAL:
 * those of its key, up to the one that cannot be explained. After sn_v10_tell_key: the last SN_V10_LINES of
 * that key. After sn_v10_tell_writes: the last so many of writes that overlapped another one, or where none
 * did of all writes. Returns how many bytes it wrote, without the NUL. */
size_t sn_v10_render(const struct sn_v10 *v10, const uint64_t *name, char *text, size_t size);

#endif
