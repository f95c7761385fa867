/* test_memo.c - the set of configurations: nothing is taken for something else, and nothing is lost as it
 * grows.
 */
#include <criterion/criterion.h>
#include <malloc.h>
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

/* ---- how much it holds ------------------------------------------------------------------------------ */

/* Records of `words` words that a set of `size` bytes takes. */
static uint64_t held_by(size_t size, size_t words) {
    struct hd_memo *memo = hd_memo_new(size);
    uint64_t held = 0;
    cr_assert_not_null(memo);
    for (;; held++) { /* ends: the memory does */
        uint64_t *record = hd_memo_place(memo, words);
        if (record == NULL)
            break;
        for (size_t i = 0; i < words; i++)
            record[i] = i == words - 1 ? held : i;
        if (hd_memo_add(memo, words) != HD_MEMO_NEW)
            break;
    }
    hd_memo_free(memo);
    return held;
}

/* A quarter for slots of 8 bytes, of which half are used; the rest for records, with two words each. */
Test(memo, short_records_fill_the_slots_and_long_ones_the_rest) {
    cr_expect_eq(held_by(1u << 20, 1), 16384);
    cr_expect_eq(held_by(1u << 20, 4), 16384, "six words of 8 bytes each fill exactly the rest");
    cr_expect_eq(held_by(1u << 20, 5), 98304 / 7);
    cr_expect_eq(held_by(1u << 20, 1000), 98304 / 1002);
    cr_expect_eq(held_by(1u << 20, 98302), 1);
    cr_expect_eq(held_by(1u << 20, 98303), 0);
    cr_expect_eq(held_by((2u << 20) - 8, 1), 16384, "not a quarter of twice as much");
    cr_expect_eq(held_by(2u << 20, 1), 32768);
    cr_expect_eq(held_by(1, 1), held_by(HD_MEMO_SIZE_MIN, 1), "there is a least size");
}

/* Its own few words and what the allocator adds come on top. */
Test(memo, takes_no_more_memory_than_it_is_told) {
    for (size_t size = HD_MEMO_SIZE_MIN; size <= 64u << 20; size *= 4) {
        struct mallinfo2 before = mallinfo2();
        struct hd_memo *memo = hd_memo_new(size);
        struct mallinfo2 after = mallinfo2();
        size_t taken = after.uordblks + after.hblkhd - before.uordblks - before.hblkhd;
        cr_expect(taken == 0 || (taken > size / 2 && taken < size + 16384), "%zu of %zu", taken,
                  size);
        hd_memo_free(memo);
    }
}

/* ---- what is equal ---------------------------------------------------------------------------------- */

static enum hd_memo_answer add_words(struct hd_memo *memo, const uint64_t *word, size_t words) {
    uint64_t *record = hd_memo_place(memo, words);
    cr_assert_not_null(record);
    memcpy(record, word, words * sizeof *word);
    return hd_memo_add(memo, words);
}

Test(memo, a_record_without_words_is_one_too) {
    struct hd_memo *memo = hd_memo_new(HD_MEMO_SIZE_MIN);
    const uint64_t zero = 0;
    cr_expect_eq(add_words(memo, &zero, 0), HD_MEMO_NEW);
    cr_expect_eq(add_words(memo, &zero, 1), HD_MEMO_NEW);
    cr_expect_eq(add_words(memo, &zero, 0), HD_MEMO_KNOWN);
    hd_memo_free(memo);
}

/* Any word may be the one that differs. */
Test(memo, every_word_counts) {
    struct hd_memo *memo = hd_memo_new(1u << 20);
    uint64_t word[9] = {0};
    cr_expect_eq(add_words(memo, word, 9), HD_MEMO_NEW);
    for (size_t i = 0; i < 9; i++)
        for (uint32_t bit = 0; bit < 64; bit++) {
            word[i] = 1ull << bit;
            cr_assert_eq(add_words(memo, word, 9), HD_MEMO_NEW);
            cr_assert_eq(add_words(memo, word, 9), HD_MEMO_KNOWN);
            word[i] = 0;
        }
    cr_expect_eq(add_words(memo, word, 9), HD_MEMO_KNOWN);
    hd_memo_free(memo);
}

#define HALVES    0x8bb84b93962eacc9u /* a word that hd_fold makes nothing of but a shift by one bit */
#define FORGOTTEN 64u                 /* so many of them leave no bit of what came before */

/* Records of one hash: what differs comes before the words behind which nothing of it is left. */
Test(memo, records_of_one_hash_are_told_apart) {
    struct hd_memo *memo = hd_memo_new(1u << 20);
    uint64_t word[FORGOTTEN + 40];
    for (size_t i = 0; i < FORGOTTEN + 40; i++)
        word[i] = HALVES;
    for (size_t words = FORGOTTEN; words < FORGOTTEN + 40; words++)
        cr_assert_eq(add_words(memo, word, words), HD_MEMO_NEW, "of another length");
    for (uint64_t other = 0; other < 40; other++) {
        word[0] = other;
        cr_assert_eq(add_words(memo, word, FORGOTTEN + 1), HD_MEMO_NEW);
        cr_assert_eq(add_words(memo, word, FORGOTTEN + 1), HD_MEMO_KNOWN);
    }
    hd_memo_free(memo);
}
