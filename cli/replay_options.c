/* replay_options.c - what a replay was asked to do.
 */
#include "cli/replay_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "cli/settings.h"
#include "cli/status.h"
#include "harness/sched/schedule.h"
#include "reports/file.h"

#define SCHEDULE_SIZE_MAX (64u << 20)

enum {
    OPTION_SEED = 0x100,
    OPTION_EXPECT,
    OPTION_BUILD,
    OPTION_FLAVOUR,
    OPTION_TRACE,
    OPTION_GDB,
    OPTION_IN_PROCESS,
};

static const struct argp_option options[] = {
    {"scenario", 's', "NAME|FILE", 0, "the scenario", 0},
    {"map", 'm', "NAME|FILE.so", 0, "the map", 0},
    {"strategy", 'x', "NAME", 0, "the strategy that found the fault", 0},
    {"seed", OPTION_SEED, "N", 0, "execution seed, as printed beside the fault", 0},
    {"expect", OPTION_EXPECT, "DIGEST", 0, "exit 2 when the digest differs from this one", 0},
    {"build", OPTION_BUILD, "ID", 0, "the build that recorded it, named when the digest differs",
     0},
    {"flavour", OPTION_FLAVOUR, CLI_FLAVOURS, 0, "the flavour that found it (default: controlled)",
     0},
    {"trace", OPTION_TRACE, NULL, 0, "print every point", 0},
    {"gdb", OPTION_GDB, NULL, 0, "under gdb, stopped at the fault", 0},
    {"verbose", 'v', NULL, 0, "the whole report, however long", 0},
    {"in-process", OPTION_IN_PROCESS, NULL, OPTION_HIDDEN, "", 0},
    {0},
};

static const char documentation[] =
    "Runs one execution again, from its seed or from a saved file, and sees all of it."
    "\v"
    "Examples:\n"
    "  heddle replay --scenario growth-window --map gomap --strategy pct:3 --seed "
    "0x00000000c0ffee00\n"
    "  heddle replay heddle-out/faults/growth-window-gomap-0123456789abcdef.json --trace\n"
    "  heddle replay --scenario growth-window --map gomap --strategy random --seed 7 --gdb\n"
    "\n"
    "Exit status: 0 no fault; 1 the fault was seen; 2 the replay diverged or its digest differs; "
    "64 "
    "usage; 65 bad input; 70 heddle itself failed; 71 the system refuses "
    "processes or memory; 74 cannot write.";

struct parsing {
    struct cli_replay *replay;
    int status;
};

/* ---- options --------------------------------------------------------------------------------- */

static int take_number(const char *what, const char *text, uint64_t *number, bool *given) {
    *given = true;
    return cli_take_seed(what, text, number);
}

static const char **word_of(struct cli_replay *replay, int key) {
    switch (key) {
    case 's':
        return &replay->scenario;
    case 'm':
        return &replay->map;
    case 'x':
        return &replay->strategy;
    case OPTION_BUILD:
        return &replay->build;
    case OPTION_FLAVOUR:
        return &replay->flavour;
    default:
        return NULL;
    }
}

static bool *switch_of(struct cli_replay *replay, int key) {
    switch (key) {
    case OPTION_TRACE:
        return &replay->trace;
    case OPTION_GDB:
        return &replay->gdb;
    case OPTION_IN_PROCESS:
        return &replay->in_process;
    case 'v':
        return &replay->verbose;
    default:
        return NULL;
    }
}

static int take_file(struct cli_replay *replay, const char *text) {
    if (replay->file != NULL) {
        return cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
    }
    replay->file = text;
    return 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct parsing *parsing = state->input;
    struct cli_replay *replay = parsing->replay;
    const char **word = word_of(replay, key);
    bool *flag = switch_of(replay, key);
    if (word != NULL) {
        *word = text;
    } else if (flag != NULL) {
        *flag = true;
    } else if (key == OPTION_SEED) {
        parsing->status = take_number("--seed", text, &replay->seed, &replay->has_seed);
    } else if (key == OPTION_EXPECT) {
        parsing->status = take_number("--expect", text, &replay->expect, &replay->has_expect);
    } else if (key == ARGP_KEY_ARG) {
        parsing->status = take_file(replay, text);
    } else {
        return ARGP_ERR_UNKNOWN;
    }
    return parsing->status == 0 ? 0 : EINVAL;
}

/* ---- the file -------------------------------------------------------------------------------- */

