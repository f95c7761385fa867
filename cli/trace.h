/* trace.h - one line a point of a replay.
 */
#ifndef HEDDLE_CLI_TRACE_H
#define HEDDLE_CLI_TRACE_H

#include <stdio.h>

#include "harness/explore/replay.h"

/* Prints one event on the stream that `context` is: point, task, operation, kind of access, object,
 * value, place in the source. A `trace` of struct hd_replay_options. */
void cli_trace_print(void *context, const struct hd_trace_event *event);

/* Prints a closing line when points are missing behind the last one. */
void cli_trace_end(FILE *stream, const struct hd_replay *replay);

#endif
