/* ids.c - a JSON object as the table: see ids.h.
 *
 * Its keys are "i" and the digits of an integer, or "s" and a string.
 */
#include "cli/history/ids.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/history/wide.h"
#include "harness/base/assert.h"

#define INTEGER 'i'
#define STRING  's'

/* The key of a value, in C's heap; NULL without memory or for any other value. */
static char *key_of(const json_t *value) {
    char *key = NULL;
    int printed = -1;
    if (json_is_integer(value)) {
        printed = asprintf(&key, "%c%lld", INTEGER, (long long)json_integer_value(value));
    } else {
        const char *text = json_string_value(value);
        const char *digits = cli_wide_digits(text, json_string_length(value));
        printed = digits != NULL ? asprintf(&key, "%c%s", INTEGER, digits)
                                 : asprintf(&key, "%c%s", STRING, text);
    }
    return printed >= 0 ? key : NULL;
}

static int add(struct cli_ids *ids, const char *key) {
    if (ids->count == ids->size) {
        uint32_t size = ids->size > 0 ? 2 * ids->size : 64;
        const char **text = realloc(ids->text, size * sizeof(*text));
        if (text == NULL) {
            return -ENOMEM;
        }
        ids->text = text;
        ids->size = size;
    }
    if (json_object_set_new(ids->number, key, json_integer(ids->count)) != 0) {
        return -ENOMEM;
    }
    ids->text[ids->count++] = json_object_iter_key(json_object_iter_at(ids->number, key));
    return 0;
}

int cli_ids_take(struct cli_ids *ids, const json_t *value, uint32_t *id) {
    if (!json_is_integer(value) && !json_is_string(value)) {
        return -EINVAL;
    }
    if (ids->number == NULL) {
        ids->number = json_object();
    }
    char *key = key_of(value);
    int status = ids->number != NULL && key != NULL ? 0 : -ENOMEM;
    const json_t *known = status == 0 ? json_object_get(ids->number, key) : NULL;
    if (status == 0 && known == NULL) {
        status = add(ids, key);
        known = json_object_get(ids->number, key);
    }
    free(key);
    if (status == 0) {
        *id = (uint32_t)json_integer_value(known);
    }
    return status;
}

json_t *cli_ids_value(const struct cli_ids *ids, uint64_t id) {
    HD_ASSERT(id < ids->count);
    const char *key = ids->text[id];
    if (key[0] == STRING) {
        return json_string(key + 1);
    }
    errno = 0;
    long long number = strtoll(key + 1, NULL, 10);
    return errno == 0 ? json_integer(number) : json_string(key + 1);
}

char *cli_ids_print(const struct cli_ids *ids, uint64_t id) {
    HD_ASSERT(id < ids->count);
    if (ids->text[id][0] == INTEGER) {
        return strdup(ids->text[id] + 1);
    }
    json_t *value = cli_ids_value(ids, id);
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    json_decref(value);
    return text;
}

void cli_ids_clear(struct cli_ids *ids) {
    json_decref(ids->number);
    free(ids->text);
    *ids = (struct cli_ids){0};
}
