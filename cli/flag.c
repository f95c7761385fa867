/* flag.c - `heddle flag`: how good is the plain map's own detection?
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/flag_print.h"
#include "cli/options.h"
#include "cli/out.h"
#include "cli/parse.h"
#include "cli/plan.h"
#include "cli/room.h"
#include "cli/settings.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/explore/campaign.h"

#define EXECUTIONS_DEFAULT 20000u

static const char documentation[] =
    "Counts how often Go's hashWriting flag detects misuse that does harm, how often harm goes "
    "unnoticed, and how often a process dies although nothing was harmed."
    "\v"
    "Examples:\n"
    "  heddle flag\n"
    "  heddle flag --scenario growth-window --executions 100000\n"
    "  heddle flag --json - | jq '.results[] | {scenario, detected}'\n"
    "\n"
    "The same executions are counted for any number of jobs. Exit status: 0 counted; 64 usage; 65 "
    "bad "
    "input; 70 heddle itself failed; 71 the system refuses processes or memory; "
    "74 cannot write; 130, 143 interrupted.";

enum { OPTION_SEED = 0x100, OPTION_JSON };

static const struct argp_option options[] = {
    {"scenario", 's', "NAME|FILE", 0, "a scenario; may be repeated (default: six that misuse)", 0},
    {"executions", 'n', "N", 0, "executions a scenario (default: 20000)", 0},
    {"strategy", 'x', "NAME", 0, "how schedules are drawn (default: random)", 0},
    {"seed", OPTION_SEED, "N", 0, "campaign seed, decimal or 0x... (default: 0x5eed)", 0},
    {"jobs", 'j', "N", 0, "worker processes (default: the processors); never changes a result", 0},
    {"json", OPTION_JSON, "FILE|-", 0, "write the counts as JSON", 0},
    {0},
};

static const char *const usual[] = {"concurrent-writes",    "read-during-write",
                                    "iterate-during-write", "growth-window",
                                    "same-size-growth",     "churn"};
#define USUAL (sizeof(usual) / sizeof(usual[0]))

struct request {
    struct cli_names scenarios;
    const char *json;
    struct sn_flag_options run;
    int status;
};

/* ---- options --------------------------------------------------------------------------------- */

static int take_number(struct request *request, int key, const char *text) {
    uint64_t jobs = request->run.jobs;
    int status = key == OPTION_SEED ? cli_take_seed("--seed", text, &request->run.seed)
                 : key == 'n'       ? cli_take_count("--executions", text, 1, HD_EXECUTIONS_MAX,
                                                     &request->run.executions)
                                    : cli_take_count("--jobs", text, 1, CLI_JOBS_MAX, &jobs);
    request->run.jobs = (uint32_t)jobs;
    return status;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct request *request = state->input;
    switch (key) {
    case 's':
        return cli_names_add(&request->scenarios, text);
    case 'x':
        request->run.strategy = text;
        return 0;
    case OPTION_JSON:
        request->json = text;
        return 0;
    case OPTION_SEED:
    case 'n':
    case 'j':
        request->status = take_number(request, key, text);
        return request->status == 0 ? 0 : EINVAL;
    case ARGP_KEY_ARG:
        request->status = cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- running --------------------------------------------------------------------------------- */

/* Returns 0 with *row filled, or an exit status after one line. */
static int count_one(const struct request *request, const struct sn_scenario *scenario,
                     struct cli_flag_row *row) {
    char error[HD_LINE_SIZE] = "";
    row->scenario = sn_scenario_name(scenario);
    int status = sn_flag_run(scenario, &request->run, &row->count, error);
    if (cli_caught_signal() != 0) {
        return CLI_SIGNAL + cli_caught_signal();
    }
    if (status == -ENOTSUP) {
        return cli_fail(CLI_USAGE, "%s", error);
    }
    return status != 0 ? cli_fail(cli_engine_status(status), "%s", error) : 0;
}

/* One failure does not keep the other from being written. */
static int write_report(const struct request *request, const struct cli_flag_report *report) {
    const char *json = request->json;
    int status = json != NULL ? cli_out_write(json, cli_flag_print_json, report) : 0;
    if (cli_out_standard(json)) {
        return status;
    }
    int written = cli_flag_print(stdout, report);
    return written != 0 ? cli_output_failed(written) : status;
}

/* A signal costs the row that it ends, not those before it. */
static int count_all(const struct request *request, const struct cli_plan *plan) {
    struct cli_flag_row *row = calloc(plan->rows, sizeof(*row));
    struct cli_flag_report report = {
        .seed = request->run.seed, .strategy = request->run.strategy, .row = row};
    int status = 0;
    if (row == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    for (uint32_t index = 0; index < plan->rows && status == 0; index++) {
        status = count_one(request, plan->row[index].scenario, &row[index]);
        report.rows += status == 0;
    }
    report.interrupted = status != 0;
    if (status == 0 || cli_caught_signal() != 0) {
        int unwritten = write_report(request, &report);
        status = unwritten != 0 ? unwritten : status;
    }
    free(row);
    return status;
}

/* The rows are those of a run on the plain map; what is asked for is checked before the first. */
static int make_plan(const struct request *request, struct cli_plan *plan) {
    struct cli_settings settings = {
        .scenarios = request->scenarios, .strategy = request->run.strategy, .json = request->json};
    cli_names_add(&settings.maps, "gomap");
    for (size_t index = 0; index < USUAL && request->scenarios.count == 0; index++) {
        cli_names_add(&settings.scenarios, usual[index]);
    }
    int status = cli_plan_make(&settings, plan);
    return status != 0 ? status : cli_out_check(&settings);
}

int cli_flag(int count, char **arguments) {
    struct request request = {.run = {.seed = CLI_SEED_DEFAULT,
                                      .executions = EXECUTIONS_DEFAULT,
                                      .strategy = "random",
                                      .jobs = cli_processors()}};
    const struct argp parser = {.options = options, .parser = parse_option, .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &request, &request.status);
    if (status != 0) {
        return status;
    }
    char error[HD_LINE_SIZE] = "";
    struct cli_plan plan = {0};
    cli_start_fixed();
    cli_catch_signals();
    if (sn_paths_init(cli_flavour, error) != 0) {
        return cli_proc_check() != 0 ? CLI_SYSTEM : cli_fail(CLI_INTERNAL, "%s", error);
    }
    status = cli_room_check();
    status = status != 0 ? status : make_plan(&request, &plan);
    if (status == 0) {
        status = count_all(&request, &plan);
    }
    cli_plan_clear(&plan);
    return status;
}
