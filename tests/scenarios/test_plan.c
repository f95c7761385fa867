/* Keys are chosen by place and drawn as the file says; phases follow one another. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "mapimpl/native.h"
#include "scenarios/program_internal.h"
#include "tests/scenarios/fake_harness.h"

static struct sn_scenario *scenario;
static struct sn_map *map;
static struct sn_program *program;
static struct hd_subject subject;

static void open_text(const char *middle) {
    char text[1024], error[HD_LINE_SIZE];
    snprintf(text, sizeof(text), "name: x\nquestion: q\ncost: c\n%s", middle);
    fake_map(&gomap_map);
    const char *path = fake_file(text, strlen(text));
    cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
}

static void close_all(void) {
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
}

/* Builds and sets up a program; the map then holds its prefill. */
static void set_up(uint64_t seed) {
    uint64_t fingerprint;
    sn_build(program, seed, &fingerprint);
    sn_setup(program, HD_RUN_BARE);
}

static struct map_view view(void) {
    struct map_view view;
    program->inspector->view(program->map, 0, &view);
    return view;
}

static uint64_t hash_of(uint32_t index) {
    return sn_hash(program, 0, program->universe.key[index]);
}

#define TASK "tasks:\n  - {name: a, operations: 8, mix: {get: 1}}\n"

Test(plan, keys_of_one_bucket_stay_together_when_the_table_doubles) {
    open_text("prefill: {threshold: 2}\nkeys: {new: 6, place: same-bucket}\n" TASK);
    set_up(1);
    for (uint32_t key = program->universe.old; key < program->universe.count; key++)
        cr_expect_eq(hash_of(key) % (2 * view().buckets), 0);
    sn_finish(program);
    close_all();
}

Test(plan, split_keys_share_a_bucket_and_part_when_it_doubles) {
    open_text("prefill: {threshold: 2}\nkeys: {new: 6, place: split}\n" TASK);
    set_up(1);
    uint64_t buckets = view().buckets;
    for (uint32_t number = 0; number < 6; number++) {
        uint64_t hash = hash_of(program->universe.old + number);
        cr_expect_eq(hash % buckets, 0);
        cr_expect_eq(hash & buckets, number % 2 == 0 ? 0 : buckets);
    }
    sn_finish(program);
    close_all();
}

/* One key in 256 has it, of 65,536. */
Test(plan, keys_that_cannot_be_had_are_counted) {
    open_text("keys: {new: 300, place: same-tophash}\n" TASK);
    set_up(1);
    cr_expect_eq(program->universe.count, 300);
    cr_expect_gt(program->misplaced, 0);
    cr_expect_lt(program->misplaced, 150);
    sn_finish(program);
    close_all();
}

Test(plan, keys_of_one_tophash_differ_elsewhere) {
    open_text("prefill: {count: 3}\nkeys: {new: 6, place: same-tophash}\n" TASK);
    set_up(1);
    for (uint32_t key = 4; key < 9; key++) {
        cr_expect_eq(hash_of(key) >> 56, hash_of(3) >> 56);
        cr_expect_neq(hash_of(key), hash_of(3));
    }
    sn_finish(program);
    close_all();
}

Test(plan, colliding_keys_make_one_long_chain) {
    open_text("prefill: {collide: 40}\n" TASK);
    set_up(1);
    cr_expect_eq(view().count, 40);
    for (uint32_t key = 0; key < 40; key++)
        cr_expect_eq(hash_of(key) % 64, 0);
    sn_finish(program);
    close_all();
}

Test(plan, below_stops_short_of_a_growth_of_the_same_size) {
    open_text("prefill: {same_size: 3, below: 2}\n" TASK);
    set_up(1);
    cr_expect_eq(view().overflow, 6);
    cr_expect_not(view().growing);
    sn_finish(program);
    close_all();
}

/* 8000 draws of 8 keys by Zipf's law: key n has 8000 / (n H), H = 2.718; 2943 for the first, sigma
 * 43, and 368 for the last, sigma 19; bounds are six sigma. */
