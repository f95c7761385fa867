/* search.h - whether the calls of one part, up to some event, have a legal order.
 *
 * Source: Wing, Gong, "Testing and Verifying Concurrent Objects", J. Parallel and Distributed
 * Computing 17, 1993: depth first, always some call that was invoked before the first return among
 * the rest. Lowe, "Testing for linearizability", Concurrency and Computation: Practice and
 * Experience 29(4), 2017: configurations that were seen are not entered again. Ours differs:
 *
 *   - No returns stand in the list: of the calls in order of invocation that are not yet linearized
 *     the candidates are those before the earliest return among them.
 *   - A candidate that returned what it reads here is taken at once, and nothing else is tried in
 *     its place: in every legal order of the rest it could be moved here.
 *   - Calls that may have happened come last, and only where they change the state.
 *   - A configuration is the state and two bit sets, without the words that are full or empty.
 *
 * Invariant F: every prefix that ends before `furthest` is legal; and when the calls have no legal
 * order, and each of them had its final result by `furthest`, the prefix that ends with that return
 * has none either. For all returns before a candidate set's earliest are linearized there; and from
 * an order of a longer prefix, a search that failed would have come past that return.
 */
#ifndef HEDDLE_HARNESS_CHECK_SEARCH_H
#define HEDDLE_HARNESS_CHECK_SEARCH_H

#include "harness/check/linearizability.h"
#include "harness/check/memo.h"
#include "harness/check/parts.h"

struct hd_search_frame;

struct hd_search {
    /* of the check */
    const struct hd_model *model;
    const struct hd_history *history;
    struct hd_check_budget budget;
    uint64_t steps;
    enum hd_check_bound bound; /* why it ended without an answer */
    /* work space, for calls_max calls */
    struct hd_memo *memo;
    uint32_t *call; /* of the part: index in the history; those that returned, then the rest */
    uint32_t *next; /* lists of what is not linearized, each with a head of its own */
    uint32_t *previous;
    uint64_t *bits; /* linearized: those that may have happened, then those that returned */
    struct hd_search_frame *frame;
    /* of the part */
    uint32_t returned; /* so many calls returned ... */
    uint32_t count;    /* ... of so many */
    uint32_t limit;    /* events of the prefix */
    uint32_t known;    /* events up to the last return in it, which alone can make it illegal */
    uint32_t left;     /* returned and not yet linearized */
    uint32_t words_open;
    uint32_t words;
    uint32_t low; /* first of `words` that is not full ... */
    uint32_t top; /* ... and the last that is not empty, at least `low` */
    uint32_t depth;
    uint32_t at;       /* the next candidate to try */
    uint32_t deadline; /* earliest return among the candidates up to here */
    uint32_t furthest; /* latest `deadline` of a complete candidate set: see F */
    struct hd_model_state state;
};

/* Returns 0 or -ENOMEM; hd_search_clear releases, also after an error. */
int hd_search_init(struct hd_search *search, uint32_t calls_max, size_t memory);
void hd_search_clear(struct hd_search *search);

/* Starts a check: no steps yet. Borrows all three until it ends. */
void hd_search_begin(struct hd_search *search, const struct hd_model *model,
                     const struct hd_history *history, const struct hd_check_budget *budget);

/* Searches an order of the calls of `part` in the first `limit` events. */
enum hd_check_verdict hd_search_part(struct hd_search *search, const struct hd_parts *parts,
                                     uint32_t part, uint32_t limit);

/* Counts a step. Returns false, with the bound set, when there are no more. */
bool hd_search_step(struct hd_search *search);

#endif
