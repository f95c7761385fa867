/* scenario.c - `heddle scenario show` and `heddle scenario check`: what a scenario asks, and whether
 * files are scenarios.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/known.h"
#include "cli/options.h"
#include "cli/plan.h"
#include "cli/settings.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/base/nearest.h"
#include "reports/file.h"
#include "reports/layout.h"
#include "reports/stream.h"
#include "reports/text.h"
#include "scenarios/scenario.h"

#define FILE_SIZE_MAX (1u << 20)

static const char documentation[] =
    "Shows a scenario, and checks scenario files without running them."
    "\v"
    "Examples:\n"
    "  heddle scenario show growth-window\n"
    "  heddle scenario show growth-window >mine.yaml\n"
    "  heddle scenario check --map ./mymap.so mine.yaml\n"
    "\n"
    "heddle scenario show -h and heddle scenario check -h tell more.";

static const char show_documentation[] =
    "Prints a scenario: its path, its question, what it costs, what is expected of each map, and "
    "then the file. The first part are comments, so that the whole is a scenario file again."
    "\v"
    "Examples:\n"
    "  heddle scenario show growth-window\n"
    "  heddle scenario show ./mine.yaml\n"
    "\n"
    "Exit status: 0; 64 no such scenario; 65 the file is not valid.";

static const char check_documentation[] =
    "Checks scenario files without running them."
    "\v"
    "Examples:\n"
    "  heddle scenario check mine.yaml\n"
    "  heddle scenario check scenarios/*.yaml\n"
    "  heddle scenario check --map ./mymap.so mine.yaml\n"
    "\n"
    "Exit status: 0 all are valid; 65 one is not, with FILE:LINE:COLUMN: REASON for each; 64 "
    "usage.";

static const struct argp_option check_options[] = {
    {"map", 'm', "FILE.so", 0, "a plug-in whose name the files may use; may be repeated", 0},
    {0},
};

struct asked {
    struct cli_names names;
    struct cli_names maps;
    int status;
};

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct asked *asked = state->input;
    switch (key) {
    case 'm':
        return cli_names_add(&asked->maps, text);
    case ARGP_KEY_ARG:
        return cli_names_add(&asked->names, text);
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- show ------------------------------------------------------------------------------------ */

static void put_head(const struct sn_scenario *scenario, unsigned width) {
    char text[2 * HD_LINE_SIZE], expected[HD_MESSAGE_SIZE];
    uint32_t maps = 0;
    const char *const *map = sn_scenario_maps(scenario, &maps);
    const char *cost = sn_scenario_cost(scenario);
    rp_text_fold(stdout, width, "# ", "#   ", sn_scenario_path(scenario));
    rp_text_fold(stdout, width, "# question  ", "#           ", sn_scenario_question(scenario));
    rp_text_fold(stdout, width, "# cost      ", "#           ", cost);
    snprintf(text, sizeof(text), "%" PRIu64 " executions a row, strategy %s",
             sn_scenario_executions(scenario), sn_scenario_strategy(scenario));
    rp_text_fold(stdout, width, "# runs      ", "#           ", text);
    for (uint32_t index = 0; index < maps; index++) {
        sn_scenario_expected(scenario, index, expected);
        snprintf(text, sizeof(text), "%s: %s", map[index], expected);
        rp_text_fold(stdout, width, "# expected  ", "#           ", text);
    }
    putchar('\n');
}

static int show_one(const char *name, unsigned width) {
    char error[HD_LINE_SIZE] = "";
    char *text = NULL;
    size_t size = 0;
    struct sn_scenario *scenario = NULL;
    int status = sn_scenario_open(name, &scenario, error);
    if (status != 0) {
        return cli_open_failed(status, name, ".yaml", error);
    }
    status = rp_file_read(sn_scenario_path(scenario), FILE_SIZE_MAX, &text, &size, error);
    if (status == 0) {
        put_head(scenario, width);
        fwrite(text, 1, size, stdout);
    }
    free(text);
    sn_scenario_close(scenario);
    return status != 0 ? cli_fail(CLI_BAD_INPUT, "%s", error) : 0;
}

static int show(const struct asked *asked) {
    if (asked->names.count != 1) {
        return cli_fail(CLI_USAGE, "one name or file is shown; as in: heddle scenario show NAME");
    }
    return show_one(asked->names.name[0], rp_width(STDOUT_FILENO));
}

/* ---- check ----------------------------------------------------------------------------------- */

/* Returns 0, or an exit status after one line. */
static int check_one(const char *name, const struct cli_names *plugins) {
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

static int check(const struct asked *asked) {
    int status = 0;
    if (asked->names.count == 0) {
        return cli_fail(CLI_USAGE, "no file is given; as in: heddle scenario check FILE...");
    }
    for (uint32_t index = 0; index < asked->names.count; index++) {
        int one = check_one(asked->names.name[index], &asked->maps);
        status = status != 0 ? status : one;
    }
    return status;
}

/* ---- the command ----------------------------------------------------------------------------- */

static const struct subcommand {
    const char *name;
    char title[32];
    struct argp parser;
    int (*run)(const struct asked *asked);
} subcommands[] = {
    {"show",
     "heddle scenario show",
     {.parser = parse_option, .args_doc = "NAME|FILE", .doc = show_documentation},
     show},
    {"check",
     "heddle scenario check",
     {.options = check_options,
      .parser = parse_option,
      .args_doc = "FILE...",
      .doc = check_documentation},
     check},
};
#define SUBCOMMANDS (sizeof(subcommands) / sizeof(subcommands[0]))

static int run(const struct subcommand *subcommand, int count, char **arguments) {
    struct asked asked = {0};
    char title[sizeof(subcommand->title)], error[HD_LINE_SIZE] = "";
    memcpy(title, subcommand->title, sizeof(title));
    arguments[0] = title;
    int status = cli_options_parse(&subcommand->parser, count, arguments, &asked, &asked.status);
    if (status != 0) {
        return status;
    }
    if (sn_paths_init(cli_flavour, error) != 0) {
        return cli_proc_check() != 0 ? CLI_SYSTEM : cli_fail(CLI_INTERNAL, "%s", error);
    }
    status = subcommand->run(&asked);
    int written = rp_stream_flush(stdout);
    return status != 0 || written == 0 ? status : cli_output_failed(written);
}

/* A first word that is no subcommand. */
static error_t parse_word(int key, char *text, struct argp_state *state) {
    static const char *const names[] = {"show", "check"};
    int *status = state->input;
    char guess[HD_NEAREST_SIZE];
    if (key != ARGP_KEY_ARG) {
        return ARGP_ERR_UNKNOWN;
    }
    hd_nearest_text(text, names, SUBCOMMANDS, guess);
    *status = cli_fail(CLI_USAGE, "unknown command 'scenario %.60s'%s", text,
                       guess[0] != '\0' ? guess : "; there are show and check");
    return EINVAL;
}

int cli_scenario(int count, char **arguments) {
    static const struct argp parser = {
        .parser = parse_word, .args_doc = "show NAME|FILE\ncheck FILE...", .doc = documentation};
    int status = 0;
    for (size_t index = 0; index < SUBCOMMANDS && count > 1; index++) {
        if (strcmp(arguments[1], subcommands[index].name) == 0) {
            return run(&subcommands[index], count - 1, arguments + 1);
        }
    }
    status = cli_options_parse(&parser, count, arguments, &status, &status);
    return status != 0 ? status
                       : cli_fail(CLI_USAGE, "a command is missing; as in: heddle scenario show "
                                             "NAME, heddle scenario check FILE...");
}
