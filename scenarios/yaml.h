/* yaml.h - a YAML file as a tree whose every value knows its line and column.
 *
 * A thin layer over libyaml's document. The `_at` functions read one field of a mapping: a field
 * that is absent leaves *out untouched and is an error only when it is required.
 *
 * Errors: functions return false after the first error; `error` of the reader then holds one line
 * "FILE:LINE:COLUMN: reason". Numbers are read as text by our own rules: decimal digits only, so
 * that neither "-1" nor "010" nor "1e3" means something else than it shows.
 */
#ifndef HEDDLE_SCENARIOS_YAML_H
#define HEDDLE_SCENARIOS_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <yaml.h>

#define SN_FILE_SIZE_MAX (1u << 20) /* bytes; a longer file is no scenario */

struct sn_yaml {
    const char *file; /* as given, for messages */
    char *error;      /* HD_LINE_SIZE bytes, the caller's */
    yaml_document_t document;
};

/* Both ends inclusive; "4" is 4 to 4. */
struct sn_range {
    uint64_t low;
    uint64_t high;
};

/* A closed list of words. */
struct sn_words {
    const char *const *word;
    uint32_t count;
};
#define SN_WORDS(array) ((struct sn_words){(array), (uint32_t)(sizeof(array) / sizeof((array)[0]))})

/* Reads and parses a whole file of one document. Returns 0, -errno of reading it, or -EINVAL for
 * text that is not YAML; on failure there is nothing to close. */
int sn_yaml_open(struct sn_yaml *yaml, const char *path, char *error);
void sn_yaml_close(struct sn_yaml *yaml);
yaml_node_t *sn_yaml_root(struct sn_yaml *yaml);

/* Puts "FILE:LINE:COLUMN: reason" with the node's position into the error. Returns false. */
bool sn_yaml_fail(struct sn_yaml *yaml, const yaml_node_t *node, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* The same at a place inside a scalar, `offset` characters behind its start. */
bool sn_yaml_fail_within(struct sn_yaml *yaml, const yaml_node_t *node, size_t offset,
                         const char *format, ...) __attribute__((format(printf, 4, 5)));
/* "FILE:LINE:COLUMN" of a node, on the heap; NULL without memory. */
char *sn_yaml_place(const struct sn_yaml *yaml, const yaml_node_t *node);

/* Checks that `node` is a mapping (`what` names it in messages), each of whose keys is one of
 * `known` and comes once. */
bool sn_yaml_fields(struct sn_yaml *yaml, yaml_node_t *node, const char *what,
                    struct sn_words known);
/* The value of a field, or NULL. */
yaml_node_t *sn_yaml_get(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key);
/* Like sn_yaml_get, but an absent field is an error. */
yaml_node_t *sn_yaml_require(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key);
/* Entries of a list, `low` to `high` of them. */
bool sn_yaml_list(struct sn_yaml *yaml, yaml_node_t *node, const char *what, uint32_t low,
                  uint32_t high, uint32_t *count);
yaml_node_t *sn_yaml_item(struct sn_yaml *yaml, yaml_node_t *list, uint32_t index);
/* Pairs of a mapping: how many, and the i-th. */
bool sn_yaml_mapping(struct sn_yaml *yaml, yaml_node_t *node, const char *what, uint32_t low,
                     uint32_t high, uint32_t *count);
void sn_yaml_pair(struct sn_yaml *yaml, yaml_node_t *mapping, uint32_t index, yaml_node_t **key,
                  yaml_node_t **value);

/* The scalar's text, valid until the reader is closed: printable, 1 to `size` - 1 bytes. */
bool sn_yaml_text(struct sn_yaml *yaml, const yaml_node_t *node, const char *what, size_t size,
                  const char **text);
bool sn_yaml_count(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                   struct sn_range bounds, uint64_t *out);
bool sn_yaml_range(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                   struct sn_range bounds, struct sn_range *out);
/* A decimal fraction from 0 to 1, in millionths. */
bool sn_yaml_share(struct sn_yaml *yaml, const yaml_node_t *node, const char *what, uint32_t *out);
bool sn_yaml_word(struct sn_yaml *yaml, const yaml_node_t *node, const char *what,
                  struct sn_words words, uint32_t *index);

/* A copy on the heap, *out untouched (and true) when the field is absent and not required. */
bool sn_yaml_text_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key, bool required,
                     size_t size, char **out);
bool sn_yaml_count_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key,
                      struct sn_range bounds, uint64_t *out);
bool sn_yaml_range_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key,
                      struct sn_range bounds, struct sn_range *out);
bool sn_yaml_share_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key, uint32_t *out);
bool sn_yaml_word_at(struct sn_yaml *yaml, yaml_node_t *mapping, const char *key,
                     struct sn_words words, uint32_t *index);

/* Reads decimal digits without sign, space or needless leading zero. Returns NULL when `text` does
 * not begin with such a number or it passes 2^64 - 1, else the first character behind it. */
const char *sn_digits(const char *text, uint64_t *out);

/* "a, b, c": cut with "..." where it does not fit. */
void sn_words_text(struct sn_words words, char *text, size_t size);

#endif
