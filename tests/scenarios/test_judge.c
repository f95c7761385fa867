/* What a campaign means: verdicts, vacuity, expectations. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "mapimpl/native.h"
#include "scenarios/program_internal.h"
#include "tests/scenarios/fake_harness.h"

static const char text[] =
    "name: x\nquestion: q\ncost: c\nkeys: {new: 8}\n"
    "tasks:\n  - {name: a, count: 2, do: [put(new)]}\n"
    "coverage: {window_share: 0.2, window_ops: [put, get]}\n"
    "expect:\n"
    "  gomap: {verdict: fault, kind: fatal, message: boom, also: [crash], reason: because}\n"
    "  rwmutex: {verdict: ok, reason: locked}\n"
    "  oncefrozen: {verdict: ok, coverage: none, reason: frozen}\n";

static struct sn_scenario *scenario;
static struct hd_campaign campaign;
static struct hd_fault_record faults[4];
static struct hd_row row;

static void open_all(void) {
    char error[HD_LINE_SIZE];
    const char *path = fake_file(text, sizeof(text) - 1);
    cr_assert_eq(sn_scenario_open(path, &scenario, error), 0, "%s", error);
    campaign = (struct hd_campaign){.executions = 100,
                                    .points = 1000,
                                    .module_points = 90,
                                    .sample_points = 100,
                                    .contended = 99,
                                    .first_fault_execution = -1,
                                    .fault = faults};
    campaign.counters[SN_COUNT_WINDOW_POINTS] = 300;
    campaign.counters[SN_COUNT_PUT_MOVED] = campaign.counters[SN_COUNT_PUT_UNMOVED] = 1;
    campaign.counters[SN_COUNT_GET_MOVED] = campaign.counters[SN_COUNT_GET_UNMOVED] = 1;
}

static void add_fault(enum hd_fault_kind kind, const char *message) {
    struct hd_fault_record *fault = &faults[campaign.faults++];
    fault->kind = kind;
    snprintf(fault->message, sizeof(fault->message), "%s", message);
    campaign.fault_executions++;
}

static enum hd_verdict judge(const struct map_ops *ops) {
    char error[HD_LINE_SIZE];
    struct sn_map *map = NULL;
    fake_map(ops);
    cr_assert_eq(sn_map_open("./m.so", &map, error), 0, "%s", error);
    memset(&row, 0, sizeof(row));
    sn_judge(scenario, map, &campaign, &row);
    sn_map_close(map);
    return row.verdict;
}

TestSuite(judge, .init = open_all);

Test(judge, what_must_be_seen_and_was_not_makes_it_vacuous) {
    scenario->demands.sight[SN_SIGHT_CHAINED] = true;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason, "no execution came upon: chained");
    campaign.counters[sn_sight_counter(SN_SIGHT_CHAINED)] = 1;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_OK);
}

/* Of a map that shows no state and that the file does not name. Named, it is held to the demands. */
Test(judge, what_a_blind_map_cannot_show_is_not_demanded_of_it) {
    struct map_ops blind = gomap_map;
    blind.name = "blind";
    campaign.counters[SN_COUNT_WINDOW_POINTS] = 0;
    scenario->demands.sight[SN_SIGHT_CHAINED] = true;
    cr_expect_eq(judge(&blind), HD_VERDICT_OK, "it moves all its entries at once");
    campaign.counters[SN_COUNT_GRADUAL] = 1;
    cr_expect_eq(judge(&blind), HD_VERDICT_VACUOUS);
    blind.inspector = NULL;
    cr_expect_eq(judge(&blind), HD_VERDICT_OK);
    cr_expect_not_null(strstr(row.coverage, "V1-V8: the map shows no state"));
    scenario->demands.sight[SN_SIGHT_FREEZE_OVERLAP] = true;
    cr_expect_eq(judge(&blind), HD_VERDICT_VACUOUS);
    blind.name = "rwmutex";
    cr_expect_eq(judge(&blind), HD_VERDICT_VACUOUS);
}

Test(judge, clean_and_covered_is_ok_as_expected) {
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_OK);
    cr_expect(row.as_expected);
    cr_expect_str_eq(row.expected, "ok");
    cr_expect_str_eq(row.expected_reason, "locked");
    cr_expect_eq(row.window_points, 300);
}

Test(judge, clean_without_points_of_the_map_is_vacuous) {
    campaign.module_points = 0;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_not(row.as_expected);
    cr_expect_not_null(strstr(row.verdict_reason, "heddle doctor --flags"));
    cr_expect_eq(judge(&oncefrozen_map), HD_VERDICT_VACUOUS, "no exemption from that");
}

