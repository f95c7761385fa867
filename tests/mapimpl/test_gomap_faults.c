/* test_gomap_faults.c - which misuse is noticed, with which words, at which moment: the same list as the
 * real Go 1.19 gives when its flag is tampered with.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/inspect.h"
#include "tests/mapimpl/support.h"

struct bench {
    struct test_host host;
    struct gomap *map;
    bool generic;
    int flip_at; /* flips the flag at the n-th hash from now; 0 never */
    int hashes;
    uint8_t flags; /* at the last hash */
};

static void flip(void *context) {
    struct bench *b = context;
    b->hashes++;
    b->flags = GOMAP_LOAD(b->map->flags);
    if (b->flip_at > 0 && --b->flip_at == 0) {
        gomap_write_toggle(b->map);
    }
}

/* A map of `count` keys; 27 keys leave one of four buckets behind in a growth to eight. */
static void bench_start(struct bench *b, uint64_t count, bool generic) {
    test_host_init(&b->host);
    b->generic = generic;
    b->flip_at = 0;
    struct gomap_config config = {
        .host = &b->host.host, .seed = 1, .hash_hook = flip, .hash_context = b};
    cr_assert_eq(gomap_new(&config, &b->map), 0);
    for (uint64_t key = 0; key < count; key++) {
        cr_assert_eq(gomap_put(b->map, key, key), 0);
    }
}

static const char *run_get(struct bench *b, uint64_t key) {
    return FATAL_OF(&b->host,
                    b->generic ? gomap_access_generic(b->map, key) : gomap_access(b->map, key));
}

static const char *run_put(struct bench *b, uint64_t key) {
    return FATAL_OF(&b->host,
                    b->generic ? gomap_assign_generic(b->map, key) : gomap_assign(b->map, key));
}

static const char *run_del(struct bench *b, uint64_t key) {
    return FATAL_OF(&b->host,
                    b->generic ? gomap_delete_generic(b->map, key) : gomap_delete(b->map, key));
}

static void print_case(FILE *out, struct bench *b, const char *name, const char *message) {
    fprintf(out, "%s: %s%s\n", name,
            message == NULL ? "no error" : "fatal error: ", message == NULL ? "" : message);
    gomap_free(b->map);
}

#define CASE(count, name, prepare, run)                                                            \
    do {                                                                                           \
        char line[128];                                                                            \
        snprintf(line, sizeof line, "%s%s", variant, name);                                        \
        bench_start(&b, count, generic);                                                           \
        prepare;                                                                                   \
        print_case(out, &b, line, run);                                                            \
    } while (0)

#define SET_FLAG gomap_write_toggle(b.map)

static void variant_cases(FILE *out, const char *variant, bool generic) {
    static struct bench b;
    CASE(20, "get, flag set on entry", SET_FLAG, run_get(&b, 3));
    CASE(20, "put new key, flag set on entry", SET_FLAG, run_put(&b, 100));
    CASE(20, "del, flag set on entry", SET_FLAG, run_del(&b, 3));
    CASE(20, "del of an absent key, flag set on entry", SET_FLAG, run_del(&b, 100));
    CASE(0, "get on EMPTY map, flag set on entry", SET_FLAG, run_get(&b, 3));
    CASE(0, "del on EMPTY map, flag set on entry", SET_FLAG, run_del(&b, 3));
    CASE(0, "put on EMPTY map, flag set on entry", SET_FLAG, run_put(&b, 3));
    CASE(20, "put, flag flipped by another at the key hash (before the toggle)", b.flip_at = 1,
         run_put(&b, 3));
    CASE(20, "del, flag flipped by another at the key hash (before the toggle)", b.flip_at = 1,
         run_del(&b, 3));
    CASE(20, "get, flag flipped by another at the key hash", b.flip_at = 1, run_get(&b, 3));
    CASE(53, "put during growth, flag flipped in the middle of evacuation", b.flip_at = 3,
         run_put(&b, 100));
    CASE(53, "del during growth, flag flipped in the middle of evacuation", b.flip_at = 3,
         run_del(&b, 3));
}

static void run_clear(struct bench *b) {
    gomap_clear(b->map);
}

static void other_cases(FILE *out) {
    static struct bench b;
    static struct gomap_iter iter;
    const char *variant = "";
    bool generic = false;
    CASE(20, "clear, flag set on entry", SET_FLAG, FATAL_OF(&b.host, run_clear(&b)));
    CASE(0, "clear on EMPTY map, flag set on entry", SET_FLAG, FATAL_OF(&b.host, run_clear(&b)));
    CASE(20, "iterator start, flag set on entry", SET_FLAG,
         FATAL_OF(&b.host, gomap_iter_init(&iter, b.map)));
    CASE(0, "iterator start on EMPTY map, flag set", SET_FLAG,
         FATAL_OF(&b.host, gomap_iter_init(&iter, b.map)));
    CASE(20, "iterator step, flag set", (gomap_iter_init(&iter, b.map), SET_FLAG),
         FATAL_OF(&b.host, gomap_iter_next(&iter)));
    CASE(1, "iterator step that reaches the end, flag set",
         (gomap_iter_init(&iter, b.map), SET_FLAG), FATAL_OF(&b.host, gomap_iter_next(&iter)));
}

