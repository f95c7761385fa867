/* test_turns.c - a correct lock made at home is no livelock, whatever ranks its waiters; what nobody
 * can end is one. /
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "tests/harness/support.h"

#define POINTS_MAX 1000

struct lock {
    char subject[32];
};

static struct lock locks[] = {
    {"exchange"},         {"counted"},       {"ticket"},          {"backs_off"}, {"naps"},
    {"naps_for_nothing"}, {"gives_up_soon"}, {"waits_in_slices"}, {"gives_way"}};
static const char *const strategies[] = {"random", "pct:1", "pct:3", "pct:8"};

ParameterizedTestParameters(turns, a_lock_made_at_home_is_no_livelock) {
    return cr_make_param_array(struct lock, locks, sizeof locks / sizeof locks[0]);
}

ParameterizedTest(struct lock *lock, turns, a_lock_made_at_home_is_no_livelock, .timeout = 120) {
    for (size_t i = 0; i < sizeof strategies / sizeof strategies[0]; i++) {
        struct bench bench;
        struct hd_campaign campaign;
        struct hd_campaign_options options = bench_options(strategies[i], 200);
        bench_open(&bench, "spins", lock->subject);
        bench.program.points_max = POINTS_MAX * 10;
        bench_campaign(&bench, &options, &campaign);
        cr_expect_eq(campaign.executions, 200);
        cr_expect_eq(campaign.faults, 0, "%s under %s: %s", lock->subject, strategies[i],
                     campaign.faults > 0 ? campaign.fault[0].message : "");
    }
}

/* Few points, so that turns begin early. */
ParameterizedTestParameters(turns, are_the_same_in_bare_and_in_full_runs) {
    return cr_make_param_array(struct lock, locks, sizeof locks / sizeof locks[0]);
}

ParameterizedTest(struct lock *lock, turns, are_the_same_in_bare_and_in_full_runs, .timeout = 120) {
    struct bench bench;
    uint64_t in_turns = 0;
    bench_open(&bench, "spins", lock->subject);
    bench.program.points_max = 120;
    for (uint64_t i = 0; i < 100; i++) {
        const char *strategy = strategies[i % 4];
        struct hd_outcome bare = *bench_run(&bench, strategy, bench_seed(i), HD_RUN_BARE, 300);
        const struct hd_outcome *full =
            bench_run(&bench, strategy, bench_seed(i), HD_RUN_FULL, 300);
        cr_assert_eq(bare.digest, full->digest, "%s under %s", lock->subject, strategy);
        cr_assert_eq(bare.points, full->points);
        in_turns += full->points > 120;
    }
    cr_expect_geq(in_turns, 50);
}

/* The schedule of an execution that took turns holds them. */
ParameterizedTestParameters(turns, replay_from_a_schedule) {
    return cr_make_param_array(struct lock, locks, sizeof locks / sizeof locks[0]);
}

ParameterizedTest(struct lock *lock, turns, replay_from_a_schedule, .timeout = 120) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_replay seen, again;
    bench_open(&bench, "spins", lock->subject);
    bench.program.points_max = 120;
    for (uint64_t i = 0; i < 8; i++) {
        bench_replay(&bench, strategies[i % 4], bench_seed(i), &seen);
        cr_assert_not_null(seen.schedule);
        struct hd_replay_options options = {.seed = bench_seed(i), .schedule = seen.schedule};
        cr_assert_eq(hd_replay_run(&options, &bench.program, &again, error), 0, "%s", error);
        cr_expect_not(again.diverged, "%s: %s", lock->subject, again.divergence);
        cr_expect_eq(again.digest, seen.digest, "%s", lock->subject);
        hd_replay_clear(&seen);
        hd_replay_clear(&again);
    }
}

/* Four times the points after which turns begin. */
Test(turns, what_nobody_can_end_is_a_livelock) {
    struct bench bench;
    struct hd_campaign campaign;
    struct hd_campaign_options options = bench_options("default", 50);
    options.confirm = 1;
    bench_open(&bench, "spins", "never_free");
    bench.program.points_max = POINTS_MAX;
    bench_campaign(&bench, &options, &campaign);
    cr_expect_eq(campaign.fault_executions, 50);
    cr_assert_geq(campaign.faults, 1);
    cr_expect_str_eq(campaign.fault[0].message, "no end after 4000 points");
    cr_expect_eq(campaign.fault[0].point, 4 * POINTS_MAX);
    cr_expect_eq(campaign.fault[0].confirmed, 1);
}
