/* events.c - picking and sorting: see events.h.
 */
#include "cli/history/events.h"

#include <stdlib.h>

#include "harness/base/assert.h"

static bool keyed(const struct hd_call *call) {
    return call->kind == HD_CALL_PUT || call->kind == HD_CALL_GET || call->kind == HD_CALL_DELETE;
}

/* Whether a call belongs to what `result` says of call `last`. */
static bool concerns(const struct hd_call *call, const struct hd_check_result *result,
                     const struct hd_call *last) {
    if (call == last || call->kind == HD_CALL_CLEAR) {
        return true;
    }
    if (last->kind == HD_CALL_LENGTH) {
        return keyed(call) && call->kind != HD_CALL_GET;
    }
    return keyed(call) && call->key == result->part;
}

/* The call whose return ends the prefix. */
static const struct hd_call *last_call(const struct hd_history *history,
                                       const struct hd_check_result *result) {
    uint32_t index = 0;
    while (index < history->calls && history->call[index].returned + 1 != result->illegal) {
        index++;
    }
    HD_ASSERT(index < history->calls); /* an illegal prefix ends with a return */
    return &history->call[index];
}

static int by_position(const void *left, const void *right) {
    uint32_t a = ((const struct cli_event *)left)->position;
    uint32_t b = ((const struct cli_event *)right)->position;
    return a < b ? -1 : a > b;
}

struct cli_event *cli_events_select(const struct hd_history *history,
                                    const struct hd_check_result *result, uint32_t *count) {
    const struct hd_call *last = last_call(history, result);
    struct cli_event *event = malloc(result->illegal * sizeof(*event));
    *count = 0;
    for (uint32_t index = 0; event != NULL && index < history->calls; index++) {
        const struct hd_call *call = &history->call[index];
        if (call->invoked >= result->illegal) {
            break;
        }
        if (!concerns(call, result, last)) {
            continue;
        }
        event[(*count)++] =
            (struct cli_event){.call = call, .position = call->invoked, .invoke = true};
        if (call->returned < result->illegal) {
            event[(*count)++] = (struct cli_event){.call = call, .position = call->returned};
        }
    }
    if (event != NULL) {
        qsort(event, *count, sizeof(*event), by_position);
    }
    return event;
}
