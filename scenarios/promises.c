/* promises.c - see promises.h. */
#include "scenarios/promises.h"

struct may_be {
    bool absent;
    bool present;
    bool value; /* present with the value asked for */
};

static void take(struct may_be *may, bool present, uint64_t held, uint64_t value) {
    may->absent |= !present;
    may->present |= present;
    may->value |= present && held == value;
}

/* What a key may be at a moment of the clock. */
static struct may_be at_moment(const struct sn_model *model, uint32_t index, uint32_t moment,
                               uint64_t value) {
    const struct sn_key *key = &model->key[index];
    const struct sn_write_lists both = {model->write, key->writes, model->clear_writes};
    struct sn_write_lists lists = both;
    struct may_be may = {.absent = model->forgetting};
    const struct sn_write *write;
    uint32_t last = 0; /* when the latest write began that had ended by then */
    if (model->written == SN_WRITES_MAX)
        return (struct may_be){true, true, true};
    while ((write = sn_write_next(&lists)) != NULL) {
        if (write->end != 0 && write->end <= moment && write->start > last)
            last = write->start;
    }
    if (last == 0)
        take(&may, key->initial.present, key->initial.value, value);
    lists = both;
    while ((write = sn_write_next(&lists)) != NULL) {
        if (write->start <= moment && (write->end == 0 || write->end >= last))
            take(&may, write->present, write->value, value);
    }
    return may;
}

bool sn_promised_present(const struct sn_model *model, uint32_t key, uint64_t value) {
    return at_moment(model, key, model->clock, value).value;
}

static bool shown_at(const struct sn_model *model, const struct sn_flight *flight,
                     uint32_t moment) {
    for (uint32_t key = 0; key < model->keys; key++) {
        bool shown = (flight->visits[key] & SN_VISIT_COUNT) > 0;
        struct may_be may = at_moment(model, key, moment, flight->shown[key]);
        if (shown ? !may.value : !may.absent)
            return false;
    }
    return true;
}

bool sn_promised_moment(const struct sn_model *model, const struct sn_flight *flight) {
    for (uint32_t moment = flight->start; moment <= model->clock; moment++) {
        if (shown_at(model, flight, moment))
            return true;
    }
    return false;
}

static bool length_at(const struct sn_model *model, uint32_t moment, uint64_t length) {
    uint64_t least = 0, most = 0;
    for (uint32_t key = 0; key < model->keys; key++) {
        struct may_be may = at_moment(model, key, moment, 0);
        least += !may.absent;
        most += may.present;
    }
    return length >= least && length <= most;
}

bool sn_promised_length(const struct sn_model *model, const struct sn_flight *flight,
                        uint64_t length) {
    for (uint32_t moment = flight->start; moment <= model->clock; moment++) {
        if (length_at(model, moment, length))
            return true;
    }
    return false;
}

void sn_promise_note_put(struct sn_model *model, uint32_t key) {
    uint64_t keeps = model->promises.keeps, held = 1;
    if (keeps == 0 || model->forgetting)
        return;
    for (uint32_t other = 0; other < model->keys; other++)
        held += other != key && at_moment(model, other, model->clock, 0).present;
    model->forgetting = held > keeps;
}
