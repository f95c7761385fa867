/* Scenarios on the real engine: what each map is expected to do, it does; the same for any number
 * of jobs and in every kind of run. Campaigns have a fixed seed, so that nothing here depends on
 * luck. */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/explore/replay.h"
#include "scenarios/program_internal.h"

#define SEED 0x6865646c65ull

struct asked {
    const char *scenario;
    const char *map;
    const char *strategy;
    uint64_t executions;
    uint32_t jobs;
    enum hd_run_kind kind;
};

static struct hd_campaign campaign;
static struct hd_row row;

static void run(const struct asked *asked) {
    char error[HD_LINE_SIZE] = "";
    struct sn_scenario *scenario = NULL;
    struct sn_map *map = NULL;
    struct sn_program *program = NULL;
    struct hd_subject subject;
    struct hd_campaign_options options = {.seed = SEED,
                                          .strategy =
                                              asked->strategy != NULL ? asked->strategy : "default",
                                          .executions = asked->executions,
                                          .jobs = asked->jobs > 0 ? asked->jobs : 1,
                                          .kind = asked->kind != 0 ? asked->kind : HD_RUN_WATCHED,
                                          .confirm = 1};
    hd_campaign_clear(&campaign);
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_assert_eq(sn_scenario_open(asked->scenario, &scenario, error), 0, "%s", error);
    cr_assert_eq(sn_map_open(asked->map, &map, error), 0, "%s", error);
    cr_assert_eq(sn_program_open(scenario, map, &program, &subject, error), 0, "%s", error);
    cr_assert_eq(hd_campaign_run(&options, &subject, &campaign), 0);
    memset(&row, 0, sizeof(row));
    sn_judge(scenario, map, &campaign, &row);
    sn_program_close(program);
    sn_map_close(map);
    sn_scenario_close(scenario);
}

static void expect_as_said(const char *scenario, const char *map, uint64_t executions) {
    run(&(struct asked){.scenario = scenario, .map = map, .executions = executions});
    cr_expect(row.as_expected, "%s on %s: %s, wanted %s (%s) %s", scenario, map,
              hd_verdict_name(row.verdict), row.expected, row.verdict_reason,
              campaign.faults > 0 ? campaign.fault[0].message : "");
    for (uint32_t index = 0; index < campaign.faults; index++)
        cr_expect_eq(campaign.fault[index].confirmed, campaign.fault[index].replays, "%s",
                     campaign.fault[index].message);
}

static const char *const remedies[] = {"mutex",   "rwmutex", "gorwmutex", "oncefrozen",
                                       "sharded", "syncmap", "seqlock"};
#define REMEDIES (sizeof(remedies) / sizeof(remedies[0]))

Test(engine, the_plain_map_shows_each_of_the_three_messages_of_go) {
    expect_as_said("concurrent-writes", "gomap", 512);
    expect_as_said("read-during-write", "gomap", 512);
    expect_as_said("iterate-during-write", "gomap", 512);
    expect_as_said("growth-window", "gomap", 1024);
    expect_as_said("same-size-growth", "gomap", 1024);
    expect_as_said("write-after-freeze", "gomap", 1024);
}

Test(engine, the_plain_map_is_clean_where_its_contract_is_kept) {
    expect_as_said("readers-only", "gomap", 1024);
    expect_as_said("one-task", "gomap", 2048);
    expect_as_said("first-use", "gomap", 1024);
}

Test(engine, the_remedies_are_clean_everywhere) {
    uint32_t count;
    const char *const *names = sn_scenario_names(&count);
    for (uint32_t scenario = 0; scenario < count; scenario++) {
        if (strncmp(names[scenario], "canary", 6) == 0 || strcmp(names[scenario], "soak") == 0)
            continue;
        uint64_t executions = strcmp(names[scenario], "hundred-writers") == 0 ? 64 : 512;
        for (uint32_t map = 0; map < REMEDIES; map++)
            expect_as_said(names[scenario], remedies[map], executions);
    }
}

