/* load.c - a scenario file becomes a struct sn_scenario.
 *
 * One function a section of the file, in the order of docs/SCENARIOS. Each value is checked where
 * it is read, so that every message has a place; what needs another section is read behind that.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/strategy/strategy.h"
#include "scenarios/scenario_internal.h"

#define NAME_SIZE     HD_NAME_SIZE
#define TEXT_SIZE     HD_MESSAGE_SIZE
#define THRESHOLD_MAX 6u
#define COLLIDE_MAX   200u

const char *const sn_operation_names[SN_OPERATION_KINDS] = {
    "put", "get", "delete", "iterate", "clear", "length", "freeze", "iterate-put",
};

const char *const sn_sight_names[SN_SIGHTS] = {
    "growing",
    "growth",
    "same-size",
    "chained",
    "two-growths",
    "iterate-across",
    "emptied",
    "clear-in-window",
    "length-in-window",
    "iterate-in-window",
    "freeze-among-others",
};

uint64_t sn_load_limit(uint32_t log2_buckets) {
    HD_ASSERT(log2_buckets <= THRESHOLD_MAX);
    uint64_t half = (1ull << log2_buckets) / 2;
    return half * 13 > 8 ? half * 13 : 8;
}

static bool load_identity(struct sn_yaml *yaml, yaml_node_t *root, struct sn_scenario *scenario) {
    if (!sn_yaml_text_at(yaml, root, "name", true, NAME_SIZE, &scenario->name) ||
        !sn_yaml_text_at(yaml, root, "question", true, TEXT_SIZE, &scenario->question) ||
        !sn_yaml_text_at(yaml, root, "cost", true, TEXT_SIZE, &scenario->cost))
        return false;
    for (const char *at = scenario->name; *at != '\0'; at++) {
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789-", *at) == NULL)
            return sn_yaml_fail(yaml, sn_yaml_get(yaml, root, "name"),
                                "a name is made of a-z, 0-9 and '-', not '%s'", scenario->name);
    }
    return true;
}

/* A tag stands in --tag and in lists: one word, and each once. */
static bool check_tag(struct sn_yaml *yaml, const yaml_node_t *item,
                      const struct sn_scenario *scenario, const char *text) {
    if (strpbrk(text, " ,") != NULL)
        return sn_yaml_fail(yaml, item, "a tag is one word without blanks or commas, not '%s'",
                            text);
    for (uint32_t index = 0; index < scenario->tags; index++) {
        if (strcmp(scenario->tag[index], text) == 0)
            return sn_yaml_fail(yaml, item, "the tag '%s' comes a second time", text);
    }
    return true;
}

static bool load_tags(struct sn_yaml *yaml, yaml_node_t *list, struct sn_scenario *scenario) {
    uint32_t count;
    if (list == NULL)
        return true;
    if (!sn_yaml_list(yaml, list, "tags", 0, SN_TAGS_MAX, &count))
        return false;
    for (uint32_t index = 0; index < count; index++) {
        const char *text;
        yaml_node_t *item = sn_yaml_item(yaml, list, index);
        if (!sn_yaml_text(yaml, item, "a tag", NAME_SIZE, &text) ||
            !check_tag(yaml, item, scenario, text))
            return false;
        scenario->tag[index] = strdup(text);
        if (scenario->tag[index] == NULL)
            return sn_yaml_fail(yaml, item, "out of memory");
        scenario->tags = index + 1;
    }
    return true;
}

static bool load_map(struct sn_yaml *yaml, yaml_node_t *map, struct sn_scenario *scenario) {
    static const char *const known[] = {"hint", "shards", "keys", "values", "version"};
    static const char *const kinds[] = {"numbers", "strings"};
    static const char *const sizes[] = {"small", "large"};
    uint32_t kind = 0, size = 0;
    if (map == NULL)
        return true;
    if (!sn_yaml_fields(yaml, map, "map", SN_WORDS(known)) ||
        !sn_yaml_range_at(yaml, map, "hint", (struct sn_range){0, 1u << 20}, &scenario->hint) ||
        !sn_yaml_count_at(yaml, map, "shards", (struct sn_range){1, 64}, &scenario->shards) ||
        !sn_yaml_word_at(yaml, map, "keys", SN_WORDS(kinds), &kind) ||
        !sn_yaml_word_at(yaml, map, "values", SN_WORDS(sizes), &size) ||
        !sn_yaml_count_at(yaml, map, "version", (struct sn_range){119, 123}, &scenario->version))
        return false;
    scenario->strings = kind == 1;
    scenario->large = size == 1;
    if ((scenario->shards & (scenario->shards - 1)) != 0)
        return sn_yaml_fail(yaml, sn_yaml_get(yaml, map, "shards"),
                            "shards must be a power of two, not %llu",
                            (unsigned long long)scenario->shards);
    return true;
}

