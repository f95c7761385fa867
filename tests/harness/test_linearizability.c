/* test_linearizability.c - the checker against one that tries every order, and its bounds. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <stdlib.h>

#include "harness/base/random.h"
#include "harness/check/linearizability.h"
#include "harness/check/memo.h"
#include "tests/harness/histories.h"

#define SMALL_CALLS 8u
#define MEMORY      (1u << 20)

static const struct hd_check_budget unbounded = {0};

static struct hd_check_result check_within(const struct hd_history *history, size_t memory,
                                           const struct hd_check_budget *budget) {
    struct hd_checker *checker = hd_checker_new(history->calls, memory);
    struct hd_check_result result;
    cr_assert_not_null(checker);
    hd_check_map(checker, history, budget, &result);
    hd_checker_free(checker);
    return result;
}

static struct hd_check_result check(const struct hd_history *history) {
    return check_within(history, MEMORY, &unbounded);
}

/* ---- against brute force --------------------------------------------------------------------- */

struct tally {
    struct hd_checker *checker;
    uint32_t legal;
    uint32_t illegal;
};

static void compare(struct tally *tally, const struct hd_history *history, uint64_t seed) {
    struct hd_check_result result;
    uint32_t illegal = history_brute_force(history);
    hd_check_map(tally->checker, history, &unbounded, &result);
    if (illegal == 0) {
        tally->legal++;
        cr_assert_eq(result.verdict, HD_CHECK_OK, "seed %lu", (unsigned long)seed);
        cr_assert_eq(result.legal, history->events, "seed %lu", (unsigned long)seed);
        return;
    }
    tally->illegal++;
    cr_assert_eq(result.verdict, HD_CHECK_ILLEGAL, "seed %lu", (unsigned long)seed);
    cr_assert_eq(result.illegal, illegal, "seed %lu: %u, not %u", (unsigned long)seed,
                 result.illegal, illegal);
    cr_assert(result.shortest);
    cr_assert_eq(result.legal, illegal - 1);
}

/* Nine of ten are as a correct map made them. In a tenth two results were exchanged that differ,
 * which more often than not no order explains. */
Test(linearizability, agrees_with_brute_force_on_100000_small_histories) {
    const struct history_shape shape = {
        .calls = 7, .processes = 3, .keys = 2, .values = 3, .lost = 8, .failed = 7, .clears = 5};
    struct hd_call call[SMALL_CALLS];
    struct hd_history history = hd_history_in(call, SMALL_CALLS);
    struct tally tally = {.checker = hd_checker_new(SMALL_CALLS, MEMORY)};
    uint32_t swapped = 0;
    for (uint64_t seed = 0; seed < 100000; seed++) {
        history_make(seed, &shape, &history);
        uint32_t before = tally.illegal;
        bool swap = seed % 2 == 0 && history_swap(seed, &history);
        compare(&tally, &history, seed);
        swapped += swap;
        cr_assert(swap || tally.illegal == before, "seed %lu was legal when made",
                  (unsigned long)seed);
    }
    hd_checker_free(tally.checker);
    cr_expect(swapped > 10000 && tally.illegal > 9000, "%u swapped, %u illegal", swapped,
              tally.illegal);
}

/* Any result at all: deletes that tell and calls that fail make prefixes end where no search of the
 * whole history does. */
Test(linearizability, agrees_with_brute_force_when_results_mean_nothing) {
    const struct history_shape shape = {
        .calls = 6, .processes = 4, .keys = 2, .values = 2, .lost = 10, .failed = 20, .clears = 5};
    struct hd_call call[SMALL_CALLS];
    struct hd_history history = hd_history_in(call, SMALL_CALLS);
    struct tally tally = {.checker = hd_checker_new(SMALL_CALLS, MEMORY)};
    for (uint64_t seed = 0; seed < 20000; seed++) {
        history_make(seed, &shape, &history);
        for (uint32_t index = 0; index < history.calls; index++) {
            uint64_t drawn = hd_draw(seed, index);
            if (call[index].presence == HD_UNTOLD)
                continue;
            call[index].presence = drawn % 3 == 0 ? HD_ABSENT : HD_PRESENT;
            call[index].value = 1 + drawn / 4 % 2;
        }
        compare(&tally, &history, seed);
    }
    hd_checker_free(tally.checker);
    cr_expect(tally.legal > 2000 && tally.illegal > 2000, "%u legal, %u illegal", tally.legal,
              tally.illegal);
}

