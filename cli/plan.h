/* plan.h - which rows a run will have: scenarios times maps, all names checked before the first
 * runs.
 */
#ifndef HEDDLE_CLI_PLAN_H
#define HEDDLE_CLI_PLAN_H

#include <stdint.h>

#include "cli/settings.h"
#include "scenarios/scenario.h"

struct cli_row {
    const struct sn_scenario *scenario; /* owned by the plan */
    const char *map;                    /* name or path, as given */
    char name[HD_NAME_SIZE];            /* as the map calls itself */
};

struct cli_plan {
    struct sn_scenario **scenario; /* heap */
    uint32_t scenarios;
    struct cli_row *row; /* heap, in the order of the table */
    uint32_t rows;
};

/* Opens every scenario, tries every map and the strategy. Returns 0 or an exit status after one
 * line. */
int cli_plan_make(const struct cli_settings *settings, struct cli_plan *plan);
void cli_plan_clear(struct cli_plan *plan);

/* Whether there is such a strategy. Returns 0 or an exit status after one line. */
int cli_strategy_check(const char *strategy);
/* The same, and besides it must be one strategy and not several in turn. */
int cli_strategy_single(const char *strategy);
/* The exit status for -errno of opening a scenario or map, after `error` has been printed. */
int cli_open_failed(int status, const char *name, const char *suffix, const char *error);

#endif
