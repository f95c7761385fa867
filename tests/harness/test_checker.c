/* test_checker.c - a checker without memory is none, and one that there is keeps to its own. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "harness/check/bounds.h"
#include "harness/check/glance.h"
#include "harness/check/memo.h"
#include "harness/check/search.h"
#include "tests/harness/allocations.h"

#define CALLS_MAX 80u

/* Whichever allocation fails, the answer is NULL and what was allocated is freed. */
Test(checker, without_memory_there_is_none) {
    uint32_t failing = 1;
    struct hd_checker *checker = NULL;
    for (; checker == NULL && failing < 100; failing++) {
        allocations_fail_at = failing;
        checker = hd_checker_new(8, HD_MEMO_SIZE_MIN);
        cr_assert_eq(checker != NULL, allocations_live > 0, "allocation %u", failing);
    }
    cr_expect(failing > 15 && failing < 100, "%u allocations", failing);
    allocations_fail_at = 0;
    hd_checker_free(checker);
    hd_checker_free(NULL);
    cr_expect_eq(allocations_live, 0);
}

/* Each part of it says so, and may be cleared then. */
#define EXPECT_REFUSALS(type, init, clear)                                                         \
    do {                                                                                           \
        struct type it;                                                                            \
        uint32_t refusals = 0;                                                                     \
        for (;; refusals++) {                                                                      \
            allocations_fail_at = refusals + 1;                                                    \
            int result = init;                                                                     \
            uint32_t left = allocations_fail_at;                                                   \
            allocations_fail_at = 0;                                                               \
            clear(&it);                                                                            \
            cr_assert_eq(allocations_live, 0);                                                     \
            if (left > 0) {                                                                        \
                cr_expect_eq(result, 0);                                                           \
                break;                                                                             \
            }                                                                                      \
            cr_assert_eq(result, -ENOMEM, "allocation %u", refusals + 1);                          \
        }                                                                                          \
        cr_expect_geq(refusals, 1);                                                                \
    } while (0)

Test(checker, each_part_of_it_says_that_there_is_no_memory) {
    EXPECT_REFUSALS(hd_parts, hd_parts_init(&it, 8), hd_parts_clear);
    EXPECT_REFUSALS(hd_search, hd_search_init(&it, 8, HD_MEMO_SIZE_MIN), hd_search_clear);
    EXPECT_REFUSALS(hd_bounds, hd_bounds_init(&it, 8), hd_bounds_clear);
    EXPECT_REFUSALS(hd_glance, hd_glance_init(&it, 8), hd_glance_clear);
}

/* A history of as many calls as there may be, each with two events, of `keys` keys. */
static void fill(struct hd_history *history, uint32_t calls, uint32_t keys) {
    uint32_t open[CALLS_MAX];
    for (uint32_t i = 0; i < calls; i++)
        open[i] =
            hd_history_invoke(history, i, i % 3 == 2 ? HD_CALL_GET : HD_CALL_PUT, i % keys, i);
    for (uint32_t i = 0; i < calls; i++)
        hd_history_return(history, open[i], HD_CALL_OK, i % 3 == 2 ? HD_ABSENT : HD_UNTOLD, 0);
}

/* Calls one after the other: every list and set is as long as it gets. */
static void line_up(struct hd_history *history, uint32_t calls, uint32_t keys) {
    for (uint32_t i = 0; i < calls; i++)
        hd_history_return(history, hd_history_invoke(history, 0, HD_CALL_PUT, i % keys, i),
                          HD_CALL_OK, HD_UNTOLD, 0);
}

/* None of them returns but the last. */
static void leave_open(struct hd_history *history, uint32_t calls, uint32_t keys) {
    for (uint32_t i = 0; i + 1 < calls; i++)
        hd_history_invoke(history, i, HD_CALL_PUT, i % keys, i);
    if (calls > 0)
        hd_history_return(history, hd_history_invoke(history, calls, HD_CALL_GET, 0, 0), HD_CALL_OK,
                          HD_ABSENT, 0);
}

static void check(void (*make)(struct hd_history *history, uint32_t calls, uint32_t keys),
                  uint32_t calls, uint32_t keys) {
    struct hd_call call[CALLS_MAX];
    struct hd_history history = hd_history_in(call, calls);
    const struct hd_check_budget budget = {.steps_max = 2000};
    struct hd_check_result result;
    struct hd_checker *checker = hd_checker_new(calls, HD_MEMO_SIZE_MIN);
    cr_assert_not_null(checker);
    make(&history, calls, keys);
    hd_check_map(checker, &history, &budget, &result);
    hd_checker_free(checker);
    cr_assert_neq(result.verdict, HD_CHECK_ILLEGAL);
    cr_assert_eq(allocations_damaged, 0, "%u calls of %u keys", calls, keys);
}

/* Every number of calls up to CALLS_MAX, so that all sizes round up and down. */
Test(checker, writes_nowhere_but_into_its_memory) {
    for (uint32_t calls = 0; calls <= CALLS_MAX; calls++) {
        for (uint32_t keys = 1; keys <= CALLS_MAX; keys += calls + 1) {
            check(fill, calls, keys);
            check(line_up, calls, keys);
            check(leave_open, calls, keys);
        }
        check(line_up, calls, CALLS_MAX);
    }
    cr_expect_eq(allocations_live, 0);
}

/* A memo that is filled to its end with records of every length. */
Test(checker, a_memo_that_is_filled_keeps_to_its_memory) {
    for (size_t words = 0; words < 300; words += 7) {
        struct hd_memo *memo = hd_memo_new(HD_MEMO_SIZE_MIN);
        uint64_t *record, number = 0;
        while ((record = hd_memo_place(memo, words + 1)) != NULL) { /* ends: it is full */
            memset(record, 0, words * sizeof *record);
            record[words] = number++;
            if (hd_memo_add(memo, words + 1) == HD_MEMO_FULL)
                break;
        }
        hd_memo_free(memo);
        cr_assert_eq(allocations_damaged, 0, "%zu words", words + 1);
    }
}
