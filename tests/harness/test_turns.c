/* test_turns.c - a correct lock made at home is no livelock, whatever ranks its waiters; what nobody
 * can end is one.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "harness/sched/point.h"
#include "harness/sched/state.h"
#include "harness/sched/turns.h"
#include "harness/task/pool.h"
#include "tests/harness/support.h"

#define POINTS_MAX 1000

struct lock {
    char subject[32];
};

static struct lock locks[] = {
    {"exchange"},         {"counted"},       {"ticket"},          {"backs_off"}, {"naps"},
    {"naps_for_nothing"}, {"gives_up_soon"}, {"waits_in_slices"}, {"gives_way"}};
#define STRATEGIES 5u
static const char *const strategies[STRATEGIES] = {"random", "pct:1", "pct:3", "pct:8", "sticky"};

ParameterizedTestParameters(turns, a_lock_made_at_home_is_no_livelock) {
    return cr_make_param_array(struct lock, locks, sizeof locks / sizeof locks[0]);
}

ParameterizedTest(struct lock *lock, turns, a_lock_made_at_home_is_no_livelock, .timeout = 120) {
    for (size_t i = 0; i < STRATEGIES; i++) {
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

/* As many points as a scenario has by default. The waiters use up more than four times as many; but tasks
 * end all the time. */
