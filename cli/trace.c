/* trace.c - one line a point of a replay.
 */
#include "cli/trace.h"

#include <inttypes.h>
#include <stdio.h>

void cli_trace_print(void *context, const struct hd_trace_event *event) {
    FILE *stream = context;
    char object[2 * HD_NAME_SIZE];
    char value[32] = "";
    if (event->size > 0) {
        snprintf(object, sizeof(object), "%s/%" PRIu32, event->object, event->size);
    } else {
        snprintf(object, sizeof(object), "%s", event->object);
    }
    if (event->has_value) {
        snprintf(value, sizeof(value), "= 0x%" PRIx64, event->value);
    }
    fprintf(stream, "%7" PRIu64 "  task %-3" PRIu32 " %-18s %-16s %-28s %-20s %s", event->point,
            event->task, event->operation, event->kind, object, value, event->frame.function);
    if (event->frame.line > 0) {
        fprintf(stream, " %s:%" PRIu32, event->frame.file, event->frame.line);
    }
    fputc('\n', stream);
}

void cli_trace_end(FILE *stream, const struct hd_replay *replay) {
    if (replay->trace_cut) {
        fprintf(stream, "... cut: a trace holds %llu points\n", HD_TRACE_MAX);
    }
}
