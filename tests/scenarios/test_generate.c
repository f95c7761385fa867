/* Programs follow from the batch's seed, draw by draw. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "mapimpl/native.h"
#include "scenarios/program_internal.h"
#include "tests/scenarios/fake_harness.h"

static const char text[] = "name: x\nquestion: q\ncost: c\nprefill: {count: 8}\nkeys: {new: 8}\n"
                           "tasks:\n"
                           "  - {name: a, count: 2, operations: 6, mix: {put: 2, get: 1}}\n"
                           "  - {name: b, count: 3, operations: 2..9, mix: {put: 1, delete: 1}}\n";

static struct sn_scenario *scenario;
static struct sn_map *map;
static struct sn_program *program;
static struct hd_subject subject;

static void open_all(void) {
    char error[HD_LINE_SIZE];
    fake_map(&gomap_map);
    const char *path = fake_file(text, sizeof(text) - 1);
    cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
}

static void close_all(void) {
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
}

TestSuite(generate, .init = open_all, .fini = close_all);

static uint64_t fingerprint(uint64_t seed) {
    uint64_t value;
    sn_build(program, seed, &value);
    return value;
}

Test(generate, the_same_seed_gives_the_same_program) {
    uint64_t first = fingerprint(1), second = fingerprint(2);
    cr_expect_neq(first, second);
    cr_expect_eq(fingerprint(1), first);
    cr_expect_eq(fingerprint(2), second);
}

/* Kept, so that a change of the draws is seen: replays of older runs would no longer fit. */
Test(generate, the_draws_are_part_of_the_replay_contract) {
    static struct sn_operation before[64];
    fingerprint(7);
    cr_assert_leq(program->operations, 64);
    memcpy(before, program->operation, program->operations * sizeof(before[0]));
    cr_expect_eq(program->task[0].count, 6);
    for (uint32_t index = 0; index < 12; index++)
        cr_expect(before[index].kind == SN_PUT || before[index].kind == SN_GET);
}

static bool same(const struct sn_operation *left, const struct sn_operation *right) {
    return left->kind == right->kind && left->choice == right->choice &&
           left->number == right->number && left->value == right->value &&
           left->draw[0] == right->draw[0] && left->draw[1] == right->draw[1] &&
           left->draw[2] == right->draw[2];
}

Test(generate, taking_operations_or_tasks_away_leaves_the_others_as_they_are) {
    static struct sn_operation before[64];
    static struct sn_task tasks[8];
    fingerprint(7);
    memcpy(before, program->operation, program->operations * sizeof(before[0]));
    memcpy(tasks, program->task, 5 * sizeof(tasks[0]));
    scenario->group[0].operations = (struct sn_range){3, 3};
    scenario->group[1].count = (struct sn_range){2, 2};
    fingerprint(7);
    cr_assert_eq(program->tasks, 4);
    for (uint32_t task = 0; task < 4; task++) {
        cr_assert_eq(program->task[task].count, task < 2 ? 3 : tasks[task].count);
        for (uint32_t at = 0; at < program->task[task].count; at++)
            cr_expect(same(&program->operation[program->task[task].first + at],
                           &before[tasks[task].first + at]),
                      "task %u operation %u moved", task, at);
    }
}

/* 2000 operations of weight 2:1: two thirds, 1333, sigma 21; bounds are six sigma. */
Test(generate, operations_follow_their_weights) {
    uint32_t puts = 0, all = 0;
    scenario->group[0].operations = (struct sn_range){20, 20};
    scenario->group[0].count = (struct sn_range){1, 1};
    scenario->groups = 1;
    sn_program_close(program);
    char error[HD_LINE_SIZE];
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0);
    for (uint64_t seed = 0; seed < 100; seed++) {
        fingerprint(seed);
        for (uint32_t index = 0; index < program->operations; index++, all++)
            puts += program->operation[index].kind == SN_PUT;
    }
    cr_expect_eq(all, 2000);
    cr_expect(puts > 1333 - 127 && puts < 1333 + 127, "%u puts", puts);
}

/* Of a map's values, those of 2^63 and more are the ones that may not fit where others do. */
Test(generate, large_values_are_the_small_ones_far_above) {
    static uint64_t small[64];
    fingerprint(7);
    for (uint32_t index = 0; index < program->operations; index++)
        small[index] = program->operation[index].value;
    scenario->large = true;
    fingerprint(7);
    for (uint32_t index = 0; index < program->operations; index++) {
        cr_expect_eq(program->operation[index].value, SN_VALUE_LARGE + small[index]);
        cr_expect_gt(small[index], 1000);
    }
    cr_expect_neq(SN_VALUE_LARGE >> 63, 0);
}

Test(generate, keys_are_settled_the_same_in_every_execution_of_a_batch) {
    uint64_t counters[HD_COUNTERS_MAX] = {0};
    static uint32_t keys[64];
    fake_run(&subject, 9, HD_RUN_WATCHED, counters);
    for (uint32_t index = 0; index < program->operations; index++)
        keys[index] = program->operation[index].key;
    cr_expect_eq(program->universe.count, 16);
    cr_expect_eq(program->universe.old, 8);
    sn_setup(program, HD_RUN_BARE);
    for (uint32_t index = 0; index < program->operations; index++) {
        cr_expect_eq(program->operation[index].key, keys[index]);
        cr_expect_lt(keys[index], 16);
    }
    sn_finish(program);
}
