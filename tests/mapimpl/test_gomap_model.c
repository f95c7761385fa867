/* test_gomap_model.c - random operations on every kind of map in every version, beside an array that knows
 * the answers; after each one the map must be whole (G1 to G10).
 *
 * Iterators live across operations: of an entry that was present all the time each must have seen exactly
 * one, and never a value that was not the latest.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <errno.h>
#include <string.h>

#include "mapimpl/gomap/check.h"
#include "tests/mapimpl/support.h"
#include "tests/mapimpl/types.h"

#define KEYS      400u
#define ITERATORS 3u
#define STEPS     5000u

/* What an iterator may still do. */
struct watcher {
    struct gomap_iter iter;
    bool open;
    bool cleared;          /* before 1.21 it may return what a clear removed */
    bool throughout[KEYS]; /* present since the start */
    uint32_t seen[KEYS];
};

struct bench {
    struct kind kind;
    uint32_t version;
    uint64_t seed;
    uint64_t draws;
    struct gomap *map;
    bool present[KEYS];
    uint64_t value[KEYS];
    uint64_t count;
    struct watcher watcher[ITERATORS];
};

struct subject {
    struct kind kind;
    uint32_t version;
};

static uint64_t draw(struct bench *b, uint64_t below) {
    return test_random(b->seed, b->draws++) % below;
}

static void check_whole(const struct bench *b, const struct gomap *map) {
    char message[200] = "";
    cr_assert(gomap_check(map, message, sizeof message), "%s", message);
    cr_assert_eq(gomap_length(map), b->count);
}

/* ---- writes */

static void put(struct bench *b, uint64_t key, uint64_t value) {
    cr_assert_eq(kind_put(&b->kind, b->map, key, value), 0);
    b->count += !b->present[key];
    b->present[key] = true;
    b->value[key] = kind_value_cut(&b->kind, value);
}

static void remove_key(struct bench *b, uint64_t key) {
    cr_assert_eq(kind_remove(&b->kind, b->map, key), b->present[key]);
    b->count -= b->present[key];
    b->present[key] = false;
    for (unsigned i = 0; i < ITERATORS; i++) {
        b->watcher[i].throughout[key] = false;
    }
}

static void clear(struct bench *b) {
    gomap_clear(b->map);
    b->count = 0;
    memset(b->present, 0, sizeof b->present);
    for (unsigned i = 0; i < ITERATORS; i++) {
        memset(b->watcher[i].throughout, 0, sizeof b->watcher[i].throughout);
        b->watcher[i].cleared = b->version < 121;
    }
}

/* ---- iterators */

static void see(struct bench *b, struct watcher *w) {
    uint64_t key = kind_iter_key(&b->kind, &w->iter);
    cr_assert_lt(key, KEYS);
    if (w->cleared) {
        return;
    }
    cr_assert(b->present[key], "key %lu was removed", key);
    cr_assert_eq(kind_iter_value(&b->kind, &w->iter), b->value[key]);
    w->seen[key]++;
    cr_assert(w->seen[key] == 1 || !w->throughout[key], "key %lu came twice", key);
}

static void end(struct watcher *w) {
    for (uint64_t key = 0; key < KEYS; key++) {
        cr_assert(!w->throughout[key] || w->seen[key] == 1, "key %lu did not come", key);
    }
    gomap_iter_end(&w->iter);
    memset(w, 0, sizeof *w);
}

static void step(struct bench *b, struct watcher *w) {
    if (!w->open) {
        memcpy(w->throughout, b->present, sizeof w->throughout);
        gomap_iter_init(&w->iter, b->map);
        w->open = true;
        w->cleared = false;
    } else {
        gomap_iter_next(&w->iter);
    }
    if (w->iter.any_key != NULL) {
        see(b, w);
    } else {
        end(w);
    }
}

/* ---- clones */

static void clone(struct bench *b) {
    struct gomap *copy = NULL;
    int result = gomap_clone(b->map, &copy);
    cr_assert_eq(result, b->version < 121 ? -ENOTSUP : 0);
    if (result != 0) {
        return;
    }
    check_whole(b, copy);
    for (uint64_t key = 0; key < KEYS; key++) {
        uint64_t value = 0;
        cr_assert_eq(kind_get(&b->kind, copy, key, &value), b->present[key]);
        cr_assert(!b->present[key] || value == b->value[key]);
    }
    gomap_free(copy);
}

/* ---- the run */

static void look(struct bench *b, uint64_t key) {
    uint64_t value = 0;
    cr_assert_eq(kind_get(&b->kind, b->map, key, &value), b->present[key], "key %lu", key);
    cr_assert(!b->present[key] || value == b->value[key]);
}

/* Phases fill and empty, so that tables grow, rebuild themselves and become empty. */
static void operate(struct bench *b, unsigned n) {
    unsigned puts = n / 600 % 2 == 0 ? 60 : 15;
    uint64_t key = draw(b, KEYS);
    uint64_t kind = draw(b, 100);
    if (kind < puts) {
        put(b, key, test_random(b->seed, n));
    } else if (kind < 75) {
        remove_key(b, key);
    } else if (kind < 85) {
        look(b, key);
    } else if (kind < 98) {
        step(b, &b->watcher[draw(b, ITERATORS)]);
    } else if (kind == 98) {
        clone(b);
    } else if (draw(b, 8) == 0) {
        clear(b);
    }
}

static void run(struct bench *b, enum gomap_hash_mode mode) {
    b->map = kind_new(&b->kind, (struct gomap_config){.seed = b->seed,
                                                      .hint = draw(b, 3) * 60,
                                                      .version = b->version,
                                                      .hash_mode = mode});
    for (unsigned n = 0; n < STEPS; n++) {
        operate(b, n);
        check_whole(b, b->map);
    }
    for (uint64_t key = 0; key < KEYS; key++) {
        look(b, key);
    }
    for (unsigned i = 0; i < ITERATORS; i++) {
        gomap_iter_end(&b->watcher[i].iter);
    }
    gomap_free(b->map);
}

ParameterizedTestParameters(gomap_model, agrees_with_every_kind_in_every_version) {
    static struct subject subject[KINDS_MAX * 5];
    struct kind kind[KINDS_MAX];
    memset(kind, 0, sizeof kind);
    unsigned kinds = kinds_all(kind);
    for (unsigned i = 0; i < kinds * 5; i++) {
        subject[i] = (struct subject){kind[i / 5], 119 + i % 5};
    }
    return cr_make_param_array(struct subject, subject, kinds * 5);
}

ParameterizedTest(struct subject *subject, gomap_model, agrees_with_every_kind_in_every_version) {
    static struct bench b;
    b = (struct bench){.kind = subject->kind, .version = subject->version, .seed = 31};
    run(&b, GOMAP_HASH_MIX);
}

/* Long chains: overflow buckets, their spare ones, and growths of the same size. */
ParameterizedTestParameters(gomap_model, agrees_where_all_keys_share_a_chain) {
    static struct subject subject[KINDS_MAX];
    static struct kind kind[KINDS_MAX];
    kinds_all(kind);
    for (unsigned i = 0; i < 4; i++) {
        subject[i] = (struct subject){kind[i], 119 + i};
    }
    return cr_make_param_array(struct subject, subject, 4);
}

ParameterizedTest(struct subject *subject, gomap_model, agrees_where_all_keys_share_a_chain) {
    static struct bench b;
    b = (struct bench){.kind = subject->kind, .version = subject->version, .seed = 32};
    run(&b, GOMAP_HASH_CONST);
}
