/* ids.h - keys, values and processes of a history file, each kind numbered in order of appearance.
 *
 * An integer and a string are different even when they look alike.
 */
#ifndef HEDDLE_CLI_HISTORY_IDS_H
#define HEDDLE_CLI_HISTORY_IDS_H

#include <jansson.h>
#include <stdint.h>

/* All zero is empty. */
struct cli_ids {
    json_t *number;    /* from text to number */
    const char **text; /* of each number */
    uint32_t count;
    uint32_t size;
};

/* Puts the number of an integer or string into *id. Returns 0, -EINVAL for any other value, -ENOMEM.
 */
int cli_ids_take(struct cli_ids *ids, const json_t *value, uint32_t *id);
/* As it stands in a history: 7, "seven". In C's heap; NULL without memory. */
char *cli_ids_print(const struct cli_ids *ids, uint64_t id);
/* The same as a JSON value; an integer that the library cannot hold as a string of its digits. */
json_t *cli_ids_value(const struct cli_ids *ids, uint64_t id);
void cli_ids_clear(struct cli_ids *ids);

#endif
