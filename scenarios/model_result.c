/* model_result.c - whether the result of an operation is possible: see model.h. */
#include "scenarios/check/v9.h"

#include <errno.h>
#include <stdio.h>

#include "scenarios/promises.h"

bool sn_candidate_same(const struct sn_candidate *left, const struct sn_candidate *right) {
    return left->present == right->present && (!left->present || left->value == right->value);
}

static void describe_state(const struct sn_candidate *state, char *text, size_t size) {
    if (state->present)
        snprintf(text, size, "%llu", (unsigned long long)state->value);
    else
        snprintf(text, size, "absent");
}

/* "saw 7, possible were absent, 5". */
static void note_allowed(const struct sn_flight *flight, const struct sn_candidate *seen,
                         char *note) {
    char text[24];
    describe_state(seen, text, sizeof(text));
    int used = snprintf(note, HD_MESSAGE_SIZE, "saw %s, possible:", text);
    for (uint32_t index = 0; index < flight->allowed_count && used < HD_MESSAGE_SIZE - 32;
         index++) {
        describe_state(&flight->allowed[index], text, sizeof(text));
        used += snprintf(note + used, (size_t)(HD_MESSAGE_SIZE - used), " %s", text);
    }
    if (flight->any && used < HD_MESSAGE_SIZE)
        snprintf(note + used, (size_t)(HD_MESSAGE_SIZE - used), " ...");
}

/* Whether some allowed state has this presence. */
static bool allowed_presence(const struct sn_model *model, const struct sn_flight *flight,
                             bool present) {
    for (uint32_t index = 0; index < flight->allowed_count; index++) {
        if (flight->allowed[index].present == present)
            return true;
    }
    return flight->any &&
           sn_model_explains(model, flight->key, (struct sn_candidate){.present = present}, false,
                             flight->start, flight->write);
}

static bool check_get(const struct sn_model *model, const struct sn_flight *flight,
                      const struct sn_result *result, char *message, char *note) {
    struct sn_candidate seen = {.present = result->status == 1, .value = result->value};
    for (uint32_t index = 0; index < flight->allowed_count; index++) {
        if (sn_candidate_same(&flight->allowed[index], &seen))
            return true;
    }
    if (flight->any && sn_model_explains(model, flight->key, seen, true, flight->start, 0))
        return true;
    if (model->forgetting && !seen.present)
        return true;
    note_allowed(flight, &seen, note);
    const char *what = "returned a value that the key cannot hold";
    if (!seen.present)
        what = "missed a key that is present";
    else if (!allowed_presence(model, flight, true))
        what = "found a key that is absent";
    snprintf(message, HD_MESSAGE_SIZE, "%s", what);
    return false;
}

static bool check_delete(const struct sn_model *model, const struct sn_flight *flight,
                         const struct sn_result *result, char *message, char *note) {
    bool removed = result->status == 1;
    if (!model->tells || allowed_presence(model, flight, removed) ||
        (model->forgetting && !removed))
        return true;
    snprintf(note, HD_MESSAGE_SIZE, "returned %lld", (long long)result->status);
    snprintf(message, HD_MESSAGE_SIZE,
             removed ? "removed a key that is absent" : "missed a key that is present");
    return false;
}

/* Whether a map may refuse this write for a reason of its own. A put may always lack memory. */
static bool may_refuse(const struct sn_model *model, enum sn_operation_kind kind, int64_t status) {
    if (kind == SN_PUT)
        return model->promises.put_refuses || status == -ENOMEM;
    return kind == SN_DELETE && model->promises.delete_refuses;
}

