/* tags.h - scenarios by their tags.
 */
#ifndef HEDDLE_CLI_TAGS_H
#define HEDDLE_CLI_TAGS_H

#include <stdbool.h>

#include "cli/settings.h"
#include "scenarios/scenario.h"

/* Whether the scenario has one of the tags; any scenario where none is asked for. */
bool cli_tags_match(const struct sn_scenario *scenario, const struct cli_names *wanted);
/* Each must be the tag of a scenario that is known by name. Returns 0, or an exit status after one line. */
int cli_tags_check(const struct cli_names *wanted);

#endif