Test(turns, a_crowd_that_backs_off_is_no_livelock, .timeout = 240) {
    for (size_t i = 0; i < STRATEGIES; i++) {
        struct bench bench;
        struct hd_campaign campaign;
        struct hd_campaign_options options = bench_options(strategies[i], 3);
        bench_open(&bench, "spins", "crowd");
        bench.program.points_max = 500000;
        bench_campaign(&bench, &options, &campaign);
        cr_expect_eq(campaign.executions, 3);
        cr_expect_eq(campaign.faults, 0, "%s: %s", strategies[i],
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
        const char *strategy = strategies[i % STRATEGIES];
        struct hd_outcome bare = *bench_run(&bench, strategy, bench_seed(i), HD_RUN_BARE, 300);
        const struct hd_outcome *full =
            bench_run(&bench, strategy, bench_seed(i), HD_RUN_FULL, 300);
        cr_assert_eq(bare.digest, full->digest, "%s under %s", lock->subject, strategy);
        cr_assert_eq(bare.points, full->points);
        in_turns += full->points > 120;
    }
    cr_expect_geq(in_turns, 50);
}

/* The schedule of an execution that took turns holds them. In some of these they are due when one task ends
 * and the next one has not begun. */
ParameterizedTestParameters(turns, replay_from_a_schedule) {
    return cr_make_param_array(struct lock, locks, sizeof locks / sizeof locks[0]);
}

ParameterizedTest(struct lock *lock, turns, replay_from_a_schedule, .timeout = 120) {
    char error[HD_LINE_SIZE];
    struct bench bench;
    struct hd_replay seen, again;
    bench_open(&bench, "spins", lock->subject);
    bench.program.points_max = 120;
    for (uint64_t i = 0; i < 60; i++) {
        bench_replay(&bench, strategies[i % STRATEGIES], bench_seed(i), &seen);
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

/* ---- whose turn it is ------------------------------------------------------------------------------ */

static struct hd_turns taken;

static uint32_t next(enum hd_choice_reason reason, uint32_t current, const uint32_t *enabled,
                     uint32_t count, uint64_t events, uint64_t *points) {
    struct hd_choice choice = {.reason = reason,
                               .current = current,
                               .current_enabled = true,
                               .enabled = enabled,
                               .count = count,
                               .points = events};
    return hd_turns_next(&taken, &choice, points);
}

Test(turns, the_task_that_has_waited_longest_is_next) {
    static const uint32_t enabled[] = {3, 1, 2};
    uint64_t points;
    hd_turns_begin(&taken);
    cr_expect_eq(next(HD_CHOICE_EXPIRED, 9, enabled, 3, 0, &points), 3);
    cr_expect_eq(next(HD_CHOICE_EXPIRED, 3, enabled, 3, 0, &points), 1);
    cr_expect_eq(next(HD_CHOICE_EXPIRED, 1, enabled, 2, 0, &points), 3, "the other cannot go on");
    cr_expect_eq(next(HD_CHOICE_YIELD, 3, enabled, 3, 0, &points), 2);
    cr_expect_eq(next(HD_CHOICE_BLOCKED, 2, enabled, 3, 0, &points), 1);
    cr_expect_eq(next(HD_CHOICE_ENDED, 1, enabled + 1, 2, 0, &points), 2);
    hd_turns_begin(&taken);
    cr_expect_eq(next(HD_CHOICE_EXPIRED, 2, enabled, 3, 0, &points), 3, "all is forgotten");
}

/* A task that wakes another goes on, with what is left of its turn. */
Test(turns, a_turn_is_not_over_when_others_may_go_on) {
    static const uint32_t enabled[] = {3, 1, 2};
    uint64_t points, left;
    hd_turns_begin(&taken);
    cr_expect_eq(next(HD_CHOICE_EXPIRED, 9, enabled, 3, 1000, &points), 3);
    cr_expect_eq(next(HD_CHOICE_CHANGED, 3, enabled, 3, 1010, &left), 3);
    cr_expect_eq(left, points - 10);
    cr_expect_eq(next(HD_CHOICE_CHANGED, 3, enabled, 3, 1000 + points - 1, &left), 3);
    cr_expect_eq(left, 1);
    cr_expect_eq(next(HD_CHOICE_CHANGED, 3, enabled, 3, 1000 + points, &left), 1);
    struct hd_choice blocked = {
        .reason = HD_CHOICE_CHANGED, .current = 1, .enabled = enabled, .count = 3, .points = 1500};
    cr_expect_eq(hd_turns_next(&taken, &blocked, &left), 2, "it cannot go on");
}

/* Some hundred events that vary; twice as many behind 256 turns, up to sixteen times as many. */
Test(turns, vary_in_length_and_grow_to_sixteen_times) {
    static const uint32_t enabled[] = {1, 2};
    hd_turns_begin(&taken);
    for (uint32_t part = 0; part < 6; part++) {
        uint64_t shift = part < 4 ? part : 4, least = UINT64_MAX, most = 0, points;
        for (uint32_t i = part == 0; i < 256; i++) {
            next(HD_CHOICE_EXPIRED, 1, enabled, 2, 0, &points);
            least = points < least ? points : least;
            most = points > most ? points : most;
        }
        cr_expect(least >= 128u << shift && least < 140u << shift, "%lu", (unsigned long)least);
        cr_expect(most > 370u << shift && most < 384u << shift, "%lu", (unsigned long)most);
    }
}

/* ---- who only waits -------------------------------------------------------------------------------- */

static uint64_t cell;
static const uint32_t one[] = {0};

static void begin_turn(void) {
    uint64_t points;
    struct bench bench;
    bench_open(&bench, "increments", "subject");
    bench_execution(&bench, "random", 0, HD_RUN_BARE, 1); /* opens the pool of stacks */
    hd_turns_begin(&taken);
    next(HD_CHOICE_EXPIRED, 0, one, 1, 0, &points);
    cr_assert_not(hd_turns_over(&taken), "nothing has been told of it");
}

/* Executes an event that leaves `value` in the cell. */
static bool over(enum hd_what kind, uint32_t size, uint64_t value) {
    hd_turns_event(&taken, &cell, HD_WHAT(kind, size));
    cell = value;
    return hd_turns_over(&taken);
}

/* Whether the turn goes on for 31 looks and ends with the next. */
static void expect_patience(void) {
    for (uint32_t i = 0; i < 31; i++)
        cr_assert_not(over(HD_READ, 8, cell), "%u", i);
    cr_expect(over(HD_READ, 8, cell));
}

static void look(uint32_t times) {
    for (uint32_t i = 0; i < times; i++)
        cr_assert_not(over(HD_ATOMIC_LOAD, 8, cell));
}

static uint64_t place[5];

static bool tell(enum hd_what kind, const void *address) {
    hd_turns_event(&taken, address, HD_WHAT(kind, 1));
    return hd_turns_over(&taken);
}

TestSuite(idle, .init = begin_turn);

Test(idle, thirty_two_looks_end_a_turn) {
    uint64_t points;
    expect_patience();
    next(HD_CHOICE_EXPIRED, 0, one, 1, 0, &points);
    expect_patience();
}

Test(idle, what_changes_memory_is_progress) {
    static const enum hd_what kinds[] = {HD_WRITE, HD_ATOMIC_STORE, HD_ATOMIC_UPDATE,
                                         HD_ATOMIC_COMPARE};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        look(31);
        cr_expect_not(over(kinds[i], 8, cell + (1ull << 56)), "%zu", i);
        look(31);
        cr_expect_not(over(kinds[i], 1, cell + 1), "%zu", i);
    }
    expect_patience();
}

Test(idle, what_writes_the_same_is_none) {
    static const enum hd_what kinds[] = {HD_WRITE, HD_ATOMIC_STORE, HD_ATOMIC_UPDATE,
                                         HD_ATOMIC_COMPARE};
    for (uint32_t i = 0; i < 31; i++)
        cr_assert_not(over(kinds[i % 4], 1 + i % 8, cell));
    cr_expect(over(HD_WRITE, 8, cell));
}

Test(idle, a_yield_a_fence_a_nap_or_an_attempt_is_none) {
    static const enum hd_what kinds[] = {HD_YIELD,       HD_FENCE,       HD_SLEEP,
                                         HD_TRY_ACQUIRE, HD_ATOMIC_LOAD, HD_TRY_ACQUIRE_SHARED};
    for (uint32_t i = 0; i < 31; i++)
        cr_assert_not(over(kinds[i % 6], 0, cell));
    cr_expect(over(HD_READ, 4, cell));
}

/* What cannot be compared, or is no access, counts as progress. */
Test(idle, a_lock_an_allocation_or_a_large_write_is_progress) {
    static const enum hd_what kinds[] = {HD_ACQUIRE,  HD_RELEASE, HD_ACQUIRE_SHARED,
                                         HD_ALLOCATE, HD_FREE,    HD_WAIT,
                                         HD_SIGNAL,   HD_CREATE,  HD_JOIN};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        look(31);
        cr_expect_not(over(kinds[i], 0, cell), "%zu", i);
    }
    look(31);
    cr_expect_not(over(HD_WRITE, 9, cell));
    expect_patience();
}

/* A task that counts in a local variable computes, or waits before it looks again. */
Test(idle, an_access_to_its_own_stack_is_neither) {
    uint64_t low, high;
    hd_pool_stack(hd_scheduler.current, &low, &high);
    const uint64_t inside[] = {low, high - 1};
    const void *outside[] = {(const void *)(low - 1), (const void *)high};
    for (uint32_t i = 0; i < 2; i++)
        cr_assert_not(tell(HD_READ, outside[i]));
    look(29);
    for (uint32_t i = 0; i < 100; i++) {
        hd_turns_event(&taken, (const void *)inside[i % 2],
                       HD_WHAT(i % 4 < 2 ? HD_READ : HD_WRITE, 1));
        cr_assert_not(hd_turns_over(&taken));
    }
    for (uint32_t i = 0; i < 2; i++)
        cr_expect_not(tell(HD_READ, outside[i]));
    cr_expect(over(HD_READ, 8, cell));
}

/* It computes for long, or waits for twice as long each time. */
Test(idle, one_hundred_and_twenty_eight_accesses_to_its_own_stack_end_a_turn) {
    uint64_t low, high;
    hd_pool_stack(hd_scheduler.current, &low, &high);
    cr_assert_not(over(HD_WRITE, 8, cell + 1));
    for (uint32_t i = 0; i < 127; i++)
        cr_assert_not(tell(i % 2 ? HD_READ : HD_WRITE, (const void *)(low + i)));
    cr_expect_not(over(HD_WRITE, 8, cell + 1));
    for (uint32_t i = 0; i < 127; i++)
        cr_assert_not(tell(HD_READ, (const void *)(low + i)));
    cr_expect(tell(HD_READ, (const void *)low));
}

/* As a search under a lock does. */
Test(idle, looks_at_many_places_are_no_waiting) {
    for (uint32_t i = 0; i < 248; i++)
        cr_assert_not(tell(HD_READ, &place[i % 5]), "%u", i);
    cr_expect(tell(HD_READ, &place[0]));
}