/* The first `events` events as a history of their own. */
static void cut(struct hd_history *history, uint32_t events) {
    uint32_t calls = 0;
    for (; calls < history->calls && history->call[calls].invoked < events; calls++) {
        struct hd_call *call = &history->call[calls];
        if (call->returned == HD_POSITION_NEVER || call->returned < events)
            continue;
        call->returned = HD_POSITION_NEVER;
        call->end = HD_CALL_INFO;
    }
    history->calls = calls;
    history->events = events;
}

/* Long enough for configurations of several words. */
Test(linearizability, the_prefix_of_a_long_history_is_illegal_and_no_shorter_one_is) {
    const struct history_shape shape = {
        .calls = 600, .processes = 8, .keys = 2, .values = 9, .lost = 1, .failed = 5, .clears = 1};
    struct hd_call call[600];
    struct hd_history history = hd_history_in(call, 600);
    uint32_t illegal = 0;
    for (uint64_t seed = 0; seed < 200; seed++) {
        history_make(seed, &shape, &history);
        history_swap(seed, &history);
        struct hd_check_result result = check_within(&history, 8 * MEMORY, &unbounded);
        cr_assert_neq(result.verdict, HD_CHECK_UNKNOWN, "seed %lu", (unsigned long)seed);
        if (result.verdict == HD_CHECK_OK)
            continue;
        illegal++;
        cr_assert(result.shortest);
        cut(&history, result.illegal);
        cr_assert_eq(check_within(&history, 8 * MEMORY, &unbounded).illegal, result.illegal);
        cut(&history, result.illegal - 1);
        cr_assert_eq(check_within(&history, 8 * MEMORY, &unbounded).verdict, HD_CHECK_OK);
    }
    cr_expect_gt(illegal, 100);
}

/* ---- by hand --------------------------------------------------------------------------------- */

#define CALLS 64u

struct script {
    struct hd_call call[CALLS];
    struct hd_history history;
};

static struct script *script_new(void) {
    static struct script script;
    script.history = hd_history_in(script.call, CALLS);
    return &script;
}

static uint32_t begin_put(struct script *script, uint64_t key, uint64_t value) {
    return hd_history_invoke(&script->history, 0, HD_CALL_PUT, key, value);
}

static uint32_t begin(struct script *script, enum hd_call_kind kind, uint64_t key) {
    return hd_history_invoke(&script->history, 0, kind, key, 0);
}

static void done(struct script *script, uint32_t call) {
    hd_history_return(&script->history, call, HD_CALL_OK, HD_UNTOLD, 0);
}

static void put(struct script *script, uint64_t key, uint64_t value) {
    done(script, begin_put(script, key, value));
}

static void found(struct script *script, uint32_t get, uint64_t value) {
    hd_history_return(&script->history, get, HD_CALL_OK, HD_PRESENT, value);
}

static void get(struct script *script, uint64_t key, uint64_t value) {
    found(script, begin(script, HD_CALL_GET, key), value);
}

static void expect_ok(const struct script *script) {
    struct hd_check_result result = check(&script->history);
    cr_expect_eq(result.verdict, HD_CHECK_OK, "illegal after %u", result.illegal);
}

/* Illegal by the last event, and not before. */
static void expect_illegal(const struct script *script, const char *rule) {
    struct hd_check_result result = check(&script->history);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.illegal, script->history.events);
    cr_expect_eq(result.legal, script->history.events - 1);
    cr_expect(result.shortest);
    if (rule == NULL)
        cr_expect_null(result.rule);
    else
        cr_expect_str_eq(result.rule, rule);
}

/* Two readers of one write: old after new is the mistake that looking at each result alone does
 * not see. */
Test(linearizability, a_value_does_not_come_back) {
    struct script *script = script_new();
    put(script, 1, 10);
    uint32_t slow = begin_put(script, 1, 20);
    get(script, 1, 20);
    get(script, 1, 10);
    expect_illegal(script, NULL);
    done(script, slow);
}

Test(linearizability, a_call_that_may_have_happened_may_happen_later) {
    struct script *script = script_new();
    uint32_t lost = begin_put(script, 1, 10);
    hd_history_return(&script->history, lost, HD_CALL_INFO, HD_UNTOLD, 0);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    get(script, 1, 10);
    expect_ok(script);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    expect_illegal(script, NULL);
}

