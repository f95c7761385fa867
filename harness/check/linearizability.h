/* linearizability.h - whether a history could have come from a sequential object.
 *
 * A history is linearizable when each call that returned OK can be given one moment between its
 * invocation and its return, and some of those that may have happened one after their invocation,
 * such that the object, called in the order of these moments, gives every result (Herlihy, Wing,
 * "Linearizability: A Correctness Condition for Concurrent Objects", ACM TOPLAS 12(3), 1990).
 *
 * Prefixes. In the first n events of a history every call without a return is one that may have
 * happened. A prefix of a linearizable history is linearizable, so an illegal history has one
 * *shortest illegal prefix*: it ends with the return of one call of one part.
 *
 * Determinism: verdict, prefix and number of steps follow from the arguments, unless `stop` ends
 * the check. Nothing is allocated after hd_checker_new. Threads: one at a time for each checker.
 */
#ifndef HEDDLE_HARNESS_CHECK_LINEARIZABILITY_H
#define HEDDLE_HARNESS_CHECK_LINEARIZABILITY_H

#include <stddef.h>

#include "harness/check/model.h"

struct hd_checker;

enum hd_check_verdict {
    HD_CHECK_OK,
    HD_CHECK_ILLEGAL,
    HD_CHECK_UNKNOWN, /* the budget ended without an answer */
};

enum hd_check_bound {
    HD_BOUND_NONE,
    HD_BOUND_STEPS,
    HD_BOUND_MEMORY,
    HD_BOUND_STOP,    /* `stop` said so */
    HD_BOUND_HISTORY, /* the history was full: calls are missing */
};

struct hd_check_budget {
    uint64_t steps_max;          /* questions to the model or to a rule; 0: no bound */
    bool (*stop)(void *context); /* asked now and then; NULL: never */
    void *context;
};

struct hd_check_result {
    enum hd_check_verdict verdict;
    enum hd_check_bound bound; /* which one was met, if any */
    uint64_t steps;
    uint32_t parts;
    /* Events of the longest prefix that is known to be legal: all of them when the verdict is OK;
     * one less than `illegal` when that is the shortest. */
    uint32_t legal;
    /* ILLEGAL: events of the shortest prefix that is known to be illegal; the last of them is a return, of
     * a call of `part` or one that breaks `rule`. */
    uint32_t illegal;
    bool shortest;    /* ILLEGAL: no shorter one is */
    uint64_t part;    /* ILLEGAL: the part (for a map the key) that has no order */
    const char *rule; /* ILLEGAL: NULL, or the weaker rule of the map that the last call breaks */
};

/* For histories of at most `calls_max` calls; remembers configurations in `memory` bytes (at least
 * 64 KiB). NULL without memory. */
struct hd_checker *hd_checker_new(uint32_t calls_max, size_t memory);
void hd_checker_free(struct hd_checker *checker);

/* Checks the calls that belong to a part of `model`. */
void hd_check(struct hd_checker *checker, const struct hd_model *model,
              const struct hd_history *history, const struct hd_check_budget *budget,
              struct hd_check_result *result);

/* The same with hd_model_map; but first the rules of harness/check/glance.h for reads and those of
 * harness/check/bounds.h for lengths and iterations. Where one is broken, a shorter illegal prefix is
 * looked for in few steps. `part` is 0 when a rule of the whole map is broken. */
void hd_check_map(struct hd_checker *checker, const struct hd_history *history,
                  const struct hd_check_budget *budget, struct hd_check_result *result);

#endif
