/* session.c - one run: its rows in order, their faults, the report, the exit status.
 *
 * Invariant N: nothing that was found is lost. A fault is saved when it is found, the report is
 * written again after each row; neither a failure to write nor a campaign that fails ends the run or
 * the other writing.
 */
#include "cli/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/native.h"
#include "cli/out.h"
#include "cli/row.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/version.h"
#include "harness/explore/replay.h"
#include "reports/fault.h"
#include "reports/github.h"
#include "reports/layout.h"
#include "reports/progress.h"
#include "reports/table.h"
#include "reports/text.h"

#define FAULTS_SHOWN 3u /* reports of one row without --verbose */

static void say_begin(const struct cli_settings *settings, const struct hd_report *report,
                      uint32_t rows, bool fixed) {
    if (!fixed) {
        cli_note("note: address randomisation stays on here; results do not depend on it");
    }
    if (!settings->quiet) {
        cli_note("%s, build %s: %" PRIu32 " row%s, seed 0x%016" PRIx64 ", %" PRIu32 " job%s",
                 report->version, report->build, rows, rows == 1 ? "" : "s", report->seed,
                 report->jobs, report->jobs == 1 ? "" : "s");
    }
}

/* Whether the engine finds what it must; if not, every ok of this run is vacuous. */
static int try_canary(struct cli_session *session) {
    const struct cli_settings *settings = session->settings;
    char error[HD_LINE_SIZE] = "";
    const char *strategy = settings->strategy != NULL ? settings->strategy : "default";
    int status = sn_canary(strategy, settings->seed, settings->jobs, error);
    if (cli_caught_signal() != 0) {
        return 0;
    }
    session->canary = status == 0;
    if (status != 0 && status != -ENOENT) {
        return cli_engine_failed(status, "the canary could not run", error);
    }
    if (status != 0) {
        cli_note("the canary was not found%s%s: no ok of this run counts",
                 error[0] != '\0' ? ": " : "", error);
    }
    return 0;
}

static void show_faults(const struct cli_session *session, const struct hd_row *row) {
    const struct cli_settings *settings = session->settings;
    struct rp_place place = {.scenario = row->scenario, .map = row->map};
    struct rp_fault_options options = {.color = rp_color_wanted(STDERR_FILENO),
                                       .whole = settings->verbose};
    uint32_t most = settings->verbose ? row->faults : FAULTS_SHOWN;
    if (settings->quiet || (row->as_expected && !settings->verbose)) {
        return;
    }
    for (uint32_t index = 0; index < row->faults && index < most; index++) {
        rp_fault_print(stderr, &place, &row->fault[index], &options);
        fputc('\n', stderr);
    }
    if (row->faults > most) {
        cli_note("%s %s: %" PRIu32 " more distinct faults (-v shows them)", row->scenario, row->map,
                 row->faults - most);
    }
}

/* What is left of --time, in equal parts for the rows to come; 0 without a bound. */
static double row_seconds(const struct cli_session *session, uint32_t rows_left) {
    double budget = session->settings->seconds;
    if (budget <= 0) {
        return 0;
    }
    double left = session->started + budget - cli_now();
    return left > 0.001 * rows_left ? left / rows_left : 0.001;
}

/* A row that fails costs what it has not found, and no other row. Returns the first failure. */
static int run_rows(struct cli_session *session, const struct cli_plan *plan) {
    int failed = 0;
    for (uint32_t index = 0; index < plan->rows && cli_caught_signal() == 0; index++) {
        struct hd_row row = {0};
        double seconds = row_seconds(session, plan->rows - index);
        int status = cli_row_run(session, &plan->row[index], seconds, &row);
        rp_progress_wipe(&session->progress);
        failed = failed != 0 ? failed : status;
        if (row.verdict == 0) { /* it could not begin */
            return failed;
        }
        show_faults(session, &row);
        session->report.interrupted |= row.interrupted;
        if (hd_report_add(&session->report, &row) != 0) {
            hd_row_clear(&row);
            return cli_fail(CLI_SYSTEM, "out of memory");
        }
        if (index + 1 < plan->rows) {
            session->unwritten |= cli_out_partial(session->settings, &session->report);
        }
    }
    return failed;
}