/* The get is no evidence until the put is known to have failed. */
Test(linearizability, the_prefix_may_end_with_a_failure) {
    struct script *script = script_new();
    uint32_t fails = begin_put(script, 1, 10);
    get(script, 1, 10);
    expect_ok(script);
    hd_history_return(&script->history, fails, HD_CALL_FAIL, HD_UNTOLD, 0);
    expect_illegal(script, NULL);
}

/* As long as the delete runs it may be what took the key away; its result says that it did not. */
Test(linearizability, the_prefix_may_end_with_a_delete_that_tells) {
    struct script *script = script_new();
    put(script, 1, 10);
    uint32_t removes = begin(script, HD_CALL_DELETE, 1);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    expect_ok(script);
    hd_history_return(&script->history, removes, HD_CALL_OK, HD_ABSENT, 0);
    expect_illegal(script, NULL);
}

Test(linearizability, the_key_of_the_shortest_prefix_is_named) {
    struct script *script = script_new();
    put(script, 7, 1);
    put(script, UINT64_MAX, 1);
    get(script, UINT64_MAX, 2);
    get(script, 7, 2);
    struct hd_check_result result = check(&script->history);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.part, UINT64_MAX);
    cr_expect_eq(result.illegal, 6);
}

Test(linearizability, an_empty_history_is_legal) {
    struct script *script = script_new();
    expect_ok(script);
}

/* ---- lengths, iterations, clears ------------------------------------------------------------- */

static void length(struct script *script, uint64_t count) {
    hd_history_return(&script->history, begin(script, HD_CALL_LENGTH, 0), HD_CALL_OK, HD_UNTOLD,
                      count);
}

Test(linearizability, a_length_lies_between_the_keys_surely_there_and_possibly_there) {
    for (uint64_t count = 0; count < 6; count++) {
        struct script *script = script_new();
        put(script, 1, 10);
        put(script, 2, 10);
        uint32_t slow = begin_put(script, 3, 10);
        uint32_t removes = begin(script, HD_CALL_DELETE, 2);
        length(script, count);
        if (count >= 1 && count <= 3)
            expect_ok(script);
        else
            expect_illegal(script, "returned a number of entries that the map could not hold");
        done(script, slow);
        done(script, removes);
    }
}

Test(linearizability, a_clear_deletes_each_key_at_a_moment_of_its_own) {
    struct script *script = script_new();
    put(script, 1, 10);
    put(script, 2, 20);
    uint32_t clears = begin(script, HD_CALL_CLEAR, 0);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    get(script, 2, 20);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 2), HD_CALL_OK, HD_ABSENT, 0);
    done(script, clears);
    length(script, 0);
    expect_ok(script);
    get(script, 2, 20);
    expect_illegal(script, NULL);
}

/* A map of keys 1 and 2, while 2 is being deleted and 3 put; 4 was deleted before, 5 never there. */
static uint32_t begin_iteration(struct script *script) {
    put(script, 1, 10);
    put(script, 2, 20);
    put(script, 4, 40);
    done(script, begin(script, HD_CALL_DELETE, 4));
    begin(script, HD_CALL_DELETE, 2);
    uint32_t iteration = begin(script, HD_CALL_ITERATE, 0);
    begin_put(script, 3, 30);
    return iteration;
}

struct iteration {
    char label[32];
    uint64_t visit[4][2];
    char rule[64];
};

ParameterizedTestParameters(linearizability, iterations) {
    static struct iteration cases[] = {
        {"surely there", {{1, 10}}, ""},
        {"perhaps there", {{3, 30}, {1, 10}, {2, 20}}, ""},
        {"perhaps there, twice", {{2, 20}, {1, 10}, {2, 20}}, ""},
        {"missed", {{2, 20}}, "missed a key that was present throughout"},
        {"twice", {{1, 10}, {1, 10}}, "returned a key twice that was present throughout"},
        {"deleted", {{1, 10}, {4, 40}}, "returned a key that was absent throughout"},
        {"never put", {{5, 50}, {1, 10}}, "returned a key that was absent throughout"},
        {"wrong value", {{1, 20}}, "returned a value that the key could not hold"},
    };
    return cr_make_param_array(struct iteration, cases, sizeof(cases) / sizeof(cases[0]));
}

