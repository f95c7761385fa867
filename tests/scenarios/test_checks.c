/* Each invariant's checker accepts a sound table in the middle of a growth and refuses one that
 * breaks it.
 *
 * The table is made of cells by hand: four old buckets (0 and 1 moved) and eight new ones; a key's
 * hash is the key itself. Present are 0 and 4 (old bucket 0: X and Y), 1 (moved to new 1), 2 and 3
 * (not moved), 9 is absent.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "scenarios/check/look.h"

#define OLD 4u
#define NEW 8u

struct table {
    struct map_view view;
    uint32_t cells;
    struct map_cell cell[64];
};

static struct table table;
static struct sn_cells cells;
static struct sn_track track;
static struct sn_model model;
static struct sn_universe universe;
static uint8_t scratch[SN_KEYS_MAX];
static struct sn_look look;
static struct sn_finding finding;

/* ---- the fake's inspector -------------------------------------------------------------------- */

static uint32_t parts(const void *map) {
    (void)map;
    return 1;
}

static uint32_t part_of(const void *map, uint64_t key) {
    (void)map;
    (void)key;
    return 0;
}

static void view(const void *map, uint32_t part, struct map_view *out) {
    (void)part;
    *out = ((const struct table *)map)->view;
}

static uint64_t hash(const void *map, uint32_t part, uint64_t key) {
    (void)map;
    (void)part;
    return key;
}

static void walk(const void *map, uint32_t part,
                 bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    const struct table *t = map;
    (void)part;
    for (uint32_t index = 0; index < t->cells; index++) {
        if (!visit(context, &t->cell[index]))
            return;
    }
}

static bool find(const void *map, uint64_t key, struct map_cell *out) {
    const struct table *t = map;
    bool old = t->view.growing && !sn_part_moved(&track.part[0], key % OLD);
    for (uint32_t index = 0; index < t->cells; index++) {
        const struct map_cell *cell = &t->cell[index];
        if (cell->state != MAP_CELL_LIVE || cell->key != key || cell->old != old ||
            cell->bucket != key % (old ? OLD : NEW))
            continue;
        *out = *cell;
        return true;
    }
    return false;
}

static const struct map_inspector inspector = {
    .parts = parts, .part_of = part_of, .view = view, .hash = hash, .walk = walk, .find = find};

/* ---- a sound table --------------------------------------------------------------------------- */

static struct map_cell *cell_add(bool old, uint64_t bucket, uint64_t key,
                                 enum map_cell_state state) {
    struct map_cell *cell = &table.cell[table.cells++];
    *cell = (struct map_cell){.old = old,
                              .bucket = bucket,
                              .key = key,
                              .value = 100 + key,
                              .state = state,
                              .evacuated = old && bucket < 2};
    return cell;
}

static void tell(enum map_event_kind kind, uint64_t bucket) {
    struct map_event event = {.kind = kind, .bucket = bucket};
    cr_assert_null(sn_track_event(&track, &event, 1, 0, &table.view));
}

static void collect(void) {
    look.view = table.view;
    sn_cells_collect(&look, &cells);
}

