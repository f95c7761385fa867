/* test_verdicts.c - histories made by hand: what is legal, which prefix is not, and whose fault it is. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>

#include "harness/check/linearizability.h"
#include "tests/harness/histories.h"

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
    struct hd_check_result result = history_check(&script->history);
    cr_expect_eq(result.verdict, HD_CHECK_OK, "illegal after %u", result.illegal);
}

/* Illegal by the last event, and not before. */
static void expect_illegal(const struct script *script, const char *rule) {
    struct hd_check_result result = history_check(&script->history);
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
Test(verdicts, a_value_does_not_come_back) {
    struct script *script = script_new();
    put(script, 1, 10);
    uint32_t slow = begin_put(script, 1, 20);
    get(script, 1, 20);
    get(script, 1, 10);
    expect_illegal(script, NULL);
    done(script, slow);
}

Test(verdicts, a_call_that_may_have_happened_may_happen_later) {
    struct script *script = script_new();
    uint32_t lost = begin_put(script, 1, 10);
    hd_history_return(&script->history, lost, HD_CALL_INFO, HD_UNTOLD, 0);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    get(script, 1, 10);
    expect_ok(script);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    expect_illegal(script, NULL);
}

/* Four puts that may have happened, and gets that saw them one after the other: any order will do, but each
 * of them happened once. */
Test(verdicts, calls_that_may_have_happened_do_so_in_any_order) {
    for (uint32_t order = 0; order < 256; order++) {
        uint32_t seen = 0;
        struct script *script = script_new();
        for (uint64_t value = 0; value < 4; value++)
            begin_put(script, 1, value);
        for (uint32_t i = 0; i < 4; i++) {
            get(script, 1, order >> 2 * i & 3);
            seen |= 1u << (order >> 2 * i & 3);
        }
        if (seen == 15)
            expect_ok(script);
        get(script, 1, order & 3);
        if (seen == 15)
            expect_illegal(script, NULL);
    }
}

/* More of them than a word has bits. The last few are seen in another order than they were begun. */
Test(verdicts, many_calls_may_have_happened) {
    static struct hd_call call[160];
    struct hd_history history = hd_history_in(call, 160);
    for (uint64_t value = 0; value < 70; value++)
        hd_history_invoke(&history, (uint32_t)value, HD_CALL_PUT, 1, value);
    for (uint64_t index = 0; index < 70; index++) {
        uint64_t value = index < 66 ? index : 66 + (index - 65) % 4;
        uint32_t get = hd_history_invoke(&history, 99, HD_CALL_GET, 1, 0);
        hd_history_return(&history, get, HD_CALL_OK, HD_PRESENT, value);
    }
    cr_expect_eq(history_check(&history).verdict, HD_CHECK_OK);
}

/* The get is no evidence until the put is known to have failed. */
Test(verdicts, the_prefix_may_end_with_a_failure) {
    struct script *script = script_new();
    uint32_t fails = begin_put(script, 1, 10);
    get(script, 1, 10);
    expect_ok(script);
    hd_history_return(&script->history, fails, HD_CALL_FAIL, HD_UNTOLD, 0);
    expect_illegal(script, NULL);
}

/* As long as the delete runs it may be what took the key away; its result says that it did not. */
Test(verdicts, the_prefix_may_end_with_a_delete_that_tells) {
    struct script *script = script_new();
    put(script, 1, 10);
    uint32_t removes = begin(script, HD_CALL_DELETE, 1);
    hd_history_return(&script->history, begin(script, HD_CALL_GET, 1), HD_CALL_OK, HD_ABSENT, 0);
    expect_ok(script);
    hd_history_return(&script->history, removes, HD_CALL_OK, HD_ABSENT, 0);
    expect_illegal(script, "missed a key that was present throughout");
}

Test(verdicts, the_key_of_the_shortest_prefix_is_named) {
    struct script *script = script_new();
    put(script, 7, 1);
    put(script, UINT64_MAX, 1);
    get(script, UINT64_MAX, 2);
    get(script, 7, 2);
    struct hd_check_result result = history_check(&script->history);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.part, UINT64_MAX);
    cr_expect_eq(result.illegal, 6);
}

Test(verdicts, an_empty_history_is_legal) {
    struct script *script = script_new();
    expect_ok(script);
}

/* ---- lengths, iterations, clears ------------------------------------------------------------- */

static void length(struct script *script, uint64_t count) {
    hd_history_return(&script->history, begin(script, HD_CALL_LENGTH, 0), HD_CALL_OK, HD_UNTOLD,
                      count);
}

Test(verdicts, a_length_lies_between_the_keys_surely_there_and_possibly_there) {
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

Test(verdicts, a_clear_deletes_each_key_at_a_moment_of_its_own) {
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
    expect_illegal(script, "returned a value that was overwritten or removed before it began");
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

ParameterizedTestParameters(verdicts, iterations) {
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

ParameterizedTest(struct iteration *iteration, verdicts, iterations) {
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

Test(verdicts, an_iteration_does_not_bring_a_value_that_was_overwritten_before) {
    struct script *script = script_new();
    put(script, 1, 10);
    put(script, 1, 11);
    uint32_t call = begin(script, HD_CALL_ITERATE, 0);
    hd_history_visit(&script->history, call, 1, 10);
    hd_history_return(&script->history, call, HD_CALL_OK, HD_UNTOLD, 0);
    expect_illegal(script, "returned a value that the key could not hold");
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

Test(verdicts, any_model_will_do) {
    static const struct hd_model ticket = {"ticket", ticket_init, ticket_step, ticket_reads,
                                           ticket_part};
    struct script *script = script_new();
    struct hd_check_result result;
    struct hd_checker *checker = hd_checker_new(CALLS, HISTORY_MEMORY);
    uint32_t call[3];
    for (uint32_t index = 0; index < 3; index++)
        call[index] = begin(script, HD_CALL_GET, index);
    for (uint32_t index = 0; index < 3; index++)
        found(script, call[index], 3 - index);
    hd_check(checker, &ticket, &script->history, &history_unbounded, &result);
    cr_expect_eq(result.verdict, HD_CHECK_OK);
    found(script, begin(script, HD_CALL_GET, 0), 3);
    hd_check(checker, &ticket, &script->history, &history_unbounded, &result);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.illegal, script->history.events);
    hd_checker_free(checker);
}
