/* scenario.c - scenarios by name: the list, opening, and what a scenario says of itself. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/base/nearest.h"
#include "scenarios/scenario_internal.h"

/* In the order of `heddle list`: growth first, then misuse, contention and publication, then what
 * must be clean. */
static const char *const names[] = {
    "growth-window",
    "growth-window-strings",
    "growth-reads",
    "growth-updates",
    "growth-iterate",
    "growth-clear",
    "growth-length",
    "growth-split",
    "same-size-growth",
    "chained-growth",
    "two-growths",
    "iterate-two-growths",
    "empty-and-refill",
    "concurrent-writes",
    "read-during-write",
    "iterate-during-write",
    "churn",
    "hundred-writers",
    "hundred-writers-strings",
    "hot-key",
    "shard-skew",
    "collision-flood",
    "tophash-flood",
    "first-use",
    "first-write",
    "read-while-freezing",
    "write-after-freeze",
    "starved-writer",
    "starved-reader",
    "upgrade",
    "upgrade-two",
    "readers-only",
    "one-task",
    "soak",
    "table-swap",
    "removal",
    "slot-reuse",
    "double-delete",
    "replace-and-delete",
    "revive",
    "length-during-write",
    "iterate-and-replace",
    "many-overwrites",
    "many-replacements",
    "canary",
    "canary-rare",
};
#define NAMES_COUNT (sizeof(names) / sizeof(names[0]))

const char *const *sn_scenario_names(uint32_t *count) {
    *count = (uint32_t)NAMES_COUNT;
    return names;
}

static bool is_path(const char *text) {
    size_t length = strlen(text);
    return strchr(text, '/') != NULL || (length >= 5 && strcmp(text + length - 5, ".yaml") == 0);
}

static bool is_builtin(const char *text) {
    for (size_t index = 0; index < NAMES_COUNT; index++) {
        if (strcmp(names[index], text) == 0)
            return true;
    }
    return false;
}

static int unknown_name(const char *name, char *error) {
    char list[256], guess[HD_NEAREST_SIZE];
    sn_words_text(SN_WORDS(names), list, sizeof(list));
    hd_nearest_text(name, names, NAMES_COUNT, guess);
    if (guess[0] != '\0')
        snprintf(error, HD_LINE_SIZE, "unknown scenario '%.60s'%s", name, guess);
    else
        snprintf(error, HD_LINE_SIZE,
                 "unknown scenario '%.60s' (known: %s; a file is given with its path or .yaml)",
                 name, list);
    return -ENOENT;
}

int sn_scenario_open(const char *name_or_path, struct sn_scenario **scenario, char *error) {
    char path[4096];
    bool file = is_path(name_or_path);
    if (!file && !is_builtin(name_or_path))
        return unknown_name(name_or_path, error);
    int length =
        file ? snprintf(path, sizeof(path), "%s", name_or_path)
             : snprintf(path, sizeof(path), "%s/%s.yaml", sn_path_scenarios(), name_or_path);
    if (length < 0 || (size_t)length >= sizeof(path)) {
        snprintf(error, HD_LINE_SIZE, "%.200s: %s", name_or_path, strerror(ENAMETOOLONG));
        return -ENAMETOOLONG;
    }
    struct sn_scenario *opened = calloc(1, sizeof(*opened));
    char *spelling = strdup(name_or_path), *kept = strdup(path);
    int status = -ENOMEM;
    if (opened == NULL || spelling == NULL || kept == NULL)
        snprintf(error, HD_LINE_SIZE, "%.200s: %s", name_or_path, strerror(ENOMEM));
    else
        status = sn_load(path, opened, error);
    if (status != 0) {
        free(spelling);
        free(kept);
        free(opened);
        return status;
    }
    opened->spelling = spelling;
    opened->path = kept;
    *scenario = opened;
    return 0;
}

void sn_scenario_close(struct sn_scenario *scenario) {
    if (scenario == NULL)
        return;
    sn_scenario_clear(scenario);
    free(scenario);
}

const char *sn_scenario_name(const struct sn_scenario *scenario) {
    return scenario->name;
}

const char *sn_scenario_spelling(const struct sn_scenario *scenario) {
    return scenario->spelling;
}

const char *sn_scenario_path(const struct sn_scenario *scenario) {
    return scenario->path;
}

const char *sn_scenario_question(const struct sn_scenario *scenario) {
    return scenario->question;
}

const char *sn_scenario_cost(const struct sn_scenario *scenario) {
    return scenario->cost;
}

const char *const *sn_scenario_tags(const struct sn_scenario *scenario, uint32_t *count) {
    *count = scenario->tags;
    return (const char *const *)scenario->tag;
}

const char *const *sn_scenario_maps(const struct sn_scenario *scenario, uint32_t *count) {
    *count = scenario->expects;
    return scenario->map;
}

bool sn_scenario_usual(const struct sn_scenario *scenario) {
    static const char *const special[] = {"nightly", "flag"};
    for (uint32_t tag = 0; tag < scenario->tags; tag++) {
        for (uint32_t index = 0; index < sizeof(special) / sizeof(special[0]); index++) {
            if (strcmp(scenario->tag[tag], special[index]) == 0)
                return false;
        }
    }
    return true;
}

uint64_t sn_scenario_executions(const struct sn_scenario *scenario) {
    return scenario->executions;
}

const char *sn_scenario_strategy(const struct sn_scenario *scenario) {
    return scenario->strategy != NULL ? scenario->strategy : "default";
}

bool sn_scenario_alone(const struct sn_scenario *scenario) {
    uint64_t tasks = 0;
    for (uint32_t group = 0; group < scenario->groups; group++)
        tasks += scenario->group[group].count.high;
    return tasks == 1;
}

const struct sn_expect *sn_scenario_expect(const struct sn_scenario *scenario, const char *map) {
    for (uint32_t index = 0; index < scenario->expects; index++) {
        if (strcmp(scenario->expect[index].map, map) == 0)
            return &scenario->expect[index];
    }
    return NULL;
}
