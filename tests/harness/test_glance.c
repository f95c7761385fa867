/* test_glance.c - reads that nothing explains are found although no search would end. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "harness/check/linearizability.h"
#include "tests/harness/histories.h"

#define CALLS 96u
#define PUTS  40u /* that overlap, in 2^40 sets */
#define STEPS 100000000u

struct script {
    struct hd_call call[CALLS];
    struct hd_history history;
};

static uint32_t begin(struct script *script, enum hd_call_kind kind, uint64_t key, uint64_t value) {
    return hd_history_invoke(&script->history, 0, kind, key, value);
}

static void done(struct script *script, uint32_t call) {
    hd_history_return(&script->history, call, HD_CALL_OK, HD_UNTOLD, 0);
}

static void whole(struct script *script, enum hd_call_kind kind, uint64_t value) {
    done(script, begin(script, kind, 1, value));
}

static void told(struct script *script, enum hd_call_kind kind, enum hd_presence presence,
                 uint64_t value) {
    hd_history_return(&script->history, begin(script, kind, 1, 0), HD_CALL_OK, presence, value);
}

/* ---- each of these has one wrong return, its last event -------------------------------------- */

static void never_put(struct script *script) {
    told(script, HD_CALL_GET, HD_PRESENT, 999);
}

static void put_under_another_key(struct script *script) {
    done(script, begin(script, HD_CALL_PUT, 2, 999));
    told(script, HD_CALL_GET, HD_PRESENT, 999);
}

static void put_too_late(struct script *script) {
    told(script, HD_CALL_GET, HD_PRESENT, 999);
    whole(script, HD_CALL_PUT, 999);
}

static void overwritten(struct script *script) {
    whole(script, HD_CALL_PUT, 100);
    whole(script, HD_CALL_PUT, 200);
    told(script, HD_CALL_GET, HD_PRESENT, 100);
}

static void deleted_for_good(struct script *script) {
    whole(script, HD_CALL_PUT, 100);
    whole(script, HD_CALL_DELETE, 0);
    told(script, HD_CALL_GET, HD_PRESENT, 100);
}

static void cleared(struct script *script) {
    whole(script, HD_CALL_PUT, 100);
    whole(script, HD_CALL_CLEAR, 0);
    told(script, HD_CALL_GET, HD_PRESENT, 100);
}

static void missed(struct script *script) {
    whole(script, HD_CALL_DELETE, 0);
    whole(script, HD_CALL_PUT, 100);
    told(script, HD_CALL_GET, HD_ABSENT, 0);
}

static void not_found_to_delete(struct script *script) {
    told(script, HD_CALL_DELETE, HD_ABSENT, 0);
}

static void deleted_twice(struct script *script) {
    whole(script, HD_CALL_DELETE, 0);
    told(script, HD_CALL_DELETE, HD_PRESENT, 0);
}

static void failed(struct script *script) {
    uint32_t call = begin(script, HD_CALL_PUT, 1, 999);
    hd_history_return(&script->history, call, HD_CALL_FAIL, HD_UNTOLD, 0);
    told(script, HD_CALL_GET, HD_PRESENT, 999);
}

static void failed_later(struct script *script) {
    uint32_t call = begin(script, HD_CALL_PUT, 1, 999);
    told(script, HD_CALL_GET, HD_PRESENT, 999);
    hd_history_return(&script->history, call, HD_CALL_FAIL, HD_UNTOLD, 0);
}

static void too_long(struct script *script) {
    told(script, HD_CALL_LENGTH, HD_UNTOLD, 2);
}

static void too_short(struct script *script) {
    told(script, HD_CALL_LENGTH, HD_UNTOLD, 0);
}

static void visited_with_a_strange_value(struct script *script) {
    uint32_t iteration = begin(script, HD_CALL_ITERATE, 0, 0);
    hd_history_visit(&script->history, iteration, 1, 999);
    done(script, iteration);
}

static const struct {
    const char *name;
    void (*write)(struct script *script);
    const char *rule;
    uint32_t behind; /* events behind the wrong one */
} wrongs[] = {
    {"never put", never_put, "returned a value that was never put under that key", 0},
    {"another key", put_under_another_key, "returned a value that was never put under that key", 0},
    {"too late", put_too_late, "returned a value before the put of it began", 2},
    {"overwritten", overwritten, "returned a value that was overwritten or removed before it began",
     0},
    {"deleted", deleted_for_good,
     "returned a value that was overwritten or removed before it began", 0},
    {"cleared", cleared, "returned a value that was overwritten or removed before it began", 0},
    {"missed", missed, "missed a key that was present throughout", 0},
    {"not found", not_found_to_delete, "missed a key that was present throughout", 0},
    {"twice", deleted_twice, "removed a key that was absent throughout", 0},
    {"failed", failed, "returned a value whose put failed", 0},
    {"failed later", failed_later, NULL, 0},
    {"too long", too_long, "returned a number of entries that the map could not hold", 0},
    {"too short", too_short, "returned a number of entries that the map could not hold", 0},
    {"visited", visited_with_a_strange_value, "returned a value that the key could not hold", 0},
};
#define WRONGS (sizeof(wrongs) / sizeof(wrongs[0]))

