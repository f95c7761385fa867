/* progress.h - how far a run is, on standard error.
 */
#ifndef HEDDLE_REPORTS_PROGRESS_H
#define HEDDLE_REPORTS_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "harness/result/record.h"

/* One run. Callers set the first four and leave the rest zeroed. */
struct rp_progress {
    FILE *stream;
    bool live;   /* a terminal: one line, redrawn at most ten times a second; else a line every ten
                      seconds */
    bool silent; /* nothing at all */
    uint32_t rows; /* to come */
    uint32_t row;  /* begun so far */
    char label[2 * HD_NAME_SIZE];
    uint64_t budget;  /* executions of this row; 0 = bounded by time */
    double elapsed;   /* seconds of the rows before this one */
    double seconds;   /* of this row, at the last update */
    double last_draw; /* in seconds of the whole run */
    bool drawn;       /* a live line stands on the terminal */
};

/* Whether a live line belongs on this stream: a terminal that is not dumb, and not in CI. */
bool rp_progress_live(int descriptor);
/* A new row begins. */
void rp_progress_row(struct rp_progress *progress, const char *scenario, const char *map,
                     uint64_t budget);
/* `done` executions of the row are known, `faults` of them bad, after `seconds` of the row. */
void rp_progress_update(struct rp_progress *progress, uint64_t done, uint64_t faults,
                        double seconds);
/* Wipes the live line, so that other text can be printed. */
void rp_progress_wipe(struct rp_progress *progress);

#endif