Test(plan, zipf_draws_the_nth_key_one_nth_as_often) {
    uint32_t seen[8] = {0};
    open_text("prefill: {count: 8}\nkeys: {draw: zipf}\n"
              "tasks:\n  - {name: a, operations: 1000, mix: {get: 1}}\n");
    for (uint64_t seed = 0; seed < 8; seed++) {
        set_up(seed);
        for (uint32_t index = 0; index < program->operations; index++)
            seen[program->operation[index].key]++;
        sn_finish(program);
    }
    cr_expect(seen[0] > 2943 - 258 && seen[0] < 2943 + 258, "%u", seen[0]);
    cr_expect(seen[1] > 1471 - 210 && seen[1] < 1471 + 210, "%u", seen[1]);
    cr_expect(seen[7] > 368 - 114 && seen[7] < 368 + 114, "%u", seen[7]);
    close_all();
}

Test(plan, tasks_of_a_phase_count_down_what_the_next_one_waits_for) {
    open_text("keys: {new: 4}\nphases:\n  - - {name: a, count: 2, do: [put(task)]}\n"
              "  - - {name: b, do: [get(0), get(1)]}\n");
    set_up(1);
    cr_expect(program->phases.live[0] == 2 && program->phases.live[1] == 1);
    cr_expect_eq(program->task[2].phase, 1);
    for (uint32_t task = 0; task < 3; task++) {
        fake_task(task + 1);
        sn_task_run(program, task);
    }
    cr_expect(program->phases.live[0] == 0 && program->phases.live[1] == 0);
    fake_task(0);
    sn_finish(program);
    close_all();
}

Test(keys, a_string_has_one_number_and_what_is_torn_has_none) {
    struct sn_texts *texts = sn_texts_new();
    cr_assert_not_null(texts);
    for (uint64_t key = 0; key < SN_KEY_LIMIT; key += 997) {
        struct map_string written = sn_text_to_write(texts, key);
        struct map_string read = sn_text_to_read(texts, key);
        cr_expect_eq(sn_text_number(&written), key);
        cr_expect_eq(sn_text_number(&read), key);
        cr_expect_neq(written.data, read.data);
        written.length--;
        cr_expect_neq(sn_text_number(&written), key);
    }
    struct map_string none = {.data = NULL, .length = 0};
    cr_expect_eq(sn_text_number(&none), UINT64_MAX);
    cr_expect_geq(sn_text_to_read(texts, 3).length, 32);
    cr_expect_lt(sn_text_to_read(texts, 4).length, 32);
    sn_texts_free(texts);
}

/* A map under a common readers-writer lock is safe, and starves its writers. */
Test(keys, how_long_an_operation_may_take_is_asked_of_maps_that_the_file_names) {
    char error[HD_LINE_SIZE] = "";
    struct map_ops other = gomap_map;
    other.name = "other";
    open_text("prefill: {count: 3}\noperation_points_max: 50\n" TASK
              "expect: {gomap: {verdict: ok, reason: r}}\n");
    cr_expect(sn_program_answers(scenario, map, error));
    sn_map_close(map);
    fake_map(&other);
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0);
    cr_expect(sn_program_fits(scenario, map, error));
    cr_expect_not(sn_program_answers(scenario, map, error));
    cr_expect_str_eq(error, "x other: how long an operation may take is known of the maps that it "
                            "names only; --scenario x runs it all the same");
    scenario->operation_points_max = 0;
    cr_expect(sn_program_answers(scenario, map, error));
    close_all();
}

Test(keys, a_map_without_strings_does_not_fit) {
    char error[HD_LINE_SIZE] = "";
    struct map_ops numbers = gomap_map;
    numbers.strings = NULL;
    open_text("prefill: {count: 3}\nmap: {keys: numbers}\n" TASK);
    cr_expect(sn_program_fits(scenario, map, error));
    close_all();
    fake_map(&numbers);
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0);
    static const char text[] = "name: x\nquestion: q\ncost: c\nmap: {keys: strings}\n"
                               "prefill: {count: 3}\n" TASK;
    cr_assert_eq(sn_scenario_open(fake_file(text, sizeof(text) - 1), &scenario, error), 0);
    cr_expect_eq(sn_program_open(scenario, map, &program, &subject, error), -ENOTSUP);
    cr_expect_str_eq(error, "x gomap: the map takes no strings for keys");
    sn_map_close(map);
    sn_scenario_close(scenario);
}

/* ---- numbers at the edges -------------------------------------------------------------------- */

