/* progress.c - how far a run is, on standard error.
 *
 * Reads no clock: time is what the campaign says.
 */
#include "reports/progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LIVE_SECONDS  0.1
#define PLAIN_SECONDS 10.0

bool rp_progress_live(int descriptor) {
    const char *ci = getenv("CI");
    const char *terminal = getenv("TERM");
    bool automatic = ci != NULL && (strcmp(ci, "true") == 0 || strcmp(ci, "1") == 0);
    bool dumb = terminal == NULL || strcmp(terminal, "dumb") == 0;
    return !automatic && !dumb && isatty(descriptor) == 1;
}

void rp_progress_row(struct rp_progress *progress, const char *scenario, const char *map,
                     uint64_t budget) {
    progress->row++;
    progress->elapsed += progress->seconds;
    progress->seconds = 0;
    progress->budget = budget;
    snprintf(progress->label, sizeof(progress->label), "%.60s %.60s", scenario, map);
}

static void put_line(const struct rp_progress *progress, uint64_t done, uint64_t faults) {
    fprintf(progress->stream, "[%" PRIu32 "/%" PRIu32 "] %s: %" PRIu64, progress->row,
            progress->rows, progress->label, done);
    if (progress->budget > 0) {
        fprintf(progress->stream, " of %" PRIu64, progress->budget);
    }
    fprintf(progress->stream, " executions, %" PRIu64 " faults, %.0f s", faults, progress->seconds);
    if (progress->seconds > 0) {
        fprintf(progress->stream, ", %.0f/s", (double)done / progress->seconds);
    }
}

void rp_progress_update(struct rp_progress *progress, uint64_t done, uint64_t faults,
                        double seconds) {
    progress->seconds = seconds;
    double now = progress->elapsed + seconds;
    double pause = progress->live ? LIVE_SECONDS : PLAIN_SECONDS;
    if (progress->silent || now - progress->last_draw < pause) {
        return;
    }
    progress->last_draw = now;
    if (progress->live) {
        fputs("\r", progress->stream);
        put_line(progress, done, faults);
        fputs("\033[K", progress->stream);
        progress->drawn = true;
    } else {
        put_line(progress, done, faults);
        fputc('\n', progress->stream);
    }
    fflush(progress->stream);
}

void rp_progress_wipe(struct rp_progress *progress) {
    if (progress->drawn) {
        fputs("\r\033[K", progress->stream);
        fflush(progress->stream);
        progress->drawn = false;
    }
}
