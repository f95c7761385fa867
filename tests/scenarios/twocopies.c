/* twocopies.c - a map that keeps everything twice and reads the copies in turn, without a lock: while a put
 * is between the two, a reader may find the old value after another has found the new one. Each result
 * alone is possible. */
#include <errno.h>
#include <string.h>

#include "mapimpl/map.h"

#define KEYS 64u

static struct {
    bool present[KEYS];
    uint64_t value[KEYS];
} copy[2];
static unsigned turn;

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    (void)host;
    if (options->keys != MAP_KEYS_NUMBER)
        return -ENOTSUP;
    memset(copy, 0, sizeof(copy));
    *map = copy;
    return 0;
}

static void destroy(void *map) {
    (void)map;
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    (void)map;
    unsigned from = turn++ % 2;
    *value = copy[from].value[key % KEYS];
    return copy[from].present[key % KEYS];
}

static int put(void *map, uint64_t key, uint64_t value) {
    (void)map;
    for (unsigned to = 0; to < 2; to++) {
        copy[to].present[key % KEYS] = true;
        copy[to].value[key % KEYS] = value;
    }
    return 0;
}

static int del(void *map, uint64_t key) {
    (void)map;
    copy[0].present[key % KEYS] = copy[1].present[key % KEYS] = false;
    return 0;
}

static uint64_t length(void *map) {
    uint64_t count = 0;
    (void)map;
    for (uint32_t key = 0; key < KEYS; key++)
        count += copy[0].present[key];
    return count;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    (void)map;
    for (uint32_t key = 0; key < KEYS; key++) {
        if (copy[0].present[key] && !visit(context, key, copy[0].value[key]))
            break;
    }
    return length(map);
}

static int clear(void *map) {
    (void)map;
    memset(copy, 0, sizeof(copy));
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

MAP_EXPORT const struct map_ops heddle_map = {.abi_version = MAP_ABI_VERSION,
                                              .kind = MAP_SAFE,
                                              .name = "twocopies",
                                              .summary = "two copies, read in turn",
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