/* The table goes where the JSON does not. */
static int print_report(struct cli_session *session, cli_print *print) {
    const struct cli_settings *settings = session->settings;
    bool taken = cli_out_standard(settings->json);
    FILE *stream = taken ? stderr : stdout;
    char path[HD_LINE_SIZE];
    snprintf(path, sizeof(path), "%.480s/report.json", settings->out != NULL ? settings->out : "");
    struct rp_table_options options = {.color = rp_color_wanted(rp_stream_descriptor(stream)),
                                       .verbose = settings->verbose,
                                       .width = rp_width(rp_stream_descriptor(stream)),
                                       .report = settings->out != NULL ? path
                                                 : taken               ? NULL
                                                                       : settings->json};
    int status = print(stream, &session->report, &options);
    const char *github = getenv("GITHUB_ACTIONS");
    if (github != NULL && strcmp(github, "true") == 0) {
        rp_github_errors(stderr, &session->report);
    }
    if (status != 0) {
        return cli_output_failed(status);
    }
    return 0;
}

static int verdict_status(const struct hd_report *report) {
    bool answer_missing = false;
    for (uint32_t index = 0; index < report->rows; index++) {
        const struct hd_row *row = &report->row[index];
        bool answer = row->verdict == HD_VERDICT_OK || row->verdict == HD_VERDICT_FAULT;
        if (answer && !row->as_expected) {
            return CLI_FAULT;
        }
        answer_missing |= !answer;
    }
    return answer_missing ? CLI_NO_ANSWER : CLI_AS_EXPECTED;
}

static void begin(struct cli_session *session, const struct cli_plan *plan, bool fixed) {
    const struct cli_settings *settings = session->settings;
    struct hd_report *report = &session->report;
    cli_version_fill(report->version, report->build);
    report->seed = settings->seed;
    report->jobs = settings->jobs;
    report->rows_planned = plan->rows;
    session->started = cli_now();
    session->progress = (struct rp_progress){.stream = stderr,
                                             .live = rp_progress_live(STDERR_FILENO),
                                             .silent = settings->quiet,
                                             .rows = plan->rows};
    say_begin(settings, report, plan->rows, fixed);
}

int cli_session_run(const struct cli_settings *settings, const struct cli_plan *plan,
                    cli_print *print, bool fixed) {
    struct cli_session session = {.settings = settings};
    cli_catch_signals();
    begin(&session, plan, fixed);
    session.unwritten =
        cli_out_partial(settings, &session.report); /* what lies there is of this run */
    int failed = try_canary(&session);
    if (failed == 0) {
        failed = run_rows(&session, plan);
    }
    int signal_number = cli_caught_signal();
    session.report.interrupted |= signal_number != 0;
    if (settings->native && failed == 0 && signal_number == 0) {
        cli_native_measure(&session.report, settings->quiet);
        signal_number = cli_caught_signal();
        session.report.interrupted |= signal_number != 0;
    }
    session.report.complete = failed == 0 && !session.report.interrupted &&
                              session.report.rows == session.report.rows_planned;
    int unwritten = cli_out_all(settings, &session.report);
    int unprinted = print_report(&session, print);
    session.unwritten = session.unwritten != 0 ? session.unwritten
                        : unwritten != 0       ? unwritten
                                               : unprinted;
    int status = failed != 0              ? failed
                 : session.unwritten != 0 ? session.unwritten
                 : signal_number != 0     ? CLI_SIGNAL + signal_number
                                          : verdict_status(&session.report);
    hd_report_clear(&session.report);
    return status;
}
