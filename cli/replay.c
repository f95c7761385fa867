/* replay.c - `heddle replay`: one execution again.
 */
#include "harness/explore/replay.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/debugger.h"
#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/line.h"
#include "cli/plan.h"
#include "cli/replay_options.h"
#include "cli/room.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/trace.h"
#include "reports/fault.h"
#include "reports/text.h"
#include "scenarios/scenario.h"

/* What a replay runs. */
struct opened {
    struct sn_scenario *scenario;
    struct sn_map *map;
    struct sn_program *program;
    struct hd_subject subject;
    const char *strategy;
    char build[HD_NAME_SIZE];
};

static void close_all(struct opened *opened) {
    if (opened->program != NULL) {
        sn_program_close(opened->program);
    }
    if (opened->map != NULL) {
        sn_map_close(opened->map);
    }
    if (opened->scenario != NULL) {
        sn_scenario_close(opened->scenario);
    }
}

/* What is wrong from here on is wrong with a field of the saved fault, where there is one. */
static void blame(const struct cli_replay *replay, const char *field) {
    if (replay->has_saved) {
        cli_fail_in(replay->file, rp_saved_line(replay->file, field));
    }
}

static int open_all(const struct cli_replay *replay, struct opened *opened) {
    char error[HD_LINE_SIZE] = "";
    blame(replay, "scenario");
    int status = sn_scenario_open(replay->scenario, &opened->scenario, error);
    if (status != 0) {
        return cli_open_failed(status, replay->scenario, ".yaml", error);
    }
    opened->strategy =
        replay->strategy != NULL ? replay->strategy : sn_scenario_strategy(opened->scenario);
    blame(replay, "strategy");
    status = replay->schedule == NULL ? cli_strategy_single(opened->strategy)
                                      : cli_strategy_check(opened->strategy);
    if (status != 0) {
        return status;
    }
    blame(replay, "map");
    status = sn_map_open(replay->map, &opened->map, error);
    if (status != 0) {
        return cli_open_failed(status, replay->map, ".so", error);
    }
    status =
        sn_program_open(opened->scenario, opened->map, &opened->program, &opened->subject, error);
    if (status != 0) {
        return cli_open_failed(status, "/", "", error);
    }
    hd_build_identity(&opened->subject, opened->build);
    cli_fail_in(NULL, 0);
    return 0;
}

/* ---- what it came to ------------------------------------------------------------------------- */

static void show_fault(const struct cli_replay *asked, const struct opened *opened,
                       struct hd_fault_record *record) {
    const struct rp_place place = {.scenario = sn_scenario_name(opened->scenario),
                                   .map = sn_map_ops(opened->map)->name};
    const struct rp_fault_options options = {.color = rp_color_wanted(STDERR_FILENO),
                                             .whole = asked->verbose,
                                             .replayed = !asked->has_saved};
    if (asked->has_saved) {
        record->execution = asked->saved.record.execution;
    }
    if (record->strategy[0] == '\0') {
        snprintf(record->strategy, sizeof(record->strategy), "%s", opened->strategy);
    }
    cli_line_build(sn_scenario_spelling(opened->scenario), sn_map_spelling(opened->map),
                   opened->build, record);
    snprintf(record->file, sizeof(record->file), "%s", asked->file != NULL ? asked->file : "");
    rp_fault_print(stderr, &place, record, &options);
}

/* "recorded by build A, this is build B", or that they are the same. */
static void builds_text(const struct cli_replay *asked, const struct opened *opened,
                        char text[HD_LINE_SIZE]) {
    if (asked->build == NULL) {
        snprintf(text, HD_LINE_SIZE, "this is build %s", opened->build);
    } else if (strcmp(asked->build, opened->build) == 0) {
        snprintf(text, HD_LINE_SIZE, "the same build %s recorded it", opened->build);
    } else {
        snprintf(text, HD_LINE_SIZE, "build %.100s recorded it, this is build %s", asked->build,
                 opened->build);
    }
}

static int conclude(const struct cli_replay *asked, const struct opened *opened,
                    struct hd_replay *replay) {
    char builds[HD_LINE_SIZE];
    builds_text(asked, opened, builds);
    fflush(stdout); /* the trace comes before the report where both go to one place */
    if (replay->fault) {
        show_fault(asked, opened, &replay->record);
    }
    if (replay->diverged) {
        return cli_fail(CLI_DIVERGED, "the replay diverged: %s; %s", replay->divergence, builds);
    }
    if (!replay->fault) {
        fprintf(stderr,
                "no fault: %" PRIu64 " points, %" PRIu64 " switches, digest 0x%016" PRIx64 "\n",
                replay->points, replay->switches, replay->digest);
    }
    if (asked->has_expect && asked->expect != replay->digest) {
        return cli_fail(CLI_DIVERGED,
                        "the digest differs: 0x%016" PRIx64 " expected, 0x%016" PRIx64 " seen; %s",
                        asked->expect, replay->digest, builds);
    }
    return replay->fault ? CLI_FAULT : CLI_AS_EXPECTED;
}

static int run(const struct cli_replay *asked, const struct opened *opened) {
    const struct hd_replay_options options = {.seed = asked->seed,
                                              .strategy = opened->strategy,
                                              .schedule = asked->schedule,
                                              .in_process = asked->in_process,
                                              .trace = asked->trace ? cli_trace_print : NULL,
                                              .context = stdout};
    struct hd_replay replay = {0};
    char error[HD_LINE_SIZE] = "";
    int status = hd_replay_run(&options, &opened->subject, &replay, error);
    if (status == -EINVAL) {
        blame(asked, asked->schedule != NULL ? "schedule" : "seed");
        if (asked->file != NULL && !asked->has_saved) {
            cli_fail_in(asked->file, 1);
        }
        return cli_fail(CLI_BAD_INPUT, "%s",
                        error[0] != '\0' ? error : "the execution cannot be replayed");
    }
    if (status != 0) {
        return cli_engine_failed(status, "the replay failed", error);
    }
    cli_trace_end(stdout, &replay);
    status = conclude(asked, opened, &replay);
    hd_replay_clear(&replay);
    int written = rp_stream_flush(stdout);
    return written == 0 ? status : cli_output_failed(written);
}

int cli_replay(int count, char **arguments) {
    struct cli_replay asked;
    struct opened opened = {0};
    char error[HD_LINE_SIZE] = "";
    int status = cli_replay_parse(count, arguments, &asked);
    if (status == 0 && asked.flavour != NULL && strcmp(asked.flavour, cli_flavour) != 0) {
        status = cli_start_flavour(asked.flavour);
    } else if (status == 0 && asked.gdb && !asked.in_process) {
        status = cli_debugger_start(count, arguments);
    } else if (status == 0) {
        cli_start_fixed();
        status = cli_proc_check();
        status = status != 0 ? status : cli_room_check();
        if (status == 0) {
            status = sn_paths_init(cli_flavour, error) == 0 ? open_all(&asked, &opened)
                                                            : cli_fail(CLI_INTERNAL, "%s", error);
        }
        if (asked.has_saved && status == CLI_USAGE) {
            status = CLI_BAD_INPUT; /* it is the file that names what is not known */
        }
        status = status != 0 ? status : run(&asked, &opened);
        close_all(&opened);
    }
    cli_replay_clear(&asked);
    return status;
}
