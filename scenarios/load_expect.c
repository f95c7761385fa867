/* load_expect.c - what a scenario file expects of each map, and why. */
#include <stdlib.h>
#include <string.h>

#include "scenarios/scenario_internal.h"

static bool load_kind(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                      enum hd_fault_kind *kind) {
    const char *names[HD_FAULT_KINDS - 1];
    uint32_t word;
    for (uint32_t value = 1; value < HD_FAULT_KINDS; value++)
        names[value - 1] = hd_fault_kind_name((enum hd_fault_kind)value);
    if (!sn_yaml_word(yaml, node, what, SN_WORDS(names), &word))
        return false;
    *kind = (enum hd_fault_kind)(word + 1);
    return true;
}

static bool load_also(struct sn_yaml *yaml, yaml_node_t *list, struct sn_expect *expect) {
    uint32_t count;
    if (!sn_yaml_list(yaml, list, "also", 1, HD_FAULT_KINDS, &count))
        return false;
    for (uint32_t index = 0; index < count; index++) {
        enum hd_fault_kind kind;
        if (!load_kind(yaml, sn_yaml_item(yaml, list, index), "an entry of also", &kind))
            return false;
        expect->also[kind] = true;
    }
    return true;
}

/* The fields that only go with `verdict: fault`. */
static bool load_fault(struct sn_yaml *yaml, yaml_node_t *node, struct sn_expect *expect) {
    static const char *const only[] = {"kind", "message", "also"};
    if (expect->verdict == HD_VERDICT_OK) {
        for (uint32_t index = 0; index < 3; index++) {
            yaml_node_t *value = sn_yaml_get(yaml, node, only[index]);
            if (value != NULL)
                return sn_yaml_fail(yaml, value, "'%s' goes with 'verdict: fault' only",
                                    only[index]);
        }
        return true;
    }
    yaml_node_t *kind = sn_yaml_require(yaml, node, "kind");
    yaml_node_t *also = sn_yaml_get(yaml, node, "also");
    return kind != NULL && load_kind(yaml, kind, "kind", &expect->kind) &&
           sn_yaml_text_at(yaml, node, "message", false, HD_MESSAGE_SIZE, &expect->message) &&
           (also == NULL || load_also(yaml, also, expect));
}

static bool load_expectation(struct sn_yaml *yaml, yaml_node_t *node, struct sn_expect *expect) {
    static const char *const known[] = {"verdict", "kind", "message", "also", "coverage", "reason"};
    static const char *const verdicts[] = {"ok", "fault"};
    static const char *const coverages[] = {"demanded", "none"};
    uint32_t verdict, coverage = 0;
    if (!sn_yaml_fields(yaml, node, "an expectation", SN_WORDS(known)))
        return false;
    yaml_node_t *word = sn_yaml_require(yaml, node, "verdict");
    if (word == NULL || !sn_yaml_word(yaml, word, "verdict", SN_WORDS(verdicts), &verdict))
        return false;
    expect->verdict = verdict == 0 ? HD_VERDICT_OK : HD_VERDICT_FAULT;
    if (!load_fault(yaml, node, expect) ||
        !sn_yaml_word_at(yaml, node, "coverage", SN_WORDS(coverages), &coverage))
        return false;
    expect->exempt = coverage == 1;
    return sn_yaml_text_at(yaml, node, "reason", true, HD_MESSAGE_SIZE, &expect->reason);
}

bool sn_load_expectations(struct sn_yaml *yaml, yaml_node_t *mapping,
                          struct sn_scenario *scenario) {
    uint32_t count;
    if (!sn_yaml_mapping(yaml, mapping, "expect", 0, SN_EXPECT_MAX, &count))
        return false;
    for (uint32_t index = 0; index < count; index++) {
        struct sn_expect *expect = &scenario->expect[index];
        yaml_node_t *key, *value;
        const char *name;
        sn_yaml_pair(yaml, mapping, index, &key, &value);
        scenario->expects = index + 1;
        if (!sn_yaml_text(yaml, key, "a map's name", HD_NAME_SIZE, &name))
            return false;
        expect->map = strdup(name);
        expect->place = sn_yaml_place(yaml, key);
        if (expect->map == NULL || expect->place == NULL)
            return sn_yaml_fail(yaml, key, "out of memory");
        if (!load_expectation(yaml, value, expect))
            return false;
    }
    return true;
}
