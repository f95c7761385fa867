/* events.h - the part of a history that shows what is wrong, event by event.
 */
#ifndef HEDDLE_CLI_HISTORY_EVENTS_H
#define HEDDLE_CLI_HISTORY_EVENTS_H

#include "harness/check/linearizability.h"

struct cli_event {
    const struct hd_call *call;
    uint32_t position;
    bool invoke;
};

/* The events of the shortest illegal prefix that belong to its key (for a rule of the whole map: all
 * that write), in order. In C's heap; NULL without memory. An INFO stands nowhere: its call has no
 * return. */
struct cli_event *cli_events_select(const struct hd_history *history,
                                    const struct hd_check_result *result, uint32_t *count);

#endif
