/* test_map_inspector.c - inspectors against readers, and the growth window's invariants against correct
 * maps, in every state that a map passes through while it fills and empties.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/inspect.h"
#include "mapimpl/native.h"
#include "tests/mapimpl/support.h"

#define KEYS 300u

static bool inspected(const struct map_ops *ops) {
    return ops->inspector != NULL;
}

/* The inspector's functions that take a key, for the subject's kind of keys. */

static uint64_t hash_of(const struct test_subject *subject, const void *map, uint32_t part,
                        uint64_t key) {
    const struct map_inspector *look = test_ops(subject)->inspector;
    char bytes[TEST_TEXT_MAX];
    struct map_string text = test_text(key, bytes);
    return subject->keys == MAP_KEYS_STRING ? look->hash_string(map, part, &text)
                                            : look->hash(map, part, key);
}

static uint32_t part_of(const struct test_subject *subject, const void *map, uint64_t key) {
    const struct map_inspector *look = test_ops(subject)->inspector;
    char bytes[TEST_TEXT_MAX];
    struct map_string text = test_text(key, bytes);
    return subject->keys == MAP_KEYS_STRING ? look->part_of_string(map, &text)
                                            : look->part_of(map, key);
}

static bool find(const struct test_subject *subject, const void *map, uint64_t key,
                 struct map_cell *cell) {
    const struct map_inspector *look = test_ops(subject)->inspector;
    char bytes[TEST_TEXT_MAX];
    struct map_string text = test_text(key, bytes);
    return subject->keys == MAP_KEYS_STRING ? look->find_string(map, &text, cell)
                                            : look->find(map, key, cell);
}

static uint64_t key_in(const struct test_subject *subject, const struct map_cell *cell) {
    return subject->keys == MAP_KEYS_STRING ? test_key(&cell->text) : cell->key;
}

/* What one walk over one part saw. */
struct walked {
    const struct test_subject *subject;
    const void *map;
    uint32_t part;
    struct map_view view;
    uint8_t live[KEYS];
    uint64_t cells;
    uint64_t lives;
    uint64_t old_cells;
    bool rest; /* an EMPTY_REST cell came by in this chain */
    uint64_t chain;
    bool chain_old;
};

static void check_chain_end(struct walked *w, const struct map_cell *cell) {
    if (cell->depth == 0 && cell->slot == 0) {
        w->rest = false;
    }
    cr_assert(!w->rest || cell->state == MAP_CELL_EMPTY_REST || cell->evacuated);
    w->rest = cell->state == MAP_CELL_EMPTY_REST;
}

static void check_live(struct walked *w, const struct map_cell *cell) {
    uint64_t hash = hash_of(w->subject, w->map, w->part, key_in(w->subject, cell));
    uint64_t buckets = cell->old ? w->view.old_buckets : w->view.buckets;
    cr_assert_not(cell->evacuated, "a live cell in an evacuated bucket");
    cr_assert_eq(hash & (buckets - 1), cell->bucket);
    cr_assert_eq(gomap_tophash(hash), cell->tophash);
    uint64_t key = key_in(w->subject, cell);
    cr_assert_lt(key, KEYS);
    cr_assert_eq(part_of(w->subject, w->map, key), w->part);
    w->live[key]++;
    w->lives++;
}

/* V3: the mark of a moved cell agrees with the hash bit, if the hash seed is still the same. Like Go's, a
 * map of strings wipes the keys that it moved. */
static void check_moved(struct walked *w, const struct map_cell *cell) {
    cr_assert(cell->old && cell->evacuated);
    if (w->subject->keys == MAP_KEYS_STRING && cell->text.length == 0) {
        return;
    }
    uint64_t hash = hash_of(w->subject, w->map, w->part, key_in(w->subject, cell));
    bool high = !w->view.same_size && (hash & w->view.old_buckets);
    cr_assert_eq(cell->state, high ? MAP_CELL_EVACUATED_Y : MAP_CELL_EVACUATED_X);
}

