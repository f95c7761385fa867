/* run.c - `heddle run` and `heddle compare`: the same campaigns, told in rows or side by side.
 */
#include <stdio.h>
#include <string.h>

#include "cli/claims.h"
#include "cli/command.h"
#include "cli/diag.h"
#include "cli/out.h"
#include "cli/room.h"
#include "cli/session.h"
#include "cli/start.h"
#include "cli/status.h"
#include "reports/compare.h"
#include "reports/table.h"

static const char run_documentation[] =
    "Runs scenarios against maps and compares each verdict with what is expected."
    "\v"
    "Examples:\n"
    "  heddle run                                     every scenario, every map\n"
    "  heddle run --scenario growth-window --map gomap --executions 100000\n"
    "  heddle run --map ./mymap.so --time 5m --out heddle-out\n"
    "  heddle run --scenario concurrent-writes --strategy pct:3 --until-fault\n"
    "  heddle run --json - --quiet | jq '.results[] | select(.as_expected | not)'\n"
    "\n"
    "Exit status: 0 all as expected; 1 a fault that was not expected, or an expected one that did "
    "not "
    "come; 3 no answer, or vacuous; 64 usage; 65 bad input; 70 heddle itself failed; 71 the "
    "system refuses processes or memory; 74 cannot "
    "write; "
    "130, 143 interrupted, partial results written.";

static const char compare_documentation[] =
    "Runs one scenario against several maps and prints them side by side; then what those that "
    "are\n"
    "built in do on real threads."
    "\v"
    "Examples:\n"
    "  heddle compare --scenario growth-window\n"
    "  heddle compare --scenario read-during-write --map gomap --map rwmutex --map ./mymap.so\n"
    "\n"
    "Exit status: as `heddle run`.";

/* What the claims have no use for is refused, so that nothing asked for is silently left out. */
static int run_claims(const struct cli_settings *settings) {
    const char *useless = settings->tags.count > 1                         ? "another --tag"
                          : settings->scenarios.count != 0                 ? "--scenario"
                          : settings->maps.count != 0                      ? "--map"
                          : settings->strategy != NULL                     ? "--strategy"
                          : settings->executions_origin == CLI_FROM_OPTION ? "--executions"
                          : settings->seconds > 0                          ? "--time"
                          : settings->out_origin == CLI_FROM_OPTION        ? "--out"
                          : settings->junit != NULL                        ? "--junit"
                          : settings->until_fault                          ? "--until-fault"
                          : settings->jobs_origin == CLI_FROM_OPTION       ? "--jobs"
                          : settings->flavour_origin == CLI_FROM_OPTION    ? "--flavour"
                          : settings->verbose                              ? "--verbose"
                          : !settings->native                              ? "--no-native"
                          : settings->kind != HD_RUN_WATCHED ? "--bare, --full, --free"
                                                             : NULL;
    if (useless != NULL) {
        return cli_fail(CLI_USAGE,
                        "--tag claims takes --seed, --budget, --json and --quiet, not %s", useless);
    }
    return cli_claims_run(settings);
}

static bool has_tag(const struct cli_settings *settings, const char *tag) {
    for (uint32_t index = 0; index < settings->tags.count; index++) {
        if (strcmp(settings->tags.name[index], tag) == 0) {
            return true;
        }
    }
    return false;
}

static int run(int count, char **arguments, const char *documentation, cli_print *print) {
    struct cli_settings settings;
    struct cli_plan plan = {0};
    char error[HD_LINE_SIZE] = "";
    int status = cli_settings_parse(count, arguments, documentation, &settings);
    if (status != 0) {
        return status;
    }
    if (settings.show_config) {
        cli_settings_show(&settings);
        return CLI_AS_EXPECTED;
    }
    if (has_tag(&settings, "claims")) {
        return print == rp_table_print
                   ? run_claims(&settings)
                   : cli_fail(CLI_USAGE, "--tag claims is a suite of heddle run");
    }
    if (settings.kind == HD_RUN_FREE && strcmp(settings.flavour, "tsan") != 0) {
        return cli_fail(CLI_USAGE, "--free needs --flavour tsan");
    }
    if (strcmp(settings.flavour, cli_flavour) != 0) {
        return cli_start_flavour(settings.flavour);
    }
    settings.native &= print == rp_compare_print && strcmp(settings.flavour, "controlled") == 0;
    bool fixed = cli_start_fixed();
    status = cli_proc_check();
    if (status != 0) {
        return status;
    }
    if (sn_paths_init(cli_flavour, error) != 0) {
        return cli_fail(CLI_INTERNAL, "%s", error);
    }
    status = cli_room_check();
    status = status != 0 ? status : cli_plan_make(&settings, &plan);
    if (status == 0) {
        status = cli_out_check(&settings);
    }
    if (status == 0) {
        status = cli_session_run(&settings, &plan, print, fixed);
    }
    cli_plan_clear(&plan);
    return status;
}

int cli_run(int count, char **arguments) {
    return run(count, arguments, run_documentation, rp_table_print);
}

int cli_compare(int count, char **arguments) {
    return run(count, arguments, compare_documentation, rp_compare_print);
}
