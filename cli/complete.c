/* complete.c - `heddle complete`: what the word that is being typed may become. The shells' own
 * parts, in cli/completion/, ask it for every word, so that nothing in them can fall behind the
 * command.
 *
 * Its arguments are the words behind "heddle", up to and with the one that is typed, which may be
 * empty. A candidate is a line; of an option a tab and what it says follow. ":files" and ":folders"
 * stand for those of the shell. What does not begin with the typed word is left to the shell to
 * drop.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/options.h"
#include "cli/start.h"
#include "cli/status.h"
#include "harness/strategy/strategy.h"
#include "scenarios/scenario.h"

static void print_names(const char *const *names, uint32_t count) {
    for (uint32_t index = 0; index < count; index++)
        puts(names[index]);
}

static void print_scenarios(void) {
    uint32_t count = 0;
    const char *const *names = sn_scenario_names(&count);
    print_names(names, count);
    puts(":files");
}

static void print_maps(void) {
    uint32_t count = 0;
    const char *const *names = sn_map_names(&count);
    print_names(names, count);
    puts(":files");
}

static void print_strategies(void) {
    for (uint32_t index = 0; index < hd_strategies_count; index++)
        puts(hd_strategies[index].name);
}

/* As often as scenarios have them: the shell takes each once. */
static void print_tags(void) {
    uint32_t scenarios = 0;
    const char *const *names = sn_scenario_names(&scenarios);
    for (uint32_t index = 0; index < scenarios; index++) {
        char error[HD_LINE_SIZE];
        struct sn_scenario *scenario = NULL;
        uint32_t count = 0;
        if (sn_scenario_open(names[index], &scenario, error) != 0)
            continue;
        const char *const *tags = sn_scenario_tags(scenario, &count);
        print_names(tags, count);
        sn_scenario_close(scenario);
    }
}

static void print_flavours(void) {
    puts("controlled\ntsan\nnative");
}

static void print_files(void) {
    puts(":files");
}

static void print_folders(void) {
    puts(":folders");
}

static const struct value {
    const char *option;
    const char *letter;
    void (*print)(void);
} values[] = {
    {"--scenario", "-s", print_scenarios},
    {"--map", "-m", print_maps},
    {"--strategy", "-x", print_strategies},
    {"--tag", "", print_tags},
    {"--flavour", "", print_flavours},
    {"--out", "-o", print_folders},
    {"--json", "", print_files},
    {"--junit", "", print_files},
};

/* Whether the word before asks for a value that is known; then it is printed. "--map=mut" comes as
 * one word, or cut at the sign. */
static bool complete_value(const char *before, const char *before_sign) {
    const char *option = strcmp(before, "=") == 0 ? before_sign : before;
    for (size_t index = 0; index < sizeof(values) / sizeof(values[0]); index++) {
        if (strcmp(option, values[index].option) != 0 && strcmp(option, values[index].letter) != 0)
            continue;
        values[index].print();
        return true;
    }
    return false;
}

/* What stands alone behind a command. */
static void complete_argument(const char *command, const char *before) {
    if (strcmp(command, "scenario") == 0 && strcmp(before, command) == 0)
        puts("show\ncheck");
    else if (strcmp(command, "scenario") == 0 && strcmp(before, "show") == 0)
        print_scenarios();
    else if (strcmp(command, "scenario") == 0 || strcmp(command, "replay") == 0 ||
             strcmp(command, "check-history") == 0)
        print_files();
    else if (strcmp(command, "help") == 0)
        cli_commands_print();
}

int cli_complete(int count, char **arguments) {
    char error[HD_LINE_SIZE] = "";
    char **word = arguments + 1;
    int words = count - 1;
    if (words < 2) {
        cli_commands_print();
        return CLI_AS_EXPECTED;
    }
    if (sn_paths_init(cli_flavour, error) != 0)
        return CLI_INTERNAL;
    const char *typed = word[words - 1], *before = word[words - 2];
    if (complete_value(before, words > 2 ? word[words - 3] : ""))
        return CLI_AS_EXPECTED;
    if (typed[0] != '-') {
        complete_argument(word[0], before);
        return CLI_AS_EXPECTED;
    }
    bool has_part = strcmp(word[0], "scenario") == 0 && words > 2;
    setenv(CLI_OPTIONS_LISTED, "1", 1);
    return cli_command_run(word[0], has_part ? 1 : 0, word + 1);
}
