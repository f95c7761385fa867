/* oncefrozen.c - entries staged first, then built once into a map that never changes again.
 *
 * A  writes are staged under a mutex, atomically, until the first read or an explicit freeze;
 * B  the first get, length, iteration or freeze builds the final table, once, whoever comes first;
 *    everybody else who reads waits for it;
 * C  from then on reads take no lock and see one content for ever, writes return -EROFS.
 * Without memory for the final table the staged one is frozen in its place.
 */
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/oncefrozen/oncefrozen.h"

/* A once control calls a function without arguments. */
static _Thread_local struct oncefrozen_map *once_argument;

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    struct oncefrozen_map *made = malloc(sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    atomic_init(&made->content, NULL);
    made->once = (pthread_once_t)PTHREAD_ONCE_INIT;
    made->frozen = false;
    struct gomap_config config = gomap_config_of(options, host);
    int error = gomap_init(&made->staged, &config);
    if (error == 0) {
        error = -pthread_mutex_init(&made->mutex, NULL);
        if (error == 0) {
            *map = made;
            return 0;
        }
        gomap_release(&made->staged);
    }
    free(made);
    return error;
}

static void destroy(void *map) {
    struct oncefrozen_map *m = map;
    if (m != NULL) {
        pthread_mutex_destroy(&m->mutex);
        gomap_release(atomic_load(&m->content) == &m->table ? &m->table : &m->staged);
        free(m);
    }
}

/* ---- the build */

struct copy {
    struct gomap *table;
    bool complete;
};

static bool copy_entry(void *context, uint64_t key, uint64_t value) {
    struct copy *copy = context;
    copy->complete = gomap_put(copy->table, key, value) == 0;
    return copy->complete;
}

static bool copy_string_entry(void *context, const struct map_string *key, uint64_t value) {
    struct copy *copy = context;
    copy->complete = gomap_put_string(copy->table, key, value) == 0;
    return copy->complete;
}

/* The table is made for its final size: it never grows, and it tells nothing. */
static bool build_table(struct oncefrozen_map *m) {
    struct gomap_config config = {
        .hint = gomap_length(&m->staged),
        .seed = gomap_draw64(&m->staged),
        .host = m->staged.config.host,
        .silent = true,
        .keys = m->staged.config.keys,
        .version = m->staged.config.version,
    };
    if (gomap_init(&m->table, &config) != 0) {
        return false;
    }
    struct copy copy = {&m->table, true};
    if (config.keys == MAP_KEYS_STRING) {
        gomap_iterate_string(&m->staged, copy_string_entry, &copy);
    } else {
        gomap_iterate(&m->staged, copy_entry, &copy);
    }
    if (!copy.complete) {
        gomap_release(&m->table);
    }
    return copy.complete;
}

static void build(void) {
    struct oncefrozen_map *m = once_argument;
    pthread_mutex_lock(&m->mutex);
    m->frozen = true;
    bool built = build_table(m);
    atomic_store_explicit(&m->content, built ? &m->table : &m->staged, memory_order_release);
    if (built) {
        gomap_release(&m->staged);
    }
    pthread_mutex_unlock(&m->mutex);
}

static struct gomap *frozen_content(struct oncefrozen_map *m) {
    struct gomap *content = atomic_load_explicit(&m->content, memory_order_acquire);
    if (content == NULL) {
        once_argument = m;
        pthread_once(&m->once, build);
        content = atomic_load_explicit(&m->content, memory_order_acquire);
    }
    return content;
}

/* ---- operations */

static bool get(void *map, uint64_t key, uint64_t *value) {
    return gomap_get(frozen_content(map), key, value);
}

static uint64_t length(void *map) {
    return gomap_length(frozen_content(map));
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    return gomap_iterate(frozen_content(map), visit, context);
}

static int freeze(void *map) {
    frozen_content(map);
    return 0;
}

static int put(void *map, uint64_t key, uint64_t value) {
    struct oncefrozen_map *m = map;
    pthread_mutex_lock(&m->mutex);
    int result = m->frozen ? -EROFS : gomap_put(&m->staged, key, value);
    pthread_mutex_unlock(&m->mutex);
    return result;
}

static int del(void *map, uint64_t key) {
    struct oncefrozen_map *m = map;
    pthread_mutex_lock(&m->mutex);
    int result = m->frozen ? -EROFS : gomap_remove(&m->staged, key);
    pthread_mutex_unlock(&m->mutex);
    return result;
}

static int clear(void *map) {
    struct oncefrozen_map *m = map;
    int result = -EROFS;
    pthread_mutex_lock(&m->mutex);
    if (!m->frozen) {
        gomap_remove_all(&m->staged);
        result = 0;
    }
    pthread_mutex_unlock(&m->mutex);
    return result;
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    return gomap_get_string(frozen_content(map), key, value);
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    struct oncefrozen_map *m = map;
    pthread_mutex_lock(&m->mutex);
    int result = m->frozen ? -EROFS : gomap_put_string(&m->staged, key, value);
    pthread_mutex_unlock(&m->mutex);
    return result;
}

static int del_string(void *map, const struct map_string *key) {
    struct oncefrozen_map *m = map;
    pthread_mutex_lock(&m->mutex);
    int result = m->frozen ? -EROFS : gomap_remove_string(&m->staged, key);
    pthread_mutex_unlock(&m->mutex);
    return result;
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    return gomap_iterate_string(frozen_content(map), visit, context);
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "oncefrozen",
    .summary = "staged under a mutex, built once at the first read, then read without a lock",
    .guarantee = "Writes are atomic until the first read freezes the content; then they fail with "
                 "EROFS and every read sees the same.",
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
    .inspector = &oncefrozen_inspector,
    .strings = &strings,
    .promises = {.iterates_once = true,
                 .iterates_present = true,
                 .iterates_one_moment = true,
                 .length_exact = true},
};