Test(glance, impossible_results_are_told_where_no_search_ends) {
    for (size_t index = 0; index < WRONGS; index++) {
        static struct script script;
        uint32_t put[PUTS];
        script.history = hd_history_in(script.call, CALLS);
        for (uint32_t call = 0; call < PUTS; call++)
            put[call] = begin(&script, HD_CALL_PUT, 1, call);
        for (uint32_t call = 0; call < PUTS; call++)
            done(&script, put[call]);
        wrongs[index].write(&script);
        const struct hd_check_budget budget = {.steps_max = STEPS};
        struct hd_check_result result = history_check_within(&script.history, 64u << 20, &budget);
        cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL, "%s", wrongs[index].name);
        cr_expect_eq(result.illegal, script.history.events - wrongs[index].behind, "%s: %u",
                     wrongs[index].name, result.illegal);
        cr_expect_lt(result.steps, STEPS / 10, "%s: %lu steps", wrongs[index].name,
                     (unsigned long)result.steps);
        if (wrongs[index].rule == NULL)
            cr_expect_null(result.rule);
        else
            cr_expect_str_eq(result.rule == NULL ? "none" : result.rule, wrongs[index].rule);
    }
}

/* What overlaps, or may have happened, explains a read, and so does the map's beginning. */
Test(glance, what_may_have_happened_explains_a_read) {
    static struct script script;
    script.history = hd_history_in(script.call, CALLS);
    told(&script, HD_CALL_GET, HD_ABSENT, 0);
    told(&script, HD_CALL_DELETE, HD_ABSENT, 0);
    begin(&script, HD_CALL_PUT, 1, 7);
    told(&script, HD_CALL_GET, HD_PRESENT, 7);
    whole(&script, HD_CALL_PUT, 8);
    begin(&script, HD_CALL_CLEAR, 0, 0);
    told(&script, HD_CALL_GET, HD_ABSENT, 0);
    uint32_t unsure = begin(&script, HD_CALL_PUT, 1, 9);
    hd_history_return(&script.history, unsure, HD_CALL_INFO, HD_UNTOLD, 0);
    told(&script, HD_CALL_GET, HD_PRESENT, 9);
    uint32_t get = begin(&script, HD_CALL_GET, 1, 0);
    whole(&script, HD_CALL_PUT, 10);
    whole(&script, HD_CALL_PUT, 11);
    hd_history_return(&script.history, get, HD_CALL_OK, HD_PRESENT, 10);
    told(&script, HD_CALL_DELETE, HD_PRESENT, 0);
    struct hd_check_result result = history_check(&script.history);
    cr_expect_eq(result.verdict, HD_CHECK_OK, "illegal after %u: %s", result.illegal,
                 result.rule != NULL ? result.rule : "");
}

/* ---- lengths that take more steps than the rules have before the search ----------------------------- */

enum { KEYS = 1200, LENGTHS = 1000 };

static void whole_in(struct hd_history *history, enum hd_call_kind kind, uint64_t key,
                     uint64_t value) {
    hd_history_return(history, hd_history_invoke(history, 0, kind, key, value), HD_CALL_OK,
                      HD_UNTOLD, value);
}

static void puts_and_lengths(struct hd_history *history) {
    for (uint32_t key = 2; key <= KEYS; key++)
        whole_in(history, HD_CALL_PUT, key, 0);
    for (uint32_t index = 0; index < LENGTHS; index++)
        whole_in(history, HD_CALL_LENGTH, 0, KEYS);
}

/* Two reads that do not agree: rules that come first leave the search its share. */
Test(glance, rules_of_many_lengths_leave_steps_for_the_search) {
    struct hd_history history = hd_history_in(calloc(4096, sizeof(struct hd_call)), 4096);
    cr_assert_not_null(history.call);
    uint32_t put[2];
    for (uint32_t index = 0; index < 2; index++)
        put[index] = hd_history_invoke(&history, index, HD_CALL_PUT, 1, index);
    for (uint32_t index = 0; index < 2; index++)
        hd_history_return(&history, put[index], HD_CALL_OK, HD_UNTOLD, 0);
    for (uint32_t index = 0; index < 2; index++) {
        uint32_t get = hd_history_invoke(&history, 0, HD_CALL_GET, 1, 0);
        hd_history_return(&history, get, HD_CALL_OK, HD_PRESENT, index);
    }
    puts_and_lengths(&history);
    const struct hd_check_budget budget = {.steps_max = 1100000};
    struct hd_check_result result = history_check_within(&history, 64u << 20, &budget);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.illegal, 8);
    cr_expect_null(result.rule);
    free(history.call);
}

/* Where steps are left behind the search, the rules are asked again, up to the end. */
Test(glance, many_lengths_are_all_judged_where_there_are_steps) {
    struct hd_history history = hd_history_in(calloc(4096, sizeof(struct hd_call)), 4096);
    cr_assert_not_null(history.call);
    whole_in(&history, HD_CALL_PUT, 1, 0);
    puts_and_lengths(&history);
    struct hd_check_result result =
        history_check_within(&history, HISTORY_MEMORY, &history_unbounded);
    cr_expect_eq(result.verdict, HD_CHECK_OK);
    cr_expect_eq(result.bound, HD_BOUND_NONE);
    cr_expect_eq(result.legal, history.events);
    const struct hd_check_budget budget = {.steps_max = 1000000 + KEYS + KEYS * LENGTHS - 1};
    result = history_check_within(&history, HISTORY_MEMORY, &budget);
    cr_expect_eq(result.verdict, HD_CHECK_UNKNOWN);
    cr_expect_eq(result.bound, HD_BOUND_STEPS);
    cr_expect_eq(result.legal, history.events - 1, "up to the last length's return");
    whole_in(&history, HD_CALL_LENGTH, 0, KEYS + 1);
    result = history_check_within(&history, HISTORY_MEMORY, &history_unbounded);
    cr_expect_eq(result.verdict, HD_CHECK_ILLEGAL);
    cr_expect_eq(result.illegal, history.events);
    cr_expect(result.shortest);
    free(history.call);
}