static bool visit_cell(void *context, const struct map_cell *cell) {
    struct walked *w = context;
    w->cells++;
    w->old_cells += cell->old;
    check_chain_end(w, cell);
    switch (cell->state) {
    case MAP_CELL_LIVE:
        check_live(w, cell);
        break;
    case MAP_CELL_EVACUATED_X:
    case MAP_CELL_EVACUATED_Y:
        check_moved(w, cell);
        break;
    case MAP_CELL_EVACUATED_EMPTY:
        cr_assert(cell->old && cell->evacuated);
        break;
    case MAP_CELL_EMPTY_REST:
    case MAP_CELL_EMPTY_ONE:
        cr_assert_not(cell->evacuated);
        break;
    }
    return true;
}

/* Walks every part; `model` says which keys must be found, with their value. Returns whether any grows. */
static bool check_state(const struct test_subject *subject, void *map, const uint64_t *model) {
    const struct map_ops *ops = test_ops(subject);
    static struct walked w;
    bool growing = false;
    uint64_t total = 0;
    uint8_t live[KEYS] = {0};
    for (uint32_t part = 0; part < ops->inspector->parts(map); part++) {
        memset(&w, 0, sizeof w);
        w.subject = subject;
        w.map = map;
        w.part = part;
        ops->inspector->view(map, part, &w.view);
        ops->inspector->walk(map, part, visit_cell, &w);
        cr_assert_geq(w.cells, 8 * (w.view.buckets + w.view.old_buckets));
        cr_assert_eq(w.old_cells > 0, w.view.growing);
        cr_assert_eq(w.view.count, w.lives);
        cr_assert_not(w.view.writing);
        growing = growing || w.view.growing;
        total += w.lives;
        for (uint64_t key = 0; key < KEYS; key++) {
            live[key] = (uint8_t)(live[key] + w.live[key]);
        }
    }
    uint64_t present = 0;
    for (uint64_t key = 0; key < KEYS; key++) {
        struct map_cell cell;
        present += model[key] != 0;
        cr_assert_eq(live[key], model[key] != 0, "key %lu has %u live cells", key, live[key]);
        cr_assert_eq(find(subject, map, key, &cell), model[key] != 0);
        cr_assert_eq(find(subject, map, key, NULL), model[key] != 0);
        if (model[key] != 0) {
            cr_assert(key_in(subject, &cell) == key && cell.value == model[key] &&
                      cell.state == MAP_CELL_LIVE);
        }
    }
    cr_assert_eq(total, present);
    return growing;
}

ParameterizedTestParameters(inspector, agrees_with_a_model_in_every_state) {
    return test_subjects(inspected);
}

/* One map through 400 writes; returns how many states lay in a growth window. */
static uint64_t live_through(const struct test_subject *subject, uint64_t seed) {
    const struct map_ops *ops = test_ops(subject);
    uint64_t model[KEYS] = {0};
    uint64_t growing = 0;
    void *map = test_made(subject, (struct map_options){.seed = seed, .shards = 2});
    check_state(subject, map, model);
    for (uint64_t n = 0; n < 400; n++) {
        uint64_t draw = test_random(seed, n);
        uint64_t key = draw % KEYS;
        bool remove = (draw >> 32) % 16 < (n < 300 ? 3u : 12u);
        cr_assert_geq(remove ? test_del(subject, map, key) : test_put(subject, map, key, n + 1), 0);
        model[key] = remove ? 0 : n + 1;
        growing += check_state(subject, map, model);
    }
    for (uint64_t key = 0; key < KEYS; key++) {
        uint64_t value = 0;
        cr_assert_eq(test_get(subject, map, key, &value), model[key] != 0);
        cr_assert_eq(value, model[key]);
    }
    check_state(subject, map, model); /* oncefrozen shows its final table now */
    ops->destroy(map);
    return growing;
}

