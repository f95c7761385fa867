/* plan.c - which rows a run will have.
 */
#include "cli/plan.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/engine.h"
#include "cli/known.h"
#include "cli/status.h"
#include "cli/tags.h"
#include "harness/strategy/strategy.h"

static bool is_path(const char *name, const char *suffix) {
    size_t length = strlen(name);
    size_t tail = strlen(suffix);
    return strchr(name, '/') != NULL ||
           (length > tail && strcmp(name + length - tail, suffix) == 0);
}

/* A name that is not known is a mistake in the command; a file that cannot be used is bad input. */
int cli_open_failed(int status, const char *name, const char *suffix, const char *error) {
    int refused = cli_engine_status(status);
    bool usage = status == -ENOENT && !is_path(name, suffix);
    if (refused == CLI_SYSTEM) {
        return cli_fail(refused, "%s", error[0] != '\0' ? error : cli_engine_reason(status, ""));
    }
    return cli_fail(usage ? CLI_USAGE : CLI_BAD_INPUT, "%s", error);
}

int cli_strategy_check(const char *strategy) {
    char error[HD_LINE_SIZE] = "";
    int status = hd_strategy_check(strategy, error);
    if (status == -ENOMEM) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    return status != 0 ? cli_fail(CLI_USAGE, "%s", error) : 0;
}

int cli_strategy_single(const char *strategy) {
    int status = cli_strategy_check(strategy);
    if (status == 0 && hd_strategy_members(strategy) > 1) {
        status = cli_fail(CLI_USAGE,
                          "strategy '%s' stands for several: give --strategy as it was printed "
                          "beside the fault",
                          strategy);
    }
    return status;
}

/* ---- scenarios ------------------------------------------------------------------------------- */

/* What is large or about something else than these maps runs only when it is asked for. */
static bool wanted(const struct sn_scenario *scenario, const struct cli_settings *settings) {
    if (settings->tags.count > 0 || settings->scenarios.count > 0) {
        return cli_tags_match(scenario, &settings->tags);
    }
    return sn_scenario_usual(scenario);
}

