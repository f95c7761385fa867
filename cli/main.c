/* main.c - the `heddle` command: which subcommand.
 */
#include <argp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/version.h"

#define ARGUMENTS_MAX 4096

const char cli_flavour[] = HEDDLE_FLAVOUR;

static const struct command {
    const char *name;
    char title[24]; /* argv[0] of the subcommand: what its usage lines begin with */
    const char *summary;
    int (*run)(int count, char **arguments);
} commands[] = {
    {"list", "heddle list", "scenarios, maps, strategies", cli_list},
    {"run", "heddle run", "run scenarios against maps; compare with what is expected", cli_run},
    {"replay", "heddle replay", "see one execution again", cli_replay},
    {"compare", "heddle compare", "one scenario, maps side by side", cli_compare},
    {"check-history", "heddle check-history", "is this recorded history linearizable?",
     cli_check_history},
    {"claims", "heddle claims", "what is said of Go's growing map, and what is so", cli_claims},
    {"flag", "heddle flag", "how good is the plain map's own detection?", cli_flag},
    {"map-trace", "heddle map-trace", "operations in, the state of the map out", cli_map_trace},
    {"scenario", "heddle scenario", "check scenario files", cli_scenario},
    {"bench", "heddle bench", "throughput, latencies and memory of the maps on real threads",
     cli_bench},
    {"doctor", "heddle doctor", "what this machine allows, and what heddle cannot see", cli_doctor},
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *stream) {
    fputs("Usage: heddle COMMAND [OPTION...]\n"
          "Runs concurrent C code under schedules that follow from a seed, finds faults and shows "
          "them "
          "again.\n\n",
          stream);
    for (size_t index = 0; index < COMMANDS; index++) {
        fprintf(stream, "  %-13s %s\n", commands[index].name, commands[index].summary);
    }
    fputs("\n  --help     this text; heddle COMMAND --help tells more, with examples\n"
          "  --version  version, build, compiler\n\n"
          "Examples:\n"
          "  heddle run --scenario growth-window --map gomap\n"
          "  heddle replay --scenario growth-window --map gomap --strategy pct:3 --seed 0x5eed\n"
          "  heddle compare --scenario growth-window\n",
          stream);
}

static const struct command *find_command(const char *name) {
    for (size_t index = 0; index < COMMANDS; index++) {
        if (strcmp(commands[index].name, name) == 0) {
            return &commands[index];
        }
    }
    return NULL;
}

static int unknown_command(const char *name) {
    const char *names[COMMANDS];
    for (size_t index = 0; index < COMMANDS; index++) {
        names[index] = commands[index].name;
    }
    const char *nearest = cli_nearest(name, names, COMMANDS);
    if (nearest != NULL) {
        return cli_fail(CLI_USAGE, "unknown command '%.60s'; did you mean '%s'?", name, nearest);
    }
    return cli_fail(CLI_USAGE, "unknown command '%.60s'; see heddle --help", name);
}

static int run_command(const struct command *command, int count, char **rest) {
    static char *arguments[ARGUMENTS_MAX];
    static char title[sizeof(command->title)];
    if (count >= ARGUMENTS_MAX) {
        return cli_fail(CLI_USAGE, "too many arguments");
    }
    memcpy(title, command->title, sizeof(title));
    arguments[0] = title;
    memcpy(arguments + 1, rest, (size_t)count * sizeof(*rest));
    return command->run(count + 1, arguments);
}

static bool is_word(const char *text, const char *word, const char *option, const char *letter) {
    return strcmp(text, word) == 0 || strcmp(text, option) == 0 || strcmp(text, letter) == 0;
}

/* `help COMMAND` is `COMMAND --help`, in the process's own arguments: a command may be another executable,
 * which is given them. */
static int show_help(char **arguments) {
    static char option[] = "--help";
    const struct command *command = find_command(arguments[2]);
    if (command == NULL) {
        return unknown_command(arguments[2]);
    }
    arguments[1] = arguments[2];
    arguments[2] = option;
    return run_command(command, 1, arguments + 2);
}

int main(int count, char **arguments) {
    cli_start(arguments);
    argp_err_exit_status = CLI_USAGE;
    argp_program_version_hook = NULL;
    if (count < 2) {
        return cli_fail(CLI_USAGE, "a command is missing; see heddle --help");
    }
    const char *word = arguments[1];
    if (is_word(word, "help", "--help", "-h") && count == 2) {
        print_help(stdout);
        return CLI_AS_EXPECTED;
    }
    if (is_word(word, "help", "--help", "-h")) {
        return show_help(arguments);
    }
    if (is_word(word, "version", "--version", "-V")) {
        cli_version_print(stdout);
        return CLI_AS_EXPECTED;
    }
    const struct command *command = find_command(word);
    return command != NULL ? run_command(command, count - 2, arguments + 2) : unknown_command(word);
}
