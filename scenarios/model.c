/* model.c - what each key may hold as operations begin and end: see model.h. */
#include "scenarios/model.h"

#include <errno.h>
#include <string.h>

#include "harness/base/assert.h"
#include "scenarios/promises.h"

static bool is_write(enum sn_operation_kind kind) {
    return kind == SN_PUT || kind == SN_DELETE || kind == SN_CLEAR;
}

/* What the key holds when the write in `flight` has taken effect. */
static struct sn_candidate outcome(const struct sn_flight *flight) {
    return (struct sn_candidate){.present = flight->kind == SN_PUT,
                                 .value = flight->kind == SN_PUT ? flight->value : 0};
}

void sn_model_reset(struct sn_model *model, uint32_t keys, bool delete_tells) {
    HD_ASSERT(keys <= SN_KEYS_MAX);
    memset(model, 0, offsetof(struct sn_model, key) + keys * sizeof(model->key[0]));
    model->clock = 1;
    model->keys = keys;
    model->tells = delete_tells;
    for (uint32_t key = 0; key < keys; key++)
        model->key[key].candidates = 1;
}

void sn_model_set(struct sn_model *model, uint32_t key, bool present, uint64_t value) {
    HD_ASSERT(key < model->keys);
    model->key[key].candidate[0] = (struct sn_candidate){.present = present, .value = value};
    model->key[key].candidates = 1;
    model->key[key].initial = model->key[key].candidate[0];
    if (present)
        sn_promise_note_put(model, key);
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void allow(struct sn_flight *flight, struct sn_candidate state) {
    for (uint32_t index = 0; index < flight->allowed_count; index++) {
        if (sn_candidate_same(&flight->allowed[index], &state))
            return;
    }
    if (flight->allowed_count == SN_ALLOWED_MAX)
        flight->any = true;
    else
        flight->allowed[flight->allowed_count++] = state;
}

/* What `flight` may see of its key from now on: all candidates, and every write under way. */
static void allow_present_state(const struct sn_model *model, struct sn_flight *flight) {
    const struct sn_key *key = &model->key[flight->key];
    flight->any = flight->any || key->any;
    for (uint32_t index = 0; index < key->candidates; index++)
        allow(flight, key->candidate[index]);
    for (const struct sn_flight *other = key->flights; other != NULL; other = other->next) {
        if (is_write(other->kind))
            allow(flight, outcome(other));
    }
    if (model->clears > 0)
        allow(flight, (struct sn_candidate){.present = false});
}

static void link_flight(struct sn_key *key, struct sn_flight *flight) {
    flight->previous = NULL;
    flight->next = key->flights;
    if (key->flights != NULL)
        key->flights->previous = flight;
    key->flights = flight;
}

static void unlink_flight(struct sn_key *key, struct sn_flight *flight) {
    if (flight->previous != NULL)
        flight->previous->next = flight->next;
    else
        key->flights = flight->next;
    if (flight->next != NULL)
        flight->next->previous = flight->previous;
    flight->next = flight->previous = NULL;
}

/* A write on `key` starts: whoever else is in flight on it may see its outcome. */
static void announce(struct sn_key *key, const struct sn_flight *write) {
    for (struct sn_flight *other = key->flights; other != NULL; other = other->next) {
        if (other != write)
            allow(other, outcome(write));
    }
}

static void begin_clear(struct sn_model *model, const struct sn_flight *flight) {
    model->clears++;
    model->clear_start = flight->start;
    for (uint32_t key = 0; key < model->keys; key++) {
        model->key[key].touched = true;
        announce(&model->key[key], flight);
    }
}

/* Whether the key certainly is, or is not, there now: no write in flight may change it, or has. */
static bool certainly(const struct sn_model *model, const struct sn_key *key, bool present) {
    uint32_t changing = present ? key->removers : key->writers - key->removers;
    if (key->any || changing > 0 || (present && model->clears > 0))
        return false;
    for (uint32_t index = 0; index < key->candidates; index++) {
        if (key->candidate[index].present != present)
            return false;
    }
    return true;
}

static void begin_iteration(const struct sn_model *model, struct sn_flight *flight) {
    for (uint32_t index = 0; index < model->keys; index++) {
        const struct sn_key *key = &model->key[index];
        flight->visits[index] = certainly(model, key, true)    ? SN_VISIT_PRESENT
                                : certainly(model, key, false) ? SN_VISIT_ABSENT
                                                               : 0;
    }
}

static void mark_write(struct sn_key *key, enum sn_operation_kind kind, uint32_t clock) {
    key->last_write = clock;
    if (kind == SN_PUT)
        key->last_put = clock;
    else
        key->last_removal = clock;
}

static void log_write(struct sn_model *model, struct sn_flight *flight) {
    struct sn_candidate state = outcome(flight);
    bool clear = flight->kind == SN_CLEAR;
    flight->write = sn_write_add(
        model->write, &model->written,
        clear ? &model->clear_writes : &model->key[flight->key].writes,
        (struct sn_write){.value = state.value, .present = state.present, .start = flight->start});
}

void sn_model_begin(struct sn_model *model, struct sn_flight *flight) {
    HD_ASSERT(!flight->active);
    flight->active = true;
    flight->any = false;
    flight->visit_wrong = NULL;
    flight->allowed_count = 0;
    if (flight->kind == SN_PUT)
        sn_promise_note_put(model, flight->key);
    flight->start = ++model->clock;
    model->flights++;
    model->writes += is_write(flight->kind);
    flight->write = 0;
    if (is_write(flight->kind))
        log_write(model, flight);
    if (flight->kind == SN_FREEZE)
        model->freeze_begun = true;
    if (flight->kind == SN_CLEAR)
        begin_clear(model, flight);
    if (flight->kind == SN_ITERATE)
        begin_iteration(model, flight);
    if (flight->key == SN_NO_KEY)
        return;
    HD_ASSERT(flight->key < model->keys);
    struct sn_key *key = &model->key[flight->key];
    allow_present_state(model, flight);
    if (is_write(flight->kind)) {
        announce(key, flight);
        key->writers++;
        key->removers += flight->kind == SN_DELETE;
        key->touched = true;
        mark_write(key, flight->kind, flight->start);
    }
    link_flight(key, flight);
}

/* ---- ending: the state ----------------------------------------------------------------------- */

static void add_candidate(struct sn_key *key, struct sn_candidate state) {
    for (uint32_t index = 0; index < key->candidates; index++) {
        if (sn_candidate_same(&key->candidate[index], &state)) {
            if (key->candidate[index].end < state.end)
                key->candidate[index].end = state.end;
            return;
        }
    }
    if (key->candidates == SN_CANDIDATES_MAX)
        key->any = true;
    else
        key->candidate[key->candidates++] = state;
}

/* A write that began at `start` has taken effect: what had ended before it began is overwritten.
 * What is still in flight comes in when it ends itself. */
static void apply_write(const struct sn_model *model, struct sn_key *key,
                        const struct sn_flight *write) {
    struct sn_candidate state = outcome(write);
    uint32_t start = write->start;
    uint32_t kept = 0;
    for (uint32_t index = 0; index < key->candidates; index++) {
        if (key->candidate[index].end > start)
            key->candidate[kept++] = key->candidate[index];
    }
    if (key->any && key->last_write <= start && model->clear_end <= start)
        key->any = false;
    key->candidates = (uint8_t)kept;
    state.end = model->clock;
    add_candidate(key, state);
}

static void end_write(struct sn_model *model, struct sn_flight *flight, bool refused) {
    if (flight->write != 0) {
        model->write[flight->write - 1].end = model->clock;
        model->write[flight->write - 1].refused = refused;
    }
    if (flight->kind == SN_CLEAR) {
        model->clears--;
        for (uint32_t key = 0; key < model->keys && !refused; key++)
            apply_write(model, &model->key[key], flight);
        model->clear_end = model->clock;
        return;
    }
    struct sn_key *key = &model->key[flight->key];
    key->writers--;
    key->removers -= flight->kind == SN_DELETE;
    if (!refused)
        apply_write(model, key, flight);
    mark_write(key, flight->kind, model->clock);
}

/* After a read with no write near it the key holds what was read. */
static void narrow(struct sn_model *model, const struct sn_flight *flight,
                   const struct sn_result *result) {
    struct sn_key *key = &model->key[flight->key];
    struct sn_candidate seen = {.present = result->status == 1, .value = result->value};
    if (key->candidates < 2 || key->any || key->writers > 0 || key->last_write > flight->start ||
        model->clears > 0 || model->clear_start > flight->start || model->clear_end > flight->start)
        return;
    for (uint32_t index = 0; index < key->candidates; index++) {
        if (sn_candidate_same(&key->candidate[index], &seen)) {
            key->candidate[0] = key->candidate[index];
            key->candidates = 1;
            return;
        }
    }
}

bool sn_model_end(struct sn_model *model, struct sn_flight *flight, const struct sn_result *result,
                  char *message, char *note) {
    HD_ASSERT(flight->active && model->flights > 0);
    flight->active = false;
    model->clock++;
    model->flights--;
    if (flight->key != SN_NO_KEY)
        unlink_flight(&model->key[flight->key], flight);
    if (is_write(flight->kind)) {
        model->writes--;
        end_write(model, flight, result->status < 0);
    }
    note[0] = '\0';
    bool possible = sn_model_judge(model, flight, result, message, note);
    if (possible && flight->kind == SN_GET)
        narrow(model, flight, result);
    return possible;
}

/* ---- questions ------------------------------------------------------------------------------- */

static bool no_clear_since(const struct sn_model *model, uint32_t start) {
    return model->clears == 0 && model->clear_end < start;
}

bool sn_model_present_since(const struct sn_model *model, uint32_t index,
                            const struct sn_flight *flight) {
    const struct sn_key *key = &model->key[index];
    return (flight->visits[index] & SN_VISIT_PRESENT) != 0 && key->last_removal < flight->start &&
           no_clear_since(model, flight->start);
}

bool sn_model_absent_since(const struct sn_model *model, uint32_t index,
                           const struct sn_flight *flight) {
    const struct sn_key *key = &model->key[index];
    return (flight->visits[index] & SN_VISIT_ABSENT) != 0 && key->last_put < flight->start;
}

bool sn_model_value_since(const struct sn_model *model, uint32_t index, uint64_t value,
                          const struct sn_flight *flight) {
    const struct sn_key *key = &model->key[index];
    uint32_t start = flight->start;
    if (key->writers > 0 || key->last_write >= start || !no_clear_since(model, start)) {
        struct sn_candidate seen = {.present = true, .value = value};
        return sn_model_explains(model, index, seen, true, start, 0);
    }
    return certainly(model, key, false) || /* that a key came at all is told at the end */
           sn_model_allows(model, index, true, value);
}

bool sn_model_definite(const struct sn_model *model, uint32_t index, struct sn_candidate *state) {
    const struct sn_key *key = &model->key[index];
    if (key->any || key->candidates != 1 || key->writers > 0 || model->clears > 0)
        return false;
    *state = key->candidate[0];
    return true;
}

bool sn_model_allows(const struct sn_model *model, uint32_t index, bool present, uint64_t value) {
    const struct sn_key *key = &model->key[index];
    struct sn_candidate state = {.present = present, .value = value};
    for (uint32_t at = 0; at < key->candidates; at++) {
        if (sn_candidate_same(&key->candidate[at], &state))
            return true;
    }
    return key->any && sn_model_explains(model, index, state, true, model->clock, 0);
}

static bool fits(bool present, uint64_t value, const struct sn_candidate *state, bool exact) {
    return present == state->present && (!present || !exact || value == state->value);
}

bool sn_model_explains(const struct sn_model *model, uint32_t index, struct sn_candidate state,
                       bool exact, uint32_t start, uint32_t own) {
    const struct sn_key *key = &model->key[index];
    const struct sn_write_lists both = {model->write, key->writes, model->clear_writes};
    const struct sn_write *except = own != 0 ? &model->write[own - 1] : NULL;
    const struct sn_write *write;
    uint32_t last = 0; /* when the latest write began that had ended by `start` */
    struct sn_write_lists lists = both;
    while ((write = sn_write_next(&lists)) != NULL) {
        if (write->end != 0 && write->end < start && write->start > last)
            last = write->start;
    }
    if (model->written == SN_WRITES_MAX ||
        (last == 0 && fits(key->initial.present, key->initial.value, &state, exact)))
        return true;
    lists = both;
    while ((write = sn_write_next(&lists)) != NULL) {
        if (write != except && (write->end == 0 || write->end >= last) &&
            fits(write->present, write->value, &state, exact))
            return true;
    }
    return false;
}

bool sn_model_count(const struct sn_model *model, uint64_t *count) {
    uint64_t present = 0;
    struct sn_candidate state;
    for (uint32_t key = 0; key < model->keys; key++) {
        if (!sn_model_definite(model, key, &state))
            return false;
        present += state.present;
    }
    *count = present;
    return true;
}
