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
#include "harness/base/nearest.h"

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
    {"scenario", "heddle scenario", "show a scenario, check scenario files", cli_scenario},
    {"bench", "heddle bench", "throughput, latencies and memory of the maps on real threads",
     cli_bench},
    {"doctor", "heddle doctor", "what this machine allows, and what heddle cannot see", cli_doctor},
    {"complete", "heddle complete", NULL, cli_complete}, /* for shells */
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void print_help(FILE *stream) {
    fputs("Usage: heddle COMMAND [OPTION...]\n"
          "Runs concurrent C code under schedules that follow from a seed, finds faults and\n"
          "shows them again.\n\n",
          stream);
    for (size_t index = 0; index < COMMANDS; index++) {
        if (commands[index].summary != NULL) {
            fprintf(stream, "  %-13s %s\n", commands[index].name, commands[index].summary);
        }
    }
    fputs("\n  -h, --help     this text; heddle COMMAND -h tells more, with examples\n"
          "  -V, --version  version, build, compiler\n\n"
          "Examples:\n"
          "  heddle run --scenario growth-window --map gomap\n"
          "  heddle replay heddle-out/faults/growth-window-gomap-0123456789abcdef.json\n"
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
    const char *names[COMMANDS + 2] = {"help", "version"};
    char guess[HD_NEAREST_SIZE];
    size_t count = 2;
    for (size_t index = 0; index < COMMANDS; index++) {
        if (commands[index].summary != NULL) {
            names[count++] = commands[index].name;
        }
    }
    hd_nearest_text(name, names, count, guess);
    return cli_fail(CLI_USAGE, "unknown command '%.60s'%s", name,
                    guess[0] != '\0' ? guess : "; see heddle --help");
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

void cli_commands_print(void) {
    for (size_t index = 0; index < COMMANDS; index++) {
        if (commands[index].summary != NULL) {
            puts(commands[index].name);
        }
    }
    puts("help\nversion");
}

int cli_command_run(const char *name, int count, char **arguments) {
    const struct command *command = find_command(name);
    return command != NULL ? run_command(command, count, arguments) : CLI_USAGE;
}

static bool is_word(const char *text, const char *word, const char *option, const char *letter) {
    return strcmp(text, word) == 0 || strcmp(text, option) == 0 || strcmp(text, letter) == 0;
}

static bool asks_for_help(const char *text) {
    return is_word(text, "help", "--help", "-h");
}

/* `help COMMAND WORD...` is `COMMAND WORD... --help`, in the process's own arguments: a command may be
 * another executable, which is given them. */
static int show_help(int count, char **arguments) {
    static char option[] = "--help";
    if (count < 3 || asks_for_help(arguments[2])) {
        print_help(stdout);
        return CLI_AS_EXPECTED;
    }
    const struct command *command = find_command(arguments[2]);
    if (command == NULL) {
        return unknown_command(arguments[2]);
    }
    memmove(arguments + 1, arguments + 2, (size_t)(count - 2) * sizeof(*arguments));
    arguments[count - 1] = option;
    return run_command(command, count - 2, arguments + 2);
}

static int show_version(int count, char **arguments) {
    if (count > 2 && asks_for_help(arguments[2])) {
        print_help(stdout);
        return CLI_AS_EXPECTED;
    }
    if (count > 2) {
        return cli_fail(CLI_USAGE, "unexpected argument '%.100s'", arguments[2]);
    }
    cli_version_print(stdout);
    return CLI_AS_EXPECTED;
}

int main(int count, char **arguments) {
    cli_start(arguments);
    argp_err_exit_status = CLI_USAGE;
    argp_program_version_hook = NULL;
    if (count < 2) {
        return cli_fail(CLI_USAGE, "a command is missing; see heddle --help");
    }
    const char *word = arguments[1];
    if (asks_for_help(word)) {
        return show_help(count, arguments);
    }
    if (is_word(word, "version", "--version", "-V")) {
        return show_version(count, arguments);
    }
    const struct command *command = find_command(word);
    return command != NULL ? run_command(command, count - 2, arguments + 2) : unknown_command(word);
}
