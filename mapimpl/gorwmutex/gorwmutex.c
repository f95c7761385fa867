/* gorwmutex.c - gomap under a lock that behaves as Go's sync.RWMutex does (lock.h).
 *
 * A  every operation is atomic: reads, length and iterations hold the lock for reading, writes for
 *    writing;
 * B  an iteration shows one moment's content. Its visitor must not call the map: to write waits for
 *    itself, to read waits for ever where a writer came meanwhile;
 * C  no task waits while others come and go.
 */
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/gomap/layout.h"
#include "mapimpl/gorwmutex/lock.h"

struct gorwmutex_map {
    struct gomap table; /* first: gomap's inspector reads this struct */
    struct gorw_lock lock;
};

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    struct gorwmutex_map *made = aligned_alloc(GORW_LINE, sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    struct gomap_config config = gomap_config_of(options, host);
    int error = gomap_init(&made->table, &config);
    if (error != 0) {
        free(made);
        return error;
    }
    gorw_init(&made->lock, host);
    *map = made;
    return 0;
}

static void destroy(void *map) {
    struct gorwmutex_map *m = map;
    if (m != NULL) {
        gomap_release(&m->table);
        free(m);
    }
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    struct gorwmutex_map *m = map;
    gorw_read_lock(&m->lock);
    bool found = gomap_get(&m->table, key, value);
    gorw_read_unlock(&m->lock);
    return found;
}

static int put(void *map, uint64_t key, uint64_t value) {
    struct gorwmutex_map *m = map;
    gorw_lock(&m->lock);
    int error = gomap_put(&m->table, key, value);
    gorw_unlock(&m->lock);
    return error;
}

static int del(void *map, uint64_t key) {
    struct gorwmutex_map *m = map;
    gorw_lock(&m->lock);
    bool removed = gomap_remove(&m->table, key);
    gorw_unlock(&m->lock);
    return removed;
}

static uint64_t length(void *map) {
    struct gorwmutex_map *m = map;
    gorw_read_lock(&m->lock);
    uint64_t count = gomap_length(&m->table);
    gorw_read_unlock(&m->lock);
    return count;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct gorwmutex_map *m = map;
    gorw_read_lock(&m->lock);
    uint64_t visited = gomap_iterate(&m->table, visit, context);
    gorw_read_unlock(&m->lock);
    return visited;
}

static int clear(void *map) {
    struct gorwmutex_map *m = map;
    gorw_lock(&m->lock);
    gomap_remove_all(&m->table);
    gorw_unlock(&m->lock);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    struct gorwmutex_map *m = map;
    gorw_read_lock(&m->lock);
    bool found = gomap_get_string(&m->table, key, value);
    gorw_read_unlock(&m->lock);
    return found;
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    struct gorwmutex_map *m = map;
    gorw_lock(&m->lock);
    int error = gomap_put_string(&m->table, key, value);
    gorw_unlock(&m->lock);
    return error;
}

static int del_string(void *map, const struct map_string *key) {
    struct gorwmutex_map *m = map;
    gorw_lock(&m->lock);
    bool removed = gomap_remove_string(&m->table, key);
    gorw_unlock(&m->lock);
    return removed;
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    struct gorwmutex_map *m = map;
    gorw_read_lock(&m->lock);
    uint64_t visited = gomap_iterate_string(&m->table, visit, context);
    gorw_read_unlock(&m->lock);
    return visited;
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "gorwmutex",
    .summary = "gomap under a lock like Go's sync.RWMutex",
    .guarantee =
        "Every operation is atomic; an iteration shows one moment's content; nobody starves.",
    .create = create,
    .destroy = destroy,
    .get = get,
    .put = put,
    .del = del,
    .length = length,
    .iterate = iterate,
    .clear = clear,
    .freeze = freeze,
    .delete_tells = true,
    .inspector = &gomap_inspector,
    .strings = &strings,
    .promises = {.iterates_once = true,
                 .iterates_present = true,
                 .iterates_one_moment = true,
                 .length_exact = true},
};
