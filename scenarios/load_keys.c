/* load_keys.c - the keys that operations name must be there in every program that can be drawn.
 *
 * Otherwise another key would silently take their place, and the program would not be the one that the
 * file shows. What counts is therefore the least of each range, and one table: a map of several has at
 * least as many keys.
 */
#include "scenarios/scenario_internal.h"

/* Prefilled keys that every program has. */
static uint64_t old_least(const struct sn_scenario *scenario) {
    const struct sn_prefill *prefill = &scenario->prefill;
    uint64_t amount = prefill->amount.low;
    switch (prefill->kind) {
    case SN_PREFILL_COUNT:
    case SN_PREFILL_COLLIDE:
        return amount;
    case SN_PREFILL_THRESHOLD:
        return sn_load_limit((uint32_t)amount) + prefill->above.low - prefill->below;
    case SN_PREFILL_SAME_SIZE:
        break;
    }
    if (scenario->hint.high > 0) /* the table has its buckets at once: only chains are certain */
        return prefill->below < 1ull << amount ? 1 : 0;
    return sn_load_limit((uint32_t)amount - 1) + 1; /* so many grow it to its buckets */
}

/* Tasks up to and with those of the group that is being read. */
static uint64_t tasks_most(const struct sn_scenario *scenario) {
    uint64_t tasks = 0;
    for (uint32_t group = 0; group < scenario->groups; group++)
        tasks += scenario->group[group].count.high;
    return tasks;
}

bool sn_load_step_key(struct sn_yaml *yaml, const yaml_node_t *node, size_t offset,
                      const struct sn_scenario *scenario, const struct sn_step *step) {
    uint64_t fresh = scenario->keys.fresh, old = old_least(scenario), tasks = tasks_most(scenario);
    switch (step->choice) {
    case SN_KEY_ANY:
        return old + fresh > 0 ||
               sn_yaml_fail_within(yaml, node, offset, "there may be no key: " SN_GIVE_KEYS);
    case SN_KEY_NEW:
        return fresh > 0 ||
               sn_yaml_fail_within(yaml, node, offset, "there are no new keys: " SN_GIVE_NEW);
    case SN_KEY_OLD:
        return old > 0 || sn_yaml_fail_within(yaml, node, offset,
                                              "there may be no prefilled key: give a prefill");
    case SN_KEY_TASK:
        return tasks <= fresh ||
               sn_yaml_fail_within(yaml, node, offset,
                                   "up to here there are %llu tasks, but only %llu new keys",
                                   (unsigned long long)tasks, (unsigned long long)fresh);
    case SN_KEY_NUMBER:
        break;
    }
    return step->number < old + fresh ||
           sn_yaml_fail_within(yaml, node, offset,
                               "there may be no key %llu: only %llu keys are certain to be there, "
                               "counted from 0",
                               (unsigned long long)step->number, (unsigned long long)(old + fresh));
}

bool sn_load_mix_keys(struct sn_yaml *yaml, const yaml_node_t *mix,
                      const struct sn_scenario *scenario) {
    const struct sn_group *group = &scenario->group[scenario->groups - 1];
    const uint64_t *weight = group->weight;
    uint64_t keyed = weight[SN_PUT] + weight[SN_GET] + weight[SN_DELETE];
    if (keyed > 0 && old_least(scenario) + scenario->keys.fresh == 0)
        return sn_yaml_fail(yaml, mix, "group '%s' needs keys: " SN_GIVE_KEYS, group->name);
    if (weight[SN_ITERATE_PUT] > 0 && scenario->keys.fresh == 0)
        return sn_yaml_fail(yaml, mix, "'iterate-put' needs new keys: " SN_GIVE_NEW);
    return true;
}

bool sn_load_new_share(struct sn_yaml *yaml, yaml_node_t *keys,
                       const struct sn_scenario *scenario) {
    yaml_node_t *share = keys == NULL ? NULL : sn_yaml_get(yaml, keys, "new_share");
    if (share == NULL)
        return true;
    if (scenario->keys.new_share > 0 && scenario->keys.fresh == 0)
        return sn_yaml_fail(yaml, share, "there are no new keys: " SN_GIVE_NEW);
    if (scenario->keys.new_share < SN_MILLION && old_least(scenario) == 0)
        return sn_yaml_fail(yaml, share,
                            "there may be no prefilled key: give a prefill, or 'new_share: 1'");
    return true;
}