Test(gomap_faults, injected_faults_are_reported_as_go_reports_them) {
    char told[8192] = "";
    char golden[8192] = "";
    FILE *out = fmemopen(told, sizeof told, "w");
    cr_assert_not_null(out);
    variant_cases(out, "generic ", true);
    variant_cases(out, "fast64 ", false);
    other_cases(out);
    fclose(out);
    FILE *in = fopen(HEDDLE_SOURCE_DIR "/tests/golden/go1.19/faults.txt", "r");
    cr_assert_not_null(in);
    cr_assert_gt(fread(golden, 1, sizeof golden - 1, in), 0);
    fclose(in);
    cr_assert_str_eq(told, golden);
}

/* ---- beyond the list */

Test(gomap_faults, clear_notices_a_flag_flipped_inside) {
    static struct bench b;
    bench_start(&b, 20, false);
    gomap_write_toggle(b.map);
    cr_assert_str_eq(FATAL_OF(&b.host, run_clear(&b)), "concurrent map writes");
    gomap_free(b.map);
}

static void flip_at_clear(void *context, const struct map_event *event) {
    if (event->kind == MAP_CLEAR_END) {
        gomap_write_toggle(context);
    }
}

Test(gomap_faults, clear_tests_the_flag_at_its_end) {
    static struct bench b;
    bench_start(&b, 20, false);
    b.host.at_event = flip_at_clear;
    b.host.context = b.map;
    cr_assert_str_eq(FATAL_OF(&b.host, run_clear(&b)), "concurrent map writes");
    gomap_free(b.map);
}

static void corrupt_old_bucket(struct gomap *map) {
    struct gomap_bucket *old = GOMAP_LOAD(map->oldbuckets);
    for (unsigned i = 0; i < 8; i++) {
        struct gomap_bucket *bucket = gomap_bucket_at(&gomap_fast64, old, i);
        if (!gomap_evacuated(bucket)) {
            bucket->top[0] = GOMAP_MIN_TOP;
            bucket->top[1] = GOMAP_EVAC_X;
        }
    }
}

Test(gomap_faults, evacuated_cell_in_a_bucket_that_is_not_is_bad_map_state) {
    static struct bench b;
    bench_start(&b, 53, false);
    corrupt_old_bucket(b.map);
    cr_assert_str_eq(run_put(&b, 1), "bad map state");
    gomap_free(b.map);
}

Test(gomap_faults, growth_that_finds_a_list_of_the_last_one_is_an_internal_error) {
    static struct bench b;
    bench_start(&b, 52, false);
    GOMAP_STORE(b.map->extra.overflow, 1);
    b.map->extra.old_overflow = 1;
    cr_assert_str_eq(run_put(&b, 100), "oldoverflow is not nil");
    gomap_free(b.map);
}

/* The write between test and toggle of another leaves the flag as it was: Go does not see it either. */
Test(gomap_faults, write_inside_another_writers_blind_spot_is_not_detected) {
    static struct bench b;
    bench_start(&b, 20, false);
    gomap_write_toggle(b.map);
    gomap_write_toggle(b.map);
    cr_assert_null(run_put(&b, 3));
    gomap_free(b.map);
}

/* A write that finds the flag set must not have touched anything yet, not even hashed. */
Test(gomap_faults, writer_looks_at_the_flag_before_all_else) {
    static struct bench b;
    for (int operation = 0; operation < 4; operation++) {
        bench_start(&b, 20, operation % 2 == 0);
        gomap_write_toggle(b.map);
        b.hashes = 0;
        cr_assert_not_null(operation < 2 ? run_put(&b, 3) : run_del(&b, 3));
        cr_assert_eq(b.hashes, 0);
        cr_assert(GOMAP_LOAD(b.map->flags) & GOMAP_WRITING);
        cr_assert_eq(gomap_length(b.map), 20);
        gomap_free(b.map);
    }
}

/* Hashing may fail for other key types; the flag must not be left set then. */
Test(gomap_faults, writer_hashes_before_it_toggles_the_flag) {
    static struct bench b;
    for (int operation = 0; operation < 4; operation++) {
        bench_start(&b, 20, operation % 2 == 0);
        cr_assert_null(operation < 2 ? run_put(&b, 3) : run_del(&b, 3));
        cr_assert_not(b.flags & GOMAP_WRITING);
        gomap_free(b.map);
    }
}

static void check_emptied(bool generic) {
    static struct bench b;
    bench_start(&b, 20, generic);
    for (uint64_t key = 0; key < 20; key++) {
        cr_assert(gomap_remove(b.map, key));
    }
    gomap_write_toggle(b.map);
    cr_assert_null(run_get(&b, 3));
    cr_assert_null(run_del(&b, 3));
    cr_assert_null(FATAL_OF(&b.host, run_clear(&b)));
    cr_assert_str_eq(run_put(&b, 3), "concurrent map writes");
    gomap_free(b.map);
}

/* Empty is what the count says, not what is allocated. */
Test(gomap_faults, emptied_map_is_as_blind_as_a_new_one) {
    check_emptied(false);
    check_emptied(true);
}

static unsigned visited;

static bool write_begins(void *context, uint64_t key, uint64_t value) {
    struct bench *b = context;
    (void)key;
    (void)value;
    if (++visited == 3) {
        gomap_write_toggle(b->map);
    }
    return true;
}

Test(gomap_faults, a_whole_iteration_looks_again_after_each_visit) {
    static struct bench b;
    bench_start(&b, 20, false);
    visited = 0;
    const char *message = FATAL_OF(&b.host, gomap_iterate(b.map, write_begins, &b));
    cr_assert_not_null(message);
    cr_expect_str_eq(message, "concurrent map iteration and map write");
    cr_expect_eq(visited, 3);
    gomap_free(b.map);
}
