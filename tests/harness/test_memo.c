/* test_memo.c - the set of configurations: nothing is taken for something else, and nothing is lost as it
 * grows.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/check/memo.h"

#define RECORDS 10000u

/* Record number `index`: some of them differ in length alone. */
static enum hd_memo_answer add(struct hd_memo *memo, uint64_t index) {
    size_t words = 1 + index % 3;
    uint64_t *record = hd_memo_place(memo, words);
    if (record == NULL)
        return HD_MEMO_FULL;
    memset(record, 0, words * sizeof(*record));
    record[0] = index / 3;
    return hd_memo_add(memo, words);
}

static void expect_all(struct hd_memo *memo, enum hd_memo_answer answer) {
    for (uint64_t index = 0; index < RECORDS; index++)
        cr_assert_eq(add(memo, index), answer, "%lu", (unsigned long)index);
}

Test(memo, each_record_is_new_once) {
    struct hd_memo *memo = hd_memo_new(1u << 20);
    cr_assert_not_null(memo);
    for (int round = 0; round < 3; round++) {
        expect_all(memo, HD_MEMO_NEW);
        expect_all(memo, HD_MEMO_KNOWN);
        hd_memo_clear(memo);
    }
    hd_memo_free(memo);
}

Test(memo, a_full_set_says_so_and_still_knows_what_it_holds) {
    struct hd_memo *memo = hd_memo_new(HD_MEMO_SIZE_MIN);
    uint64_t held = 0;
    while (add(memo, held) == HD_MEMO_NEW) /* ends: the memory does */
        held++;
    /* 64 KiB: 2,048 slots of 8 bytes, half of them used */
    cr_expect_eq(held, 1024);
    cr_expect_eq(add(memo, held), HD_MEMO_FULL);
    cr_expect_eq(add(memo, 0), HD_MEMO_KNOWN);
    cr_expect_eq(add(memo, held - 1), HD_MEMO_KNOWN);
    hd_memo_free(memo);
}
