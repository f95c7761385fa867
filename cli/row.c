/* row.c - one row of a run: open, explore, judge, release.
 */
#include "cli/row.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cli/engine.h"
#include "cli/line.h"
#include "cli/out.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/explore/campaign.h"
#include "harness/explore/replay.h"

#define FREE_EXECUTIONS 300u /* on real threads, by default */

/* A row while it runs. */
struct running {
    struct cli_session *session;
    const struct sn_scenario *scenario;
    struct sn_map *map;
    char build[HD_NAME_SIZE];
};

/* Called for each distinct fault as it is found: its replay line, its file. A file that cannot be
 * written does not end the campaign. */
static int on_found(void *context, struct hd_fault_record *record) {
    struct running *running = context;
    struct cli_session *session = running->session;
    const char *scenario = sn_scenario_spelling(running->scenario);
    const char *map = sn_map_spelling(running->map);
    cli_line_build(scenario, map, running->build, record);
    if (session->settings->kind == HD_RUN_FREE) {
        record->replay[0] = '\0'; /* real threads follow no seed */
        snprintf(record->strategy, sizeof(record->strategy), "free");
    }
    struct rp_saved saved = {.campaign_seed = session->settings->seed, .record = *record};
    snprintf(saved.version, sizeof(saved.version), "%s", session->report.version);
    snprintf(saved.build, sizeof(saved.build), "%s", running->build);
    snprintf(saved.flavour, sizeof(saved.flavour), "%s", cli_flavour);
    snprintf(saved.scenario, sizeof(saved.scenario), "%s", scenario);
    snprintf(saved.map, sizeof(saved.map), "%s", map);
    rp_progress_wipe(&session->progress);
    session->unwritten |= cli_out_fault(session->settings, sn_scenario_name(running->scenario),
                                        sn_map_ops(running->map)->name, &saved);
    snprintf(record->file, sizeof(record->file), "%s", saved.record.file);
    return 0;
}

static void on_progress(void *context, uint64_t done, uint64_t faults, double seconds) {
    struct running *running = context;
    rp_progress_update(&running->session->progress, done, faults, seconds);
}

static void take_figures(const struct hd_campaign *campaign, struct hd_row *row) {
    row->executions = campaign->executions;
    row->points = campaign->points;
    row->switches = campaign->switches;
    row->waited_points = campaign->waited;
    row->waited_max = campaign->waited_max;
    row->distinct = campaign->distinct;
    row->distinct_estimated = campaign->distinct_estimated;
    row->interrupted = campaign->interrupted;
    row->first_fault_execution = campaign->first_fault_execution;
    row->fault_executions = campaign->fault_executions;
    row->digest = campaign->digest;
    row->seconds = campaign->seconds;
}

static void withdraw(struct hd_row *row, enum hd_verdict verdict, const char *reason) {
    row->verdict = verdict;
    row->as_expected = false;
    snprintf(row->verdict_reason, sizeof(row->verdict_reason), "%s", reason);
}

/* The faults change hands, from the campaign to the row. */
static void judge(const struct running *running, struct hd_campaign *campaign, struct hd_row *row) {
    row->seed = running->session->settings->seed;
    take_figures(campaign, row);
    sn_judge(running->scenario, running->map, campaign, row);
    row->faults = campaign->faults;
    row->fault = campaign->fault;
    campaign->faults = 0;
    campaign->fault = NULL;
    if (row->interrupted && row->verdict != HD_VERDICT_FAULT) {
        withdraw(row, HD_VERDICT_UNKNOWN, "interrupted");
    } else if (!running->session->canary && row->verdict == HD_VERDICT_OK) {
        withdraw(row, HD_VERDICT_VACUOUS, "the canary was not found");
    }
}

/* What was found until then stays in the row. Returns the exit status. */
static int fail(const struct running *running, int status, struct hd_row *row) {
    char what[HD_LINE_SIZE];
    withdraw(row, HD_VERDICT_UNKNOWN, cli_engine_reason(status, ""));
    rp_progress_wipe(&running->session->progress);
    snprintf(what, sizeof(what), "%s %s: the campaign failed", row->scenario, row->map);
    return cli_engine_failed(status, what, "");
}

/* Executions of a row; 0: only time ends it. */
static uint64_t executions_of(const struct running *running, double seconds) {
    const struct cli_settings *settings = running->session->settings;
    if (settings->executions != 0) {
        return settings->executions;
    }
    if (seconds > 0 && settings->budget_origin == CLI_FROM_DEFAULT) {
        return 0;
    }
    uint64_t executions =
        settings->kind == HD_RUN_FREE ? FREE_EXECUTIONS : sn_scenario_executions(running->scenario);
    return executions <= HD_EXECUTIONS_MAX / settings->budget ? executions * settings->budget
                                                              : HD_EXECUTIONS_MAX;
}

static int explore(struct running *running, const struct hd_subject *subject, const char *strategy,
                   double seconds, struct hd_row *row) {
    const struct cli_settings *settings = running->session->settings;
    uint64_t executions = executions_of(running, seconds);
    const struct hd_campaign_options options = {.seed = settings->seed,
                                                .strategy = strategy,
                                                .executions = executions,
                                                .seconds = seconds,
                                                .jobs = settings->jobs,
                                                .until_fault = settings->until_fault,
                                                .kind = settings->kind,
                                                .confirm = 10,
                                                .found = on_found,
                                                .progress = on_progress,
                                                .context = running};
    struct hd_campaign campaign = {.first_fault_execution = -1};
    hd_build_identity(subject, running->build);
    rp_progress_row(&running->session->progress, row->scenario, row->map, executions);
    int status = hd_campaign_run(&options, subject, &campaign);
    judge(running, &campaign, row);
    hd_campaign_clear(&campaign);
    return status == 0 ? 0 : fail(running, status, row);
}

int cli_row_run(struct cli_session *session, const struct cli_row *planned, double seconds,
                struct hd_row *row) {
    struct running running = {.session = session, .scenario = planned->scenario};
    const char *strategy = session->settings->strategy;
    char error[HD_LINE_SIZE] = "";
    strategy = strategy != NULL ? strategy : sn_scenario_strategy(planned->scenario);
    if (session->settings->kind == HD_RUN_FREE) {
        strategy = "free";
    }
    int status = session->settings->kind == HD_RUN_FREE ? 0 : cli_strategy_check(strategy);
    if (status != 0) {
        return status;
    }
    snprintf(row->strategy, sizeof(row->strategy), "%s", strategy);
    status = sn_map_open(planned->map, &running.map, error);
    if (status != 0) {
        return cli_open_failed(status, planned->map, ".so", error);
    }
    snprintf(row->scenario, sizeof(row->scenario), "%s", sn_scenario_name(planned->scenario));
    snprintf(row->map, sizeof(row->map), "%s", sn_map_ops(running.map)->name);
    struct sn_program *program = NULL;
    struct hd_subject subject = {0};
    status = sn_program_open(planned->scenario, running.map, &program, &subject, error);
    if (status != 0) {
        status = cli_open_failed(status, "/", "", error);
    } else {
        status = explore(&running, &subject, row->strategy, seconds, row);
        sn_program_close(program);
    }
    sn_map_close(running.map);
    return status;
}
