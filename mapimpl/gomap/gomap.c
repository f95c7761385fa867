/* gomap.c - making and releasing a map, and its operations as map.h wants them.
 *
 * A map starts with the least B whose load limit holds the hint, and without a table where that is 0; its
 * hash seed is its first draw.
 */
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/gomap/layout.h"

const struct gomap_type gomap_type_32 = {
    .kind = GOMAP_FAST32, .key_size = sizeof(uint32_t), .elem_size = sizeof(uint64_t)};

static uint8_t log2_for(const struct gomap *map, uint64_t hint) {
    uint8_t log2 = 0;
    if (hint > GOMAP_ADDRESSES_MAX / gomap_shape_of(map).bucket_size) {
        return log2;
    }
    while (gomap_over_load(map, GOMAP_MUTATE(HINT_TIGHT, hint, hint + 1), log2)) {
        log2++;
    }
    return log2;
}

static void fields_init(struct gomap *map) {
    atomic_init(&map->count, 0);
    atomic_init(&map->flags, 0);
    atomic_init(&map->log2_buckets, 0);
    atomic_init(&map->buckets, NULL);
    atomic_init(&map->oldbuckets, NULL);
    atomic_init(&map->nevacuate, 0);
    atomic_init(&map->extra.overflow, GOMAP_NO_LIST);
    map->extra.old_overflow = GOMAP_NO_LIST;
    map->extra.next_overflow = NULL;
    map->noverflow = 0;
    map->hash0 = gomap_draw32(map);
}

static int config_check(const struct gomap_config *config) {
    if (config->version != 0 &&
        (config->version < GOMAP_VERSION_MIN || config->version > GOMAP_VERSION_MAX)) {
        return -EINVAL;
    }
    bool known = config->keys == MAP_KEYS_NUMBER || config->keys == MAP_KEYS_STRING;
    return known ? 0 : -ENOTSUP;
}

/* The first assignment makes the only bucket of a small map. */
static int first_table(struct gomap *map, uint8_t log2) {
    struct gomap_bucket *next_overflow = NULL;
    if (log2 == 0) {
        return 0;
    }
    struct gomap_bucket *table = gomap_table_new(map, log2, &next_overflow);
    if (table == NULL) {
        return -ENOMEM;
    }
    GOMAP_STORE(map->log2_buckets, log2);
    GOMAP_STORE(map->buckets, table);
    map->extra.next_overflow = next_overflow;
    return 0;
}

struct gomap_config gomap_config_of(const struct map_options *options,
                                    const struct map_host *host) {
    return (struct gomap_config){.hint = options->hint,
                                 .seed = options->seed,
                                 .host = host,
                                 .keys = options->keys,
                                 .version = options->version};
}

int gomap_init(struct gomap *map, const struct gomap_config *config) {
    int error = config_check(config);
    if (error == 0) {
        error = gomap_runtime_init(map, config);
    }
    if (error != 0) {
        return error;
    }
    fields_init(map);
    error = first_table(map, log2_for(map, config->hint));
    if (error != 0) {
        gomap_runtime_release(map);
    }
    return error;
}

void gomap_release(struct gomap *map) {
    gomap_runtime_release(map);
}

int gomap_new(const struct gomap_config *config, struct gomap **map) {
    struct gomap *made = malloc(sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    int error = gomap_init(made, config);
    if (error != 0) {
        free(made);
        return error;
    }
    *map = made;
    return 0;
}

void gomap_free(struct gomap *map) {
    if (map != NULL) {
        gomap_release(map);
        free(map);
    }
}

bool gomap_get(const struct gomap *map, uint64_t key, uint64_t *value) {
    const uint64_t *found = gomap_access(map, key);
    if (found == NULL) {
        return false;
    }
    *value = *found;
    return true;
}

bool gomap_get_string(const struct gomap *map, const struct map_string *key, uint64_t *value) {
    const uint64_t *found = gomap_access_string(map, key);
    if (found == NULL) {
        return false;
    }
    *value = *found;
    return true;
}

/* The store of the value is a step of its own, outside of the map's protection. */
int gomap_put(struct gomap *map, uint64_t key, uint64_t value) {
    if (map == NULL) {
        return -EINVAL;
    }
    gomap_tell(map, MAP_WRITE_START, 0);
    uint64_t *place = gomap_assign(map, key);
    if (place != NULL) {
        *place = value;
    }
    gomap_tell(map, MAP_WRITE_END, 0);
    return place != NULL ? 0 : -ENOMEM;
}

int gomap_put_string(struct gomap *map, const struct map_string *key, uint64_t value) {
    if (map == NULL) {
        return -EINVAL;
    }
    gomap_tell(map, MAP_WRITE_START, 0);
    uint64_t *place = gomap_assign_string(map, key);
    if (place != NULL) {
        *place = value;
    }
    gomap_tell(map, MAP_WRITE_END, 0);
    return place != NULL ? 0 : -ENOMEM;
}

bool gomap_remove(struct gomap *map, uint64_t key) {
    gomap_tell(map, MAP_WRITE_START, 0);
    bool removed = gomap_delete(map, key);
    gomap_tell(map, MAP_WRITE_END, 0);
    return removed;
}

bool gomap_remove_string(struct gomap *map, const struct map_string *key) {
    gomap_tell(map, MAP_WRITE_START, 0);
    bool removed = gomap_delete_string(map, key);
    gomap_tell(map, MAP_WRITE_END, 0);
    return removed;
}

void gomap_remove_all(struct gomap *map) {
    gomap_tell(map, MAP_WRITE_START, 0);
    gomap_clear(map);
    gomap_tell(map, MAP_WRITE_END, 0);
}
