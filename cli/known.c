/* known.c - names of maps in scenario files: see known.h.
 */
#include "cli/known.h"

#include <string.h>

#include "cli/diag.h"
#include "cli/plan.h"
#include "cli/status.h"

/* Whether one of the plug-ins that are given is called so. Returns 0 or an exit status after one line. */
static int is_given(const char *name, const struct cli_names *maps, bool *given) {
    *given = false;
    for (uint32_t index = 0; index < maps->count && !*given; index++) {
        char error[HD_LINE_SIZE] = "";
        struct sn_map *map = NULL;
        int status = sn_map_open(maps->name[index], &map, error);
        if (status != 0) {
            return cli_open_failed(status, maps->name[index], ".so", error);
        }
        *given = strcmp(sn_map_ops(map)->name, name) == 0;
        sn_map_close(map);
    }
    return 0;
}

int cli_maps_known(const struct sn_scenario *scenario, const struct cli_names *maps, bool allowed) {
    uint32_t count = 0;
    const char *const *names = sn_scenario_maps(scenario, &count);
    bool given;
    int result = allowed ? 0 : is_given("", maps, &given); /* each can be opened */
    if (result != 0) {
        return result;
    }
    for (uint32_t index = 0; index < count; index++) {
        char error[HD_LINE_SIZE] = "";
        if (sn_scenario_map_built_in(scenario, index, error)) {
            continue;
        }
        int status = is_given(names[index], maps, &given);
        if (status != 0) {
            return status;
        }
        if (!given && allowed) {
            cli_note("note: %s", error);
        } else if (!given) {
            result = cli_fail(CLI_BAD_INPUT, "%s", error);
        }
    }
    return result;
}