ParameterizedTest(struct iteration *iteration, linearizability, iterations) {
    struct script *script = script_new();
    uint32_t call = begin_iteration(script);
    for (uint32_t index = 0; index < 4 && iteration->visit[index][0] != 0; index++)
        hd_history_visit(&script->history, call, iteration->visit[index][0],
                         iteration->visit[index][1]);
    hd_history_return(&script->history, call, HD_CALL_OK, HD_UNTOLD, 0);
    if (iteration->rule[0] == '\0')
        expect_ok(script);
    else
        expect_illegal(script, iteration->rule);
}

Test(linearizability, an_iteration_does_not_bring_a_value_that_was_overwritten_before) {
    struct script *script = script_new();
    put(script, 1, 10);
    put(script, 1, 11);
    uint32_t call = begin(script, HD_CALL_ITERATE, 0);
    hd_history_visit(&script->history, call, 1, 10);
    hd_history_return(&script->history, call, HD_CALL_OK, HD_UNTOLD, 0);
    expect_illegal(script, "returned a value that the key could not hold");
}

/* ---- bounds ---------------------------------------------------------------------------------- */

static struct hd_history history_new(uint32_t calls) {
    struct hd_call *call = malloc(calls * sizeof(*call));
    cr_assert_not_null(call);
    return hd_history_in(call, calls);
}

/* About as many steps as calls: the search of a correct map's history hardly ever turns back. Ten
 * processes on a hundred keys rarely meet on one. */
Test(linearizability, ten_thousand_calls_take_few_steps) {
    const struct history_shape shape = {
        .calls = 10000, .processes = 10, .keys = 100, .values = 1000, .failed = 1};
    struct hd_history history = history_new(shape.calls);
    for (uint64_t seed = 0; seed < 5; seed++) {
        history_make(seed, &shape, &history);
        struct hd_check_result result = check(&history);
        cr_expect_eq(result.verdict, HD_CHECK_OK);
        cr_expect_eq(result.parts, 100);
        cr_expect_leq(result.steps, 2 * shape.calls, "%lu", (unsigned long)result.steps);
    }
    free(history.call);
}

/* Calls one after the other: two megabytes are enough for a history of twelve. */
Test(linearizability, calls_in_sequence_need_little_memory) {
    const struct history_shape shape = {.calls = 300000, .processes = 1, .keys = 1, .values = 9};
    struct hd_history history = history_new(shape.calls);
    history_make(1, &shape, &history);
    struct hd_check_result result = check_within(&history, 2 * MEMORY, &unbounded);
    cr_expect_eq(result.verdict, HD_CHECK_OK);
    cr_expect_leq(result.steps, shape.calls);
    free(history.call);
}

/* All the same with one key that everyone wants. */
Test(linearizability, one_hot_key_takes_few_steps) {
    const struct history_shape shape = {.calls = 10000, .processes = 6, .keys = 1, .values = 1000};
    struct hd_history history = history_new(shape.calls);
    history_make(1, &shape, &history);
    struct hd_check_result result = check_within(&history, 16 * MEMORY, &unbounded);
    cr_expect_eq(result.verdict, HD_CHECK_OK);
    cr_expect_leq(result.steps, 20 * shape.calls, "%lu", (unsigned long)result.steps);
    free(history.call);
}

/* Puts that all overlap, and a get that none of them explains: 2^40 sets of puts come before it. */
static struct hd_history adversary(uint32_t puts) {
    struct hd_history history = history_new(2 * puts + 1);
    for (uint32_t index = 0; index < puts; index++)
        hd_history_invoke(&history, index, HD_CALL_PUT, 1, index);
    for (uint32_t index = 0; index < puts; index++)
        hd_history_return(&history, index, HD_CALL_OK, HD_UNTOLD, 0);
    uint32_t get = hd_history_invoke(&history, 0, HD_CALL_GET, 1, 0);
    hd_history_return(&history, get, HD_CALL_OK, HD_PRESENT, puts);
    return history;
}

Test(linearizability, too_many_orders_end_as_unknown) {
    struct hd_history history = adversary(40);
    struct hd_check_budget budget = {.steps_max = 100000};
    struct hd_check_result result = check_within(&history, 64u << 20, &budget);
    cr_expect_eq(result.verdict, HD_CHECK_UNKNOWN);
    cr_expect_eq(result.bound, HD_BOUND_STEPS);
    cr_expect_eq(result.steps, 100000);
    cr_expect_eq(result.legal, 81, "up to the get's return a legal order was seen");
    result = check_within(&history, HD_MEMO_SIZE_MIN, &unbounded);
    cr_expect_eq(result.verdict, HD_CHECK_UNKNOWN);
    cr_expect_eq(result.bound, HD_BOUND_MEMORY);
    free(history.call);
}