Test(judge, keys_that_could_not_be_had_as_asked_are_vacuous) {
    campaign.counters[SN_COUNT_MISPLACED] = 1;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_not_null(strstr(row.verdict_reason, "too few keys of the bucket, top byte or table"));
}

/* A race is what makes an expected fatal fault; nobody waits for ever because of one. */
Test(judge, a_race_stands_for_the_expected_fault_unless_tasks_wait) {
    add_fault(HD_FAULT_TSAN, "data race");
    judge(&gomap_map);
    cr_expect(row.as_expected);
    scenario->expect[0].kind = HD_FAULT_DEADLOCK;
    judge(&gomap_map);
    cr_expect_not(row.as_expected);
    scenario->expect[0].kind = HD_FAULT_LIVELOCK;
    judge(&gomap_map);
    cr_expect_not(row.as_expected);
}

Test(judge, clean_without_tasks_that_meet_is_vacuous) {
    campaign.contended = 0;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    scenario->group[0].count = (struct sn_range){1, 1};
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_OK, "a single task meets nobody");
}

/* What only a fair strategy can answer is not answered by another one. */
Test(judge, a_bound_that_no_operation_was_held_to_is_vacuous) {
    scenario->operation_points_max = 100;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason, "no operation was timed: only under a fair strategy, "
                                         "random, can a bound be kept");
    campaign.counters[SN_COUNT_TIMED] = 7;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_OK);
    cr_expect_not_null(strstr(row.coverage, "; 7 operations timed"));
    campaign.counters[SN_COUNT_TIMED] = 0;
    add_fault(HD_FAULT_FATAL, "boom");
    cr_expect_eq(judge(&gomap_map), HD_VERDICT_FAULT, "a fault is an answer all the same");
}

Test(judge, unmet_demands_on_the_window_are_vacuous_unless_exempt) {
    campaign.counters[SN_COUNT_WINDOW_POINTS] = 199;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason,
                     "19.9 % of the points lie inside the growth window, 20.0 % are demanded");
    cr_expect_eq(judge(&oncefrozen_map), HD_VERDICT_OK);
    campaign.counters[SN_COUNT_WINDOW_POINTS] = 200;
    campaign.counters[SN_COUNT_GET_UNMOVED] = 0;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason, "no get was seen with its key's old bucket not yet moved");
}

Test(judge, the_expected_fault_alone_or_with_allowed_kinds_is_as_expected) {
    add_fault(HD_FAULT_CRASH, "signal 11");
    cr_expect_eq(judge(&gomap_map), HD_VERDICT_FAULT);
    cr_expect_not(row.as_expected, "the one that must come is missing");
    add_fault(HD_FAULT_FATAL, "boom");
    judge(&gomap_map);
    cr_expect(row.as_expected);
    cr_expect_str_eq(row.expected, "fault fatal: boom");
    add_fault(HD_FAULT_FATAL, "another text");
    judge(&gomap_map);
    cr_expect_not(row.as_expected);
}

Test(judge, an_allowed_fault_behind_the_expected_one_is_as_expected) {
    add_fault(HD_FAULT_FATAL, "boom");
    add_fault(HD_FAULT_CRASH, "signal 11");
    judge(&gomap_map);
    cr_expect(row.as_expected);
    add_fault(HD_FAULT_ASSERT, "a kind that is not allowed");
    judge(&gomap_map);
    cr_expect_not(row.as_expected);
}

Test(judge, a_fault_where_none_is_expected_and_none_where_one_is) {
    cr_expect_eq(judge(&gomap_map), HD_VERDICT_OK);
    cr_expect_not(row.as_expected);
    add_fault(HD_FAULT_FATAL, "boom");
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_FAULT);
    cr_expect_not(row.as_expected);
}

Test(judge, maps_without_an_expectation_are_judged_by_their_claim) {
    struct map_ops plain = gomap_map;
    plain.name = "mine";
    cr_expect_eq(judge(&sharded_map), HD_VERDICT_OK);
    cr_expect(row.as_expected);
    judge(&canary_map);
    cr_expect_not(row.as_expected, "a mutant that shows no fault");
    add_fault(HD_FAULT_LINEARIZABILITY, "lost");
    judge(&canary_map);
    cr_expect(row.as_expected);
    judge(&sharded_map);
    cr_expect_not(row.as_expected);
    cr_expect_eq(judge(&plain), HD_VERDICT_FAULT);
    cr_expect(row.as_expected);
    cr_expect_str_eq(row.expected, "");
}

Test(judge, budget_that_ended_without_an_answer_is_unknown) {
    campaign.interrupted = true;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_UNKNOWN);
    cr_expect_str_eq(row.verdict_reason, "interrupted after 100 executions");
    campaign.executions = 0;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_UNKNOWN);
    cr_expect_not(row.as_expected);
}

