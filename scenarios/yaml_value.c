/* yaml_value.c - single values of a scenario file: words, counts, ranges, shares: see yaml.h. */
#include "scenarios/yaml.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/nearest.h"

#define MILLION 1000000u

bool sn_yaml_text(struct sn_yaml *yaml, const yaml_node_t *node, const char *what, size_t size,
                  const char **text) {
    if (node->type != YAML_SCALAR_NODE)
        return sn_yaml_fail(yaml, node, "%s must be a single value", what);
    const char *value = (const char *)node->data.scalar.value;
    size_t length = node->data.scalar.length;
    if (length == 0)
        return sn_yaml_fail(yaml, node, "%s is empty", what);
    if (length >= size)
        return sn_yaml_fail(yaml, node, "%s is longer than %zu bytes", what, size - 1);
    for (size_t index = 0; index < length; index++) {
        if ((unsigned char)value[index] < 0x20 || value[index] == 0x7f)
            return sn_yaml_fail(yaml, node, "%s holds a control character", what);
    }
    *text = value;
    return true;
}

const char *sn_digits(const char *text, uint64_t *out) {
    uint64_t value = 0;
    if (*text < '0' || *text > '9' || (text[0] == '0' && text[1] >= '0' && text[1] <= '9'))
        return NULL;
    for (; *text >= '0' && *text <= '9'; text++) {
        if (__builtin_mul_overflow(value, 10u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(*text - '0'), &value))
            return NULL;
    }
    *out = value;
    return text;
}

static bool fail_bounds(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                        struct sn_range bounds) {
    return sn_yaml_fail(yaml, node, "%s must be %llu to %llu, not '%.40s'", what,
                        (unsigned long long)bounds.low, (unsigned long long)bounds.high,
                        node->data.scalar.value);
}

bool sn_yaml_range(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                   struct sn_range bounds, struct sn_range *out) {
    const char *text;
    struct sn_range range;
    if (!sn_yaml_text(yaml, node, what, 64, &text))
        return false;
    const char *rest = sn_digits(text, &range.low);
    range.high = range.low;
    if (rest != NULL && rest[0] == '.' && rest[1] == '.')
        rest = sn_digits(rest + 2, &range.high);
    if (rest == NULL || *rest != '\0')
        return sn_yaml_fail(
            yaml, node, "%s must be a count or LOW..HIGH in plain decimal, not '%s'", what, text);
    if (range.low < bounds.low || range.high > bounds.high)
        return fail_bounds(yaml, node, what, bounds);
    if (range.low > range.high)
        return sn_yaml_fail(yaml, node, "%s ends before it begins: '%s'", what, text);
    *out = range;
    return true;
}

bool sn_yaml_count(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                   struct sn_range bounds, uint64_t *out) {
    const char *text;
    uint64_t value;
    if (!sn_yaml_text(yaml, node, what, 64, &text))
        return false;
    const char *rest = sn_digits(text, &value);
    if (rest == NULL || *rest != '\0')
        return sn_yaml_fail(yaml, node, "%s must be a count in plain decimal, not '%s'", what,
                            text);
    if (value < bounds.low || value > bounds.high)
        return fail_bounds(yaml, node, what, bounds);
    *out = value;
    return true;
}

/* "0", "1", "0.25": the digits behind the point as millionths. */
static bool share_value(const char *text, uint32_t *out) {
    uint64_t whole;
    const char *rest = sn_digits(text, &whole);
    if (rest == NULL || whole > 1)
        return false;
    uint32_t millionths = 0;
    if (*rest == '.') {
        uint32_t unit = MILLION / 10;
        for (rest++; *rest >= '0' && *rest <= '9' && unit > 0; rest++, unit /= 10)
            millionths += (uint32_t)(*rest - '0') * unit;
    }
    if (*rest != '\0' || (whole == 1 && millionths > 0))
        return false;
    *out = (uint32_t)whole * MILLION + millionths;
    return true;
}

bool sn_yaml_share(struct sn_yaml *yaml, const yaml_node_t *node, const char *what, uint32_t *out) {
    const char *text;
    if (!sn_yaml_text(yaml, node, what, 64, &text))
        return false;
    if (!share_value(text, out))
        return sn_yaml_fail(yaml, node, "%s must be a fraction from 0 to 1, not '%s'", what, text);
    return true;
}

bool sn_yaml_word(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                  struct sn_words words, uint32_t *index) {
    const char *text;
    if (!sn_yaml_text(yaml, node, what, 64, &text))
        return false;
    for (uint32_t word = 0; word < words.count; word++) {
        if (strcmp(words.word[word], text) == 0) {
            *index = word;
            return true;
        }
    }
    char list[200], guess[HD_NEAREST_SIZE];
    sn_words_text(words, list, sizeof(list));
    hd_nearest_text(text, words.word, words.count, guess);
    return sn_yaml_fail(yaml, node, "%s cannot be '%s' (known: %s)%s", what, text, list, guess);
}

/* ---- fields ---------------------------------------------------------------------------------- */

bool sn_yaml_text_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key, bool required,
                     size_t size, char **out) {
    yaml_node_t *node =
        required ? sn_yaml_require(yaml, mapping, key) : sn_yaml_get(yaml, mapping, key);
    if (node == NULL)
        return !required;
    const char *text;
    if (!sn_yaml_text(yaml, node, key, size, &text))
        return false;
    char *copy = strdup(text);
    if (copy == NULL)
        return sn_yaml_fail(yaml, node, "out of memory");
    free(*out);
    *out = copy;
    return true;
}

bool sn_yaml_count_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key,
                      struct sn_range bounds, uint64_t *out) {
    yaml_node_t *node = sn_yaml_get(yaml, mapping, key);
    return node == NULL || sn_yaml_count(yaml, node, key, bounds, out);
}

bool sn_yaml_range_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key,
                      struct sn_range bounds, struct sn_range *out) {
    yaml_node_t *node = sn_yaml_get(yaml, mapping, key);
    return node == NULL || sn_yaml_range(yaml, node, key, bounds, out);
}

bool sn_yaml_share_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key, uint32_t *out) {
    yaml_node_t *node = sn_yaml_get(yaml, mapping, key);
    return node == NULL || sn_yaml_share(yaml, node, key, out);
}

bool sn_yaml_word_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key,
                     struct sn_words words, uint32_t *index) {
    yaml_node_t *node = sn_yaml_get(yaml, mapping, key);
    return node == NULL || sn_yaml_word(yaml, node, key, words, index);
}