/* How far from the threshold. */
static bool load_around(struct sn_yaml *yaml, yaml_node_t *node, struct sn_prefill *prefill) {
    yaml_node_t *below = sn_yaml_get(yaml, node, "below");
    yaml_node_t *above = sn_yaml_get(yaml, node, "above");
    if (above != NULL && prefill->kind != SN_PREFILL_THRESHOLD)
        return sn_yaml_fail(yaml, above, "'above' goes with 'threshold' only");
    if (below != NULL && prefill->kind != SN_PREFILL_THRESHOLD &&
        prefill->kind != SN_PREFILL_SAME_SIZE)
        return sn_yaml_fail(yaml, below, "'below' goes with 'threshold' and 'same_size' only");
    if (below != NULL && above != NULL)
        return sn_yaml_fail(yaml, above, "prefill takes one of below, above");
    if (below == NULL && above == NULL)
        return true;
    struct sn_range bounds = {
        0, sn_load_limit((uint32_t)prefill->amount.low)}; /* one of the two kinds */
    return sn_yaml_count_at(yaml, node, "below", bounds, &prefill->below) &&
           sn_yaml_range_at(yaml, node, "above", bounds, &prefill->above);
}

static bool load_prefill(struct sn_yaml *yaml, yaml_node_t *node, struct sn_prefill *prefill) {
    static const char *const known[] = {"count", "threshold", "same_size", "collide",
                                        "below", "above",     "spare"};
    static const struct sn_range bounds[] = {
        [SN_PREFILL_COUNT] = {0, SN_KEYS_MAX / 2},
        [SN_PREFILL_THRESHOLD] = {0, THRESHOLD_MAX},
        [SN_PREFILL_SAME_SIZE] = {2, THRESHOLD_MAX},
        [SN_PREFILL_COLLIDE] = {1, COLLIDE_MAX},
    };
    if (node == NULL)
        return true;
    if (!sn_yaml_fields(yaml, node, "prefill", SN_WORDS(known)))
        return false;
    uint32_t found = 0;
    for (uint32_t kind = SN_PREFILL_COUNT; kind <= SN_PREFILL_COLLIDE; kind++) {
        yaml_node_t *value = sn_yaml_get(yaml, node, known[kind]);
        if (value == NULL)
            continue;
        if (found++ > 0)
            return sn_yaml_fail(yaml, value,
                                "prefill takes one of count, threshold, same_size, collide");
        prefill->kind = (enum sn_prefill_kind)kind;
        if (!sn_yaml_range(yaml, value, known[kind], bounds[kind], &prefill->amount))
            return false;
    }
    if (found == 0)
        return sn_yaml_fail(yaml, node,
                            "prefill needs one of count, threshold, same_size, collide");
    yaml_node_t *spare = sn_yaml_get(yaml, node, "spare");
    if (spare != NULL && prefill->kind != SN_PREFILL_SAME_SIZE)
        return sn_yaml_fail(yaml, spare, "'spare' goes with 'same_size' only");
    return sn_yaml_count_at(yaml, node, "spare", (struct sn_range){0, 8}, &prefill->spare) &&
           load_around(yaml, node, prefill);
}

static bool load_keys(struct sn_yaml *yaml, yaml_node_t *node, struct sn_keys *keys) {
    static const char *const known[] = {"new", "new_share", "hot_share", "place", "draw"};
    static const char *const places[] = {"any", "same-bucket", "same-tophash", "split"};
    static const char *const draws[] = {"uniform", "zipf"};
    uint32_t place = SN_PLACE_ANY, draw = 0;
    if (node == NULL)
        return true;
    if (!sn_yaml_fields(yaml, node, "keys", SN_WORDS(known)) ||
        !sn_yaml_count_at(yaml, node, "new", (struct sn_range){0, SN_KEYS_MAX / 4}, &keys->fresh) ||
        !sn_yaml_share_at(yaml, node, "new_share", &keys->new_share) ||
        !sn_yaml_share_at(yaml, node, "hot_share", &keys->hot_share) ||
        !sn_yaml_word_at(yaml, node, "place", SN_WORDS(places), &place) ||
        !sn_yaml_word_at(yaml, node, "draw", SN_WORDS(draws), &draw))
        return false;
    keys->place = (enum sn_place)place;
    keys->zipf = draw == 1;
    keys->new_share_set = sn_yaml_get(yaml, node, "new_share") != NULL;
    return true;
}

/* Marks in `wanted` which of the words stand in a list. */
static bool load_set(struct sn_yaml *yaml, yaml_node_t *list, const char *what,
                     struct sn_words words, bool *wanted) {
    uint32_t count = 0;
    if (list != NULL && !sn_yaml_list(yaml, list, what, 0, words.count, &count))
        return false;
    for (uint32_t index = 0; index < count; index++) {
        uint32_t word;
        if (!sn_yaml_word(yaml, sn_yaml_item(yaml, list, index), what, words, &word))
            return false;
        wanted[word] = true;
    }
    return true;
}

