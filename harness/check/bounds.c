/* bounds.c - the rules for lengths and iterations: see bounds.h. */
#include "harness/check/bounds.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int hd_bounds_init(struct hd_bounds *bounds, uint32_t calls_max) {
    bounds->visits = malloc(((size_t)calls_max + 1) * sizeof(*bounds->visits));
    return bounds->visits != NULL ? 0 : -ENOMEM;
}

void hd_bounds_clear(struct hd_bounds *bounds) {
    free(bounds->visits);
    *bounds = (struct hd_bounds){0};
}

/* ---- the writes of a key --------------------------------------------------------------------- */

/* A length or an iteration, and what it is judged by. */
struct question {
    const struct hd_history *history;
    const struct hd_parts *parts;
    const struct hd_call *call;
};

/* The writes of a key: its own and those of every key, those that began before `call` ended. */
struct writes {
    const struct question *question;
    uint32_t own;
    uint32_t shared;
};

static struct writes writes_of(const struct question *question, uint32_t part) {
    return (struct writes){.question = question,
                           .own = question->parts->first[part],
                           .shared = question->parts->all_first};
}

/* The next write that may have happened, or NULL. */
static const struct hd_call *next_write(struct writes *writes) {
    const struct question *question = writes->question;
    while (writes->own != HD_CALL_NONE ||
           writes->shared != HD_CALL_NONE) { /* ends with the lists */
        uint32_t *first = writes->own < writes->shared ? &writes->own : &writes->shared;
        const struct hd_call *call = &question->history->call[*first];
        *first = question->parts->next[*first];
        if (call->invoked > question->call->returned)
            return NULL;
        bool failed = call->end == HD_CALL_FAIL && call->returned < question->call->returned;
        if (call->kind != HD_CALL_GET && !failed)
            return call;
    }
    return NULL;
}

/* When a write had certainly happened. */
static uint32_t done_by(const struct hd_call *write) {
    return write->end == HD_CALL_OK ? write->returned : HD_POSITION_NEVER;
}

/* Whether the writes that are puts (or else removals) leave their mark throughout: one of them
 * returned before the question began, and the others all before that one began. */
static bool holds_throughout(const struct question *question, uint32_t part, bool put) {
    uint32_t others = 0; /* when the last of the others was done: a position + 1 */
    bool any_other = false;
    const struct hd_call *write;
    struct writes writes = writes_of(question, part);
    while ((write = next_write(&writes)) != NULL) {
        if ((write->kind == HD_CALL_PUT) == put)
            continue;
        any_other = true;
        uint32_t done = done_by(write);
        if (done == HD_POSITION_NEVER)
            return false;
        if (others < done + 1)
            others = done + 1;
    }
    if (!put && !any_other)
        return true; /* the map starts empty */
    writes = writes_of(question, part);
    while ((write = next_write(&writes)) != NULL) {
        if ((write->kind == HD_CALL_PUT) == put && write->invoked >= others &&
            done_by(write) < question->call->invoked)
            return true;
    }
    return false;
}

/* I3 */
static bool value_possible(const struct question *question, uint32_t part,
                           const struct hd_call *visit) {
    const struct hd_call *write;
    uint32_t last = 0; /* when the last write that was done before began */
    struct writes writes = writes_of(question, part);
    while ((write = next_write(&writes)) != NULL) {
        if (done_by(write) < question->call->invoked)
            last = write->invoked; /* they come in order of invocation */
    }
    writes = writes_of(question, part);
    while ((write = next_write(&writes)) != NULL) {
        if (write->kind == HD_CALL_PUT && write->value == visit->value &&
            write->invoked < visit->invoked && done_by(write) >= last)
            return true;
    }
    return false;
}

/* ---- the rules ------------------------------------------------------------------------------- */

static const char missed[] = "missed a key that was present throughout";
static const char twice[] = "returned a key twice that was present throughout";
static const char stranger[] = "returned a key that was absent throughout";
static const char value[] = "returned a value that the key could not hold";
static const char number[] = "returned a number of entries that the map could not hold";

/* Judges one call. Returns false when the steps have ended; *rule is what it breaks, or NULL. */
static bool judge_length(struct hd_search *search, const struct question *question,
                         const char **rule) {
    uint64_t least = 0, most = 0;
    for (uint32_t part = 0; part < question->parts->count; part++) {
        if (!hd_search_step(search))
            return false;
        least += holds_throughout(question, part, true);
        most += !holds_throughout(question, part, false);
    }
    uint64_t length = question->call->value;
    *rule = length < least || length > most ? number : NULL;
    return true;
}

/* Counts the visits of an iteration. Returns false when the steps have ended; *rule is what a visit
 * breaks, of key *key. */
static bool judge_visits(struct hd_bounds *bounds, struct hd_search *search,
                         const struct question *question, uint64_t *key, const char **rule) {
    const struct hd_history *history = question->history;
    uint32_t iteration = (uint32_t)(question->call - history->call);
    memset(bounds->visits, 0, question->parts->count * sizeof(*bounds->visits));
    for (uint32_t index = iteration + 1; index < history->calls; index++) {
        const struct hd_call *visit = &history->call[index];
        if (visit->invoked > question->call->returned)
            break;
        if (visit->kind != HD_CALL_VISIT || visit->process != iteration)
            continue;
        if (!hd_search_step(search))
            return false;
        uint32_t part = hd_parts_find(question->parts, visit->key);
        *key = visit->key;
        if (part == HD_CALL_NONE || holds_throughout(question, part, false))
            *rule = stranger;
        else if (!value_possible(question, part, visit))
            *rule = value;
        if (*rule != NULL)
            return true;
        bounds->visits[part]++;
    }
    return true;
}

static bool judge_iterate(struct hd_bounds *bounds, struct hd_search *search,
                          const struct question *question, uint64_t *key, const char **rule) {
    *rule = NULL;
    if (!judge_visits(bounds, search, question, key, rule))
        return false;
    for (uint32_t part = 0; part < question->parts->count && *rule == NULL; part++) {
        if (!hd_search_step(search))
            return false;
        *key = question->parts->name[part];
        if (bounds->visits[part] != 1 && holds_throughout(question, part, true))
            *rule = bounds->visits[part] == 0 ? missed : twice;
    }
    return true;
}

void hd_bounds_check(struct hd_bounds *bounds, struct hd_search *search,
                     const struct hd_parts *parts, struct hd_check_result *result) {
    const struct hd_history *history = search->history;
    for (uint32_t index = 0; index < history->calls; index++) {
        const struct hd_call *call = &history->call[index];
        bool length = call->kind == HD_CALL_LENGTH;
        if ((!length && call->kind != HD_CALL_ITERATE) || call->end != HD_CALL_OK ||
            (result->illegal > 0 && call->returned + 1 >= result->illegal))
            continue;
        struct question question = {.history = history, .parts = parts, .call = call};
        uint64_t key = 0;
        const char *rule = NULL;
        bool judged = length ? judge_length(search, &question, &rule)
                             : judge_iterate(bounds, search, &question, &key, &rule);
        if ((!judged || rule != NULL) && result->legal > call->returned)
            result->legal = call->returned;
        if (!judged || rule == NULL)
            continue;
        result->illegal = call->returned + 1;
        result->rule = rule;
        result->part = key;
    }
}
