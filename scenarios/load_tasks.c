/* load_tasks.c - the task groups of a scenario file: how many tasks do what. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario_internal.h"

static const struct sn_words operation_words = {sn_operation_names, SN_OPERATION_KINDS};

/* mix: {put: 3, get: 1}. */
static bool load_mix(struct sn_yaml *yaml, yaml_node_t *mix, struct sn_group *group) {
    if (!sn_yaml_fields(yaml, mix, "mix", operation_words))
        return false;
    uint64_t sum = 0;
    for (uint32_t kind = 0; kind < SN_OPERATION_KINDS; kind++) {
        if (!sn_yaml_count_at(yaml, mix, sn_operation_names[kind], (struct sn_range){0, 1000},
                              &group->weight[kind]))
            return false;
        sum += group->weight[kind];
    }
    return sum > 0 || sn_yaml_fail(yaml, mix, "mix has no operation with a weight above 0");
}

/* The word inside the brackets of "put(new)". */
static bool step_key(const char *text, size_t length, struct sn_step *step) {
    static const char *const names[] = {"any", "new", "old", "task"};
    for (uint32_t choice = SN_KEY_ANY; choice <= SN_KEY_TASK; choice++) {
        if (strlen(names[choice]) == length && memcmp(names[choice], text, length) == 0) {
            step->choice = (enum sn_key_choice)choice;
            return true;
        }
    }
    step->choice = SN_KEY_NUMBER;
    const char *rest = sn_digits(text, &step->number);
    return rest == text + length && step->number < SN_KEYS_MAX;
}

/* "put(1)", "get(new)", "iterate". */
static bool load_step(struct sn_yaml *yaml, const yaml_node_t *node,
                      const struct sn_scenario *scenario, struct sn_step *step) {
    const char *text;
    if (!sn_yaml_text(yaml, node, "an operation", 64, &text))
        return false;
    size_t name = strcspn(text, "(");
    size_t length = strlen(text);
    uint32_t kind = 0;
    while (kind < SN_OPERATION_KINDS && (strlen(sn_operation_names[kind]) != name ||
                                         memcmp(sn_operation_names[kind], text, name) != 0))
        kind++;
    if (kind == SN_OPERATION_KINDS) {
        char list[128];
        sn_words_text(operation_words, list, sizeof(list));
        return sn_yaml_fail(yaml, node, "no operation is called '%.*s' (known: %s)", (int)name,
                            text, list);
    }
    step->kind = (enum sn_operation_kind)kind;
    bool keyed = kind <= SN_DELETE;
    bool brackets = text[name] == '(';
    if (keyed && !brackets)
        return sn_yaml_fail_within(yaml, node, name, "'%s' needs a key, as in '%s(new)'", text,
                                   text);
    if (!keyed && brackets)
        return sn_yaml_fail_within(yaml, node, name, "'%s' takes no key", sn_operation_names[kind]);
    if (kind == SN_ITERATE_PUT && scenario->keys.fresh == 0)
        return sn_yaml_fail(yaml, node, "'%s' needs new keys: " SN_GIVE_NEW, text);
    if (!keyed)
        return true;
    if (text[length - 1] != ')')
        return sn_yaml_fail_within(yaml, node, length, "a ')' is missing behind '%s'", text);
    if (!step_key(text + name + 1, length - name - 2, step))
        return sn_yaml_fail_within(yaml, node, name + 1,
                                   "a key is any, new, old, task or a number below %u, not '%.*s'",
                                   SN_KEYS_MAX, (int)(length - name - 2), text + name + 1);
    return sn_load_step_key(yaml, node, name + 1, scenario, step);
}

/* do: [put(1), get(1)], `repeat` times. */
static bool load_steps(struct sn_yaml *yaml, yaml_node_t *list, uint64_t repeat,
                       const struct sn_scenario *scenario, struct sn_group *group) {
    uint32_t count;
    if (!sn_yaml_list(yaml, list, "do", 1, SN_OPERATIONS_MAX, &count))
        return false;
    if (count * repeat > SN_OPERATIONS_MAX)
        return sn_yaml_fail(yaml, list, "a task has at most %u operations, not %llu",
                            SN_OPERATIONS_MAX, (unsigned long long)(count * repeat));
    group->step = calloc(count * repeat, sizeof(*group->step));
    if (group->step == NULL)
        return sn_yaml_fail(yaml, list, "out of memory");
    for (uint32_t index = 0; index < count; index++) {
        if (!load_step(yaml, sn_yaml_item(yaml, list, index), scenario, &group->step[index]))
            return false;
    }
    group->steps = (uint32_t)(count * repeat);
    for (uint32_t index = count; index < group->steps; index++)
        group->step[index] = group->step[index - count];
    return true;
}

