/* test_claims.c - claims are decided by what is seen: on a map of another version, or one that lies, they
 * come out the other way; and docs/CLAIMS.md says what a run says.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/native.h"
#include "scenarios/claims/claims.h"
#include "scenarios/scenario.h"

#define SEED     0x5eedull
#define PROGRAMS 16u

static struct sn_claim_result observe(uint32_t number, const struct map_ops *ops,
                                      uint32_t version) {
    const struct sn_claims_options options = {
        .ops = ops, .version = version, .seed = SEED, .programs = PROGRAMS};
    struct sn_claim_result result = {0};
    char error[HD_LINE_SIZE] = "";
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_claim_observe(number, &options, &result), 0);
    cr_assert_eq(result.number, number);
    return result;
}

static void expect(uint32_t number, const struct map_ops *ops, uint32_t version, bool holds) {
    struct sn_claim_result result = observe(number, ops, version);
    cr_expect_gt(result.cases, 0, "claim %u", number);
    cr_expect_eq(result.holds, holds, "claim %u: %s", number, result.observed);
}

/* ---- maps that lie --------------------------------------------------------------------------- */

static struct map_inspector inspector;
static struct map_ops lying;

static void honest(void) {
    inspector = *gomap_map.inspector;
    lying = gomap_map;
    lying.inspector = &inspector;
}

TestSuite(claims, .init = honest);

static bool growing(const void *map) {
    struct map_view view;
    gomap_map.inspector->view(map, 0, &view);
    return view.growing;
}

/* A bit of the flags that follows growing. */
static void mark_growing(struct gomap *map) {
    const uint8_t bit = 0x40;
    uint8_t flags = GOMAP_LOAD(map->flags);
    GOMAP_STORE(map->flags, (uint8_t)(growing(map) ? flags | bit : flags & ~bit));
}

static int put_marked(void *map, uint64_t key, uint64_t value) {
    int status = gomap_map.put(map, key, value);
    mark_growing(map);
    return status;
}

static int del_marked(void *map, uint64_t key) {
    int status = gomap_map.del(map, key);
    mark_growing(map);
    return status;
}

struct swapped {
    bool (*visit)(void *context, const struct map_cell *cell);
    void *context;
};

static bool visit_swapped(void *context, const struct map_cell *cell) {
    const struct swapped *swapped = context;
    struct map_cell other = *cell;
    other.old = !cell->old;
    return swapped->visit(swapped->context, &other);
}

static void walk_swapped(const void *map, uint32_t part,
                         bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    struct swapped swapped = {visit, context};
    gomap_map.inspector->walk(map, part, visit_swapped, &swapped);
}

static bool find_old(const void *map, uint64_t key, struct map_cell *cell) {
    bool found = gomap_map.inspector->find(map, key, cell);
    if (found && cell != NULL)
        cell->old = true;
    return found;
}

/* The live cell of a key in a main bucket of a table; GOMAP_SLOTS: none. */
static unsigned slot_of(struct gomap_bucket *bucket, uint64_t key) {
    for (unsigned slot = 0; slot < GOMAP_SLOTS; slot++) {
        const uint64_t *found = gomap_key(&gomap_fast64, bucket, slot);
        if (bucket->top[slot] >= GOMAP_MIN_TOP && *found == key)
            return slot;
    }
    return GOMAP_SLOTS;
}

static struct gomap_bucket *bucket_of(const struct gomap *map, bool old, uint64_t key) {
    uint64_t hash = gomap_map.inspector->hash(map, 0, key);
    uint64_t count = old ? gomap_old_count(map) : gomap_mask(GOMAP_LOAD(map->log2_buckets)) + 1;
    return gomap_bucket_at(&gomap_fast64,
                           old ? GOMAP_LOAD(map->oldbuckets) : GOMAP_LOAD(map->buckets),
                           hash & (count - 1));
}

static bool get_with_fallback(void *map, uint64_t key, uint64_t *value) {
    for (int old = 0; old < 2 && growing(map); old++) {
        struct gomap_bucket *bucket = bucket_of(map, old != 0, key);
        unsigned slot = slot_of(bucket, key);
        if (slot < GOMAP_SLOTS) {
            *value = *(uint64_t *)gomap_elem(&gomap_fast64, bucket, slot);
            return true;
        }
    }
    return gomap_map.get(map, key, value);
}

static int del_from_both(void *map, uint64_t key) {
    struct gomap_bucket *bucket = growing(map) ? bucket_of(map, true, key) : NULL;
    int status = gomap_map.del(map, key);
    unsigned slot = bucket != NULL ? slot_of(bucket, key) : GOMAP_SLOTS;
    if (slot < GOMAP_SLOTS)
        bucket->top[slot] = GOMAP_EMPTY_ONE;
    return status;
}

static uint64_t hash_for_life(const void *map, uint32_t part, uint64_t key) {
    (void)map;
    (void)part;
    return key;
}

