/* table.c - gomap as a map of its own: Go's map without any lock.
 *
 * A  one writer alone, or any number of readers and iterators together, are correct;
 * B  other mixtures are mistakes of the caller: often detected (fatal), never made safe.
 */
#include <errno.h>

#include "mapimpl/gomap/gomap.h"

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    struct gomap *made;
    struct gomap_config config = gomap_config_of(options, host);
    int error = gomap_new(&config, &made);
    if (error == 0) {
        *map = made;
    }
    return error;
}

static void destroy(void *map) {
    gomap_free(map);
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    return gomap_get(map, key, value);
}

static int put(void *map, uint64_t key, uint64_t value) {
    return gomap_put(map, key, value);
}

static int del(void *map, uint64_t key) {
    gomap_remove(map, key);
    return 0;
}

static uint64_t length(void *map) {
    return gomap_length(map);
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    return gomap_iterate(map, visit, context);
}

static int clear(void *map) {
    gomap_remove_all(map);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    return gomap_get_string(map, key, value);
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    return gomap_put_string(map, key, value);
}

static int del_string(void *map, const struct map_string *key) {
    gomap_remove_string(map, key);
    return 0;
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    return gomap_iterate_string(map, visit, context);
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_PLAIN,
    .name = "gomap",
    .summary = "Go's classic map (1.19 to 1.23), bit-exact, without a lock",
    .guarantee = "One writer, or any number of readers; misuse is often detected and then fatal.",
    .create = create,
    .destroy = destroy,
    .get = get,
    .put = put,
    .del = del,
    .length = length,
    .iterate = iterate,
    .clear = clear,
    .freeze = freeze,
    .delete_tells = false,
    .inspector = &gomap_inspector,
    .strings = &strings,
};