static bool load_demands(struct sn_yaml *yaml, yaml_node_t *node, struct sn_demands *demands) {
    static const char *const known[] = {"window_share", "window_ops", "seen"};
    static const char *const keyed[] = {"put", "get", "delete"};
    if (node == NULL)
        return true;
    return sn_yaml_fields(yaml, node, "coverage", SN_WORDS(known)) &&
           sn_yaml_share_at(yaml, node, "window_share", &demands->window_share) &&
           load_set(yaml, sn_yaml_get(yaml, node, "window_ops"), "window_ops", SN_WORDS(keyed),
                    demands->window_op) &&
           load_set(yaml, sn_yaml_get(yaml, node, "seen"), "seen",
                    (struct sn_words){sn_sight_names, SN_SIGHTS}, demands->sight);
}

/* A strategy that nobody knows is a mistake in the file. */
static bool load_strategy(struct sn_yaml *yaml, yaml_node_t *root, struct sn_scenario *scenario) {
    char error[HD_LINE_SIZE] = "";
    if (!sn_yaml_text_at(yaml, root, "strategy", false, NAME_SIZE, &scenario->strategy))
        return false;
    if (scenario->strategy == NULL)
        return true;
    int status = hd_strategy_check(scenario->strategy, error);
    if (status != 0)
        return sn_yaml_fail(yaml, sn_yaml_get(yaml, root, "strategy"), "%s",
                            error[0] != '\0' ? error : strerror(-status));
    return true;
}

static bool load_budget(struct sn_yaml *yaml, yaml_node_t *root, struct sn_scenario *scenario) {
    return load_strategy(yaml, root, scenario) &&
           sn_yaml_count_at(yaml, root, "executions", (struct sn_range){1, HD_EXECUTIONS_MAX},
                            &scenario->executions) &&
           sn_yaml_count_at(yaml, root, "points_max", (struct sn_range){1, 1u << 30},
                            &scenario->points_max) &&
           sn_yaml_count_at(yaml, root, "operation_points_max", (struct sn_range){1, 1u << 30},
                            &scenario->operation_points_max);
}

static bool load_root(struct sn_yaml *yaml, struct sn_scenario *scenario) {
    static const char *const known[] = {"name",
                                        "question",
                                        "cost",
                                        "tags",
                                        "map",
                                        "prefill",
                                        "keys",
                                        "tasks",
                                        "phases",
                                        "strategy",
                                        "executions",
                                        "points_max",
                                        "operation_points_max",
                                        "coverage",
                                        "expect"};
    yaml_node_t *root = sn_yaml_root(yaml);
    if (!sn_yaml_fields(yaml, root, "a scenario", SN_WORDS(known)) ||
        !load_identity(yaml, root, scenario) ||
        !load_tags(yaml, sn_yaml_get(yaml, root, "tags"), scenario) ||
        !load_map(yaml, sn_yaml_get(yaml, root, "map"), scenario) ||
        !load_prefill(yaml, sn_yaml_get(yaml, root, "prefill"), &scenario->prefill) ||
        !load_keys(yaml, sn_yaml_get(yaml, root, "keys"), &scenario->keys) ||
        !sn_load_new_share(yaml, sn_yaml_get(yaml, root, "keys"), scenario))
        return false;
    if (!sn_load_tasks(yaml, root, scenario) || !load_budget(yaml, root, scenario) ||
        !load_demands(yaml, sn_yaml_get(yaml, root, "coverage"), &scenario->demands))
        return false;
    yaml_node_t *expect = sn_yaml_get(yaml, root, "expect");
    return expect == NULL || sn_load_expectations(yaml, expect, scenario);
}

int sn_load(const char *path, struct sn_scenario *scenario, char *error) {
    struct sn_yaml yaml;
    struct sn_scenario loaded = {.executions = 10000, .prefill.spare = 4};
    int status = sn_yaml_open(&yaml, path, error);
    if (status != 0)
        return status;
    if (load_root(&yaml, &loaded)) {
        *scenario = loaded;
        for (uint32_t index = 0; index < loaded.expects; index++)
            scenario->map[index] = loaded.expect[index].map;
    } else {
        status = -EINVAL;
        sn_scenario_clear(&loaded);
    }
    sn_yaml_close(&yaml);
    return status;
}

void sn_scenario_clear(struct sn_scenario *scenario) {
    free(scenario->spelling);
    free(scenario->path);
    free(scenario->name);
    free(scenario->question);
    free(scenario->cost);
    free(scenario->strategy);
    for (uint32_t index = 0; index < SN_TAGS_MAX; index++)
        free(scenario->tag[index]);
    for (uint32_t index = 0; index < SN_GROUPS_MAX; index++) {
        free(scenario->group[index].name);
        free(scenario->group[index].step);
    }
    for (uint32_t index = 0; index < SN_EXPECT_MAX; index++) {
        free(scenario->expect[index].map);
        free(scenario->expect[index].place);
        free(scenario->expect[index].message);
        free(scenario->expect[index].reason);
    }
    *scenario = (struct sn_scenario){0};
}
