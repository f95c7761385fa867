/* test_growth.c - every map grows while the tasks run, or its row says that it did not.
 *
 * The tables tell no events and show no state: where they grow is found out by filling them alone.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "tests/scenarios/rows.h"

#define SEED       0x67726f77u
#define EXECUTIONS 160u

static const char *const scenarios[] = {"growth-window",    "growth-reads",  "growth-updates",
                                        "growth-iterate",   "growth-clear",  "growth-length",
                                        "growth-split",     "two-growths",   "same-size-growth",
                                        "empty-and-refill", "chained-growth"};
#define SCENARIOS (sizeof(scenarios) / sizeof(scenarios[0]))

struct name {
    char text[32];
};

static struct name tables[] = {{"three-quarters"}, {"full"},       {"one-at-a-time"},
                               {"chains"},         {"tombstones"}, {"incremental"}};
#define TABLES (sizeof(tables) / sizeof(tables[0]))

ParameterizedTestParameters(growth, a_table_of_any_kind_grows_in_half_of_the_executions) {
    return cr_make_param_array(struct name, tables, TABLES);
}

ParameterizedTest(struct name *name, growth, a_table_of_any_kind_grows_in_half_of_the_executions,
                  .timeout = 120) {
    struct row row;
    for (size_t index = 0; index < SCENARIOS; index++) {
        row_run(scenarios[index], name->text, EXECUTIONS, SEED, &row);
        uint64_t grew = row.campaign.counters[sn_sight_counter(SN_SIGHT_GROWING)];
        cr_expect_geq(grew * 2, EXECUTIONS, "%s %s: %lu", scenarios[index], name->text,
                      (unsigned long)grew);
        cr_expect_eq(row.judged.verdict, HD_VERDICT_OK, "%s %s: %s", scenarios[index], name->text,
                     row.judged.verdict_reason);
        cr_expect_not_null(strstr(row.judged.coverage, "(told by block; filled alone with "), "%s",
                           row.judged.coverage);
        row_clear(&row);
    }
}

ParameterizedTestParameters(growth, an_entry_moved_too_late_is_found_with_any_seed) {
    return cr_make_param_array(struct name, tables, TABLES);
}

/* Confirmed: the seed of the fault finds out again where the table grows. */
ParameterizedTest(struct name *name, growth, an_entry_moved_too_late_is_found_with_any_seed,
                  .timeout = 120) {
    char broken[48];
    struct row row;
    snprintf(broken, sizeof(broken), "%s-broken", name->text);
    for (uint64_t seed = 1; seed <= 5; seed++) {
        row_run("growth-window", broken, 1000, seed, &row);
        cr_expect_eq(row.judged.verdict, HD_VERDICT_FAULT, "%s, seed %lu", broken,
                     (unsigned long)seed);
        for (uint32_t index = 0; index < row.campaign.faults; index++)
            cr_expect_eq(row.campaign.fault[index].confirmed, 1, "%s, seed %lu: %s", broken,
                         (unsigned long)seed, row.campaign.fault[index].message);
        row_clear(&row);
    }
}

/* A table of a fixed size that says nothing of it. */
Test(growth, where_nobody_knows_the_row_is_vacuous_and_says_what_to_add) {
    struct row row;
    row_run("growth-window", "once-unpromised", 64, SEED, &row);
    cr_expect_eq(row.judged.verdict, HD_VERDICT_VACUOUS);
    cr_expect_not_null(strstr(row.judged.verdict_reason, "promises that it never does"), "%s",
                       row.judged.verdict_reason);
    row_clear(&row);
    row_run("growth-window", "ignorant", 64, SEED, &row);
    cr_expect_eq(row.judged.verdict, HD_VERDICT_VACUOUS);
    cr_expect_not_null(strstr(row.judged.verdict_reason, "nobody knows whether it grew"), "%s",
                       row.judged.verdict_reason);
    cr_expect_not_null(strstr(row.judged.verdict_reason, "promise never_grows (map.h)"), "%s",
                       row.judged.verdict_reason);
    row_clear(&row);
}

/* The study ends its process; campaign and re-runs go on without one, and agree. */
Test(growth, a_map_that_crashes_when_it_is_filled_alone_is_run_all_the_same) {
    struct row row;
    row_run("growth-window", "small", 64, SEED, &row);
    cr_expect_eq(row.campaign.executions, 64);
    cr_expect_eq(row.judged.verdict, HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.judged.verdict_reason,
                     "nobody knows whether it grew: filled alone, the map crashes");
    row_clear(&row);
    row_run("empty-and-refill", "small", 2000, SEED, &row);
    cr_expect_eq(row.judged.verdict, HD_VERDICT_FAULT);
    for (uint32_t index = 0; index < row.campaign.faults; index++)
        cr_expect_eq(row.campaign.fault[index].confirmed, 1, "%s",
                     row.campaign.fault[index].message);
    row_clear(&row);
}

Test(growth, a_map_that_never_grows_is_not_asked) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_scenario_open("growth-window", &scenario, error), 0, "%s", error);
    cr_assert_eq(
        sn_map_open(HEDDLE_BUILD_DIR "/lib/heddle/controlled/subjects/once.so", &map, error), 0,
        "%s", error);
    cr_expect_not(sn_program_answers(scenario, map, error));
    cr_expect_not_null(strstr(error, "growth-window once: the map never grows; --scenario "), "%s",
                       error);
    sn_map_close(map);
    sn_scenario_close(scenario);
}
