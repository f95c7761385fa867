/* read.h - a recorded history: one JSON object a line, in order of time.
 *
 * The format is docs/HISTORIES.md. Event n of the history is line n + 1 of the file. Memory is
 * proportional to the history, and a line may have CLI_HISTORY_LINE_MAX bytes.
 */
#ifndef HEDDLE_CLI_HISTORY_READ_H
#define HEDDLE_CLI_HISTORY_READ_H

#include <stdio.h>

#include "cli/history/ids.h"
#include "harness/check/history.h"

#define CLI_HISTORY_LINE_MAX (1u << 20)

/* All zero is empty. Keys, values and processes of its calls are numbers of `keys`, `values` and
 * `processes`. */
struct cli_history {
    struct hd_history history;
    struct cli_ids keys;
    struct cli_ids values;
    struct cli_ids processes;
    uint32_t *open; /* of each process: its call, or HD_CALL_NONE */
    uint32_t open_size;
};

/* Reads all of `stream` into an empty history. Returns 0, or -EINVAL (malformed), -ENOMEM or -errno
 * with one line in `error` (HD_LINE_SIZE bytes): "LINE: reason", or only a reason. */
int cli_history_read(FILE *stream, struct cli_history *history, char *error);
void cli_history_clear(struct cli_history *history);

/* "put", "get", ... */
const char *cli_history_name(enum hd_call_kind kind);

#endif