/* One field at a time, with %s for its number; the sanitizers see what it is used for. */
static const char *const numbered[] = {
    "prefill: {count: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {collide: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {threshold: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {same_size: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {threshold: %s, above: 1}\nkeys: {new: 2}\n" TASK,
    "prefill: {threshold: %s, below: 1}\nkeys: {new: 2}\n" TASK,
    "prefill: {threshold: 6, below: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {threshold: 6, above: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {same_size: 6, below: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {same_size: 6, spare: %s}\nkeys: {new: 2}\n" TASK,
    "prefill: {same_size: %s, spare: 8}\nmap: {hint: 40}\nkeys: {new: 2}\n" TASK,
    "map: {hint: %s}\nkeys: {new: 2}\n" TASK,
    "map: {shards: %s}\nkeys: {new: 2}\n" TASK,
    "map: {version: %s}\nkeys: {new: 2}\n" TASK,
    "keys: {new: %s}\n" TASK,
    "keys: {new: %s, place: same-bucket}\n" TASK,
    "keys: {new: %s, draw: zipf}\n" TASK,
    "keys: {new: 2, new_share: %s}\nprefill: {count: 3}\n" TASK,
    "keys: {new: 2, hot_share: %s}\n" TASK,
    "keys: {new: 2}\nexecutions: %s\n" TASK,
    "keys: {new: 2}\npoints_max: %s\n" TASK,
    "keys: {new: 2}\noperation_points_max: %s\n" TASK,
    "keys: {new: 2}\ncoverage: {window_share: %s}\n" TASK,
    "keys: {new: 2}\ntasks:\n  - {name: a, count: %s, operations: 8, mix: {get: 1}}\n",
    "keys: {new: 2}\ntasks:\n  - {name: a, operations: %s, mix: {get: 1}}\n",
    "keys: {new: 2}\ntasks:\n  - {name: a, operations: 8, mix: {get: %s}}\n",
    "keys: {new: 2}\ntasks:\n  - {name: a, operations: 8, mix: {get: %s, put: 1000}}\n",
    "keys: {new: 2}\ntasks:\n  - {name: a, do: [put(new)], repeat: %s}\n",
    "keys: {new: 2}\ntasks:\n  - {name: a, do: [get(%s)]}\n",
};

static const char *const edges[] = {
    "0",
    "1",
    "2",
    "3",
    "6",
    "7",
    "8",
    "31",
    "32",
    "33",
    "63",
    "64",
    "65",
    "119",
    "123",
    "127",
    "128",
    "200",
    "255",
    "256",
    "416",
    "999",
    "1000",
    "2048",
    "4095",
    "4096",
    "8191",
    "8192",
    "65536",
    "1048576",
    "1073741824",
    "2147483647",
    "2147483648",
    "4294967295",
    "4294967296",
    "1099511627776",
    "9223372036854775808",
    "18446744073709551615",
    "18446744073709551616",
    "0..18446744073709551615",
    "0..64",
    "64..64",
    "-1",
    "0.5",
    "1.0",
    "0.000001",
};
#define WORDS(array) (sizeof(array) / sizeof((array)[0]))

/* Returns whether it was taken. */
static bool try_text(const char *middle) {
    char text[1024], error[HD_LINE_SIZE] = "";
    uint64_t counters[HD_COUNTERS_MAX] = {0};
    snprintf(text, sizeof(text), "name: x\nquestion: q\ncost: c\n%s", middle);
    fake_map(&gomap_map);
    if (sn_scenario_open(fake_file(text, strlen(text)), &scenario, error) != 0) {
        cr_expect_not_null(strchr(error, ':'), "%s", middle);
        return false;
    }
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0, "%s", error);
    if (sn_program_open(scenario, map, &program, &subject, error) != 0) {
        sn_map_close(map);
        sn_scenario_close(scenario);
        return false;
    }
    if (strstr(middle, "points_max") ==
        NULL) { /* a bound is met by a fault, which leaves its map */
        struct fake_fault fault = fake_run(&subject, 1, HD_RUN_WATCHED, counters);
        cr_expect_not(fault.any, "%s: %s", middle, fault.message);
    }
    close_all();
    return true;
}

Test(plan, numbers_at_the_edges_are_refused_or_mean_what_they_say) {
    for (size_t field = 0; field < WORDS(numbered); field++) {
        uint32_t taken = 0;
        for (size_t edge = 0; edge < WORDS(edges); edge++) {
            char middle[256];
            const char *mark = strstr(numbered[field], "%s");
            snprintf(middle, sizeof(middle), "%.*s%s%s", (int)(mark - numbered[field]),
                     numbered[field], edges[edge], mark + 2);
            taken += try_text(middle);
        }
        cr_expect(taken > 0 && taken < WORDS(edges), "%u of %s", taken, numbered[field]);
    }
}