Test(engine, a_hundred_writers_fault_within_fifty_executions) {
    run(&(struct asked){.scenario = "hundred-writers", .map = "gomap", .executions = 50});
    cr_expect_geq(campaign.first_fault_execution, 0);
    cr_expect_eq(row.verdict, HD_VERDICT_FAULT);
}

Test(engine, a_fifth_of_the_points_lies_inside_the_growth_window) {
    static const char *const maps[] = {"gomap", "rwmutex", "sharded"};
    for (uint32_t map = 0; map < 3; map++) {
        run(&(struct asked){.scenario = "growth-window", .map = maps[map], .executions = 2048});
        cr_expect_geq(row.window_points * 5, campaign.points, "%s", maps[map]);
        for (uint32_t kind = SN_PUT; kind <= SN_DELETE; kind++) {
            cr_expect_gt(campaign.counters[SN_COUNT_PUT_MOVED + kind], 0, "%s", maps[map]);
            cr_expect_gt(campaign.counters[SN_COUNT_PUT_UNMOVED + kind], 0, "%s", maps[map]);
        }
    }
}

Test(engine, a_full_run_looks_again_only_where_something_changed) {
    run(&(struct asked){
        .scenario = "readers-only", .map = "gomap", .executions = 64, .kind = HD_RUN_FULL});
    uint64_t looks = campaign.counters[SN_COUNT_LOOKS];
    cr_expect_gt(looks, 0);
    cr_expect_lt(looks * 4, campaign.counters[SN_COUNT_POINT_LOOKS]);
}

Test(engine, jobs_change_neither_digest_nor_counters) {
    struct asked asked = {
        .scenario = "growth-window", .map = "rwmutex", .executions = 1024, .jobs = 1};
    run(&asked);
    uint64_t digest = campaign.digest, window = row.window_points;
    asked.jobs = 3;
    run(&asked);
    cr_expect_eq(campaign.digest, digest);
    cr_expect_eq(row.window_points, window);
}

/* One task has one schedule: each execution is a program of its own, for any number of jobs. */
Test(engine, executions_of_one_task_are_all_different) {
    struct asked asked = {.scenario = "one-task", .map = "gomap", .executions = 3000, .jobs = 1};
    run(&asked);
    uint64_t digest = campaign.digest, growths = campaign.counters[SN_COUNT_GROWTHS];
    cr_expect_eq(campaign.distinct, 3000);
    asked.jobs = 3;
    run(&asked);
    cr_expect_eq(campaign.digest, digest);
    cr_expect_eq(campaign.counters[SN_COUNT_GROWTHS], growths);
    run(&(struct asked){.scenario = "iterate-two-growths", .map = "gomap", .executions = 1000});
    cr_expect_eq(campaign.distinct, 1000);
}

/* What a single task finds in a map that is broken in one growth of many comes again from its seed. */
Test(engine, an_execution_of_one_task_replays_by_its_seed) {
    run(&(struct asked){.scenario = "one-task",
                        .map = "rwmutex-both-tables",
                        .executions = 2000,
                        .strategy = "pct:3"});
    cr_assert_gt(campaign.faults, 0);
    for (uint32_t index = 0; index < campaign.faults; index++)
        cr_expect(campaign.fault[index].confirmed == campaign.fault[index].replays &&
                      campaign.fault[index].replays > 0,
                  "%s", campaign.fault[index].message);
}

/* Checks never change what runs, and what only a full run sees is raised last. */
Test(engine, every_kind_of_run_has_the_same_digest) {
    static const char *const maps[] = {"gomap", "rwmutex", "oncefrozen", "sharded", "syncmap"};
    for (uint32_t map = 0; map < 5; map++) {
        uint64_t digest[HD_RUN_FULL + 1] = {0};
        for (uint32_t kind = HD_RUN_WATCHED; kind <= HD_RUN_FULL; kind++) {
            run(&(struct asked){.scenario = "growth-window",
                                .map = maps[map],
                                .executions = 128,
                                .kind = (enum hd_run_kind)kind});
            digest[kind] = campaign.digest;
        }
        cr_expect_eq(digest[HD_RUN_WATCHED], digest[HD_RUN_FULL], "%s", maps[map]);
    }
}