/* What the file says stands where the command line is silent; it may not be contradicted. */
static int use_saved(struct cli_replay *replay) {
    const struct rp_saved *saved = &replay->saved;
    if (replay->scenario != NULL || replay->map != NULL || replay->strategy != NULL ||
        replay->has_seed) {
        return cli_fail(CLI_USAGE,
                        "%s says what to replay: no --scenario, --map, --strategy, --seed",
                        replay->file);
    }
    if (strcmp(saved->record.strategy, "free") == 0) {
        return cli_fail(CLI_BAD_INPUT, "%s:%u: found on real threads, which no replay follows",
                        replay->file, rp_saved_line(replay->file, "strategy"));
    }
    if (strcmp(saved->flavour, "controlled") != 0 && strcmp(saved->flavour, "tsan") != 0) {
        return cli_fail(CLI_BAD_INPUT, "%s:%u: flavour '%s' is neither controlled nor tsan",
                        replay->file, rp_saved_line(replay->file, "flavour"), saved->flavour);
    }
    replay->scenario = saved->scenario;
    replay->map = saved->map;
    replay->strategy = saved->record.strategy;
    replay->seed = saved->record.seed;
    replay->has_seed = true;
    replay->flavour = replay->flavour != NULL ? replay->flavour : saved->flavour;
    if (!replay->has_expect) {
        replay->expect = saved->record.digest;
        replay->has_expect = true;
        replay->build = saved->build;
    }
    if (saved->record.schedule != NULL && saved->record.schedule[0] != '\0') {
        replay->schedule = strdup(saved->record.schedule);
        return replay->schedule != NULL ? 0 : cli_fail(CLI_SYSTEM, "out of memory");
    }
    return 0;
}

/* Whether a schedule's text is one, before anything else is missed. `line`: where it begins. */
static int check_schedule(const struct cli_replay *replay, unsigned line) {
    char build[HD_NAME_SIZE];
    char error[HD_LINE_SIZE] = "";
    struct hd_run *run = NULL;
    uint64_t runs = 0;
    int status = hd_schedule_decode(replay->schedule, &run, &runs, build, error);
    free(run);
    if (status == -EINVAL) {
        return cli_fail(CLI_BAD_INPUT, "%s:%u: %s", replay->file, line, error);
    }
    return status == 0 ? 0 : cli_fail(cli_engine_status(status), "%s", strerror(-status));
}

static unsigned lines_in(const char *text, size_t size) {
    unsigned lines = 0;
    for (size_t at = 0; at < size; at++) {
        lines += text[at] == '\n';
    }
    return lines;
}

/* A file that begins with '{' is a saved fault; anything else is a schedule text. */
static int read_file(struct cli_replay *replay) {
    char error[HD_LINE_SIZE] = "";
    char *text = NULL;
    size_t size = 0;
    int status = rp_file_read(replay->file, SCHEDULE_SIZE_MAX, &text, &size, error);
    if (status != 0) {
        return cli_fail(cli_input_status(status), "%s", error);
    }
    size_t blank = strspn(text, " \t\r\n");
    if (text[blank] == '{') {
        free(text);
        status = rp_saved_read(replay->file, &replay->saved, error);
        replay->has_saved = status == 0;
        return status != 0 ? cli_fail(cli_input_status(status), "%s", error) : use_saved(replay);
    }
    if (strlen(text) != size || blank == size) {
        free(text);
        return cli_fail(CLI_BAD_INPUT, "%s:1: neither a saved fault nor a schedule", replay->file);
    }
    while (size > blank && isspace((unsigned char)text[size - 1])) {
        text[--size] = '\0';
    }
    unsigned line = 1 + lines_in(text, blank);
    memmove(text, text + blank, size - blank + 1);
    replay->schedule = text;
    return check_schedule(replay, line);
}

static int check(const struct cli_replay *replay) {
    const char *missing = replay->scenario == NULL ? "--scenario"
                          : replay->map == NULL    ? "--map"
                          : !replay->has_seed      ? "--seed"
                                                   : NULL;
    if (missing != NULL) {
        return cli_fail(CLI_USAGE, "%s is missing", missing);
    }
    const char *flavour = replay->flavour;
    bool known = flavour == NULL || cli_options_word("--flavour", CLI_FLAVOURS, flavour) >= 0;
    return known ? 0 : CLI_USAGE;
}

int cli_replay_parse(int count, char **arguments, struct cli_replay *replay) {
    *replay = (struct cli_replay){0};
    struct parsing parsing = {.replay = replay};
    const struct argp parser = {
        .options = options, .parser = parse_option, .args_doc = "[FILE]", .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &parsing, &parsing.status);
    if (status != 0) {
        return status;
    }
    status = replay->file != NULL ? read_file(replay) : 0;
    return status != 0 ? status : check(replay);
}

void cli_replay_clear(struct cli_replay *replay) {
    free(replay->schedule);
    replay->schedule = NULL;
    if (replay->has_saved) {
        rp_saved_clear(&replay->saved);
    }
}
