/* v9.c - see v9.h. */
#include "scenarios/check/v9.h"

#include <stdio.h>

#include "scenarios/promises.h"

void sn_v9_visit(const struct sn_model *model, struct sn_flight *flight, uint32_t key,
                 uint64_t value) {
    if (key >= model->keys) {
        flight->visit_wrong = "returned a key that nobody put (V9)";
        return;
    }
    if (!sn_model_value_since(model, key, value, flight))
        flight->visit_wrong = "returned a value that the key cannot hold (V9)";
    else if (model->promises.iterates_present && !sn_promised_present(model, key, value))
        flight->visit_wrong = "showed an entry that was gone by then (V9)";
    if (flight->shown != NULL)
        flight->shown[key] = value;
    if ((flight->visits[key] & SN_VISIT_COUNT) < SN_VISIT_COUNT)
        flight->visits[key]++;
}

static const char *visits_wrong(const struct sn_model *model, const struct sn_flight *flight,
                                uint32_t index, uint32_t visits) {
    if (visits > 0 && sn_model_absent_since(model, index, flight))
        return "returned a key that was absent throughout (V9)";
    if (visits > 1 && model->promises.iterates_once)
        return "returned a key twice (V9)";
    if (visits == 0 && model->forgetting)
        return NULL;
    if (visits == 1 || !sn_model_present_since(model, index, flight))
        return NULL;
    return visits == 0 ? "missed a key that was present throughout (V9)"
                       : "returned a key twice that was present throughout (V9)";
}

bool sn_v9(const struct sn_model *model, const struct sn_flight *flight, char *message,
           char *note) {
    const char *what = flight->visit_wrong;
    for (uint32_t index = 0; index < model->keys && what == NULL; index++) {
        uint32_t visits = flight->visits[index] & SN_VISIT_COUNT;
        what = visits_wrong(model, flight, index, visits);
        if (what != NULL)
            snprintf(note, HD_MESSAGE_SIZE, "key number %u came %u times", index, visits);
    }
    if (what == NULL && flight->shown != NULL && !sn_promised_moment(model, flight))
        what = "showed what the map held at no moment of it (V9)";
    if (what == NULL)
        return true;
    snprintf(message, HD_MESSAGE_SIZE, "%s", what);
    return false;
}
