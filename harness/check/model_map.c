/* model_map.c - the map, key by key: a key is absent, or present with a value.
 *
 * A delete's result need not be told. A clear deletes each key at some moment of its interval, not
 * all of them at one. Lengths and iterations are judged by harness/check/bounds.c.
 */
#include "harness/check/model.h"

/* word[0]: whether the key is present; word[1]: its value, 0 when absent */
static const struct hd_model_state absent = {{0, 0}};

static void init(struct hd_model_state *state) {
    *state = absent;
}

static bool step(const struct hd_model_state *state, const struct hd_call *call, bool known,
                 struct hd_model_state *next) {
    bool present = state->word[0] != 0;
    switch (call->kind) {
    case HD_CALL_PUT:
        *next = (struct hd_model_state){{1, call->value}};
        return true;
    case HD_CALL_GET:
        *next = *state;
        return !known ||
               (call->presence == HD_PRESENT ? present && state->word[1] == call->value : !present);
    case HD_CALL_DELETE:
        *next = absent;
        return !known || call->presence == HD_UNTOLD || (call->presence == HD_PRESENT) == present;
    case HD_CALL_CLEAR:
        *next = absent;
        return true;
    default:
        return false;
    }
}

static bool reads(const struct hd_call *call, bool known) {
    return call->kind == HD_CALL_GET ||
           (call->kind == HD_CALL_DELETE && known && call->presence == HD_ABSENT);
}

static enum hd_part part(const struct hd_call *call, uint64_t *key) {
    switch (call->kind) {
    case HD_CALL_PUT:
    case HD_CALL_GET:
    case HD_CALL_DELETE:
        *key = call->key;
        return HD_PART_ONE;
    case HD_CALL_CLEAR:
        return HD_PART_ALL;
    default:
        return HD_PART_NONE;
    }
}

const struct hd_model hd_model_map = {
    .name = "map", .init = init, .step = step, .reads = reads, .part = part};
