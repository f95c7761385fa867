/* Whole programs, one task after the other: correct maps are clean in every scenario and kind of
 * run, and maps broken in one place are caught by the checker that is meant for it. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/arena.h"
#include "mapimpl/gomap/layout.h"
#include "mapimpl/native.h"
#include "scenarios/program_internal.h"
#include "tests/scenarios/fake_harness.h"

static uint64_t counters[HD_COUNTERS_MAX];

/* Runs `batches` programs of a scenario file; returns the first fault. */
static struct fake_fault run(const char *path, const struct map_ops *ops, enum hd_run_kind kind,
                             uint64_t batches) {
    char error[HD_LINE_SIZE];
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    struct fake_fault fault = {0};
    fake_map(ops);
    memset(counters, 0, sizeof(counters));
    cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
    for (uint64_t batch = 0; batch < batches && !fault.any; batch++)
        fault = fake_run(&subject, batch, kind, counters);
    if (fault.any) {
        char operation[HD_NAME_SIZE], note[HD_MESSAGE_SIZE];
        static char state[4096];
        for (uint32_t task = 0; task <= program->tasks; task++)
            subject.ops->describe(subject.program, task, operation, note);
        subject.ops->render(subject.program, state, sizeof(state));
        cr_expect(subject.ops->name != NULL && strlen(state) < sizeof(state));
        ops->destroy(program->map); /* in the real harness its memory is an arena */
    }
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
    return fault;
}

static const char *shipped(const char *name) {
    static char path[256];
    snprintf(path, sizeof(path), "%s/scenarios/%s.yaml", HEDDLE_SOURCE_DIR, name);
    return path;
}

/* A write in the middle of one's own iteration waits for oneself, and here nobody would notice. */
static bool waits_for_itself(const char *scenario, const struct map_ops *map) {
    return (strncmp(scenario, "upgrade", 7) == 0 || strcmp(scenario, "iterate-two-growths") == 0) &&
           map->kind != MAP_PLAIN && strcmp(map->name, "oncefrozen") != 0;
}

/* Sequences of operations that are long; the others are many. */
static uint64_t batches_of(const char *scenario) {
    return strcmp(scenario, "soak") == 0 ? 1 : 5;
}

Test(program, every_map_is_clean_in_every_scenario_when_tasks_take_turns) {
    uint32_t scenarios, maps;
    const char *const *names = sn_scenario_names(&scenarios);
    const struct map_ops *const *native = map_native(&maps);
    for (uint32_t scenario = 0; scenario < scenarios; scenario++) {
        for (uint32_t map = 0; map < maps; map++) {
            if (waits_for_itself(names[scenario], native[map]) ||
                (strstr(names[scenario], "strings") != NULL && native[map]->strings == NULL))
                continue;
            for (uint32_t kind = HD_RUN_BARE; kind <= HD_RUN_FULL; kind++) {
                struct fake_fault fault = run(shipped(names[scenario]), native[map],
                                              (enum hd_run_kind)kind, batches_of(names[scenario]));
                cr_expect_not(fault.any, "%s on %s: %s", names[scenario], native[map]->name,
                              fault.message);
            }
        }
    }
}

/* Without tasks side by side a put passes points by its events alone, which is more than one. */
Test(program, an_operation_that_takes_longer_than_it_may_is_starved) {
    static const char text[] = "name: x\nquestion: q\ncost: c\nkeys: {new: 4}\n"
                               "operation_points_max: %u\ntasks:\n  - {name: a, do: [put(new)]}\n";
    char file[sizeof(text)];
    int size = snprintf(file, sizeof(file), text, 1);
    struct fake_fault fault = run(fake_file(file, (size_t)size), &gomap_map, HD_RUN_BARE, 1);
    cr_expect(fault.any);
    cr_expect_eq(fault.kind, HD_FAULT_LIVELOCK);
    cr_expect_eq(strncmp(fault.message, "starvation: put(", 16), 0, "%s", fault.message);
    fake_fair(false);
    cr_expect_not(run(fake_file(file, (size_t)size), &gomap_map, HD_RUN_BARE, 1).any);
    cr_expect_eq(counters[SN_COUNT_TIMED], 0, "the schedule may be why it took so long");
    fake_fair(true);
    size = snprintf(file, sizeof(file), text, 99);
    cr_expect_not(run(fake_file(file, (size_t)size), &gomap_map, HD_RUN_BARE, 1).any);
    cr_expect_eq(counters[SN_COUNT_TIMED], 1);
}

