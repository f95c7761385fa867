/* test_gomap_events.c - the moments of a map's events, by what the map looks like at each.
 */
#include <criterion/criterion.h>
#include <errno.h>

#include "mapimpl/gomap/cell.h"
#include "mapimpl/gomap/inspect.h"
#include "mapimpl/native.h"
#include "tests/mapimpl/support.h"

struct watch {
    struct test_host host;
    struct gomap *map;
    bool window;         /* between GROWTH_START and GROWTH_END */
    bool writing;        /* between WRITE_START and WRITE_END */
    uint64_t evacuating; /* bucket + 1 between EVACUATE_START and _END */
    uint64_t nevacuate;  /* at EVACUATE_START */
    uint64_t count[MAP_CLEAR_END + 1];
};

static bool old_evacuated(const struct gomap *map, uint64_t bucket) {
    return gomap_evacuated(gomap_bucket_at(&gomap_fast64, GOMAP_LOAD(map->oldbuckets), bucket));
}

static void check_growth(struct watch *w, const struct map_event *event,
                         const struct map_view *view) {
    switch (event->kind) {
    case MAP_GROWTH_START:
        cr_assert(!w->window && view->growing && view->evacuated == 0 && view->overflow == 0);
        cr_assert(view->writing);
        w->window = true;
        break;
    case MAP_EVACUATE_START:
        cr_assert(w->window && w->evacuating == 0 && event->bucket < view->old_buckets);
        cr_assert_not(old_evacuated(w->map, event->bucket));
        w->evacuating = event->bucket + 1;
        w->nevacuate = view->evacuated;
        break;
    case MAP_EVACUATE_END:
        cr_assert(w->window && w->evacuating == event->bucket + 1);
        cr_assert(old_evacuated(w->map, event->bucket));
        cr_assert_eq(view->evacuated, w->nevacuate, "the mark advances after the event");
        w->evacuating = 0;
        break;
    default:
        break;
    }
}

static void check_event(void *context, const struct map_event *event) {
    struct watch *w = context;
    struct map_view view;
    gomap_view(w->map, &view);
    w->count[event->kind]++;
    cr_assert_eq(event->part, 0);
    check_growth(w, event, &view);
    if (event->kind == MAP_WRITE_START) {
        cr_assert(!w->writing && !view.writing);
        w->writing = true;
    } else if (event->kind == MAP_WRITE_END) {
        cr_assert(w->writing && !view.writing && w->evacuating == 0);
        cr_assert_eq(w->window, view.growing);
        w->writing = false;
    } else {
        cr_assert(w->writing && view.writing);
    }
    if (event->kind == MAP_GROWTH_END) {
        cr_assert(w->window && !view.growing && view.old_buckets == 0);
        w->window = false;
    }
}

static void watch_start(struct watch *w, uint64_t seed) {
    *w = (struct watch){.map = NULL};
    test_host_init(&w->host);
    w->host.at_event = check_event;
    w->host.context = w;
    cr_assert_eq(gomap_new(&(struct gomap_config){.host = &w->host.host, .seed = seed}, &w->map),
                 0);
}

static void write_much(struct gomap *map, uint64_t seed, uint64_t writes) {
    for (uint64_t n = 0; n < writes; n++) {
        uint64_t draw = test_random(seed, n);
        if (n % 1000 == 999) {
            gomap_remove_all(map);
        } else if (draw % 4 == 0) {
            gomap_remove(map, draw >> 54);
        } else {
            cr_assert_eq(gomap_put(map, draw >> 54, n), 0);
        }
    }
}

Test(gomap_events, every_event_comes_at_its_moment) {
    static struct watch w;
    uint64_t growths = 0;
    for (uint64_t seed = 0; seed < 20; seed++) {
        watch_start(&w, seed);
        write_much(w.map, seed, 2000);
        cr_assert_eq(w.count[MAP_WRITE_START], 2000);
        cr_assert_eq(w.count[MAP_WRITE_END], 2000);
        cr_assert_eq(w.count[MAP_GROWTH_START], w.count[MAP_GROWTH_END] + (w.window ? 1 : 0));
        cr_assert_eq(w.count[MAP_EVACUATE_START], w.count[MAP_EVACUATE_END]);
        cr_assert_eq(w.count[MAP_CLEAR_START], 2);
        cr_assert_eq(w.count[MAP_CLEAR_END], 2);
        growths += w.count[MAP_GROWTH_START];
        gomap_free(w.map);
    }
    cr_assert_gt(growths, 100); /* from one bucket to 64 are six */
}