/* Gives up when the bucket's first tophash is another one. */
static bool get_first(void *map, uint64_t key, uint64_t *value) {
    struct map_cell cell;
    return gomap_map.inspector->find(map, key, &cell) && cell.slot == 0 &&
           gomap_map.get(map, key, value);
}

static void view_small_chains(const void *map, uint32_t part, struct map_view *view) {
    gomap_map.inspector->view(map, part, view);
    view->overflow = view->count > 128 ? view->overflow : 0;
}

static void view_one_less(const void *map, uint32_t part, struct map_view *view) {
    gomap_map.inspector->view(map, part, view);
    view->count -= view->count > 0;
}

static void view_still(const void *map, uint32_t part, struct map_view *view) {
    gomap_map.inspector->view(map, part, view);
    view->growing = false;
}

static int put_one_more(void *map, uint64_t key, uint64_t value) {
    if (gomap_map.length(map) == 0)
        gomap_map.put(map, ~key, 0);
    return gomap_map.put(map, key, value);
}

static uint64_t iterate_moving(void *map,
                               bool (*visit)(void *context, uint64_t key, uint64_t value),
                               void *context) {
    gomap_map.del(map, 0);
    return gomap_map.iterate(map, visit, context);
}

static int del_present(void *map, uint64_t key) {
    return gomap_map.inspector->find(map, key, NULL) ? gomap_map.del(map, key) : 0;
}

static uint64_t hash_shifted(const void *map, uint32_t part, uint64_t key) {
    struct map_view view;
    gomap_map.inspector->view(map, part, &view);
    uint32_t shift = view.log2_buckets > 0 ? view.log2_buckets - 1 : 0;
    return gomap_map.inspector->hash(map, part, key) << shift;
}

/* The marks and moves of claim 22: evacuated before they are moved, and moved by iterations. */
static void walk_marked(const void *map, uint32_t part,
                        bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    const struct map_cell mark = {.old = true, .state = MAP_CELL_EVACUATED_EMPTY};
    gomap_map.inspector->walk(map, part, visit, context);
    for (struct map_cell cell = mark; cell.bucket < 16 && visit(context, &cell);) /* any of them */
        cell.bucket++;
}

static void view_full_early(const void *map, uint32_t part, struct map_view *view) {
    gomap_map.inspector->view(map, part, view);
    view->buckets *= 16;
}

static bool get_from_many(void *map, uint64_t key, uint64_t *value) {
    struct map_view view;
    gomap_map.inspector->view(map, 0, &view);
    return view.buckets > 1 && gomap_map.get(map, key, value);
}

static bool untestable(uint32_t number) {
    const struct sn_claims_options options = {.seed = SEED, .programs = 1};
    struct sn_claim_result result = {0};
    char error[HD_LINE_SIZE] = "";
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_claim_observe(number, &options, &result), 0);
    return result.untestable != NULL;
}

/* ---- tests ----------------------------------------------------------------------------------- */

Test(claims, as_the_runtime_is) {
    for (uint32_t number = 1; number <= SN_CLAIMS; number++) {
        bool holds = number == 1 || number == 4 || number == 8;
        if (untestable(number))
            continue;
        expect(number, NULL, 119, holds);
        expect(number, &lying, 123, holds); /* an honest one yet */
    }
}

/* Those that are about Go's source, linker, compiler and environment, and about tools. */
Test(claims, what_no_map_can_say_is_told_with_the_reason) {
    static const uint32_t numbers[] = {10, 23, 24, 26, 28, 29, 31};
    uint32_t found = 0;
    for (uint32_t number = 1; number <= SN_CLAIMS; number++)
        found += untestable(number);
    cr_expect_eq(found, sizeof(numbers) / sizeof(numbers[0]));
    for (size_t index = 0; index < sizeof(numbers) / sizeof(numbers[0]); index++) {
        struct sn_claim_result result = observe(numbers[index], NULL, 119);
        cr_expect_not_null(result.untestable, "claim %u", numbers[index]);
        cr_expect_gt(strlen(result.claim), 0);
        cr_expect_eq(result.cases, 0);
    }
}

Test(claims, another_version_has_another_load_factor) {
    expect(1, NULL, 121, false);
    cr_expect_not_null(strstr(observe(15, NULL, 119).observed, "105, 1665 and 6657"));
    cr_expect_not_null(strstr(observe(15, NULL, 121).observed, "97, 1537 and 6145"));
}

Test(claims, flags_and_tables_of_a_map_that_lies) {
    lying.put = put_marked;
    lying.del = del_marked;
    expect(2, &lying, 0, true);
    honest();
    inspector.walk = walk_swapped;
    expect(3, &lying, 0, true);
    honest();
    inspector.find = find_old;
    expect(4, &lying, 0, false);
    honest();
    inspector.view = view_still;
    expect(20, &lying, 0, true);
}