Test(program, the_growth_window_is_crossed_and_seen) {
    run(shipped("growth-window"), &gomap_map, HD_RUN_WATCHED, 200);
    cr_expect_gt(counters[SN_COUNT_WINDOW_POINTS], 0);
    cr_expect_gt(counters[SN_COUNT_GROWTHS_DONE], 0);
    for (uint32_t kind = SN_PUT; kind <= SN_DELETE; kind++) {
        cr_expect_gt(counters[SN_COUNT_PUT_MOVED + kind], 0);
        cr_expect_gt(counters[SN_COUNT_PUT_UNMOVED + kind], 0);
    }
    cr_expect_gt(counters[SN_COUNT_LOOKS], 0);
}

/* Also the longest of them; what an iteration puts within itself cannot be followed. */
Test(program, every_end_is_judged_as_a_whole_or_counted) {
    run(shipped("soak"), &gomap_map, HD_RUN_WATCHED, 4);
    cr_expect_eq(counters[SN_COUNT_ENDS], 4);
    cr_expect_eq(counters[SN_COUNT_HISTORIES], 4);
    cr_expect_gt(counters[sn_sight_counter(SN_SIGHT_EMPTIED)], 0, "it clears, too");
    cr_expect_gt(counters[SN_COUNT_OPERATIONS], 4 * 600);
    run(shipped("upgrade"), &gomap_map, HD_RUN_WATCHED, 4);
    cr_expect_eq(counters[SN_COUNT_ENDS], 4);
    cr_expect_eq(counters[SN_COUNT_HISTORIES], 0);
}

/* What each scenario promises to come upon, it comes upon even without any interleaving. */
Test(program, sights_are_seen) {
    static const struct {
        const char *scenario;
        enum sn_sight sight;
    } expected[] = {
        {"growth-window", SN_SIGHT_GROWTH},
        {"same-size-growth", SN_SIGHT_SAME_SIZE},
        {"chained-growth", SN_SIGHT_CHAINED},
        {"two-growths", SN_SIGHT_TWO_GROWTHS},
        {"growth-clear", SN_SIGHT_EMPTIED},
        {"empty-and-refill", SN_SIGHT_EMPTIED},
        {"empty-and-refill", SN_SIGHT_GROWTH},
        {"growth-clear", SN_SIGHT_CLEAR_WINDOW},
        {"growth-length", SN_SIGHT_LENGTH_WINDOW},
        {"growth-iterate", SN_SIGHT_ITERATE_WINDOW},
        {"iterate-two-growths", SN_SIGHT_ITERATE_ACROSS},
    };
    for (size_t index = 0; index < sizeof(expected) / sizeof(expected[0]); index++) {
        run(shipped(expected[index].scenario), &gomap_map, HD_RUN_WATCHED, 50);
        cr_expect_gt(counters[sn_sight_counter(expected[index].sight)], 0, "%s: %s",
                     expected[index].scenario, sn_sight_names[expected[index].sight]);
    }
    /* Each of two tables grows once. */
    static const char two[] =
        "name: x\nquestion: q\ncost: c\nmap: {shards: 2}\nprefill: {threshold: 1}\nkeys: {new: 4}\n"
        "tasks:\n  - {name: a, do: [put(new), put(new), put(new), put(new)]}\n";
    run(fake_file(two, sizeof(two) - 1), &sharded_map, HD_RUN_WATCHED, 20);
    cr_expect_eq(counters[sn_sight_counter(SN_SIGHT_GROWTH)], 20);
    cr_expect_gt(counters[SN_COUNT_GROWTHS], 20);
    cr_expect_eq(counters[sn_sight_counter(SN_SIGHT_TWO_GROWTHS)], 0);
    cr_expect_eq(counters[sn_sight_counter(SN_SIGHT_CHAINED)], 0);
    run(shipped("readers-only"), &gomap_map, HD_RUN_WATCHED, 50);
    for (uint32_t sight = 0; sight < SN_SIGHTS; sight++)
        cr_expect_eq(counters[sn_sight_counter(sight)], 0, "%s", sn_sight_names[sight]);
}