/* Writes of a frozen map are refused, and those that a map may refuse. */
static bool check_refusal(struct sn_model *model, const struct sn_flight *flight, int64_t status,
                          char *message, char *note) {
    snprintf(note, HD_MESSAGE_SIZE, "returned %lld", (long long)status);
    if (status == -EROFS) {
        if (model->refused == 0)
            model->refused = model->clock;
        return true;
    }
    if (status < 0 && may_refuse(model, flight->kind, status))
        return true;
    const char *what = NULL;
    if (status < 0 || status > (flight->kind == SN_DELETE ? 1 : 0))
        what = "failed";
    else if (model->frozen != 0 && flight->start > model->frozen)
        what = "succeeded after the map was frozen";
    else if (model->refused != 0 && flight->start > model->refused)
        what = "succeeded after another write was refused";
    if (what == NULL)
        return true;
    snprintf(message, HD_MESSAGE_SIZE, "%s", what);
    return false;
}

static bool check_freeze(struct sn_model *model, int64_t status, char *message, char *note) {
    if (status == 0 && model->frozen == 0)
        model->frozen = model->clock;
    if (status == 0 || status == -ENOTSUP)
        return true;
    snprintf(note, HD_MESSAGE_SIZE, "returned %lld", (long long)status);
    snprintf(message, HD_MESSAGE_SIZE, "failed");
    return false;
}

/* Whether nothing wrote the key since `start`, so that its state was one and the same
 * throughout. */
static bool stable(const struct sn_model *model, const struct sn_key *key, uint32_t start) {
    return !key->any && key->candidates == 1 && key->writers == 0 && key->last_write < start &&
           model->clears == 0 && model->clear_end < start;
}

static bool check_length(const struct sn_model *model, const struct sn_flight *flight,
                         uint64_t length, char *message, char *note) {
    uint64_t least = 0, most = 0;
    if (model->promises.length_estimate)
        return true;
    if (model->promises.length_exact && !sn_promised_length(model, flight, length)) {
        snprintf(note, HD_MESSAGE_SIZE, "returned %llu", (unsigned long long)length);
        snprintf(message, HD_MESSAGE_SIZE,
                 "returned a number that was the map's at no moment of it");
        return false;
    }
    for (uint32_t index = 0; index < model->keys; index++) {
        const struct sn_key *key = &model->key[index];
        if (!stable(model, key, flight->start)) {
            most++;
        } else if (key->candidate[0].present) {
            least++;
            most++;
        }
    }
    if (model->forgetting)
        least = 0;
    if (length >= least && length <= most)
        return true;
    snprintf(note, HD_MESSAGE_SIZE, "returned %llu, possible: %llu to %llu",
             (unsigned long long)length, (unsigned long long)least, (unsigned long long)most);
    snprintf(message, HD_MESSAGE_SIZE, "returned a number of entries that the map cannot hold");
    return false;
}

/* What an iteration returns is how many entries it has shown. */
static bool check_count(const struct sn_result *result, char *message, char *note) {
    if (result->value == result->shown)
        return true;
    snprintf(note, HD_MESSAGE_SIZE, "returned %llu, showed %llu", (unsigned long long)result->value,
             (unsigned long long)result->shown);
    snprintf(message, HD_MESSAGE_SIZE,
             "returned another number than that of the entries it showed");
    return false;
}

bool sn_model_judge(struct sn_model *model, struct sn_flight *flight,
                    const struct sn_result *result, char *message, char *note) {
    switch (flight->kind) {
    case SN_GET:
        return check_get(model, flight, result, message, note);
    case SN_DELETE:
        if (result->status >= 0 && !check_delete(model, flight, result, message, note))
            return false;
        return check_refusal(model, flight, result->status, message, note);
    case SN_PUT:
    case SN_CLEAR:
        return check_refusal(model, flight, result->status, message, note);
    case SN_FREEZE:
        return check_freeze(model, result->status, message, note);
    case SN_LENGTH:
        return check_length(model, flight, result->value, message, note);
    case SN_ITERATE:
    case SN_ITERATE_PUT: /* never in flight itself: an iteration and puts are */
        return sn_v9(model, flight, message, note) && check_count(result, message, note);
    }
    return true;
}
