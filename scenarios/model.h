/* model.h - the sequential model beside the map: what each key may hold now.
 *
 * A key's state is definite while writes on it follow one another, and a set of candidates after
 * writes overlapped. The rule is that of a register with intervals: a candidate is the value of a
 * finished write that no later finished write is known to have overwritten; writes still in flight
 * may have taken effect or not. A read may return any candidate at its start and the value of any
 * write in flight at some moment of it. The rule accepts every linearizable result of a key; where
 * candidates overflow it accepts what some write explains (scenarios/writes.h): more, never less. All
 * results together are judged by V10 (scenarios/check/v10.h).
 *
 * Iteration and length have their own, weaker, rules (V9): a key that was present throughout comes
 * exactly once, one that was absent throughout never, also when its value was overwritten meanwhile;
 * a key that nobody wrote meanwhile comes with its value, any other with one that some write explains. A
 * length lies between the number of keys
 * present throughout and the number of keys not absent throughout.
 *
 * Threads: called between points, one task at a time. Nothing here allocates.
 */
#ifndef HEDDLE_SCENARIOS_MODEL_H
#define HEDDLE_SCENARIOS_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "harness/result/record.h"
#include "scenarios/scenario_internal.h"
#include "scenarios/writes.h"

#define SN_CANDIDATES_MAX 6u
#define SN_ALLOWED_MAX    16u
#define SN_NO_KEY         UINT32_MAX

/* A value a key may hold: absent, or present with `value`. */
struct sn_candidate {
    uint64_t value;
    uint32_t end; /* when its write ended, by the model's clock */
    bool present;
};

/* One operation in flight; a task has at most one. */
struct sn_flight {
    enum sn_operation_kind kind;
    bool active;
    bool any;     /* more candidates than fit: what a write explains is allowed */
    uint32_t key; /* index of the key; SN_NO_KEY for operations on the whole map */
    uint64_t value;
    uint32_t start; /* by the model's clock */
    uint32_t write; /* its place in the writes, or 0 */
    uint32_t allowed_count;
    struct sn_candidate allowed[SN_ALLOWED_MAX]; /* what a read or a telling delete may have seen */
    struct sn_flight *next;                      /* the next in flight on the same key */
    struct sn_flight *previous;
    uint8_t *visits; /* iterations: of SN_KEYS_MAX keys how often each came, and what it was at the
                        start (SN_VISIT_...); otherwise NULL */
    uint64_t *shown; /* iterations of a map that promises one moment: the value that came last with
                              * each key; otherwise NULL */
    const char *visit_wrong; /* iterations: what was wrong with some visit, or NULL */
};

#define SN_VISIT_COUNT   0x3fu /* saturates */
#define SN_VISIT_ABSENT  0x40u /* certainly absent when the iteration started */
#define SN_VISIT_PRESENT 0x80u

struct sn_key {
    struct sn_candidate initial;
    struct sn_candidate candidate[SN_CANDIDATES_MAX];
    uint8_t candidates;    /* 1 or more, unless `any` */
    bool any;              /* candidates overflowed: what a write explains is allowed */
    bool touched;          /* some operation wrote it since the prefill */
    uint32_t writers;      /* writes in flight, without clears */
    uint32_t removers;     /* of them deletes */
    uint32_t last_write;   /* when a write on it last started or ended ... */
    uint32_t last_put;     /* ... and a put ... */
    uint32_t last_removal; /* ... and a delete */
    uint32_t writes;       /* the last of its writes, or 0 */
    struct sn_flight *flights;
};

struct sn_model {
    uint32_t clock;
    uint32_t keys;
    uint32_t clears;      /* in flight */
    uint32_t clear_start; /* when the last one started ... */
    uint32_t clear_end;   /* ... and the last one ended */
    uint32_t flights;     /* operations in flight */
    uint32_t writes;      /* of them puts, deletes and clears */
    bool freeze_begun;
    uint32_t frozen;  /* when a freeze ended with success; 0 = not frozen */
    uint32_t refused; /* when the first refused write ended; 0 = none */
    struct map_promises promises;
    bool forgetting;       /* a cache has held more than it keeps: any entry may be gone */
    bool tells;            /* del's result says whether the key was present */
    uint32_t clear_writes; /* the last of the clears among the writes, or 0 */
    uint32_t written;      /* so many of `write` are in use */
    struct sn_key key[SN_KEYS_MAX];
    struct sn_write write[SN_WRITES_MAX];
};

/* What an operation returned. */
struct sn_result {
    int64_t status; /* put, delete, clear, freeze: the map's; get: 1 found, 0 not */
    uint64_t value; /* get: the value; length: the count; iterate: what it returned */
    uint64_t shown; /* iterate: entries that the visitor saw */
};

/* All keys absent, and nothing promised: `promises` may be set then. */
void sn_model_reset(struct sn_model *model, uint32_t keys, bool delete_tells);
/* The state of a key before the tasks start. */
void sn_model_set(struct sn_model *model, uint32_t key, bool present, uint64_t value);

/* An operation starts: `flight` has kind, key and value set. */
void sn_model_begin(struct sn_model *model, struct sn_flight *flight);
/* It ended. Returns whether its result is possible; else `message` (HD_MESSAGE_SIZE bytes) says
 * what is wrong in words that are the same for every key, and `note` which key and values. */
bool sn_model_end(struct sn_model *model, struct sn_flight *flight, const struct sn_result *result,
                  char *message, char *note);

/* Whether the state of a key is known and no write on it is in flight; then *state is it. */
bool sn_model_definite(const struct sn_model *model, uint32_t key, struct sn_candidate *state);
/* Whether the key may hold this now, with no write on it in flight. */
bool sn_model_allows(const struct sn_model *model, uint32_t key, bool present, uint64_t value);
/* How many keys are present, when all of them are definite; else false. */
bool sn_model_count(const struct sn_model *model, uint64_t *count);

/* Whether a key has been present, or absent, ever since an iteration in flight started. */
bool sn_model_present_since(const struct sn_model *model, uint32_t key,
                            const struct sn_flight *flight);
bool sn_model_absent_since(const struct sn_model *model, uint32_t key,
                           const struct sn_flight *flight);
/* Whether an iteration in flight may return this value of a key. */
bool sn_model_value_since(const struct sn_model *model, uint32_t key, uint64_t value,
                          const struct sn_flight *flight);

/* ---- shared by model.c and model_result.c ---------------------------------------------------- */

bool sn_candidate_same(const struct sn_candidate *left, const struct sn_candidate *right);
/* Whether some write explains that an operation which began at `start` met the key in this state; `own` is
 * the place of that operation among the writes, or 0. Without `exact` any value will do. */
bool sn_model_explains(const struct sn_model *model, uint32_t key, struct sn_candidate state,
                       bool exact, uint32_t start, uint32_t own);
/* The result part of sn_model_end. */
bool sn_model_judge(struct sn_model *model, struct sn_flight *flight,
                    const struct sn_result *result, char *message, char *note);

#endif
