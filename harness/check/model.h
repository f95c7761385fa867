/* model.h - what a sequential object does: the specification that a history is checked against.
 *
 * A model's state is two words. States are canonical: two of them are the same state exactly when
 * their words are equal, so that no slot is needed to compare or to hash them.
 *
 * Determinism: each function's answer follows from its arguments alone. Threads: any.
 */
#ifndef HEDDLE_HARNESS_CHECK_MODEL_H
#define HEDDLE_HARNESS_CHECK_MODEL_H

#include "harness/check/history.h"

struct hd_model_state {
    uint64_t word[2];
};

/* Which part of the object a call belongs to. Parts are independent of one another, so that each is
 * checked alone (Herlihy and Wing, TOPLAS 1990: linearizability is local). */
enum hd_part {
    HD_PART_NONE, /* to none: it has no effect and its result is not judged by this model */
    HD_PART_ONE,  /* to the part that is named by *part */
    HD_PART_ALL,  /* to every part, at a moment of its own in each of them */
};

struct hd_model {
    const char *name;
    /* The state of a part before the first call. */
    void (*init)(struct hd_model_state *state);
    /* Whether `call` may take effect in `state` with the result it has; then *next is the state
     * behind it. When its result is not `known`, any result will do. `next` is not `state`. */
    bool (*step)(const struct hd_model_state *state, const struct hd_call *call, bool known,
                 struct hd_model_state *next);
    /* Whether `call` leaves every state as it is in which it may take effect. */
    bool (*reads)(const struct hd_call *call, bool known);
    /* The part that `call` belongs to. */
    enum hd_part (*part)(const struct hd_call *call, uint64_t *part);
};

/* A map: put, get and delete of a key, and clear as a delete of each key. */
extern const struct hd_model hd_model_map;

#endif
