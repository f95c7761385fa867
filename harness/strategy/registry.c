/* registry.c - strategies by name. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/nearest.h"
#include "harness/strategy/strategy.h"

#define ERROR_SIZE 256

extern const struct hd_strategy_ops hd_strategy_random;
extern const struct hd_strategy_ops hd_strategy_pct;
extern const struct hd_strategy_ops hd_strategy_sticky;

static const struct hd_strategy_ops *const registry[] = {&hd_strategy_random, &hd_strategy_pct,
                                                         &hd_strategy_sticky};

/* Also what a parameter means. `replay` is not chosen by name. */
const struct hd_strategy_name hd_strategies[] = {
    {"default", "random,pct:3: the members of a list take turns, execution by execution"},
    {"random", "uniform random walk: every enabled task is equally likely at each point"},
    {"pct", "random priorities with D-1 changes (pct:D, 1 to 64, default 3)"},
    {"sticky", "random walk with long stays (sticky:N, N events in the mean; drawn when left out)"},
    {"twice", "twice:NAME runs every execution two times and fails on the first difference"},
};
const uint32_t hd_strategies_count = sizeof hd_strategies / sizeof hd_strategies[0];

static const struct hd_strategy_ops *find(const char *name, size_t length) {
    for (size_t i = 0; i < sizeof registry / sizeof registry[0]; i++)
        if (strlen(registry[i]->name) == length && strncmp(registry[i]->name, name, length) == 0)
            return registry[i];
    return NULL;
}

static const char wrapper[] = "twice:";
static const char alternating[] = "default";

/* The list behind a name. */
static const char *list_of(const char *name, bool *twice) {
    *twice = strncmp(name, wrapper, sizeof wrapper - 1) == 0;
    if (*twice)
        name += sizeof wrapper - 1;
    return strcmp(name, alternating) == 0 ? "random,pct:3" : name;
}

/* What is wrong of "pctt:3" is what stands before its colon. */
static void say_nearest(const char *name, char *error) {
    static const char *const known[] = {"random", "pct", "sticky", "default", "twice"};
    char guess[HD_NEAREST_SIZE], word[64];
    snprintf(word, sizeof word, "%.*s", (int)strcspn(name, ":"), name);
    hd_nearest_text(word, known, sizeof known / sizeof known[0], guess);
    if (guess[0] != '\0')
        snprintf(error, ERROR_SIZE, "unknown strategy '%.64s'%s", name, guess);
    else
        snprintf(
            error, ERROR_SIZE,
            "unknown strategy '%.64s': known are default, twice:NAME, random, pct:D, sticky:N, "
            "and lists of the last three with commas",
            name);
}

static void say_unknown(const char *name, char *error) {
    if (strcmp(name, alternating) == 0)
        snprintf(error, ERROR_SIZE,
                 "strategy 'default' stands for a list, random,pct:3, and not inside of one");
    else if (strncmp(name, wrapper, sizeof wrapper - 1) == 0)
        snprintf(error, ERROR_SIZE,
                 "strategy '%.64s': twice: stands once, before a whole list, and not inside of one",
                 name);
    else
        say_nearest(name, error);
}

static int open_plain(const char *name, struct hd_strategy *strategy, char *error) {
    const char *colon = strchr(name, ':');
    size_t length = colon != NULL ? (size_t)(colon - name) : strlen(name);
    const struct hd_strategy_ops *ops = find(name, length);
    if (ops == NULL) {
        say_unknown(name, error);
        return -EINVAL;
    }
    void *state = calloc(1, ops->state_size);
    if (state == NULL)
        return -ENOMEM;
    bool parameter_missing = colon != NULL && colon[1] == '\0';
    if (parameter_missing || ops->init(state, colon != NULL ? colon + 1 : "") != 0) {
        free(state);
        snprintf(error, ERROR_SIZE, "strategy '%.64s': %s takes %s", name, ops->name, ops->takes);
        return -EINVAL;
    }
    strategy->ops = ops;
    strategy->state = state;
    snprintf(strategy->name, sizeof strategy->name, "%s%s", name,
             ops == &hd_strategy_pct && colon == NULL ? ":3" : "");
    return 0;
}

uint32_t hd_strategy_members(const char *name) {
    bool twice;
    uint32_t count = 1;
    for (const char *at = list_of(name, &twice); *at != '\0'; at++)
        count += *at == ',';
    return count;
}

int hd_strategy_open(const char *name, uint64_t index, struct hd_strategy *strategy, char *error) {
    char member[sizeof strategy->name];
    uint32_t count = hd_strategy_members(name);
    *strategy = (struct hd_strategy){0};
    const char *at = list_of(name, &strategy->twice);
    if (count > HD_STRATEGY_MEMBERS_MAX) {
        snprintf(error, ERROR_SIZE, "%u strategies are too many: at most %u take turns", count,
                 HD_STRATEGY_MEMBERS_MAX);
        return -EINVAL;
    }
    for (uint64_t skip = index % count; skip > 0; skip--)
        at = strchr(at, ',') + 1;
    snprintf(member, sizeof member, "%.*s", (int)strcspn(at, ","), at);
    return open_plain(member, strategy, error);
}

int hd_strategy_check(const char *name, char *error) {
    int result = 0;
    for (uint32_t i = 0; i < hd_strategy_members(name) && result == 0; i++) {
        struct hd_strategy strategy;
        result = hd_strategy_open(name, i, &strategy, error);
        hd_strategy_close(&strategy);
    }
    return result;
}

void hd_strategy_close(struct hd_strategy *strategy) {
    free(strategy->state);
    *strategy = (struct hd_strategy){0};
}
