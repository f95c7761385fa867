/* sharded.c - several gomaps, each under a mutex of its own; the key's hash chooses one.
 *
 * A  get, put and del are atomic;
 * B  clear is atomic: it holds all locks, taken in order;
 * C  length and iteration take one shard after the other: each shard's part is one moment's, the whole
 *    need not be. An entry that is present throughout an iteration is visited exactly once, since no key
 *    ever changes its shard. The visitor must not call the map.
 */
#include <errno.h>
#include <stdlib.h>

#include "mapimpl/adaptive.h"
#include "mapimpl/sharded/sharded.h"

#define SHARDS_DEFAULT 32u /* two threads meet in two operations of a hundred */
#define SHARDS_MAX     4096u

static int shard_init(struct sharded_map *m, uint32_t index, const struct map_options *options,
                      const struct map_host *host) {
    struct sharded_shard *shard = &m->shard[index];
    struct gomap_config config = gomap_config_of(options, host);
    config.hint /= m->shards;
    config.seed = gomap_splitmix(options->seed + index);
    config.part = index;
    int error = gomap_init(&shard->table, &config);
    if (error != 0) {
        return error;
    }
    error = map_adaptive_init(&shard->lock);
    if (error != 0) {
        gomap_release(&shard->table);
    }
    return error;
}

/* Releases the first `count` shards and the map. */
static void release(struct sharded_map *m, uint32_t count) {
    for (uint32_t i = 0; i < count; i++) {
        pthread_mutex_destroy(&m->shard[i].lock);
        gomap_release(&m->shard[i].table);
    }
    free(m);
}

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    uint32_t shards = options->shards == 0 ? SHARDS_DEFAULT : options->shards;
    if ((shards & (shards - 1)) != 0 || shards > SHARDS_MAX) {
        return -EINVAL;
    }
    struct sharded_map *made =
        aligned_alloc(SHARDED_LINE, sizeof *made + shards * sizeof made->shard[0]);
    if (made == NULL) {
        return -ENOMEM;
    }
    made->shards = shards;
    made->log2_shards = (uint32_t)__builtin_ctz(shards);
    made->seed = gomap_splitmix(~options->seed);
    for (uint32_t i = 0; i < shards; i++) {
        int error = shard_init(made, i, options, host);
        if (error != 0) {
            release(made, i);
            return error;
        }
    }
    *map = made;
    return 0;
}

static void destroy(void *map) {
    struct sharded_map *m = map;
    if (m != NULL) {
        release(m, m->shards);
    }
}

static struct sharded_shard *shard_of(struct sharded_map *m, uint64_t key) {
    return &m->shard[sharded_index(m, key)];
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    struct sharded_shard *shard = shard_of(map, key);
    pthread_mutex_lock(&shard->lock);
    bool found = gomap_get(&shard->table, key, value);
    pthread_mutex_unlock(&shard->lock);
    return found;
}

static int put(void *map, uint64_t key, uint64_t value) {
    struct sharded_shard *shard = shard_of(map, key);
    pthread_mutex_lock(&shard->lock);
    int error = gomap_put(&shard->table, key, value);
    pthread_mutex_unlock(&shard->lock);
    return error;
}

static int del(void *map, uint64_t key) {
    struct sharded_shard *shard = shard_of(map, key);
    pthread_mutex_lock(&shard->lock);
    bool removed = gomap_remove(&shard->table, key);
    pthread_mutex_unlock(&shard->lock);
    return removed;
}

static uint64_t length(void *map) {
    struct sharded_map *m = map;
    uint64_t sum = 0;
    for (uint32_t i = 0; i < m->shards; i++) {
        pthread_mutex_lock(&m->shard[i].lock);
        sum += gomap_length(&m->shard[i].table);
        pthread_mutex_unlock(&m->shard[i].lock);
    }
    return sum;
}

/* Passes visits on and remembers that the visitor had enough. */
struct visitor {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    void *context;
    bool stopped;
};

static bool visit_one(void *context, uint64_t key, uint64_t value) {
    struct visitor *visitor = context;
    visitor->stopped = !visitor->visit(visitor->context, key, value);
    return !visitor->stopped;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct sharded_map *m = map;
    struct visitor visitor = {.visit = visit, .context = context};
    uint64_t visited = 0;
    for (uint32_t i = 0; i < m->shards && !visitor.stopped; i++) {
        pthread_mutex_lock(&m->shard[i].lock);
        visited += gomap_iterate(&m->shard[i].table, visit_one, &visitor);
        pthread_mutex_unlock(&m->shard[i].lock);
    }
    return visited;
}

static int clear(void *map) {
    struct sharded_map *m = map;
    for (uint32_t i = 0; i < m->shards; i++) {
        pthread_mutex_lock(&m->shard[i].lock);
    }
    for (uint32_t i = 0; i < m->shards; i++) {
        gomap_remove_all(&m->shard[i].table);
    }
    for (uint32_t i = m->shards; i-- > 0;) {
        pthread_mutex_unlock(&m->shard[i].lock);
    }
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

/* ---- strings */

static struct sharded_shard *shard_of_string(struct sharded_map *m, const struct map_string *key) {
    return &m->shard[sharded_index_string(m, key)];
}

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    struct sharded_shard *shard = shard_of_string(map, key);
    pthread_mutex_lock(&shard->lock);
    bool found = gomap_get_string(&shard->table, key, value);
    pthread_mutex_unlock(&shard->lock);
    return found;
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    struct sharded_shard *shard = shard_of_string(map, key);
    pthread_mutex_lock(&shard->lock);
    int error = gomap_put_string(&shard->table, key, value);
    pthread_mutex_unlock(&shard->lock);
    return error;
}

static int del_string(void *map, const struct map_string *key) {
    struct sharded_shard *shard = shard_of_string(map, key);
    pthread_mutex_lock(&shard->lock);
    bool removed = gomap_remove_string(&shard->table, key);
    pthread_mutex_unlock(&shard->lock);
    return removed;
}

struct string_visitor {
    bool (*visit)(void *context, const struct map_string *key, uint64_t value);
    void *context;
    bool stopped;
};

static bool visit_string(void *context, const struct map_string *key, uint64_t value) {
    struct string_visitor *visitor = context;
    visitor->stopped = !visitor->visit(visitor->context, key, value);
    return !visitor->stopped;
}

static uint64_t iterate_string(void *map,
                               bool (*visit)(void *context, const struct map_string *key,
                                             uint64_t value),
                               void *context) {
    struct sharded_map *m = map;
    struct string_visitor visitor = {.visit = visit, .context = context};
    uint64_t visited = 0;
    for (uint32_t i = 0; i < m->shards && !visitor.stopped; i++) {
        pthread_mutex_lock(&m->shard[i].lock);
        visited += gomap_iterate_string(&m->shard[i].table, visit_string, &visitor);
        pthread_mutex_unlock(&m->shard[i].lock);
    }
    return visited;
}

static const struct map_string_ops strings = {
    .get = get_string, .put = put_string, .del = del_string, .iterate = iterate_string};

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "sharded",
    .summary = "several gomaps, each under a mutex of its own",
    .guarantee = "get, put, del and clear are atomic; length and iteration are, shard by shard.",
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
    .inspector = &sharded_inspector,
    .strings = &strings,
    .promises = {.iterates_once = true, .iterates_present = true},
};
