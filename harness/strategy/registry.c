/* registry.c - strategies by name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/strategy/strategy.h"

#define ERROR_SIZE 256

extern const struct hd_strategy_ops hd_strategy_random;
extern const struct hd_strategy_ops hd_strategy_pct;

static const struct hd_strategy_ops *const registry[] = {&hd_strategy_random, &hd_strategy_pct};

const struct hd_strategy_name hd_strategies[] = {
    {"default", "alternates between random and pct:3 by execution"},
    {"random", "uniform random walk: every enabled task is equally likely at each point"},
    {"pct", "random priorities with D-1 changes (pct:D, 1 to 64, default 3)"},
    {"twice", "twice:NAME runs every execution two times and fails on the first difference"},
};
const uint32_t hd_strategies_count = sizeof hd_strategies / sizeof hd_strategies[0];

static const struct hd_strategy_ops *find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof registry / sizeof registry[0]; i++)
        if (strlen(registry[i]->name) == length && strncmp(registry[i]->name, name, length) == 0)
            return registry[i];
    return NULL;
}

static int open_plain(const char *name, struct hd_strategy *strategy, char *error) {
    const char *colon = strchr(name, ':');
    size_t length = colon != NULL ? (size_t)(colon - name) : strlen(name);
    const struct hd_strategy_ops *ops = find(name, length);
    if (ops == NULL) {
        snprintf(error, ERROR_SIZE,
                 "unknown strategy '%.64s': known are default, random, pct:D, twice:NAME", name);
        return -EINVAL;
    }
    void *state = calloc(1, ops->state_size);
    if (state == NULL)
        return -ENOMEM;
    if (ops->init(state, colon != NULL ? colon + 1 : "") != 0) {
        free(state);
        snprintf(error, ERROR_SIZE, "bad parameter in strategy '%.64s'", name);
        return -EINVAL;
    }
    strategy->ops = ops;
    strategy->state = state;
    snprintf(strategy->name, sizeof strategy->name, "%s%s", name,
             ops == &hd_strategy_pct && colon == NULL ? ":3" : "");
    return 0;
}

int hd_strategy_open(const char *name, uint64_t index, struct hd_strategy *strategy, char *error) {
    static const char wrapper[] = "twice:";
    *strategy = (struct hd_strategy){0};
    if (strncmp(name, wrapper, sizeof wrapper - 1) == 0) {
        strategy->twice = true;
        name += sizeof wrapper - 1;
    }
    if (strcmp(name, "default") == 0)
        name = index % 2 == 0 ? "random" : "pct:3";
    return open_plain(name, strategy, error);
}

void hd_strategy_close(struct hd_strategy *strategy) {
    free(strategy->state);
    *strategy = (struct hd_strategy){0};
}