/* glibc's lock for readers first: while some of them come, the writer does not get it. */
Test(engine, a_starved_writer_is_a_fault_where_the_schedule_is_fair) {
    struct asked asked = {
        .scenario = "starved-writer", .map = "rwmutex", .strategy = "random", .executions = 64};
    run(&asked);
    cr_expect_eq(row.verdict, HD_VERDICT_FAULT);
    cr_expect(row.as_expected, "%s", row.verdict_reason);
    cr_assert_gt(campaign.faults, 0);
    for (uint32_t index = 0; index < campaign.faults; index++) {
        cr_expect_eq(campaign.fault[index].kind, HD_FAULT_LIVELOCK);
        cr_expect_eq(campaign.fault[index].confirmed, campaign.fault[index].replays);
    }
    cr_expect_geq(campaign.fault_executions, 56, "of 64; it is nearly every one");
    asked.map = "mutex";
    run(&asked);
    cr_expect_eq(row.verdict, HD_VERDICT_OK, "%s", row.verdict_reason);
    asked.strategy = "pct:3";
    run(&asked);
    cr_expect_eq(row.verdict, HD_VERDICT_VACUOUS);
    cr_expect_eq(campaign.faults, 0);
}

Test(engine, a_map_without_points_of_its_own_is_vacuous) {
    run(&(struct asked){
        .scenario = "readers-only", .map = HEDDLE_BUILD_DIR "/tests/blind.so", .executions = 256});
    cr_expect_eq(row.verdict, HD_VERDICT_VACUOUS);
    cr_expect_not_null(strstr(row.verdict_reason, "heddle doctor --flags"));
    cr_expect_eq(campaign.faults, 0, "%s", campaign.faults > 0 ? campaign.fault[0].message : "");
}

Test(engine, the_canary_is_found) {
    char error[HD_LINE_SIZE] = "";
    cr_assert_eq(sn_paths_init("controlled", error), 0, "%s", error);
    cr_expect_eq(sn_canary("default", SEED, 1, error), 0, "%s", error);
    cr_expect_eq(sn_canary("pct:3", SEED, 2, error), 0, "%s", error);
    cr_expect_eq(sn_canary("random", SEED, 1, error), 0, "%s", error);
}

/* 40,000 executions of the default strategy show it 175 times (sigma 13): bounds are six sigma. */
Test(engine, the_rare_canary_is_rare) {
    run(&(struct asked){.scenario = "canary-rare", .map = "canary", .executions = 40000});
    cr_expect(campaign.fault_executions > 95 && campaign.fault_executions < 255, "%lu",
              (unsigned long)campaign.fault_executions);
    cr_expect_eq(row.verdict, HD_VERDICT_FAULT);
    cr_expect(row.as_expected, "%s", row.verdict_reason);
}

/* One execution in nineteen: the two reads have to fall, in order, between the writes of the copies. No
 * result is impossible by itself, so only the whole history shows it. */
Test(engine, a_value_that_comes_back_is_found_by_the_whole_history_alone) {
    struct asked asked = {.scenario = HEDDLE_SOURCE_DIR "/tests/scenarios/two-readers.yaml",
                          .map = HEDDLE_BUILD_DIR "/lib/heddle/controlled/subjects/twocopies.so",
                          .executions = 2048};
    run(&asked);
    cr_expect_eq(row.verdict, HD_VERDICT_FAULT);
    cr_assert_eq(campaign.faults, 1);
    const struct hd_fault_record *fault = &campaign.fault[0];
    cr_expect_eq(fault->kind, HD_FAULT_LINEARIZABILITY);
    cr_expect_eq(strncmp(fault->message, "V10: no order of the operations explains get(", 45), 0,
                 "%s", fault->message);
    cr_expect_eq(fault->confirmed, fault->replays);
    asked.kind = HD_RUN_FULL;
    run(&asked);
    cr_expect_eq(row.verdict, HD_VERDICT_FAULT);
    asked.kind = HD_RUN_BARE;
    run(&asked);
    cr_expect_neq(row.verdict, HD_VERDICT_FAULT);
}
