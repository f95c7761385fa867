/* glance.c - one pass over the events, with the latest of what was written: see glance.h.
 *
 * Moments are positions + 1: 0 is before the first event, when a removal has returned. A write *supports*
 * a read when it has not returned by the read's return, or returned at or after the moment `since` at
 * which the latest write began that had returned by the read's beginning.
 */
#include "harness/check/glance.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/base/random.h"

/* Writes of one kind, as they stand at an event. */
struct hd_glance_writes {
    uint64_t value; /* of puts of one value */
    uint32_t part;
    uint32_t begun;  /* so many that may have happened ... */
    uint32_t ended;  /* ... and of them returned */
    uint32_t done;   /* when the last one returned */
    uint32_t since;  /* when the latest of those that returned began */
    uint32_t failed; /* when the last of the failed ones that have begun returns */
};

struct hd_glance_read {
    uint32_t part;
    uint32_t since;
};

static uint32_t slots_for(uint32_t calls) {
    uint32_t slots = 16;
    while (slots < 2 * calls) /* ends: there are at most 2^30 calls */
        slots *= 2;
    return slots;
}

int hd_glance_init(struct hd_glance *glance, uint32_t calls_max) {
    size_t places = (size_t)calls_max + 1;
    *glance = (struct hd_glance){0};
    glance->event = malloc(2 * places * sizeof(*glance->event));
    glance->slot = malloc(slots_for(calls_max) * sizeof(*glance->slot));
    glance->read = malloc(places * sizeof(*glance->read));
    glance->value = malloc(places * sizeof(*glance->value));
    glance->key = malloc(2 * places * sizeof(*glance->key));
    bool whole = glance->event != NULL && glance->slot != NULL && glance->read != NULL &&
                 glance->value != NULL && glance->key != NULL;
    return whole ? 0 : -ENOMEM;
}

void hd_glance_clear(struct hd_glance *glance) {
    free(glance->event);
    free(glance->slot);
    free(glance->read);
    free(glance->value);
    free(glance->key);
    *glance = (struct hd_glance){0};
}

/* ---- what is written ------------------------------------------------------------------------- */

/* One pass. */
struct pass {
    struct hd_glance *glance;
    const struct hd_history *history;
    struct hd_glance_writes clears; /* of every key */
};

static struct hd_glance_writes *puts_of_key(const struct pass *pass, uint32_t part) {
    return &pass->glance->key[2 * (size_t)part];
}

static struct hd_glance_writes *removals_of_key(const struct pass *pass, uint32_t part) {
    return &pass->glance->key[2 * (size_t)part + 1];
}

/* The puts of a value under a key: the slot where they are, or would be. */
static uint32_t *slot_of(const struct hd_glance *glance, uint32_t part, uint64_t value) {
    uint32_t mask = glance->slots - 1;
    uint32_t at = (uint32_t)hd_mix(value + hd_mix(part)) & mask;
    while (glance->slot[at] != 0 && (glance->value[glance->slot[at] - 1].value != value ||
                                     glance->value[glance->slot[at] - 1].part != part))
        at = (at + 1) & mask; /* ends: at most half of the slots are taken */
    return &glance->slot[at];
}

static struct hd_glance_writes *puts_of_value(struct hd_glance *glance, uint32_t part,
                                              uint64_t value) {
    uint32_t *slot = slot_of(glance, part, value);
    if (*slot == 0) {
        glance->value[glance->values] = (struct hd_glance_writes){.value = value, .part = part};
        *slot = ++glance->values;
    }
    return &glance->value[*slot - 1];
}

static void write_begins(struct hd_glance_writes *writes, const struct hd_call *call) {
    if (call->end != HD_CALL_FAIL)
        writes->begun++;
    else if (writes->failed < call->returned + 1)
        writes->failed = call->returned + 1;
}

static void write_returns(struct hd_glance_writes *writes, const struct hd_call *call) {
    if (call->end == HD_CALL_FAIL)
        return;
    writes->ended++;
    writes->done = call->returned + 1;
    if (writes->since < call->invoked + 1)
        writes->since = call->invoked + 1;
}

/* Tells the writes that `call` is one of. */
static void tell(struct pass *pass, const struct hd_call *call, uint32_t part,
                 void (*event)(struct hd_glance_writes *writes, const struct hd_call *call)) {
    if (call->kind == HD_CALL_CLEAR) {
        event(&pass->clears, call);
    } else if (call->kind == HD_CALL_DELETE) {
        event(removals_of_key(pass, part), call);
    } else if (call->kind == HD_CALL_PUT) {
        event(puts_of_key(pass, part), call);
        event(puts_of_value(pass->glance, part, call->value), call);
    }
}

/* ---- what is read ---------------------------------------------------------------------------- */

static uint32_t latest(uint32_t left, uint32_t right) {
    return left > right ? left : right;
}

static uint32_t since(const struct pass *pass, uint32_t part) {
    return latest(latest(puts_of_key(pass, part)->since, removals_of_key(pass, part)->since),
                  pass->clears.since);
}