static void sound(void) {
    static const uint64_t keys[] = {0, 1, 2, 3, 4, 9};
    memset(&table, 0, sizeof(table));
    memset(&universe, 0, sizeof(universe));
    table.view = (struct map_view){
        .count = 5, .buckets = NEW, .old_buckets = OLD, .log2_buckets = 3, .growing = true};
    for (uint32_t index = 0; index < 6; index++)
        sn_universe_add(&universe, keys[index]);
    sn_model_reset(&model, 6, true);
    for (uint32_t index = 0; index < 5; index++)
        sn_model_set(&model, index, true, 100 + keys[index]);
    cell_add(false, 0, 0, MAP_CELL_LIVE);
    cell_add(false, 1, 1, MAP_CELL_LIVE);
    cell_add(false, 4, 4, MAP_CELL_LIVE);
    cell_add(true, 0, 0, MAP_CELL_EVACUATED_X);
    cell_add(true, 0, 4, MAP_CELL_EVACUATED_Y);
    cell_add(true, 1, 1, MAP_CELL_EVACUATED_X);
    cell_add(true, 1, 0, MAP_CELL_EVACUATED_EMPTY);
    cell_add(true, 2, 2, MAP_CELL_LIVE);
    cell_add(true, 3, 3, MAP_CELL_LIVE);
    sn_track_reset(&track, 1);
    tell(MAP_WRITE_START, 0);
    tell(MAP_GROWTH_START, 0);
    for (uint64_t bucket = 0; bucket < 2; bucket++) {
        tell(MAP_EVACUATE_START, bucket);
        tell(MAP_EVACUATE_END, bucket);
    }
    tell(MAP_WRITE_END, 0);
    table.view.evacuated = 2;
    look = (struct sn_look){.inspector = &inspector,
                            .map = &table,
                            .parts = 1,
                            .cells = &cells,
                            .settled = true,
                            .track = &track.part[0],
                            .model = &model,
                            .universe = &universe,
                            .scratch = scratch};
    collect();
    for (uint64_t bucket = 0; bucket < 2; bucket++) {
        track.part[0].sum[bucket] = cells.old_sum[bucket];
        track.part[0].summed[bucket] = true;
    }
}

/* The cell that holds `key` live, or moved when `state` says so. */
static struct map_cell *cell_of(uint64_t key, bool old) {
    for (uint32_t index = 0; index < table.cells; index++) {
        if (table.cell[index].key == key && table.cell[index].old == old)
            return &table.cell[index];
    }
    cr_assert_fail("no such cell");
    return NULL;
}

#define HOLDS(checker) cr_expect(checker(&look, &finding), "%s", finding.message)
#define BREAKS(checker, text)                                                                      \
    do {                                                                                           \
        collect();                                                                                 \
        cr_expect_not(checker(&look, &finding));                                                   \
        cr_expect_str_eq(finding.message, text);                                                   \
    } while (0)

TestSuite(checks, .init = sound);

Test(checks, a_sound_table_in_the_middle_of_a_growth_is_accepted_by_all) {
    HOLDS(sn_v1);
    HOLDS(sn_v2);
    HOLDS(sn_v3);
    HOLDS(sn_v4);
    HOLDS(sn_v5);
    HOLDS(sn_v6);
    HOLDS(sn_v8);
}

Test(checks, v1_sees_a_key_that_a_reader_would_miss) {
    cell_of(2, true)->state = MAP_CELL_EMPTY_ONE;
    BREAKS(sn_v1,
           "V1: key 2 is present but a reader would not find it (old bucket 2 not evacuated)");
    sound();
    cell_of(1, false)->bucket = 5;
    BREAKS(sn_v1, "V1: key 1 is present but a reader would not find it (old bucket 1 evacuated)");
}

Test(checks, v1_sees_a_stale_value) {
    cell_of(1, false)->value = 7;
    BREAKS(sn_v1, "V1: a reader would find 7 under key 1, which holds 101");
}

Test(checks, v1_rests_while_a_write_of_the_key_is_in_flight) {
    struct sn_flight flight = {.kind = SN_DELETE, .key = 2};
    cell_of(2, true)->state = MAP_CELL_EMPTY_ONE;
    sn_model_begin(&model, &flight);
    collect();
    HOLDS(sn_v1);
}

Test(checks, v2_sees_a_second_copy) {
    cell_add(false, 2, 2, MAP_CELL_LIVE);
    BREAKS(sn_v2, "V2: key 2 has 2 live copies");
}

Test(checks, v2_sees_a_lost_a_revived_and_an_invented_key) {
    cell_of(3, true)->state = MAP_CELL_EMPTY_REST;
    BREAKS(sn_v2, "V2: key 3 is present but has 0 live copies");
    sound();
    cell_add(false, 1, 9, MAP_CELL_LIVE);
    BREAKS(sn_v2, "V2: key 9 is absent but has 1 live copies");
    sound();
    cell_add(false, 1, 17, MAP_CELL_LIVE);
    BREAKS(sn_v2, "V2: key 17, which nobody put, is live in new bucket 1");
}

