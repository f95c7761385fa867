/* row.h - one row of a run: a campaign of one scenario against one map, judged.
 */
#ifndef HEDDLE_CLI_ROW_H
#define HEDDLE_CLI_ROW_H

#include <stdbool.h>

#include "cli/plan.h"
#include "cli/settings.h"
#include "harness/result/record.h"
#include "reports/progress.h"

/* What the rows of a run share. */
struct cli_session {
    const struct cli_settings *settings;
    struct hd_report report;
    struct rp_progress progress;
    double started; /* of cli_now */
    int unwritten;  /* CLI_CANNOT_WRITE once something could not be written */
    bool canary;    /* it was found */
};

/* Runs one row with `seconds` of wall time (0 = no bound). Returns 0 with *row filled, or an exit
 * status after one line: *row then is unknown and holds what its campaign had found, or has no verdict
 * when there was none. */
int cli_row_run(struct cli_session *session, const struct cli_row *planned, double seconds,
                struct hd_row *row);

#endif