/* The cause of a growth that begins in the very write that ended the one before. */
Test(program, a_growth_of_the_same_size_is_followed_by_a_doubling_in_one_write) {
    run(shipped("chained-growth"), &gomap_map, HD_RUN_WATCHED, 1);
    cr_expect_eq(counters[sn_sight_counter(SN_SIGHT_CHAINED)], 1);
    cr_expect_eq(counters[sn_sight_counter(SN_SIGHT_SAME_SIZE)], 1);
    cr_expect_geq(counters[SN_COUNT_GROWTHS], 2);
}

Test(program, the_same_size_prefill_makes_tables_grow_at_their_size) {
    run(shipped("same-size-growth"), &gomap_map, HD_RUN_WATCHED, 50);
    cr_expect_geq(counters[SN_COUNT_GROWTHS], 40);
    run(shipped("same-size-growth"), &sharded_map, HD_RUN_WATCHED, 50);
    cr_expect_geq(counters[SN_COUNT_GROWTHS], 40);
}

/* ---- maps broken in one place ---------------------------------------------------------------- */

/* A gomap whose operations and inspector go wrong on demand. */
static struct {
    bool put_lost;      /* of key 3 */
    bool get_stale;     /* one value too low */
    bool delete_silent; /* does nothing */
    bool length_wrong;
    bool iterate_twice;
    bool iterate_short;
    bool iterate_counts_more;
    bool iterate_deaf;   /* goes on when the visitor has seen enough */
    bool refuse;         /* puts return -EROFS */
    bool freeze_ignored; /* 0, but writes go on */
    bool find_nothing;   /* the inspector of a map that loses keys in a growth */
    bool cells_twice;
    bool place_wrong;
    bool mark_wrong;
    bool mark_falls;
    bool old_written;
    bool put_old;
    bool count_wrong;
    bool grows_for_ever;
    bool window_vanishes;
    bool writes_meet;
} broken;

static struct map_ops ops;
static struct map_inspector eyes;
static const struct map_inspector *real;

static unsigned walks;
static bool vanished;

/* Points behind something that changed, behind nothing, behind a write: how many, how many looked at. */
static struct {
    bool wanted;
    unsigned points, changed, same, written;
} seen;

static unsigned looks(bool written) {
    unsigned before = walks;
    fake_point(written);
    return walks > before;
}

static void see_points(void) {
    seen.points++;
    seen.changed += looks(false);
    seen.same += looks(false);
    seen.written += looks(true);
}

static int put(void *map, uint64_t key, uint64_t value) {
    if (seen.wanted && value < 1100000) {
        fake_point(true);
        int error = gomap_map.put(map, key, value);
        see_points();
        return error;
    }
    if (broken.writes_meet && value < 1100000) { /* as told by two tasks */
        gomap_tell(map, MAP_WRITE_START, 0);
        int error = gomap_map.put(map, key, value);
        gomap_tell(map, MAP_WRITE_END, 0);
        return error;
    }
    if (broken.window_vanishes && value < 1100000) {
        vanished = false;
        int error = gomap_map.put(map, key, value);
        vanished = true; /* behind the write, without an event */
        return error;
    }
    if (broken.refuse && value < 1100000)
        return -EROFS;
    return broken.put_lost && value < 1100000 ? 0 : gomap_map.put(map, key, value);
}

static bool get(void *map, uint64_t key, uint64_t *value) {
    bool found = gomap_map.get(map, key, value);
    if (seen.wanted && hd_task_self() != 0)
        see_points();
    *value -= broken.get_stale;
    return found;
}

static int del(void *map, uint64_t key) {
    return broken.delete_silent ? 0 : gomap_map.del(map, key);
}

static uint64_t length(void *map) {
    return gomap_map.length(map) + broken.length_wrong;
}

struct deaf {
    bool (*visit)(void *context, uint64_t key, uint64_t value);
    void *context;
};

static bool deaf_visit(void *context, uint64_t key, uint64_t value) {
    const struct deaf *deaf = context;
    deaf->visit(deaf->context, key, value);
    return true;
}

