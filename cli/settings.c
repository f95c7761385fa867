/* settings.c - the options of `run` and `compare`, and the variables behind them.
 */
#include "cli/settings.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/diag.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/explore/campaign.h"

/* Options without a letter. */
enum {
    OPTION_MAP = 0x100,
    OPTION_SEED,
    OPTION_TIME,
    OPTION_UNTIL,
    OPTION_JSON,
    OPTION_JUNIT,
    OPTION_TAG,
    OPTION_BARE,
    OPTION_BUDGET,
    OPTION_FULL,
    OPTION_FREE,
    OPTION_FLAVOUR,
    OPTION_SHOW,
    OPTION_NO_NATIVE,
};

static const struct argp_option options[] = {
    {.doc = "What to run:"},
    {"scenario", 's', "NAME|FILE", 0, "a scenario; may be repeated (default: all)", 0},
    {"map", 'm', "NAME|FILE.so", 0, "a map; may be repeated (default: those the scenario names)",
     0},
    {"tag", OPTION_TAG, "TAG", 0,
     "only scenarios with this tag; may be repeated. claims: the suite of `heddle claims`", 0},
    {.doc = "How to explore:", .group = 2},
    {"strategy", 'x', "NAME", 0, "random, pct:3, ... (default: the scenario's)", 2},
    {"seed", OPTION_SEED, "N", 0, "campaign seed, decimal or 0x... (default: 0x5eed)", 2},
    {"executions", 'n', "N", 0, "executions a row (default: the scenario's)", 2},
    {"budget", OPTION_BUDGET, "FACTOR", 0,
     "so many times the executions that each scenario asks for (default: 1)", 2},
    {"time", OPTION_TIME, "SECONDS", 0,
     "wall time of the whole run, shared among the rows: 10, 90s, 5m, 1h", 2},
    {"no-native", OPTION_NO_NATIVE, NULL, 0, "compare: schedules only, no figures of real threads",
     2},
    {"until-fault", OPTION_UNTIL, NULL, 0, "end a row at its first fault", 2},
    {"jobs", 'j', "N", 0, "worker processes (default: the processors); never changes a result", 2},
    {"bare", OPTION_BARE, NULL, 0, "explore without invariant checks: faster, sees less", 2},
    {"full", OPTION_FULL, NULL, 0, "see every access of every execution: slower, sees all", 2},
    {"free", OPTION_FREE, NULL, 0,
     "real threads instead of schedules, watched by ThreadSanitizer (--flavour tsan)", 2},
    {"flavour", OPTION_FLAVOUR, CLI_FLAVOURS, 0,
     "how code is watched; tsan: by the real ThreadSanitizer, by seed (default: controlled)", 2},
    {.doc = "What to write:", .group = 3},
    {"out", 'o', "DIR", 0, "write report.json, junit.xml and faults/ into this directory", 3},
    {"json", OPTION_JSON, "FILE|-", 0, "write the results as JSON", 3},
    {"junit", OPTION_JUNIT, "FILE", 0, "write the results as JUnit XML", 3},
    {"verbose", 'v', NULL, 0, "show every distinct fault, expected ones too, in full", 3},
    {"quiet", 'q', NULL, 0, "no progress and no fault reports on standard error", 3},
    {"show-config", OPTION_SHOW, NULL, 0, "print each setting and where it came from; run nothing",
     3},
    {0},
};

