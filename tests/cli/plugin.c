/* plugin.c - a map of one's own, built with the flags that `heddle doctor` gives: a short list of
 * pairs without any lock that claims to be safe. Two puts that overlap lose one of the keys.
 */
#include <errno.h>
#include <stdlib.h>

#include <heddle/map.h>

#define PAIRS_MAX 64u

struct list {
    uint64_t key[PAIRS_MAX];
    uint64_t value[PAIRS_MAX];
    uint64_t count;
};

static int list_create(const struct map_options *options, const struct map_host *host, void **map) {
    (void)host;
    if (options->keys != MAP_KEYS_NUMBER) {
        return -ENOTSUP;
    }
    *map = calloc(1, sizeof(struct list));
    return *map != NULL ? 0 : -ENOMEM;
}

static void list_destroy(void *map) {
    free(map);
}

static uint64_t find(const struct list *list, uint64_t key) {
    uint64_t place = 0;
    while (place < list->count && list->key[place] != key) {
        place++;
    }
    return place;
}

static bool list_get(void *map, uint64_t key, uint64_t *value) {
    const struct list *list = map;
    uint64_t place = find(list, key);
    *value = place < list->count ? list->value[place] : 0;
    return place < list->count;
}

static int list_put(void *map, uint64_t key, uint64_t value) {
    struct list *list = map;
    uint64_t place = find(list, key);
    if (place == PAIRS_MAX) {
        return -ENOMEM;
    }
    list->key[place] = key;
    list->value[place] = value;
    if (place == list->count) {
        list->count = place + 1;
    }
    return 0;
}

static int list_delete(void *map, uint64_t key) {
    struct list *list = map;
    uint64_t place = find(list, key);
    if (place == list->count) {
        return 0;
    }
    list->count--;
    list->key[place] = list->key[list->count];
    list->value[place] = list->value[list->count];
    return 1;
}

static uint64_t list_length(void *map) {
    return ((const struct list *)map)->count;
}

static uint64_t list_iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                             void *context) {
    const struct list *list = map;
    uint64_t visited = 0;
    while (visited < list->count && visit(context, list->key[visited], list->value[visited])) {
        visited++;
    }
    return visited;
}

static int list_clear(void *map) {
    ((struct list *)map)->count = 0;
    return 0;
}

static int list_freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

__attribute__((visibility("default"))) extern const struct map_ops heddle_map;
const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = "list",
    .summary = "a list of pairs that forgot its lock",
    .guarantee = "none, though it claims to be safe",
    .create = list_create,
    .destroy = list_destroy,
    .get = list_get,
    .put = list_put,
    .del = list_delete,
    .length = list_length,
    .iterate = list_iterate,
    .clear = list_clear,
    .freeze = list_freeze,
    .delete_tells = true,
};