static uint64_t iterate(void *map, bool (*visit)(void *context, uint64_t key, uint64_t value),
                        void *context) {
    if (broken.iterate_short)
        return 0;
    if (broken.iterate_deaf)
        return gomap_map.iterate(map, deaf_visit, &(struct deaf){visit, context});
    if (broken.iterate_counts_more)
        return gomap_map.iterate(map, visit, context) + 1;
    if (broken.iterate_twice)
        gomap_map.iterate(map, visit, context);
    return gomap_map.iterate(map, visit, context);
}

static int freeze(void *map) {
    return broken.freeze_ignored ? 0 : gomap_map.freeze(map);
}

static void view(const void *map, uint32_t part, struct map_view *out) {
    real->view(map, part, out);
    out->count += broken.count_wrong;
    if (broken.mark_falls && out->growing)
        out->evacuated = out->evacuated > 1 ? 0 : out->evacuated;
    if (broken.grows_for_ever)
        out->growing = true;
    if (broken.window_vanishes && vanished)
        out->growing = false;
}

static bool find(const void *map, uint64_t key, struct map_cell *cell) {
    if (broken.find_nothing)
        return false;
    bool found = real->find(map, key, cell);
    if (broken.put_old && found)
        cell->old = true;
    return found;
}

struct walking {
    bool (*visit)(void *context, const struct map_cell *cell);
    void *context;
};

static bool walk_cell(void *context, const struct map_cell *cell) {
    static uint64_t writes;
    const struct walking *walking = context;
    struct map_cell copy = *cell;
    if (broken.place_wrong && !copy.old)
        copy.bucket ^= 1;
    if (broken.mark_wrong && copy.state == MAP_CELL_EVACUATED_X)
        copy.state = MAP_CELL_EVACUATED_Y;
    if (broken.old_written && copy.old && copy.evacuated)
        copy.value = ++writes;
    if (broken.cells_twice)
        walking->visit(walking->context, &copy);
    return walking->visit(walking->context, &copy);
}

static void walk(const void *map, uint32_t part,
                 bool (*visit)(void *context, const struct map_cell *cell), void *context) {
    struct walking walking = {visit, context};
    walks++;
    real->walk(map, part, walk_cell, &walking);
}

static void intact(void) {
    memset(&broken, 0, sizeof(broken));
    real = gomap_map.inspector;
    eyes = *real;
    eyes.view = view;
    eyes.find = find;
    eyes.walk = walk;
    ops = gomap_map;
    ops.put = put;
    ops.get = get;
    ops.del = del;
    ops.length = length;
    ops.iterate = iterate;
    ops.freeze = freeze;
    ops.inspector = &eyes;
}

static void expect_fault(const char *scenario, enum hd_run_kind run_kind, enum hd_fault_kind kind,
                         const char *part) {
    struct fake_fault fault = run(shipped(scenario), &ops, run_kind, 50);
    cr_expect(fault.any, "no fault, wanted: %s", part);
    cr_expect_eq(fault.kind, kind, "%s", fault.message);
    cr_expect_not_null(strstr(fault.message, part), "wanted '%s' got '%s'", part, fault.message);
    intact();
}

TestSuite(broken_map, .init = intact);

/* What they wrote behind their blocks must not be there for the next execution. */
Test(broken_map, writes_that_meet_make_all_memory_suspect) {
    cr_assert_eq(hd_arena_open(), 0);
    hd_arena_reset(1);
    unsigned char *block = hd_arena_allocate(0, 64, 16, false);
    memset(block, 0xee, 100000);
    broken.writes_meet = true;
    cr_expect_not(run(shipped("one-task"), &ops, HD_RUN_BARE, 1).any);
    hd_arena_reset(1);
    hd_arena_allocate(0, 64, 16, false);
    for (size_t beyond = 64; beyond < 100000; beyond++)
        cr_assert_eq(block[beyond], 0, "byte %zu", beyond);
}

Test(broken_map, old_buckets_that_vanish_without_an_event_are_found_at_the_end) {
    static const char text[] = "name: x\nquestion: q\ncost: c\nprefill: {threshold: 2}\n"
                               "keys: {new: 1}\ntasks:\n  - {name: a, do: [put(new)]}\n";
    broken.window_vanishes = true;
    for (uint32_t kind = HD_RUN_BARE; kind <= HD_RUN_WATCHED; kind++) {
        vanished = false;
        struct fake_fault fault =
            run(fake_file(text, sizeof(text) - 1), &ops, (enum hd_run_kind)kind, 1);
        cr_expect(fault.any);
        cr_expect_str_eq(fault.message, "V8: there are no old buckets within the growth window");
    }
}