int cli_names_add(struct cli_names *names, const char *name) {
    if (names->count == CLI_NAMES_MAX) {
        return E2BIG;
    }
    names->name[names->count++] = name;
    return 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

static int set_seed(struct cli_settings *settings, const char *what, const char *text,
                    enum cli_origin origin) {
    settings->seed_origin = origin;
    return cli_take_seed(what, text, &settings->seed);
}

static int set_jobs(struct cli_settings *settings, const char *what, const char *text,
                    enum cli_origin origin) {
    uint64_t jobs = settings->jobs;
    int status = cli_take_count(what, text, 1, CLI_JOBS_MAX, &jobs);
    settings->jobs = (uint32_t)jobs;
    settings->jobs_origin = origin;
    return status;
}

static int set_executions(struct cli_settings *settings, const char *what, const char *text,
                          enum cli_origin origin) {
    settings->executions_origin = origin;
    return cli_take_count(what, text, 1, HD_EXECUTIONS_MAX, &settings->executions);
}

static int set_budget(struct cli_settings *settings, const char *text) {
    settings->budget_origin = CLI_FROM_OPTION;
    return cli_take_count("--budget", text, 1, CLI_BUDGET_MAX, &settings->budget);
}

static int set_flavour(struct cli_settings *settings, const char *text) {
    settings->flavour = text;
    settings->flavour_origin = CLI_FROM_OPTION;
    return cli_options_word("--flavour", CLI_FLAVOURS, text) < 0 ? CLI_USAGE : 0;
}

static int add_name(struct cli_names *names, const char *what, const char *text) {
    int status = cli_names_add(names, text);
    return status != 0 ? cli_fail(CLI_USAGE, "%s '%.100s' is one too many", what, text) : 0;
}

/* ---- the parser ------------------------------------------------------------------------------ */

/* What argp hands to parse_option. */
struct parsing {
    struct cli_settings *settings;
    int status; /* of the first refusal */
};

static int take_value(struct cli_settings *settings, int key, const char *text) {
    switch (key) {
    case OPTION_SEED:
        return set_seed(settings, "--seed", text, CLI_FROM_OPTION);
    case 'j':
        return set_jobs(settings, "--jobs", text, CLI_FROM_OPTION);
    case 'n':
        return set_executions(settings, "--executions", text, CLI_FROM_OPTION);
    case OPTION_BUDGET:
        return set_budget(settings, text);
    case OPTION_TIME:
        return cli_take_seconds("--time", text, &settings->seconds);
    case OPTION_FLAVOUR:
        return set_flavour(settings, text);
    case 's':
        return add_name(&settings->scenarios, "--scenario", text);
    case 'm':
        return add_name(&settings->maps, "--map", text);
    case OPTION_TAG:
        return add_name(&settings->tags, "--tag", text);
    case ARGP_KEY_ARG:
        return cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
    default:
        return -1;
    }
}

static bool take_word(struct cli_settings *settings, int key, const char *text) {
    switch (key) {
    case 'x':
        settings->strategy = text;
        return true;
    case 'o':
        settings->out = text;
        settings->out_origin = CLI_FROM_OPTION;
        return true;
    case OPTION_JSON:
        settings->json = text;
        return true;
    case OPTION_JUNIT:
        settings->junit = text;
        return true;
    default:
        return false;
    }
}

static bool take_switch(struct cli_settings *settings, int key) {
    switch (key) {
    case OPTION_UNTIL:
        settings->until_fault = true;
        return true;
    case OPTION_BARE:
        settings->kind = HD_RUN_BARE;
        return true;
    case OPTION_FULL:
        settings->kind = HD_RUN_FULL;
        return true;
    case OPTION_FREE:
        settings->kind = HD_RUN_FREE;
        return true;
    case OPTION_NO_NATIVE:
        settings->native = false;
        return true;
    case OPTION_SHOW:
        settings->show_config = true;
        return true;
    case 'v':
        settings->verbose = true;
        return true;
    case 'q':
        settings->quiet = true;
        return true;
    default:
        return false;
    }
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct parsing *parsing = state->input;
    if (take_switch(parsing->settings, key) || take_word(parsing->settings, key, text)) {
        return 0;
    }
    int status = take_value(parsing->settings, key, text);
    if (status < 0) {
        return ARGP_ERR_UNKNOWN;
    }
    parsing->status = status;
    return status == 0 ? 0 : EINVAL;
}

static int read_environment(struct cli_settings *settings) {
    const char *seed = getenv("HEDDLE_SEED");
    const char *jobs = getenv("HEDDLE_JOBS");
    const char *executions = getenv("HEDDLE_EXECUTIONS");
    const char *out = getenv("HEDDLE_OUT");
    int status = 0;
    if (seed != NULL && seed[0] != '\0') {
        status = set_seed(settings, "HEDDLE_SEED", seed, CLI_FROM_ENVIRONMENT);
    }
    if (status == 0 && jobs != NULL && jobs[0] != '\0') {
        status = set_jobs(settings, "HEDDLE_JOBS", jobs, CLI_FROM_ENVIRONMENT);
    }
    if (status == 0 && executions != NULL && executions[0] != '\0') {
        status = set_executions(settings, "HEDDLE_EXECUTIONS", executions, CLI_FROM_ENVIRONMENT);
    }
    if (out != NULL && out[0] != '\0') {
        settings->out = out;
        settings->out_origin = CLI_FROM_ENVIRONMENT;
    }
    return status;
}

uint32_t cli_processors(void) {
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    return online < 1 ? 1 : online > CLI_JOBS_MAX ? CLI_JOBS_MAX : (uint32_t)online;
}

/* How many executions: an option comes before a variable, whatever its name, and of two options none
 * is left out. */
static int settle_executions(struct cli_settings *settings) {
    bool budget = settings->budget_origin == CLI_FROM_OPTION;
    if (settings->executions_origin == CLI_FROM_OPTION && budget) {
        return cli_fail(CLI_USAGE, "--executions and --budget exclude each other");
    }
    if (settings->executions_origin == CLI_FROM_ENVIRONMENT && (budget || settings->seconds > 0)) {
        settings->executions = 0;
        settings->executions_origin = CLI_FROM_DEFAULT;
    }
    return 0;
}

/* The size of a value that the environment gives is refused before any option is read: an option
 * that overrides a broken variable does not hide it. */
int cli_settings_parse(int count, char **arguments, const char *documentation,
                       struct cli_settings *settings) {
    *settings = (struct cli_settings){.seed = CLI_SEED_DEFAULT,
                                      .jobs = cli_processors(),
                                      .kind = HD_RUN_WATCHED,
                                      .budget = 1,
                                      .native = true,
                                      .flavour = cli_flavour};
    int status = read_environment(settings);
    if (status != 0) {
        return status;
    }
    struct parsing parsing = {.settings = settings};
    const struct argp parser = {.options = options, .parser = parse_option, .doc = documentation};
    status = cli_options_parse(&parser, count, arguments, &parsing, &parsing.status);
    return status != 0 ? status : settle_executions(settings);
}

/* ---- --show-config --------------------------------------------------------------------------- */

static const char *origin_name(enum cli_origin origin) {
    static const char *const names[] = {
        [CLI_FROM_DEFAULT] = "default",
        [CLI_FROM_SCENARIO] = "scenario",
        [CLI_FROM_ENVIRONMENT] = "environment",
        [CLI_FROM_OPTION] = "option",
    };
    return names[origin];
}

static void show(const char *name, const char *value, enum cli_origin origin) {
    printf("%-12s %-24s %s\n", name, value, origin_name(origin));
}

static void show_names(const char *name, const struct cli_names *names, const char *otherwise,
                       enum cli_origin origin) {
    for (uint32_t index = 0; index < names->count; index++) {
        show(name, names->name[index], CLI_FROM_OPTION);
    }
    if (names->count == 0) {
        show(name, otherwise, origin);
    }
}

static void show_path(const char *name, const char *path, enum cli_origin origin) {
    show(name, path != NULL ? path : "none", path != NULL ? origin : CLI_FROM_DEFAULT);
}

void cli_settings_show(const struct cli_settings *settings) {
    char text[64];
    show_names("scenario", &settings->scenarios, "all", CLI_FROM_DEFAULT);
    show_names("map", &settings->maps, "as the scenario says", CLI_FROM_SCENARIO);
    show_names("tag", &settings->tags, "any", CLI_FROM_DEFAULT);
    bool strategy = settings->strategy != NULL;
    show("strategy", strategy ? settings->strategy : "as the scenario says",
         strategy ? CLI_FROM_OPTION : CLI_FROM_SCENARIO);
    snprintf(text, sizeof(text), "0x%016" PRIx64, settings->seed);
    show("seed", text, settings->seed_origin);
    bool own = settings->executions != 0;
    bool timed = settings->seconds > 0 && settings->budget_origin == CLI_FROM_DEFAULT;
    snprintf(text, sizeof(text), "%" PRIu64, settings->executions);
    show("executions",
         own     ? text
         : timed ? "no bound"
                 : "as the scenario says",
         own     ? settings->executions_origin
         : timed ? CLI_FROM_OPTION
                 : CLI_FROM_SCENARIO);
    snprintf(text, sizeof(text), "%" PRIu64, settings->budget);
    show("budget", text, settings->budget_origin);
    snprintf(text, sizeof(text), "%g s", settings->seconds);
    show("time", settings->seconds > 0 ? text : "no bound",
         settings->seconds > 0 ? CLI_FROM_OPTION : CLI_FROM_DEFAULT);
    snprintf(text, sizeof(text), "%" PRIu32, settings->jobs);
    show("jobs", text, settings->jobs_origin);
    show("kind",
         settings->kind == HD_RUN_BARE   ? "bare"
         : settings->kind == HD_RUN_FULL ? "full"
         : settings->kind == HD_RUN_FREE ? "free"
                                         : "watched",
         settings->kind == HD_RUN_WATCHED ? CLI_FROM_DEFAULT : CLI_FROM_OPTION);
    show("until-fault", settings->until_fault ? "yes" : "no",
         settings->until_fault ? CLI_FROM_OPTION : CLI_FROM_DEFAULT);
    show("flavour", settings->flavour, settings->flavour_origin);
    show_path("out", settings->out, settings->out_origin);
    show_path("json", settings->json, CLI_FROM_OPTION);
    show_path("junit", settings->junit, CLI_FROM_OPTION);
}
