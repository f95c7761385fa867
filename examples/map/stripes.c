/* stripes.c - a hash table of fixed size with a lock for each stripe of it.
 *
 * Open addressing: a key lies in the first cell that was free on the way from its home cell, and the way
 * does not leave the stripe. An operation locks the one stripe of its key; only clear locks them all, in
 * their order. Keys are 64-bit integers or strings: one of the two in each map.
 *
 * Invariant C: the count of a stripe is changed under the lock of that stripe.
 * broken.c builds this file without it.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include <heddle/map.h>

#define STRIPES 16u
#define CELLS   32u /* of a stripe; a power of two */

enum state { FREE, USED, GONE };

/* In a map of integers `text` is empty, in a map of strings `number` is 0. */
struct key {
    uint64_t number;
    struct map_string text;
};

struct cell {
    enum state state;
    struct key key;
    uint64_t value;
};

struct stripe {
    pthread_mutex_t lock;
    uint64_t count; /* used cells */
    struct cell cell[CELLS];
};

struct table {
    uint64_t seed;
    uint64_t count; /* of the broken form: used cells of all stripes */
    struct stripe stripe[STRIPES];
};

/* ---- keys ------------------------------------------------------------------------------------ */

static uint64_t mix(uint64_t x) {
    x = (x ^ x >> 32) * 0x9e3779b97f4a7c15u;
    return x ^ x >> 29;
}

static uint64_t hash_of(const struct table *table, const struct key *key) {
    uint64_t hash = mix(table->seed ^ key->number);
    for (size_t i = 0; i < key->text.length; i++)
        hash = mix(hash ^ (unsigned char)key->text.data[i]);
    return hash;
}

static bool same(const struct key *a, const struct key *b) {
    return a->number == b->number && a->text.length == b->text.length &&
           (a->text.length == 0 || memcmp(a->text.data, b->text.data, a->text.length) == 0);
}

/* ---- cells ----------------------------------------------------------------------------------- */

static struct stripe *stripe_of(struct table *table, uint64_t hash) {
    return &table->stripe[hash % STRIPES];
}

/* The cell of `key`; or else, in *place, the first one that could take it. Its stripe is locked. */
static struct cell *find(struct stripe *stripe, uint64_t hash, const struct key *key,
                         struct cell **place) {
    *place = NULL;
    for (uint64_t step = 0; step < CELLS; step++) {
        struct cell *cell = &stripe->cell[(hash / STRIPES + step) % CELLS];
        if (cell->state == USED && same(&cell->key, key))
            return cell;
        if (cell->state != USED && *place == NULL)
            *place = cell;
        if (cell->state == FREE)
            return NULL;
    }
    return NULL;
}

#ifdef ONE_COUNT
#define COUNTS 1u
static uint64_t *count_of(struct table *table, struct stripe *stripe) {
    (void)stripe;
    return &table->count;
}
#else
#define COUNTS STRIPES
static uint64_t *count_of(struct table *table, struct stripe *stripe) {
    (void)table;
    return &stripe->count;
}
#endif

/* ---- operations ------------------------------------------------------------------------------ */

static bool get_key(struct table *table, struct key key, uint64_t *value) {
    uint64_t hash = hash_of(table, &key);
    struct stripe *stripe = stripe_of(table, hash);
    struct cell *place;
    pthread_mutex_lock(&stripe->lock);
    const struct cell *cell = find(stripe, hash, &key, &place);
    if (cell != NULL)
        *value = cell->value;
    pthread_mutex_unlock(&stripe->lock);
    return cell != NULL;
}

static int put_key(struct table *table, struct key key, uint64_t value) {
    uint64_t hash = hash_of(table, &key);
    struct stripe *stripe = stripe_of(table, hash);
    struct cell *place;
    pthread_mutex_lock(&stripe->lock);
    struct cell *cell = find(stripe, hash, &key, &place);
    if (cell == NULL && place != NULL) {
        *place = (struct cell){.state = USED, .key = key};
        *count_of(table, stripe) += 1;
        cell = place;
    }
    if (cell != NULL)
        cell->value = value;
    pthread_mutex_unlock(&stripe->lock);
    return cell != NULL ? 0 : -ENOMEM;
}

static int delete_key(struct table *table, struct key key) {
    uint64_t hash = hash_of(table, &key);
    struct stripe *stripe = stripe_of(table, hash);
    struct cell *place;
    pthread_mutex_lock(&stripe->lock);
    struct cell *cell = find(stripe, hash, &key, &place);
    if (cell != NULL) {
        cell->state = GONE;
        *count_of(table, stripe) -= 1;
    }
    pthread_mutex_unlock(&stripe->lock);
    return cell != NULL;
}

