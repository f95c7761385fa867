/* tags.c - see tags.h. */
#include "cli/tags.h"

#include <stdio.h>
#include <string.h>

#include "cli/diag.h"
#include "cli/status.h"
#include "harness/base/nearest.h"

#define TAGS_MAX 64u /* different ones; a tag beyond them is still known, and never proposed */

struct known {
    char text[TAGS_MAX][64];
    const char *name[TAGS_MAX];
    size_t count;
};

bool cli_tags_match(const struct sn_scenario *scenario, const struct cli_names *wanted) {
    uint32_t count = 0;
    const char *const *tags = sn_scenario_tags(scenario, &count);
    for (uint32_t tag = 0; tag < count; tag++) {
        for (uint32_t index = 0; index < wanted->count; index++) {
            if (strcmp(tags[tag], wanted->name[index]) == 0)
                return true;
        }
    }
    return wanted->count == 0;
}

static void add(struct known *known, const char *tag) {
    for (size_t index = 0; index < known->count; index++) {
        if (strcmp(known->text[index], tag) == 0)
            return;
    }
    if (known->count == TAGS_MAX)
        return;
    snprintf(known->text[known->count], sizeof(known->text[0]), "%s", tag);
    known->name[known->count] = known->text[known->count];
    known->count++;
}

static void look(struct known *known, const struct sn_scenario *scenario,
                 const struct cli_names *wanted, bool *found) {
    uint32_t count = 0;
    const char *const *tags = sn_scenario_tags(scenario, &count);
    for (uint32_t tag = 0; tag < count; tag++) {
        add(known, tags[tag]);
        for (uint32_t index = 0; index < wanted->count; index++)
            found[index] |= strcmp(tags[tag], wanted->name[index]) == 0;
    }
}

int cli_tags_check(const struct cli_names *wanted) {
    struct known known = {.count = 0};
    bool found[CLI_NAMES_MAX] = {false};
    char error[HD_LINE_SIZE], guess[HD_NEAREST_SIZE];
    uint32_t scenarios = 0;
    const char *const *names = sn_scenario_names(&scenarios);
    for (uint32_t index = 0; index < scenarios && wanted->count > 0; index++) {
        struct sn_scenario *scenario = NULL;
        if (sn_scenario_open(names[index], &scenario, error) == 0) /* a bad one is told elsewhere */
            look(&known, scenario, wanted, found);
        sn_scenario_close(scenario);
    }
    for (uint32_t index = 0; index < wanted->count; index++) {
        if (found[index])
            continue;
        hd_nearest_text(wanted->name[index], known.name, known.count, guess);
        return cli_fail(CLI_USAGE, "unknown tag '%.60s'%s", wanted->name[index],
                        guess[0] != '\0' ? guess : "; heddle list shows them all");
    }
    return 0;
}