/* `own`: the read itself is one of them, and has not returned. */
static bool supports(const struct hd_glance_writes *writes, uint32_t moment, bool own) {
    return writes->begun - writes->ended > own || (writes->ended > 0 && writes->done >= moment);
}

/* The puts that may have written what a get read. */
static const struct hd_glance_writes *puts_of_read(const struct pass *pass,
                                                   const struct hd_call *get, uint32_t part) {
    static const struct hd_glance_writes nothing = {0};
    uint32_t at = *slot_of(pass->glance, part, get->value);
    return at != 0 ? &pass->glance->value[at - 1] : &nothing;
}

/* Whether a read that returned can be explained. *failed becomes the moment by which all failed calls have
 * returned that would explain it, had they not failed. */
static bool explained(const struct pass *pass, const struct hd_call *call,
                      const struct hd_glance_read *read, uint32_t *failed) {
    bool get = call->kind == HD_CALL_GET;
    if (call->presence == HD_ABSENT) {
        const struct hd_glance_writes *removals = removals_of_key(pass, read->part);
        *failed = latest(removals->failed, pass->clears.failed);
        return read->since == 0 || supports(removals, read->since, !get) ||
               supports(&pass->clears, read->since, false);
    }
    const struct hd_glance_writes *puts =
        get ? puts_of_read(pass, call, read->part) : puts_of_key(pass, read->part);
    *failed = puts->failed;
    return supports(puts, read->since, false);
}

/* What is wrong with a read that is not explained. */
static const char *rule_of(const struct pass *pass, const struct hd_call *call, uint32_t part) {
    const char *rule = "returned a value that was never put under that key";
    if (call->presence == HD_ABSENT)
        return "missed a key that was present throughout";
    if (call->kind == HD_CALL_DELETE)
        return "removed a key that was absent throughout";
    if (puts_of_read(pass, call, part)->begun > 0)
        return "returned a value that was overwritten or removed before it began";
    for (uint32_t index = 0; index < pass->history->calls; index++) {
        const struct hd_call *put = &pass->history->call[index];
        if (put->kind == HD_CALL_PUT && put->key == call->key && put->value == call->value)
            rule = put->end == HD_CALL_FAIL ? "returned a value whose put failed"
                                            : "returned a value before the put of it began";
    }
    return rule;
}

static bool is_read(const struct hd_call *call) {
    return call->end == HD_CALL_OK && call->presence != HD_UNTOLD &&
           (call->kind == HD_CALL_GET || call->kind == HD_CALL_DELETE);
}

static void returns(struct pass *pass, uint32_t index, struct hd_check_result *result) {
    const struct hd_call *call = &pass->history->call[index];
    const struct hd_glance_read *read = &pass->glance->read[index];
    uint32_t failed = 0;
    if (is_read(call) && !explained(pass, call, read, &failed)) {
        uint32_t known = latest(failed, call->returned + 1);
        if (result->illegal == 0 || known < result->illegal) {
            result->illegal = known;
            result->part = call->key;
            result->rule = failed < known ? rule_of(pass, call, read->part) : NULL;
        }
    }
    tell(pass, call, read->part, write_returns);
}

/* ---- the pass -------------------------------------------------------------------------------- */

static void sort_events(struct hd_glance *glance, const struct hd_history *history) {
    memset(glance->event, 0xff, history->events * sizeof(*glance->event));
    for (uint32_t index = 0; index < history->calls; index++) {
        const struct hd_call *call = &history->call[index];
        if (call->kind == HD_CALL_VISIT)
            continue;
        glance->event[call->invoked] = 2 * index;
        if (call->returned != HD_POSITION_NEVER)
            glance->event[call->returned] = 2 * index + 1;
    }
}

static void begins(struct pass *pass, const struct hd_parts *parts, uint32_t index) {
    const struct hd_call *call = &pass->history->call[index];
    struct hd_glance_read *read = &pass->glance->read[index];
    *read = (struct hd_glance_read){0};
    if (call->kind <= HD_CALL_DELETE) {
        read->part = hd_parts_find(parts, call->key);
        read->since = since(pass, read->part);
    }
    tell(pass, call, read->part, write_begins);
}

void hd_glance_check(struct hd_glance *glance, const struct hd_history *history,
                     const struct hd_parts *parts, struct hd_check_result *result) {
    struct pass pass = {.glance = glance, .history = history};
    HD_ASSERT(result->illegal == 0);
    glance->slots = slots_for(history->calls);
    glance->values = 0;
    memset(glance->slot, 0, glance->slots * sizeof(*glance->slot));
    memset(glance->key, 0, 2 * (size_t)parts->count * sizeof(*glance->key));
    sort_events(glance, history);
    for (uint32_t position = 0; position < history->events; position++) {
        uint32_t event = glance->event[position];
        if (result->illegal > 0 && position + 1 >= result->illegal)
            break;
        if (event == UINT32_MAX) /* the return that says nothing */
            continue;
        if (event % 2 == 0)
            begins(&pass, parts, event / 2);
        else
            returns(&pass, event / 2, result);
    }
    if (result->illegal > 0)
        result->legal = result->illegal - 1;
}
