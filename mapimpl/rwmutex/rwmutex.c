/* rwmutex.c - gomap under a readers-writer lock: the habit of Go's sync.RWMutex.
 *
 * A  every operation is atomic: reads, length and iterations hold the lock for reading, writes for
 *    writing;
 * B  an iteration shows one moment's content. Its visitor must not write to the map.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "mapimpl/gomap/layout.h"

struct rwmutex_map {
    struct gomap table; /* first: gomap's inspector reads this struct */
    pthread_rwlock_t lock;
};

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    struct rwmutex_map *made = malloc(sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    struct gomap_config config = gomap_config_of(options, host);
    int error = gomap_init(&made->table, &config);
    if (error == 0) {
        error = -pthread_rwlock_init(&made->lock, NULL);
        if (error == 0) {
            *map = made;
            return 0;
        }
        gomap_release(&made->table);
    }
    free(made);
    return error;
}

static void destroy(void *map) {
    struct rwmutex_map *m = map;
    if (m != NULL) {
        pthread_rwlock_destroy(&m->lock);
        gomap_release(&m->table);
        free(m);
    }
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    struct rwmutex_map *m = map;
    pthread_rwlock_rdlock(&m->lock);
    bool found = gomap_get(&m->table, key, value);
    pthread_rwlock_unlock(&m->lock);
    return found;
}

static int put(void *map, uint64_t key, uint64_t value) {
    struct rwmutex_map *m = map;
    pthread_rwlock_wrlock(&m->lock);
    int error = gomap_put(&m->table, key, value);
    pthread_rwlock_unlock(&m->lock);
    return error;
}

static int del(void *map, uint64_t key) {
    struct rwmutex_map *m = map;
    pthread_rwlock_wrlock(&m->lock);
    bool removed = gomap_remove(&m->table, key);
    pthread_rwlock_unlock(&m->lock);
    return removed;
}

static uint64_t length(void *map) {
    struct rwmutex_map *m = map;
    pthread_rwlock_rdlock(&m->lock);
    uint64_t count = gomap_length(&m->table);
    pthread_rwlock_unlock(&m->lock);
    return count;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct rwmutex_map *m = map;
    pthread_rwlock_rdlock(&m->lock);
    uint64_t visited = gomap_iterate(&m->table, visit, context);
    pthread_rwlock_unlock(&m->lock);
    return visited;
}

static int clear(void *map) {
    struct rwmutex_map *m = map;
    pthread_rwlock_wrlock(&m->lock);
    gomap_remove_all(&m->table);
    pthread_rwlock_unlock(&m->lock);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    struct rwmutex_map *m = map;
    pthread_rwlock_rdlock(&m->lock);
    bool found = gomap_get_string(&m->table, key, value);
    pthread_rwlock_unlock(&m->lock);
    return found;
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    struct rwmutex_map *m = map;
    pthread_rwlock_wrlock(&m->lock);
    int error = gomap_put_string(&m->table, key, value);
    pthread_rwlock_unlock(&m->lock);
    return error;
}

static int del_string(void *map, const struct map_string *key) {
    struct rwmutex_map *m = map;
    pthread_rwlock_wrlock(&m->lock);
    bool removed = gomap_remove_string(&m->table, key);
    pthread_rwlock_unlock(&m->lock);
    return removed;
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    struct rwmutex_map *m = map;
    pthread_rwlock_rdlock(&m->lock);
    uint64_t visited = gomap_iterate_string(&m->table, visit, context);
    pthread_rwlock_unlock(&m->lock);
    return visited;
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "rwmutex",
    .summary = "gomap under one pthread_rwlock_t",
    .guarantee = "Every operation is atomic; an iteration shows one moment's content.",
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
