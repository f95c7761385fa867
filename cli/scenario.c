/* scenario.c - `heddle scenario check`: are these files scenarios?
 */
#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/known.h"
#include "cli/settings.h"
#include "cli/start.h"
#include "cli/status.h"
#include "reports/stream.h"
#include "scenarios/scenario.h"

static const char documentation[] = "Checks scenario files without running them."
                                    "\v"
                                    "Examples:\n"
                                    "  heddle scenario check mine.yaml\n"
                                    "  heddle scenario check scenarios/*.yaml\n"
                                    "  heddle scenario check --map ./mymap.so mine.yaml\n"
                                    "\n"
                                    "Exit status: 0 all are valid; 65 one is not, with "
                                    "FILE:LINE:COLUMN: REASON for each; 64 usage.";

static const struct argp_option options[] = {
    {"map", 'm', "FILE.so", 0, "a plug-in whose name the files may use (repeatable)", 0},
    {0},
};

struct asked {
    struct cli_names names;
    struct cli_names maps;
    int status;
};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct asked *asked = state->input;
    if (key == ARGP_KEY_INIT) {
        cli_parser_begin(state);
        return 0;
    }
    if (key == 'm') {
        return cli_names_add(&asked->maps, text);
    }
    if (key != ARGP_KEY_ARG) {
        return ARGP_ERR_UNKNOWN;
    }
    if (state->arg_num > 0) {
        return cli_names_add(&asked->names, text);
    }
    if (strcmp(text, "check") != 0) {
        asked->status = cli_fail(CLI_USAGE, "no scenario command '%.60s' (known: check)", text);
        return EINVAL;
    }
    return 0;
}

/* Returns 0, or an exit status after one line. */
static int check(const char *name, const struct cli_names *plugins) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    if (sn_scenario_open(name, &scenario, error) != 0) {
        return cli_fail(CLI_BAD_INPUT, "%s", error);
    }
    uint32_t maps = 0;
    sn_scenario_maps(scenario, &maps);
    int status = cli_maps_known(scenario, plugins, false);
    if (status == 0) {
        printf("%s: ok: %s, %" PRIu32 " map%s, %" PRIu64 " executions\n", name,
               sn_scenario_name(scenario), maps, maps == 1 ? "" : "s",
               sn_scenario_executions(scenario));
    }
    sn_scenario_close(scenario);
    return status;
}

int cli_scenario(int count, char **arguments) {
    struct asked asked = {0};
    const struct argp parser = {.options = options,
                                .parser = parse_option,
                                .args_doc = "check FILE...",
                                .doc = documentation};
    error_t refused = argp_parse(&parser, count, arguments, ARGP_IN_ORDER, NULL, &asked);
    char error[HD_LINE_SIZE] = "";
    if (refused != 0) {
        return asked.status != 0 ? asked.status : cli_fail(CLI_USAGE, "%s", strerror(refused));
    }
    if (asked.names.count == 0) {
        return cli_fail(CLI_USAGE, "no file is given; as in: heddle scenario check FILE...");
    }
    if (sn_paths_init(cli_flavour, error) != 0) {
        return cli_proc_check() != 0 ? CLI_SYSTEM : cli_fail(CLI_INTERNAL, "%s", error);
    }
    int status = 0;
    for (uint32_t index = 0; index < asked.names.count; index++) {
        int one = check(asked.names.name[index], &asked.maps);
        status = status != 0 ? status : one;
    }
    int written = rp_stream_flush(stdout);
    return status != 0 ? status : written != 0 ? cli_output_failed(written) : CLI_AS_EXPECTED;
}