/* Either `mix` with `operations`, or `do` with `repeat`. */
static bool load_work(struct sn_yaml *yaml, yaml_node_t *node, const struct sn_scenario *scenario,
                      struct sn_group *group) {
    yaml_node_t *mix = sn_yaml_get(yaml, node, "mix");
    yaml_node_t *list = sn_yaml_get(yaml, node, "do");
    yaml_node_t *operations = sn_yaml_get(yaml, node, "operations");
    yaml_node_t *repeat = sn_yaml_get(yaml, node, "repeat");
    if ((mix == NULL) == (list == NULL))
        return sn_yaml_fail(yaml, mix == NULL ? node : mix,
                            "a group has either 'mix' (with 'operations') or 'do'");
    if (mix != NULL && operations == NULL)
        return sn_yaml_fail(yaml, node, "the field 'operations' is missing");
    if (mix == NULL && operations != NULL)
        return sn_yaml_fail(yaml, operations, "'operations' goes with 'mix' only; see 'repeat'");
    if (list == NULL && repeat != NULL)
        return sn_yaml_fail(yaml, repeat, "'repeat' goes with 'do' only; see 'operations'");
    struct sn_range bounds = {1, SN_OPERATIONS_MAX};
    if (mix != NULL)
        return sn_yaml_range(yaml, operations, "operations", bounds, &group->operations) &&
               load_mix(yaml, mix, group) && sn_load_mix_keys(yaml, mix, scenario);
    uint64_t times = 1;
    return (repeat == NULL || sn_yaml_count(yaml, repeat, "repeat", bounds, &times)) &&
           load_steps(yaml, list, times, scenario, group);
}

static bool load_group(struct sn_yaml *yaml, yaml_node_t *node, const struct sn_scenario *scenario,
                       struct sn_group *group) {
    static const char *const known[] = {"name", "count", "operations", "mix", "do", "repeat"};
    group->count = (struct sn_range){1, 1};
    return sn_yaml_fields(yaml, node, "a task group", SN_WORDS(known)) &&
           sn_yaml_text_at(yaml, node, "name", true, HD_NAME_SIZE, &group->name) &&
           sn_yaml_range_at(yaml, node, "count", (struct sn_range){0, HD_TASKS_MAX - 1},
                            &group->count) &&
           load_work(yaml, node, scenario, group);
}

/* Appends the groups of one list, as those of the phase being read. */
static bool load_groups(struct sn_yaml *yaml, yaml_node_t *list, const char *what,
                        struct sn_scenario *scenario) {
    uint32_t count;
    if (!sn_yaml_list(yaml, list, what, 1, SN_GROUPS_MAX, &count))
        return false;
    if (scenario->groups + count > SN_GROUPS_MAX)
        return sn_yaml_fail(yaml, list, "a scenario has at most %u task groups", SN_GROUPS_MAX);
    for (uint32_t index = 0; index < count; index++) {
        struct sn_group *group = &scenario->group[scenario->groups++];
        group->phase = scenario->phases;
        if (!load_group(yaml, sn_yaml_item(yaml, list, index), scenario, group))
            return false;
    }
    scenario->phases++;
    return true;
}

static bool load_phases(struct sn_yaml *yaml, yaml_node_t *list, struct sn_scenario *scenario) {
    uint32_t count;
    if (!sn_yaml_list(yaml, list, "phases", 1, SN_PHASES_MAX, &count))
        return false;
    for (uint32_t index = 0; index < count; index++) {
        if (!load_groups(yaml, sn_yaml_item(yaml, list, index), "a phase", scenario))
            return false;
    }
    return true;
}

static bool check_size(struct sn_yaml *yaml, const yaml_node_t *list,
                       const struct sn_scenario *scenario) {
    uint64_t tasks_low = 0, tasks_high = 0, operations = 0;
    for (uint32_t index = 0; index < scenario->groups; index++) {
        const struct sn_group *group = &scenario->group[index];
        tasks_low += group->count.low;
        tasks_high += group->count.high;
        operations +=
            group->count.high * (group->steps > 0 ? group->steps : group->operations.high);
    }
    if (tasks_low < 1 || tasks_high > HD_TASKS_MAX - 1)
        return sn_yaml_fail(yaml, list, "a scenario has 1 to %u tasks, this one %llu to %llu",
                            HD_TASKS_MAX - 1, (unsigned long long)tasks_low,
                            (unsigned long long)tasks_high);
    if (operations > SN_TOTAL_MAX)
        return sn_yaml_fail(yaml, list, "a scenario has at most %u operations, this one %llu",
                            SN_TOTAL_MAX, (unsigned long long)operations);
    return true;
}

bool sn_load_tasks(struct sn_yaml *yaml, yaml_node_t *root, struct sn_scenario *scenario) {
    yaml_node_t *phases = sn_yaml_get(yaml, root, "phases");
    yaml_node_t *tasks =
        phases == NULL ? sn_yaml_require(yaml, root, "tasks") : sn_yaml_get(yaml, root, "tasks");
    if (phases == NULL)
        return tasks != NULL && load_groups(yaml, tasks, "tasks", scenario) &&
               check_size(yaml, tasks, scenario);
    if (tasks != NULL)
        return sn_yaml_fail(yaml, tasks, "a scenario has either 'tasks' or 'phases'");
    return load_phases(yaml, phases, scenario) && check_size(yaml, phases, scenario);
}