Test(judge, a_history_without_an_answer_leaves_the_row_without_one) {
    campaign.counters[SN_COUNT_HISTORIES] = 100;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_OK);
    campaign.counters[SN_COUNT_HISTORIES_UNKNOWN] = 1;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_UNKNOWN);
    cr_expect_str_eq(row.verdict_reason, "V10: 1 executions were too hard to judge as a whole");
    cr_expect_not(row.as_expected);
    add_fault(HD_FAULT_LINEARIZABILITY, "V10");
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_FAULT);
}

Test(judge, how_many_ends_were_judged_as_a_whole_is_told) {
    campaign.counters[SN_COUNT_ENDS] = 100;
    campaign.counters[SN_COUNT_HISTORIES] = 40;
    judge(&rwmutex_map);
    cr_expect_not_null(strstr(row.coverage, "; V10 at 40 of 100 ends"), "%s", row.coverage);
    campaign.counters[SN_COUNT_HISTORIES] = 0;
    judge(&rwmutex_map);
    cr_expect_not_null(strstr(row.coverage, "; V10 at 0 of 100 ends"), "%s", row.coverage);
    campaign.counters[SN_COUNT_HISTORIES] = 100;
    judge(&rwmutex_map);
    cr_expect_not_null(strstr(row.coverage, "; V10 at ends;"), "%s", row.coverage);
}

/* A scenario about growth is about nothing where nothing grew. */
Test(judge, without_a_growth_a_clean_row_is_vacuous) {
    scenario->prefill.kind = SN_PREFILL_THRESHOLD;
    uint64_t *grew = &campaign.counters[sn_sight_counter(SN_SIGHT_GROWING)];
    cr_expect_eq(judge(&sharded_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason,
                     "nobody knows whether it grew: filled alone, the map crashes");
    campaign.counters[SN_COUNT_STUDIES + SN_SIGN_VIEW] = 1;
    cr_expect_eq(judge(&sharded_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason, "nothing grew while the tasks ran");
    campaign.counters[SN_COUNT_STUDIES + SN_SIGN_NONE] = 1;
    cr_expect_eq(judge(&sharded_map), HD_VERDICT_VACUOUS);
    cr_expect_not_null(strstr(row.verdict_reason, "nobody knows whether it grew"));
    *grew = 9;
    cr_expect_eq(judge(&sharded_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason, "it grew in 9 of 100 executions, a tenth is demanded");
    *grew = 10;
    cr_expect_eq(judge(&sharded_map), HD_VERDICT_OK);
    cr_expect_not_null(strstr(row.coverage, "; grew in 10 executions (told by view;"), "%s",
                       row.coverage);
    *grew = 0;
    cr_expect_eq(judge(&oncefrozen_map), HD_VERDICT_OK, "the file says that it need not");
}

/* Whether keys fall into one bucket is known of maps that show their buckets. */
Test(judge, keys_of_one_bucket_that_nobody_can_choose_are_told) {
    struct map_ops blind = gomap_map;
    scenario->keys.place = SN_PLACE_SAME_BUCKET;
    judge(&blind);
    cr_expect_null(strstr(row.coverage, "any keys instead"), "%s", row.coverage);
    blind.inspector = NULL;
    judge(&blind);
    cr_expect_not_null(strstr(row.coverage, "; any keys instead of those of one bucket"), "%s",
                       row.coverage);
    scenario->keys.place = SN_PLACE_ANY;
    judge(&blind);
    cr_expect_null(strstr(row.coverage, "any keys instead"), "%s", row.coverage);
    scenario->prefill.kind = SN_PREFILL_COLLIDE;
    judge(&blind);
    cr_expect_not_null(strstr(row.coverage, "; any keys instead of those of one bucket"), "%s",
                       row.coverage);
}

Test(judge, a_map_that_refuses_everything_is_vacuous) {
    campaign.counters[SN_COUNT_DECLINED] = 5;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_VACUOUS);
    cr_expect_str_eq(row.verdict_reason, "the map refused every put and delete");
    campaign.counters[SN_COUNT_TAKEN] = 1;
    cr_expect_eq(judge(&rwmutex_map), HD_VERDICT_OK);
}

/* All sums at their largest. */
Test(judge, coverage_is_cut_where_its_place_ends) {
    memset(campaign.counters, 0xff, sizeof(campaign.counters));
    campaign.counters[SN_COUNT_HISTORIES]--;
    judge(&rwmutex_map);
    cr_expect_lt(strlen(row.coverage), HD_MESSAGE_SIZE);
}
