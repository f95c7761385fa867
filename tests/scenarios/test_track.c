/* Following a map's events: windows, moves, and the part of V8 that speaks of single events. */
#include <criterion/criterion.h>

#include "scenarios/track.h"

static struct sn_track track;
static struct map_view view = {.old_buckets = 4, .growing = true};

static void fresh(void) {
    sn_track_reset(&track, 2);
}

static const char *tell(enum map_event_kind kind, uint32_t part, uint64_t bucket, uint64_t point) {
    struct map_event event = {.kind = kind, .part = part, .bucket = bucket};
    view.growing = kind != MAP_GROWTH_END;
    return sn_track_event(&track, &event, 1, point, &view);
}

TestSuite(track, .init = fresh);

Test(track, points_count_once_while_any_table_grows) {
    tell(MAP_GROWTH_START, 0, 0, 10);
    tell(MAP_GROWTH_START, 1, 0, 15);
    tell(MAP_GROWTH_END, 0, 0, 20);
    tell(MAP_GROWTH_END, 1, 0, 30);
    tell(MAP_GROWTH_START, 1, 0, 50);
    sn_track_stop(&track, 55);
    cr_expect_eq(track.window_points, 25);
    cr_expect_eq(track.growths, 3);
}

Test(track, a_window_open_when_the_tasks_start_counts_from_there) {
    tell(MAP_GROWTH_START, 0, 0, 1000);
    sn_track_start(&track);
    tell(MAP_GROWTH_END, 0, 0, 7);
    cr_expect_eq(track.window_points, 7);
}

Test(track, v8_sees_windows_opened_and_closed_twice) {
    cr_expect_null(tell(MAP_GROWTH_START, 0, 0, 1));
    cr_expect_str_eq(tell(MAP_GROWTH_START, 0, 0, 1),
                     "V8: a growth starts while old buckets exist");
    cr_expect_null(tell(MAP_GROWTH_END, 0, 0, 1));
    cr_expect_str_eq(tell(MAP_GROWTH_END, 0, 0, 1), "V8: old buckets are released a second time");
    cr_expect_str_eq(tell(MAP_EVACUATE_START, 0, 1, 1),
                     "V8: a bucket is moved while no old buckets exist");
    cr_expect_not_null(tell(MAP_WRITE_START, 2, 0, 1));
}

Test(track, v8_sees_fields_that_contradict_the_event) {
    struct map_event event = {.kind = MAP_GROWTH_START};
    struct map_view still = {.growing = false};
    cr_expect_str_eq(sn_track_event(&track, &event, 1, 1, &still),
                     "V8: a growth starts without old buckets");
    event.kind = MAP_GROWTH_END;
    still.growing = true;
    cr_expect_str_eq(sn_track_event(&track, &event, 1, 1, &still),
                     "V8: old buckets exist after their release");
}

Test(track, overlapping_writes_are_remembered_until_the_last_one_ends) {
    tell(MAP_WRITE_START, 0, 0, 1);
    cr_expect_not(track.part[0].overlapped);
    tell(MAP_WRITE_START, 0, 0, 1);
    tell(MAP_WRITE_END, 0, 0, 1);
    cr_expect(track.part[0].overlapped);
    tell(MAP_GROWTH_START, 0, 0, 1);
    tell(MAP_WRITE_END, 0, 0, 1);
    cr_expect_not(track.part[0].overlapped);
    cr_expect(track.part[0].due && track.part[0].unsure);
    cr_expect_not(track.part[1].unsure);
}

Test(track, moves_are_under_way_between_their_two_events) {
    tell(MAP_GROWTH_START, 0, 0, 1);
    tell(MAP_EVACUATE_START, 0, 3, 1);
    cr_expect(sn_part_moving(&track.part[0], 3) && !sn_part_moved(&track.part[0], 3));
    tell(MAP_EVACUATE_END, 0, 3, 1);
    cr_expect(!sn_part_moving(&track.part[0], 3) && sn_part_moved(&track.part[0], 3));
    cr_expect_eq(track.part[0].moved_count, 1);
}
