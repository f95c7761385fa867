/* linearizability.c - part by part, and the shortest illegal prefix: see linearizability.h.
 *
 * Once a prefix is known to be illegal, the parts that follow are only asked whether a shorter one
 * is. Where in a part the shortest ends, the failed search nearly always tells itself (invariant F
 * of search.h); it may end later only where a result that came later kept the search from an order
 * that was possible until then: of a delete that told, or of a call that failed. Then bisection
 * finds it.
 */
#include "harness/check/linearizability.h"

#include <stdlib.h>

#include "harness/base/assert.h"
#include "harness/check/bounds.h"
#include "harness/check/glance.h"
#include "harness/check/search.h"

struct hd_checker {
    uint32_t calls_max;
    struct hd_parts parts;
    struct hd_search search;
    struct hd_bounds bounds;
    struct hd_glance glance;
};

/* Steps of the rules for lengths and iterations before the search, and steps in which a shorter prefix is
 * looked for once a rule has shown one to be illegal. */
#define EARLY_STEPS_MAX   1000000u
#define SHORTER_STEPS_MAX 1000000u

struct hd_checker *hd_checker_new(uint32_t calls_max, size_t memory) {
    struct hd_checker *checker = calloc(1, sizeof(*checker));
    if (checker == NULL)
        return NULL;
    checker->calls_max = calls_max;
    if (hd_parts_init(&checker->parts, calls_max) == 0 &&
        hd_search_init(&checker->search, calls_max, memory) == 0 &&
        hd_bounds_init(&checker->bounds, calls_max) == 0 &&
        hd_glance_init(&checker->glance, calls_max) == 0)
        return checker;
    hd_checker_free(checker);
    return NULL;
}

void hd_checker_free(struct hd_checker *checker) {
    if (checker == NULL)
        return;
    hd_parts_clear(&checker->parts);
    hd_search_clear(&checker->search);
    hd_bounds_clear(&checker->bounds);
    hd_glance_clear(&checker->glance);
    free(checker);
}

/* ---- the shortest illegal prefix ------------------------------------------------------------- */

/* A part's prefixes of up to `legal` events are legal, those of `illegal` and more are not. Only a
 * return makes a prefix illegal: the event before `illegal` always is one of the part. */
struct bracket {
    uint32_t legal;
    uint32_t illegal;
};

/* Decides the prefix of `limit` events. Returns false when the budget ends. */
static bool narrow(struct hd_checker *checker, uint32_t part, uint32_t limit,
                   struct bracket *bracket) {
    enum hd_check_verdict verdict = hd_search_part(&checker->search, &checker->parts, part, limit);
    if (verdict == HD_CHECK_UNKNOWN)
        return false;
    if (verdict == HD_CHECK_OK) {
        bracket->legal = limit;
        return true;
    }
    bracket->illegal = checker->search.known;
    if (bracket->legal < checker->search.furthest)
        bracket->legal = checker->search.furthest;
    return true;
}

static bool find_shortest(struct hd_checker *checker, uint32_t part, struct bracket *bracket) {
    if (bracket->legal + 1 < bracket->illegal &&
        !narrow(checker, part, bracket->legal + 1, bracket))
        return false;
    while (bracket->legal + 1 < bracket->illegal) { /* ends: the bracket is halved */
        uint32_t middle = bracket->legal + (bracket->illegal - bracket->legal) / 2;
        if (!narrow(checker, part, middle, bracket))
            return false;
    }
    return true;
}

/* Asks one part about the first `limit` events, beyond which the answer is known. */
static void check_part(struct hd_checker *checker, uint32_t part, uint32_t limit,
                       struct hd_check_result *result) {
    struct hd_search *search = &checker->search;
    enum hd_check_verdict verdict = hd_search_part(search, &checker->parts, part, limit);
    if (verdict == HD_CHECK_OK)
        return;
    struct bracket bracket = {.legal = search->furthest, .illegal = search->known};
    if (verdict == HD_CHECK_ILLEGAL) {
        find_shortest(checker, part, &bracket);
        result->illegal = bracket.illegal;
        result->part = checker->parts.name[part];
        result->rule = NULL;
    }
    if (result->legal > bracket.legal)
        result->legal = bracket.legal;
}

static void begin(struct hd_checker *checker, const struct hd_model *model,
                  const struct hd_history *history, const struct hd_check_budget *budget,
                  struct hd_check_result *result) {
    HD_ASSERT(history->calls <= checker->calls_max);
    hd_parts_sort(&checker->parts, model, history);
    hd_search_begin(&checker->search, model, history, budget);
    *result = (struct hd_check_result){.parts = checker->parts.count, .legal = history->events};
}

static void check_parts(struct hd_checker *checker, const struct hd_history *history,
                        struct hd_check_result *result) {
    for (uint32_t part = 0; part < checker->parts.count; part++) {
        uint32_t limit = result->illegal > 0 ? result->illegal - 1 : history->events;
        check_part(checker, part, limit, result);
    }
}

static void conclude(struct hd_checker *checker, const struct hd_history *history,
                     struct hd_check_result *result) {
    result->steps = checker->search.steps;
    result->bound = checker->search.bound;
    if (history->full) {
        result->bound = HD_BOUND_HISTORY;
        result->legal = 0;
    }
    result->shortest = result->legal + 1 == result->illegal;
    if (result->illegal > 0 && !history->full)
        result->verdict = HD_CHECK_ILLEGAL;
    else if (result->legal < history->events || history->full)
        result->verdict = HD_CHECK_UNKNOWN;
    else
        result->verdict = HD_CHECK_OK;
}

void hd_check(struct hd_checker *checker, const struct hd_model *model,
              const struct hd_history *history, const struct hd_check_budget *budget,
              struct hd_check_result *result) {
    begin(checker, model, history, budget, result);
    check_parts(checker, history, result);
    conclude(checker, history, result);
}

/* Allows so many more steps, where the caller's budget does. */
static void allow_steps(struct hd_search *search, const struct hd_check_budget *budget,
                        uint64_t steps) {
    uint64_t enough = search->steps + steps;
    bool fewer = budget->steps_max != 0 && budget->steps_max < enough;
    search->budget.steps_max = fewer ? budget->steps_max : enough;
}

/* The rules of bounds.h in few steps, for they may make the search short. Returns whether they were too
 * few: then only what is illegal is known. */
static bool check_bounds_early(struct hd_checker *checker, const struct hd_check_budget *budget,
                               struct hd_check_result *result) {
    struct hd_search *search = &checker->search;
    uint32_t legal = result->legal;
    allow_steps(search, budget, EARLY_STEPS_MAX);
    hd_bounds_check(&checker->bounds, search, &checker->parts, result);
    search->budget.steps_max = budget->steps_max;
    if (search->bound != HD_BOUND_STEPS)
        return false;
    search->bound = HD_BOUND_NONE;
    result->legal = result->illegal > 0 ? result->illegal - 1 : legal;
    return true;
}

void hd_check_map(struct hd_checker *checker, const struct hd_history *history,
                  const struct hd_check_budget *budget, struct hd_check_result *result) {
    struct hd_search *search = &checker->search;
    begin(checker, &hd_model_map, history, budget, result);
    hd_glance_check(&checker->glance, history, &checker->parts, result);
    bool cut = check_bounds_early(checker, budget, result);
    if (result->illegal > 0)
        allow_steps(search, budget, SHORTER_STEPS_MAX);
    check_parts(checker, history, result);
    if (cut)
        hd_bounds_check(&checker->bounds, search, &checker->parts, result);
    conclude(checker, history, result);
}