static int open_scenarios(const struct cli_settings *settings, struct cli_plan *plan) {
    uint32_t count = settings->scenarios.count;
    const char *const *names = settings->scenarios.name;
    if (count == 0) {
        names = sn_scenario_names(&count);
    }
    plan->scenario = calloc((size_t)count + 1, sizeof(struct sn_scenario *));
    if (plan->scenario == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    for (uint32_t index = 0; index < count; index++) {
        char error[HD_LINE_SIZE] = "";
        struct sn_scenario *scenario = NULL;
        int status = sn_scenario_open(names[index], &scenario, error);
        if (status != 0) {
            return cli_open_failed(status, names[index], ".yaml", error);
        }
        if (wanted(scenario, settings)) {
            plan->scenario[plan->scenarios++] = scenario;
        } else {
            sn_scenario_close(scenario);
        }
    }
    return 0;
}

/* ---- maps ------------------------------------------------------------------------------------ */

static int add_rows(struct cli_plan *plan, const struct sn_scenario *scenario,
                    const char *const *maps, uint32_t count) {
    struct cli_row *grown =
        reallocarray(plan->row, (size_t)plan->rows + count + 1, sizeof(struct cli_row));
    if (grown == NULL) {
        return cli_fail(CLI_SYSTEM, "out of memory");
    }
    plan->row = grown;
    for (uint32_t index = 0; index < count; index++) {
        plan->row[plan->rows++] = (struct cli_row){.scenario = scenario, .map = maps[index]};
    }
    return 0;
}

/* Rows, expectations and files of faults go by the map's name. */
static int check_unique(const struct cli_plan *plan, uint32_t kept, const struct cli_row *row,
                        const struct sn_map *map) {
    if (sn_map_name_taken(map)) {
        return cli_fail(CLI_BAD_INPUT, "%s: is called '%s', as a built-in map is", row->map,
                        row->name);
    }
    for (uint32_t index = 0; index < kept; index++) {
        const struct cli_row *other = &plan->row[index];
        if (strcmp(other->name, row->name) == 0 && strcmp(other->map, row->map) != 0) {
            return cli_fail(CLI_BAD_INPUT, "%s: is called '%s', as %s is", row->map, row->name,
                            other->map);
        }
    }
    return 0;
}

/* Once a map: its first row. */
static void note_heap(const struct cli_plan *plan, uint32_t kept, const struct cli_row *row,
                      const struct sn_map *map) {
    for (uint32_t index = 0; index < kept; index++) {
        if (plan->row[index].map == row->map) {
            return;
        }
    }
    if (!hd_module_redirected(sn_map_module(map))) {
        cli_note(
            "note: %s was linked without `heddle doctor --flags`: its heap is not ours, and not "
            "put back between executions",
            row->map);
    }
}

/* Whether a row is worth its time: the two fit, and the answer may be ok. A scenario that was asked
 * for by name may find a fault all the same. */
static bool fits(const struct cli_settings *settings, const struct cli_row *row,
                 const struct sn_map *map) {
    char error[HD_LINE_SIZE] = "";
    bool asked = settings->scenarios.count > 0;
    if (sn_program_fits(row->scenario, map, error) &&
        (asked || sn_program_answers(row->scenario, map, error))) {
        return true;
    }
    cli_note("left out: %s", error);
    return false;
}

static int check_row(const struct cli_settings *settings, struct cli_plan *plan, uint32_t *kept,
                     struct cli_row *row) {
    char error[HD_LINE_SIZE] = "";
    struct sn_map *map = NULL;
    int status = sn_map_open(row->map, &map, error);
    if (status != 0) {
        return cli_open_failed(status, row->map, ".so", error);
    }
    snprintf(row->name, sizeof(row->name), "%s", sn_map_ops(map)->name);
    status = check_unique(plan, *kept, row, map);
    if (status == 0 && fits(settings, row, map)) {
        note_heap(plan, *kept, row, map);
        plan->row[(*kept)++] = *row;
    }
    sn_map_close(map);
    return status;
}

/* Rows whose map lacks what the scenario needs are left out, with a note. */
static int prune(const struct cli_settings *settings, struct cli_plan *plan) {
    uint32_t kept = 0;
    for (uint32_t index = 0; index < plan->rows; index++) {
        struct cli_row row = plan->row[index];
        int status = check_row(settings, plan, &kept, &row);
        if (status != 0) {
            return status;
        }
    }
    if (kept == 0 && plan->rows > 0) {
        return cli_fail(CLI_USAGE, "no map has what the scenario needs");
    }
    plan->rows = kept;
    return 0;
}

/* Without --map a name that nobody knows is a row that cannot be run; with it, an expectation for a map
 * that is not there this time. */
static int check_names(const struct cli_settings *settings, const struct cli_plan *plan) {
    int status = 0;
    for (uint32_t index = 0; index < plan->scenarios && status == 0; index++) {
        status = cli_maps_known(plan->scenario[index], &settings->maps, settings->maps.count > 0);
    }
    return status;
}

int cli_plan_make(const struct cli_settings *settings, struct cli_plan *plan) {
    int status = settings->strategy != NULL ? cli_strategy_check(settings->strategy) : 0;
    if (status == 0 && settings->scenarios.count == 0) { /* a file may have tags of its own */
        status = cli_tags_check(&settings->tags);
    }
    if (status == 0) {
        status = open_scenarios(settings, plan);
    }
    if (status == 0) {
        status = check_names(settings, plan);
    }
    for (uint32_t index = 0; index < plan->scenarios && status == 0; index++) {
        uint32_t count = settings->maps.count;
        const char *const *maps = settings->maps.name;
        if (count == 0) {
            maps = sn_scenario_maps(plan->scenario[index], &count);
        }
        status = add_rows(plan, plan->scenario[index], maps, count);
    }
    if (status == 0) {
        status = prune(settings, plan);
    }
    if (status == 0 && plan->rows == 0) {
        status = cli_fail(CLI_USAGE, plan->scenarios == 0
                                         ? "no scenario has these tags"
                                         : "the scenario names no map: give one with --map");
    }
    return status;
}

void cli_plan_clear(struct cli_plan *plan) {
    for (uint32_t index = 0; index < plan->scenarios; index++) {
        sn_scenario_close(plan->scenario[index]);
    }
    free(plan->scenario);
    free(plan->row);
    *plan = (struct cli_plan){0};
}
