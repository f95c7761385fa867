/* keys.h - a key is a number to the scenario engine, also where the map's keys are strings.
 *
 * The string of number 42 is "key-42"; every fourth one has a tail that makes it longer than 32
 * bytes, where Go's map looks at strings differently. Each exists twice, so that a map cannot get
 * by with comparing pointers: writes take one copy, reads and the inspector the other.
 */
#ifndef HEDDLE_SCENARIOS_KEYS_H
#define HEDDLE_SCENARIOS_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#include "mapimpl/map.h"

#define SN_KEY_LIMIT 65536u /* key numbers are below this, so that a table finds their index */

struct sn_texts;

/* The strings of all key numbers. NULL without memory. */
struct sn_texts *sn_texts_new(void);
void sn_texts_free(struct sn_texts *texts);
struct map_string sn_text_to_write(const struct sn_texts *texts, uint64_t key);
struct map_string sn_text_to_read(const struct sn_texts *texts, uint64_t key);
/* The number behind a string; UINT64_MAX when it is none of ours. */
uint64_t sn_text_number(const struct map_string *text);

/* The inspector's functions by number; `texts` is NULL where keys are numbers. */
uint32_t sn_key_part(const struct map_inspector *inspector, const struct sn_texts *texts,
                     const void *map, uint64_t key);
uint64_t sn_key_hash(const struct map_inspector *inspector, const struct sn_texts *texts,
                     const void *map, uint32_t part, uint64_t key);
bool sn_key_find(const struct map_inspector *inspector, const struct sn_texts *texts,
                 const void *map, uint64_t key, struct map_cell *cell);

/* The map's operations by number. */
bool sn_key_get(const struct map_ops *ops, const struct sn_texts *texts, void *map, uint64_t key,
                uint64_t *value);
int sn_key_put(const struct map_ops *ops, const struct sn_texts *texts, void *map, uint64_t key,
               uint64_t value);
int sn_key_delete(const struct map_ops *ops, const struct sn_texts *texts, void *map, uint64_t key);
uint64_t sn_key_iterate(const struct map_ops *ops, const struct sn_texts *texts, void *map,
                        bool (*visit)(void *context, uint64_t key, uint64_t value), void *context);

#endif