static void value_is_stored(void *context, const struct map_event *event) {
    struct watch *w = context;
    if (event->kind == MAP_WRITE_END) {
        struct map_cell cell;
        cr_assert(gomap_find(w->map, 5, &cell));
        cr_assert_eq(cell.value, 55);
        w->writing = true;
    }
}

Test(gomap_events, write_ends_after_the_store_of_the_value) {
    static struct watch w;
    watch_start(&w, 3);
    w.host.at_event = value_is_stored;
    cr_assert_eq(gomap_put(w.map, 5, 55), 0);
    cr_assert(w.writing);
    gomap_free(w.map);
}

Test(gomap_events, ninth_key_tells_a_whole_growth) {
    static struct watch w;
    watch_start(&w, 3);
    for (uint64_t key = 0; key < 8; key++) {
        cr_assert_eq(gomap_put(w.map, key, key), 0);
    }
    static const enum map_event_kind expected[] = {MAP_WRITE_START,    MAP_GROWTH_START,
                                                   MAP_EVACUATE_START, MAP_EVACUATE_END,
                                                   MAP_GROWTH_END,     MAP_WRITE_END};
    w.host.events = 0;
    cr_assert_eq(gomap_put(w.map, 8, 8), 0);
    cr_assert_eq(w.host.events, 6);
    for (uint32_t i = 0; i < 6; i++) {
        cr_assert_eq(w.host.event[i].kind, expected[i], "event %u", i);
    }
    gomap_free(w.map);
}

Test(gomap_events, clear_in_the_window_ends_it) {
    static struct watch w;
    watch_start(&w, 3);
    for (uint64_t key = 0; key < 53; key++) {
        cr_assert_eq(gomap_put(w.map, key, key), 0);
    }
    cr_assert(w.window);
    w.host.events = 0;
    gomap_remove_all(w.map);
    static const enum map_event_kind expected[] = {MAP_WRITE_START, MAP_CLEAR_START, MAP_GROWTH_END,
                                                   MAP_CLEAR_END, MAP_WRITE_END};
    cr_assert_eq(w.host.events, 5);
    for (uint32_t i = 0; i < 5; i++) {
        cr_assert_eq(w.host.event[i].kind, expected[i], "event %u", i);
    }
    gomap_free(w.map);
}

Test(gomap_events, writes_that_change_nothing_start_and_end) {
    static struct watch w;
    watch_start(&w, 3);
    gomap_remove(w.map, 1);
    gomap_remove_all(w.map);
    cr_assert_eq(w.count[MAP_WRITE_START], 2);
    cr_assert_eq(w.count[MAP_WRITE_END], 2);
    cr_assert_eq(w.count[MAP_CLEAR_START], 0);
    gomap_free(w.map);
}

Test(sharded, events_name_the_part_that_owns_the_key) {
    static struct test_host host;
    test_host_init(&host);
    void *map;
    cr_assert_eq(sharded_map.create(&(struct map_options){.seed = 1}, &host.host, &map), 0);
    for (uint64_t key = 0; key < 100; key++) {
        host.events = 0;
        cr_assert_eq(sharded_map.put(map, key, key), 0);
        cr_assert_geq(host.events, 2);
        for (uint32_t i = 0; i < host.events; i++) {
            cr_assert_eq(host.event[i].part, sharded_map.inspector->part_of(map, key));
        }
    }
    sharded_map.destroy(map);
}

Test(oncefrozen, the_build_and_the_reads_tell_nothing) {
    static struct test_host host;
    test_host_init(&host);
    void *map;
    cr_assert_eq(oncefrozen_map.create(&(struct map_options){.seed = 1}, &host.host, &map), 0);
    for (uint64_t key = 0; key < 100; key++) {
        cr_assert_eq(oncefrozen_map.put(map, key, key), 0);
    }
    host.events = 0;
    cr_assert_eq(oncefrozen_map.length(map), 100);
    cr_assert_eq(oncefrozen_map.put(map, 1, 1), -EROFS);
    cr_assert_eq(host.events, 0);
    oncefrozen_map.destroy(map);
}