Test(broken_map, an_intact_one_is_clean) {
    cr_expect_not(run(shipped("growth-window"), &ops, HD_RUN_FULL, 20).any);
    cr_expect_not(run(shipped("one-task"), &ops, HD_RUN_FULL, 20).any);
}

Test(broken_map, wrong_results_are_found_in_bare_runs) {
    broken.put_lost = true;
    expect_fault("one-task", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY, "");
    broken.put_lost = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY, "at the end key");
    broken.get_stale = true;
    expect_fault("readers-only", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "returned a value that the key cannot hold");
    broken.delete_silent = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "is present, but was removed or never put");
    broken.length_wrong = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "at the end length is");
    broken.iterate_twice = true;
    expect_fault("readers-only", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY, "(V9)");
    broken.iterate_twice = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "at the end an iteration shows key 0 a second time");
    broken.iterate_short = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "at the end an iteration shows 0 entries, there are ");
    broken.iterate_counts_more = true;
    expect_fault("readers-only", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "iterate returned another number than that of the entries it showed");
    broken.iterate_counts_more = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY, "entries, returns ");
    broken.iterate_deaf = true;
    expect_fault("concurrent-writes", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "that is to stop at its first entry shows ");
}

Test(broken_map, refusals_and_freezes_must_keep_their_word) {
    broken.refuse = true;
    expect_fault("hundred-writers", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "a write was refused by a map that cannot be frozen");
    broken.freeze_ignored = true;
    expect_fault("write-after-freeze", HD_RUN_BARE, HD_FAULT_LINEARIZABILITY,
                 "succeeded after the map was frozen");
}

Test(broken_map, each_invariant_is_found_in_watched_runs) {
    broken.find_nothing = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V1: ");
    broken.cells_twice = true;
    broken.count_wrong = false;
    ops.inspector = &eyes;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V2: ");
    broken.place_wrong = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V3: ");
    broken.mark_wrong = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V3: ");
    broken.mark_falls = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V4: ");
    broken.old_written = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V5: ");
    broken.put_old = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V5: ");
    broken.count_wrong = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V6: ");
    broken.grows_for_ever = true;
    expect_fault("growth-window", HD_RUN_WATCHED, HD_FAULT_INVARIANT, "V8: ");
}

Test(broken_map, what_only_a_full_run_sees_is_raised_at_the_end) {
    broken.count_wrong = true;
    cr_expect_not(run(shipped("readers-only"), &ops, HD_RUN_WATCHED, 5).any);
    expect_fault("readers-only", HD_RUN_FULL, HD_FAULT_INVARIANT, "V6: count is");
}

/* By the model, when a get has begun; by the map's events, behind a put. */
Test(broken_map, a_point_is_looked_at_again_only_where_something_changed) {
    static const char *const scenarios[] = {"readers-only", "concurrent-writes"};
    for (size_t index = 0; index < 2; index++) {
        memset(&seen, 0, sizeof(seen));
        seen.wanted = true;
        cr_expect_not(run(shipped(scenarios[index]), &ops, HD_RUN_FULL, 5).any);
        cr_expect_gt(seen.points, 0);
        cr_expect_eq(seen.changed, seen.points, "%s", scenarios[index]);
        cr_expect_eq(seen.written, seen.points, "%s", scenarios[index]);
        cr_expect_eq(seen.same, 0, "%s", scenarios[index]);
    }
    seen.wanted = false;
}

Test(broken_map, without_an_inspector_results_are_still_checked) {
    ops.inspector = NULL;
    cr_expect_not(run(shipped("growth-window"), &ops, HD_RUN_FULL, 20).any);
    cr_expect_eq(counters[SN_COUNT_LOOKS], 0);
    broken.put_lost = true;
    expect_fault("concurrent-writes", HD_RUN_FULL, HD_FAULT_LINEARIZABILITY, "at the end key");
}
