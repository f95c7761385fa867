/* known.h - are the maps that a scenario file expects something of known?
 *
 * A plug-in's name stands in its table, so it is known only while the plug-in is given.
 */
#ifndef HEDDLE_CLI_KNOWN_H
#define HEDDLE_CLI_KNOWN_H

#include "cli/settings.h"
#include "scenarios/scenario.h"

/* A name of `expect` is known that is built in or one of the plug-ins among `maps`. For each other one a
 * line with its place is printed: a note when `allowed`, else an error, as it is where a plug-in cannot be
 * opened. Returns 0, or an exit status. */
int cli_maps_known(const struct sn_scenario *scenario, const struct cli_names *maps, bool allowed);

#endif