Test(linearizability, few_orders_are_all_tried) {
    struct hd_history history = adversary(10);
    struct hd_check_result result = check(&history);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.illegal, history.events);
    free(history.call);
}

/* A key without an answer does not keep another key's fault from being found. */
Test(linearizability, memory_spent_on_one_key_leaves_the_others) {
    struct hd_history history = adversary(40);
    history.call[0].key = 2;
    uint32_t get = hd_history_invoke(&history, 0, HD_CALL_GET, 3, 0);
    hd_history_return(&history, get, HD_CALL_OK, HD_PRESENT, 1);
    struct hd_check_result result = check_within(&history, HD_MEMO_SIZE_MIN, &unbounded);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.part, 3);
    cr_expect_eq(result.illegal, history.events);
    cr_expect_not(result.shortest);
    free(history.call);
}

static bool stop_now(void *asked) {
    ++*(uint32_t *)asked;
    return true;
}

Test(linearizability, a_check_can_be_stopped) {
    struct hd_history history = adversary(40);
    uint32_t asked = 0;
    struct hd_check_budget budget = {.stop = stop_now, .context = &asked};
    struct hd_check_result result = check_within(&history, 64u << 20, &budget);
    cr_expect_eq(result.verdict, HD_CHECK_UNKNOWN);
    cr_expect_eq(result.bound, HD_BOUND_STOP);
    cr_expect_eq(asked, 1);
    free(history.call);
}

/* Steps are counted, not timed, and follow from the history alone. */
Test(linearizability, a_checker_can_be_used_again) {
    struct hd_history history = adversary(10);
    struct hd_checker *checker = hd_checker_new(history.calls, MEMORY);
    struct hd_check_result first, again;
    hd_check_map(checker, &history, &unbounded, &first);
    hd_check_map(checker, &history, &unbounded, &again);
    cr_expect_eq(first.steps, again.steps);
    cr_expect_eq(first.verdict, again.verdict);
    hd_checker_free(checker);
    free(history.call);
}

Test(linearizability, a_history_that_was_full_proves_nothing) {
    struct hd_call call[2];
    struct hd_history history = hd_history_in(call, 2);
    for (uint32_t index = 0; index < 3; index++)
        hd_history_return(&history, hd_history_invoke(&history, 0, HD_CALL_GET, 1, 0), HD_CALL_OK,
                          index == 2 ? HD_PRESENT : HD_ABSENT, 0);
    cr_expect(history.full);
    struct hd_check_result result = check(&history);
    cr_expect_eq(result.verdict, HD_CHECK_UNKNOWN);
    cr_expect_eq(result.bound, HD_BOUND_HISTORY);
}

/* ---- another model --------------------------------------------------------------------------- */

/* A ticket counter: each call takes the next number. */
static void ticket_init(struct hd_model_state *state) {
    *state = (struct hd_model_state){{1, 0}};
}

static bool ticket_step(const struct hd_model_state *state, const struct hd_call *call, bool known,
                        struct hd_model_state *next) {
    *next = (struct hd_model_state){{state->word[0] + 1, 0}};
    return !known || call->value == state->word[0];
}

static bool ticket_reads(const struct hd_call *call, bool known) {
    (void)call;
    (void)known;
    return false;
}

static enum hd_part ticket_part(const struct hd_call *call, uint64_t *part) {
    (void)call;
    *part = 0;
    return HD_PART_ONE;
}

Test(linearizability, any_model_will_do) {
    static const struct hd_model ticket = {"ticket", ticket_init, ticket_step, ticket_reads,
                                           ticket_part};
    struct script *script = script_new();
    struct hd_check_result result;
    struct hd_checker *checker = hd_checker_new(CALLS, MEMORY);
    uint32_t call[3];
    for (uint32_t index = 0; index < 3; index++)
        call[index] = begin(script, HD_CALL_GET, index);
    for (uint32_t index = 0; index < 3; index++)
        found(script, call[index], 3 - index);
    hd_check(checker, &ticket, &script->history, &unbounded, &result);
    cr_expect_eq(result.verdict, HD_CHECK_OK);
    found(script, begin(script, HD_CALL_GET, 0), 3);
    hd_check(checker, &ticket, &script->history, &unbounded, &result);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.illegal, script->history.events);
    hd_checker_free(checker);
}