Test(claims, lookups_and_deletes_of_another_map) {
    lying.get = get_with_fallback;
    expect(5, &lying, 0, true);
    honest();
    lying.del = del_from_both;
    expect(6, &lying, 0, true);
    honest();
    lying.get = get_first;
    expect(12, &lying, 0, true);
    honest();
    lying.iterate = iterate_moving;
    lying.del = del_present;
    expect(17, &lying, 0, true);
    inspector.walk = walk_marked;
    expect(22, &lying, 0, true);
    honest();
    lying.get = get_from_many;
    expect(27, &lying, 0, true);
}

Test(claims, limits_and_hashes_of_another_map) {
    inspector.hash = hash_for_life;
    expect(11, &lying, 0, true);
    honest();
    inspector.view = view_small_chains;
    expect(13, &lying, 0, true);
    honest();
    inspector.view = view_one_less;
    expect(14, &lying, 0, true);
    expect(1, &lying, 0, false);
    honest();
    lying.put = put_one_more;
    expect(15, &lying, 0, true);
    honest();
    inspector.hash = hash_shifted;
    expect(19, &lying, 0, true);
    honest();
    inspector.view = view_full_early;
    expect(21, &lying, 0, true);
}

/* Shards are stripes; and under one mutex two tasks share the work of a growth. */
Test(claims, tasks_on_other_maps) {
    struct sn_claims_options options = {.seed = SEED, .programs = PROGRAMS, .map = "sharded"};
    struct sn_claim_result result;
    char error[HD_LINE_SIZE] = "";
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_claim_observe(9, &options, &result), 0);
    cr_expect(result.holds, "%s", result.observed);
    cr_expect_eq(result.executions, 2 * 64 * PROGRAMS);
    options.map = "mutex";
    cr_assert_eq(sn_claim_observe(9, &options, &result), 0);
    cr_expect_not(result.holds, "%s", result.observed);
    cr_assert_eq(sn_claim_observe(18, &options, &result), 0);
    cr_expect_gt(result.cases, 0);
    cr_expect(result.holds, "%s", result.observed);
}

static bool at_once(void) {
    return true;
}

Test(claims, give_up_when_they_are_stopped) {
    const struct sn_claims_options options = {.seed = SEED, .programs = 1, .stopped = at_once};
    struct sn_claim_result result;
    cr_expect_eq(sn_claim_observe(1, &options, &result), -EINTR);
    cr_expect_eq(sn_claim_observe(9, &options, &result), -EINTR);
}

Test(claims, a_seed_repeats_and_another_one_differs) {
    struct sn_claims_options options = {.seed = 7, .programs = 4};
    struct sn_claim_result first, again, other;
    cr_assert_eq(sn_claim_observe(2, &options, &first), 0);
    cr_assert_eq(sn_claim_observe(2, &options, &again), 0);
    options.seed = 8;
    cr_assert_eq(sn_claim_observe(2, &options, &other), 0);
    cr_expect_str_eq(first.observed, again.observed);
    cr_expect_str_neq(first.observed, other.observed);
}

Test(claims, a_version_that_does_not_exist_is_refused) {
    const struct sn_claims_options options = {.version = 118, .seed = 1, .programs = 1};
    struct sn_claim_result result;
    cr_expect_eq(sn_claim_observe(1, &options, &result), -EINVAL);
}

/* Every number becomes 0. */
static void mask_numbers(char *text) {
    char *to = text;
    for (const char *at = text; *at != '\0'; at++)
        if (*at < '0' || *at > '9')
            *to++ = *at;
        else if (to == text || to[-1] != '0')
            *to++ = '0';
    *to = '\0';
}

/* The table of the page has a row for each claim, with the sentence that a run prints. What two tasks do
 * depends on where the compiler puts points: there numbers are not compared. */
Test(claims, the_page_says_what_a_run_says) {
    static char page[1u << 16], masked[1u << 16];
    char row[1024];
    FILE *stream = fopen(HEDDLE_SOURCE_DIR "/docs/CLAIMS.md", "r");
    cr_assert_not_null(stream);
    page[fread(page, 1, sizeof(page) - 1, stream)] = '\0';
    fclose(stream);
    strcpy(masked, page);
    mask_numbers(masked);
    for (uint32_t number = 1; number <= SN_CLAIMS; number++) {
        struct sn_claim_result result = observe(number, NULL, 119);
        bool tasks = result.executions > 0;
        if (result.untestable != NULL)
            snprintf(row, sizeof(row), "\n| %u | %s | - | not testable here | because %s |", number,
                     result.claim, result.untestable);
        else
            snprintf(row, sizeof(row), "\n| %u | %s | %s | %s |", number, result.claim,
                     result.holds ? "true" : "false", result.observed);
        if (tasks)
            mask_numbers(row);
        cr_expect_not_null(strstr(tasks ? masked : page, row), "docs/CLAIMS.md lacks:%s", row);
    }
}