Test(checks, v3_sees_a_mark_that_disagrees_with_the_hash) {
    cell_of(4, true)->state = MAP_CELL_EVACUATED_X;
    BREAKS(sn_v3, "V3: old bucket 0 marks key 4 as moved to X, its hash bit says Y");
    track.part[0].probe = 1; /* the hash seed was redrawn: old marks mean nothing now */
    collect();
    HOLDS(sn_v3);
}

Test(checks, v3_sees_a_cell_that_was_left_behind) {
    cell_of(1, true)->state = MAP_CELL_LIVE;
    BREAKS(sn_v3, "V3: evacuated old bucket 1 has a cell that is not marked as moved");
    tell(MAP_EVACUATE_START, 1);
    collect();
    HOLDS(sn_v3);
}

Test(checks, v3_sees_a_key_in_the_wrong_new_bucket) {
    cell_of(4, false)->bucket = 0;
    BREAKS(sn_v3, "V3: key 4 lies in new bucket 0, its hash says 4");
    look.settled = false;
    HOLDS(sn_v3);
}

Test(checks, v4_sees_nevacuate_fall_overshoot_and_pass_an_unmoved_bucket) {
    look.mark = 2;
    table.view.evacuated = 1;
    BREAKS(sn_v4, "V4: nevacuate fell from 2 to 1");
    look.mark = 0;
    table.view.evacuated = 5;
    BREAKS(sn_v4, "V4: nevacuate is 5 of 4 old buckets");
    table.view.evacuated = 3;
    BREAKS(sn_v4, "V4: nevacuate passed old bucket 2, which was never moved");
    table.view.evacuated = 2;
    cell_of(1, true)->evacuated = false;
    BREAKS(sn_v4, "V4: old bucket 1 is not evacuated, nevacuate is 2");
}

Test(checks, v4_sees_a_growth_that_ends_too_early) {
    table.view.evacuated = 4;
    BREAKS(sn_v4_end, "V4: old buckets are released after 2 of 4 were moved");
    tell(MAP_EVACUATE_END, 2);
    tell(MAP_EVACUATE_END, 3);
    collect();
    HOLDS(sn_v4_end);
    table.view.evacuated = 3;
    BREAKS(sn_v4_end, "V4: a growth ended with nevacuate at 3 of 4");
}

Test(checks, v5_sees_a_write_to_a_moved_bucket) {
    cell_of(1, true)->value = 1;
    BREAKS(sn_v5, "V5: old bucket 1 was written after it was evacuated");
}

Test(checks, v5_sees_a_put_into_an_old_bucket) {
    cr_expect(sn_v5_key(&look, 1, &finding));
    cr_expect_not(sn_v5_key(&look, 2, &finding));
    cr_expect_str_eq(finding.message, "V5: a put left key 2 in old bucket 2");
}

Test(checks, v7_sees_a_flag_without_a_writer_and_a_move_without_the_flag) {
    table.view.writing = true;
    look.exclusive = true;
    BREAKS(sn_v7, "V7: hashWriting is set while no write is inside");
    look.exclusive = false; /* a plain map may be misused */
    HOLDS(sn_v7);
    look.exclusive = look.flagged = true;
    tell(MAP_WRITE_START, 0);
    collect();
    HOLDS(sn_v7);
    table.view.writing = false;
    collect();
    HOLDS(sn_v7);
    tell(MAP_EVACUATE_START, 2);
    BREAKS(sn_v7, "V7: old bucket 2 is moved while hashWriting is not set");
    look.flagged = false;
    HOLDS(sn_v7);
}

Test(checks, v6_sees_a_wrong_count) {
    table.view.count = 4;
    BREAKS(sn_v6, "V6: count is 4, live cells are 5");
}

Test(checks, v8_sees_old_buckets_outside_the_window_and_none_inside) {
    table.view.growing = false;
    BREAKS(sn_v8, "V8: there are no old buckets within the growth window");
    table.view.growing = true;
    track.part[0].window = false;
    BREAKS(sn_v8, "V8: old buckets exist outside the growth window");
}
