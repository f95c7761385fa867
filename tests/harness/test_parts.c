/* test_parts.c - what runs before and after the concurrent part is scheduled, bounded and replayed as
 * what runs in it. /
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "tests/harness/support.h"

struct place {
    char subject[32];
    char strategy[32];
};

static struct place places[] = {
    {"among", "random"},  {"among", "pct:3"},        {"among", "twice:random"},
    {"before", "random"}, {"before", "default"},     {"after", "random"},
    {"after", "default"}, {"after", "twice:random"},
};

/* The same fault, in the same interleaving: by its seed and by what was recorded. */
static void expect_both_ways(struct bench *bench, const struct hd_fault_record *fault) {
    char error[HD_LINE_SIZE] = "";
    struct hd_replay by_seed, by_schedule;
    struct hd_replay_options options = {.seed = fault->seed, .strategy = fault->strategy};
    cr_assert_eq(hd_replay_run(&options, &bench->program, &by_seed, error), 0, "%s", error);
    options.schedule = fault->schedule;
    cr_assert_not_null(options.schedule);
    cr_assert_eq(hd_replay_run(&options, &bench->program, &by_schedule, error), 0, "%s", error);
    cr_expect_not(by_schedule.diverged, "%s", by_schedule.divergence);
    cr_expect(by_seed.fault && by_schedule.fault);
    cr_expect_eq(by_seed.digest, fault->digest);
    cr_expect_eq(by_schedule.digest, fault->digest);
    cr_expect_str_eq(by_schedule.schedule, fault->schedule);
    hd_replay_clear(&by_seed);
    hd_replay_clear(&by_schedule);
}

ParameterizedTestParameters(parts, a_fault_beside_a_helper_replays_by_seed_and_by_schedule) {
    return cr_make_param_array(struct place, places, sizeof places / sizeof places[0]);
}

ParameterizedTest(struct place *place, parts,
                  a_fault_beside_a_helper_replays_by_seed_and_by_schedule, .timeout = 120) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options(place->strategy, 400);
    options.confirm = 2;
    bench_open(&bench, "parts", place->subject);
    bench_campaign(&bench, &options, &campaign);
    cr_assert_geq(campaign.faults, 1, "%s", place->subject);
    for (uint32_t i = 0; i < campaign.faults; i++) {
        cr_expect_eq(campaign.fault[i].confirmed, 2, "%s", place->subject);
        expect_both_ways(&bench, &campaign.fault[i]);
    }
}

/* Not only faults: any execution that was recorded. */
Test(parts, an_execution_with_a_helper_follows_its_schedule_to_the_end, .timeout = 120) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_replay seen, again;
    bench_open(&bench, "parts", "among_without_fault");
    for (uint64_t i = 0; i < 40; i++) {
        bench_replay(&bench, i % 2 ? "random" : "pct:3", bench_seed(i), &seen);
        cr_assert_not_null(seen.schedule);
        struct hd_replay_options options = {.seed = bench_seed(i), .schedule = seen.schedule};
        cr_assert_eq(hd_replay_run(&options, &bench.program, &again, error), 0, "%s", error);
        cr_expect_not(again.diverged, "%s", again.divergence);
        cr_expect_eq(again.digest, seen.digest);
        cr_expect_str_eq(again.schedule, seen.schedule);
        hd_replay_clear(&seen);
        hd_replay_clear(&again);
    }
}

/* Two schedules that differ before the tasks start are two. */
Test(parts, what_runs_before_the_tasks_is_in_the_digest) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("random", 256);
    bench_open(&bench, "parts", "before");
    bench_campaign(&bench, &options, &campaign);
    cr_expect_gt(campaign.distinct, 128, "%lu", (unsigned long)campaign.distinct);
}

/* What is said of a main task that does not end: exactly this many points, at once, and again. */
static void expect_livelock(const char *subject, const char *message) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("default", 20);
    options.confirm = 1;
    bench_open(&bench, "parts", subject);
    bench.program.points_max = 500;
    bench_campaign(&bench, &options, &campaign);
    cr_expect_eq(campaign.executions, 20);
    cr_expect_eq(campaign.fault_executions, 20);
    cr_expect_not(campaign.stalled);
    cr_assert_geq(campaign.faults, 1);
    cr_expect_eq(campaign.fault[0].kind, HD_FAULT_LIVELOCK);
    cr_expect_str_eq(campaign.fault[0].message, message);
    cr_expect_eq(campaign.fault[0].confirmed, 1);
    expect_both_ways(&bench, &campaign.fault[0]);
}

Test(parts, a_set_up_that_does_not_end_is_a_livelock, .timeout = 60) {
    expect_livelock("never_set_up", "no end after 16000 points before the tasks have started");
}

Test(parts, an_end_that_does_not_end_is_a_livelock, .timeout = 60) {
    expect_livelock("never_checked", "no end after 16000 points after the tasks have ended");
}

Test(parts, a_helper_that_does_not_end_is_a_livelock, .timeout = 60) {
    expect_livelock("never_joined", "no end after 16000 points after the tasks have ended");
}