/* A stripe at a time: what is present throughout is visited once. */
static uint64_t visit_cells(struct table *table,
                            bool (*visit)(void *context, const struct cell *cell), void *context) {
    uint64_t visited = 0;
    bool more = true;
    for (uint64_t i = 0; i < STRIPES && more; i++) {
        struct stripe *stripe = &table->stripe[i];
        pthread_mutex_lock(&stripe->lock);
        for (uint64_t k = 0; k < CELLS && more; k++) {
            if (stripe->cell[k].state != USED)
                continue;
            visited++;
            more = visit(context, &stripe->cell[k]);
        }
        pthread_mutex_unlock(&stripe->lock);
    }
    return visited;
}

/* ---- the table of operations: integers ------------------------------------------------------- */

static bool get(void *map, uint64_t key, uint64_t *value) {
    return get_key(map, (struct key){.number = key}, value);
}

static int put(void *map, uint64_t key, uint64_t value) {
    return put_key(map, (struct key){.number = key}, value);
}

static int del(void *map, uint64_t key) {
    return delete_key(map, (struct key){.number = key});
}

struct number_visit {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    void *context;
};

static bool visit_number(void *context, const struct cell *cell) {
    const struct number_visit *to = context;
    return to->visit(to->context, cell->key.number, cell->value);
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    struct number_visit to = {visit, context};
    return visit_cells(map, visit_number, &to);
}

/* ---- the same: strings ----------------------------------------------------------------------- */

static bool get_string(void *map, const struct map_string *key, uint64_t *value) {
    return get_key(map, (struct key){.text = *key}, value);
}

static int put_string(void *map, const struct map_string *key, uint64_t value) {
    return put_key(map, (struct key){.text = *key}, value);
}

static int del_string(void *map, const struct map_string *key) {
    return delete_key(map, (struct key){.text = *key});
}

struct string_visit {
    bool (*visit)(void *context, const struct map_string *key, uint64_t value);
    void *context;
};

static bool visit_string(void *context, const struct cell *cell) {
    const struct string_visit *to = context;
    return to->visit(to->context, &cell->key.text, cell->value);
}

static uint64_t iterate_strings(void *map,
                                bool (*visit)(void *context, const struct map_string *key,
                                              uint64_t value),
                                void *context) {
    struct string_visit to = {visit, context};
    return visit_cells(map, visit_string, &to);
}

/* ---- the whole map --------------------------------------------------------------------------- */

static int create(const struct map_options *options, const struct map_host *host, void **map) {
    (void)host; /* it does not grow and detects no misuse: nothing to tell */
    struct table *table = calloc(1, sizeof *table);
    if (table == NULL)
        return -ENOMEM;
    table->seed = options->seed;
    for (uint64_t i = 0; i < STRIPES; i++)
        pthread_mutex_init(&table->stripe[i].lock, NULL);
    *map = table;
    return 0;
}

static void destroy(void *map) {
    free(map);
}

static uint64_t length(void *map) {
    struct table *table = map;
    uint64_t sum = 0;
    for (uint64_t i = 0; i < COUNTS; i++) {
        pthread_mutex_lock(&table->stripe[i].lock);
        sum += *count_of(table, &table->stripe[i]);
        pthread_mutex_unlock(&table->stripe[i].lock);
    }
    return sum;
}

static int clear(void *map) {
    struct table *table = map;
    for (uint64_t i = 0; i < STRIPES; i++)
        pthread_mutex_lock(&table->stripe[i].lock);
    for (uint64_t i = 0; i < STRIPES; i++) {
        memset(table->stripe[i].cell, 0, sizeof table->stripe[i].cell);
        *count_of(table, &table->stripe[i]) = 0;
    }
    for (uint64_t i = 0; i < STRIPES; i++)
        pthread_mutex_unlock(&table->stripe[i].lock);
    return 0;
}

static int freeze(void *map) {
    (void)map;
    return -ENOTSUP;
}

static const struct map_string_ops strings = {
    .get = get_string,
    .put = put_string,
    .del = del_string,
    .iterate = iterate_strings,
};

#ifdef ONE_COUNT
#define NAME "broken"
#else
#define NAME "stripes"
#endif

const struct map_ops heddle_map = {
    .abi_version = MAP_ABI_VERSION,
    .kind = MAP_SAFE,
    .name = NAME,
    .summary = "a table of fixed size with a lock for each stripe",
    .guarantee = "any operations at the same time",
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
    .strings = &strings,
    .promises = {.never_grows = true}, /* its chains get longer */
};
