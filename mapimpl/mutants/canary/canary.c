/* canary.c - a mutant that must be found: a locked map that counts its entries outside of the lock.
 *
 * Claimed, and true but for the planted fault:
 * A  get, put, del, clear and iteration are atomic, under one mutex;
 * B  length is the number of entries.
 * The fault: a put of a new key, a del and a clear change the entry count by a plain load and a plain
 * store after they unlocked, so that two of them that overlap lose an update and B is wrong from then on.
 * The rare fault: an iteration counts itself by a plain load and a plain store before it locks, and visits
 * nothing when another one has done so between that store and the next load.
 * The table itself is never harmed, so that nothing but lengths and iterations can show them.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "mapimpl/gomap/layout.h"

struct canary_map {
    struct gomap table; /* first: gomap's inspector reads this struct */
    pthread_mutex_t lock;
    uint64_t length;
    volatile uint64_t turns; /* iterations begun */
};

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    if (options->keys != MAP_KEYS_NUMBER) {
        return -ENOTSUP;
    }
    struct canary_map *made = malloc(sizeof *made);
    if (made == NULL) {
        return -ENOMEM;
    }
    made->length = 0;
    made->turns = 0;
    struct gomap_config config = gomap_config_of(options, host);
    int error = gomap_init(&made->table, &config);
    if (error == 0) {
        error = -pthread_mutex_init(&made->lock, NULL);
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
    struct canary_map *m = map;
    if (m != NULL) {
        pthread_mutex_destroy(&m->lock);
        gomap_release(&m->table);
        free(m);
    }
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    struct canary_map *m = map;
    pthread_mutex_lock(&m->lock);
    bool found = gomap_get(&m->table, key, value);
    pthread_mutex_unlock(&m->lock);
    return found;
}

static int put(void *map, uint64_t key, uint64_t value) {
    struct canary_map *m = map;
    uint64_t length = m->length; /* the planted lost update: read before the lock ... */
    pthread_mutex_lock(&m->lock);
    uint64_t before = gomap_length(&m->table);
    int error = gomap_put(&m->table, key, value);
    uint64_t added = gomap_length(&m->table) - before;
    pthread_mutex_unlock(&m->lock);
    if (added != 0) {
        m->length = length + added; /* ... and stored after it */
    }
    return error;
}

static int del(void *map, uint64_t key) {
    struct canary_map *m = map;
    pthread_mutex_lock(&m->lock);
    bool removed = gomap_remove(&m->table, key);
    pthread_mutex_unlock(&m->lock);
    if (removed) {
        m->length = m->length - 1;
    }
    return removed;
}

static uint64_t length(void *map) {
    const struct canary_map *m = map;
    return m->length;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct canary_map *m = map;
    uint64_t turn = m->turns + 1;
    m->turns = turn;
    if (m->turns != turn) {
        return 0; /* the planted rare fault: overtaken, it gives up */
    }
    pthread_mutex_lock(&m->lock);
    uint64_t visited = gomap_iterate(&m->table, visit, context);
    pthread_mutex_unlock(&m->lock);
    return visited;
}

static int clear(void *map) {
    struct canary_map *m = map;
    pthread_mutex_lock(&m->lock);
    uint64_t removed = gomap_length(&m->table);
    gomap_remove_all(&m->table);
    pthread_mutex_unlock(&m->lock);
    m->length = m->length - removed;
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

MAP_EXPORT const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_MUTANT,
    .name = "canary",
    .summary = "mutant: a locked map that loses updates of its length",
    .guarantee = "Claims that every operation is atomic.",
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
    .strings = NULL, /* 64-bit keys only */
};