ParameterizedTest(struct test_subject *subject, inspector, agrees_with_a_model_in_every_state) {
    uint64_t growing = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        growing += live_through(subject, seed);
    }
    cr_assert_gt(growing, 100, "only %lu states were in the window", growing);
}

static bool stop_at_five(void *context, const struct map_cell *cell) {
    (void)cell;
    return ++*(unsigned *)context < 5;
}

Test(inspector, walk_stops_when_the_visitor_has_enough) {
    void *map;
    unsigned visits = 0;
    cr_assert_eq(gomap_map.create(&(struct map_options){.hint = 100}, &map_host_standalone, &map),
                 0);
    gomap_inspector.walk(map, 0, stop_at_five, &visits);
    cr_assert_eq(visits, 5);
    gomap_map.destroy(map);
}

static bool count_cells(void *context, const struct map_cell *cell) {
    (void)cell;
    ++*(uint64_t *)context;
    return true;
}

Test(inspector, cycle_of_overflow_buckets_ends) {
    struct gomap *map;
    uint64_t cells = 0;
    cr_assert_eq(gomap_new(&(struct gomap_config){.seed = 1}, &map), 0);
    cr_assert_eq(gomap_put(map, 1, 1), 0);
    struct gomap_bucket *bucket = GOMAP_LOAD(map->buckets);
    struct gomap_bucket **link = (void *)((char *)bucket + gomap_link_offset(&gomap_fast64));
    *link = bucket;
    gomap_inspector.walk(map, 0, count_cells, &cells);
    cr_assert_eq(cells, 4096 * 8);
    cr_assert_not(gomap_inspector.find(map, 2, NULL));
    *link = NULL;
    gomap_free(map);
}

/* A reader of a string takes its tophash first, one of a number, as in Go, the number alone. */
Test(inspector, finds_what_a_reader_finds) {
    char bytes[TEST_TEXT_MAX];
    struct map_string text = test_text(1, bytes);
    uint64_t value;
    for (int strings = 0; strings < 2; strings++) {
        struct gomap *map;
        struct gomap_config config = {
            .seed = 1, .hint = 20, .keys = strings ? MAP_KEYS_STRING : MAP_KEYS_NUMBER};
        cr_assert_eq(gomap_new(&config, &map), 0);
        cr_assert_eq(strings ? gomap_put_string(map, &text, 1) : gomap_put(map, 1, 1), 0);
        uint64_t hash =
            strings ? gomap_inspector.hash_string(map, 0, &text) : gomap_inspector.hash(map, 0, 1);
        struct gomap_bucket *bucket =
            gomap_bucket_at(strings ? &gomap_fast_string : &gomap_fast64, GOMAP_LOAD(map->buckets),
                            hash & gomap_mask(GOMAP_LOAD(map->log2_buckets)));
        bucket->top[0] ^= 1;
        if (strings) {
            cr_expect_not(gomap_inspector.find_string(map, &text, NULL));
            cr_expect_not(gomap_get_string(map, &text, &value));
        } else {
            cr_expect(gomap_inspector.find(map, 1, NULL));
        }
        gomap_free(map);
    }
}

/* Looking must change nothing: the whole header and the table stay as they are. */
Test(inspector, looking_leaves_the_map_alone) {
    struct gomap *map;
    cr_assert_eq(gomap_new(&(struct gomap_config){.seed = 1}, &map), 0);
    for (uint64_t key = 0; key < 53; key++) {
        cr_assert_eq(gomap_put(map, key, key), 0);
    }
    static unsigned char before[sizeof(struct gomap)];
    struct map_view view;
    uint64_t cells = 0;
    memcpy(before, map, sizeof before);
    gomap_inspector.view(map, 0, &view);
    gomap_inspector.walk(map, 0, count_cells, &cells);
    gomap_inspector.find(map, 3, NULL);
    gomap_inspector.hash(map, 0, 3);
    cr_assert_arr_eq(before, map, sizeof before);
    gomap_free(map);
}
