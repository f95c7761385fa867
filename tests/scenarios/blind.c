/* blind.c - a map that is built without the instrumentation: no point comes from its code. */
#include <errno.h>
#include <string.h>

#include "mapimpl/map.h"

#define KEYS 64u

static struct {
    bool present[KEYS];
    uint64_t value[KEYS];
} table;

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    (void)host;
    if (options->keys != MAP_KEYS_NUMBER)
        return -ENOTSUP;
    memset(&table, 0, sizeof(table));
    *map = &table;
    return 0;
}

static void destroy(void *map) {
    (void)map;
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    (void)map;
    *value = table.value[key % KEYS];
    return table.present[key % KEYS];
}

static int put(void *map, uint64_t key, uint64_t value) {
    (void)map;
    table.present[key % KEYS] = true;
    table.value[key % KEYS] = value;
    return 0;
}

static int del(void *map, uint64_t key) {
    (void)map;
    table.present[key % KEYS] = false;
    return 0;
}

static uint64_t length(void *map) {
    uint64_t count = 0;
    (void)map;
    for (uint32_t key = 0; key < KEYS; key++)
        count += table.present[key];
    return count;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    (void)map;
    for (uint32_t key = 0; key < KEYS; key++) {
        if (table.present[key] && !visit(context, key, table.value[key]))
            break;
    }
    return length(map);
}

static int clear(void *map) {
    (void)map;
    memset(&table, 0, sizeof(table));
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

MAP_EXPORT const struct map_ops heddle_map = {.abi_version = MAP_ABI_VERSION,
                                              .kind = MAP_SAFE,
                                              .name = "blind",
                                              .summary = "not instrumented",
                                              .guarantee = "none",
                                              .create = create,
                                              .destroy = destroy,
                                              .get = get,
                                              .put = put,
                                              .del = del,
                                              .length = length,
                                              .iterate = iterate,
                                              .clear = clear,
                                              .freeze = freeze};
