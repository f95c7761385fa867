/* test_random.c - seeds, streams and bounded draws. Tests of fit have fixed seeds and fail a right
 * implementation with odds of 1e-6.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "harness/base/random.h"
#include "tests/harness/support.h"

#define DRAWS 100000u

Test(random, mixing_is_a_bijection) {
    cr_expect_eq(hd_unmix(hd_mix(0)), 0);
    cr_expect_eq(hd_unmix(hd_mix(UINT64_MAX)), UINT64_MAX);
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t x = hd_draw(3, i);
        cr_assert_eq(hd_unmix(hd_mix(x)), x);
        cr_assert_eq(hd_mix(hd_unmix(x)), x);
    }
}

Test(random, an_execution_seed_tells_its_batch_and_index) {
    for (uint64_t batch = 0; batch < 300; batch++) {
        uint64_t name = hd_batch_name(42, batch);
        cr_assert_lt(name, 1ull << 48);
        for (uint32_t index = 0; index < 65536; index += 4369) {
            uint64_t seed = hd_execution_seed(name, index);
            cr_assert_eq(hd_batch_of(seed), name);
            cr_assert_eq(hd_index_of(seed), index);
        }
    }
}

/* The numbers are part of what a replay line means: they must never change. */
Test(random, seeds_are_the_same_for_ever) {
    cr_expect_eq(hd_stream_key(1, HD_STREAM_SCHEDULE), 0x665ee4cb6566bd7cull);
    cr_expect_eq(hd_batch_name(1, 0), 0x0000e50a0ebce3e8ull);
    cr_expect_eq(hd_execution_seed(hd_batch_name(1, 0), 0), 0xdabe26a5eb7947cbull);
    cr_expect_eq(hd_execution_seed(hd_batch_name(1, 7), 255), 0xa6d7c4f05453338eull);
    cr_expect_eq(hd_draw(hd_stream_key(0x5eed, HD_STREAM_CHOICE), 12), 0xd4f387a2e98e727eull);
}

Test(random, the_numbers_of_the_streams_are_the_same_for_ever) {
    cr_expect_eq(HD_STREAM_SCHEDULE, 1);
    cr_expect_eq(HD_STREAM_CHOICE, 2);
    cr_expect_eq(HD_STREAM_FILL, 3);
    cr_expect_eq(HD_STREAM_PILOT, 4);
    cr_expect_eq(HD_STREAM_PROGRAM, 16);
}

/* Each of 64 bits of two streams' draws differs in half of the cases: 50000 of 100000, sigma 158; bounds
 * are six sigma, for 64 bits and five pairs. */
static void check_unrelated(uint64_t left, uint64_t right) {
    uint32_t differs[64] = {0};
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t bits = hd_draw(left, i) ^ hd_draw(right, i);
        for (int bit = 0; bit < 64; bit++)
            differs[bit] += bits >> bit & 1;
    }
    for (int bit = 0; bit < 64; bit++)
        cr_expect(differs[bit] > 49050 && differs[bit] < 50950, "bit %d: %u", bit, differs[bit]);
}

Test(random, streams_are_unrelated) {
    check_unrelated(hd_stream_key(1, 1), hd_stream_key(1, 2));
    check_unrelated(hd_stream_key(1, 1), hd_stream_key(2, 1));
    check_unrelated(hd_stream_key(1, 16), hd_stream_key(1, 17));
    check_unrelated(hd_stream_key(1, 1ull << 32), hd_stream_key(1, 1));
    check_unrelated(hd_stream_key(1ull << 32, 1), hd_stream_key(1, 1));
}

static void check_uniform(uint64_t n) {
    uint64_t count[1000] = {0}, index = 0;
    double probability[1000];
    char what[64];
    for (uint64_t i = 0; i < DRAWS; i++) {
        uint64_t draw = hd_draw_below(9 * n, &index, n);
        cr_assert_lt(draw, n);
        count[draw]++;
    }
    for (uint64_t i = 0; i < n; i++)
        probability[i] = 1 / (double)n;
    snprintf(what, sizeof what, "draws below %u", (unsigned)n);
    cr_expect(fits(what, count, probability, (uint32_t)n));
    cr_expect_geq(index, DRAWS);
}

Test(random, bounded_draws_are_uniform) {
    static const uint64_t n[] = {1, 2, 3, 5, 7, 10, 100, 1000};
    for (uint32_t i = 0; i < sizeof n / sizeof n[0]; i++)
        check_uniform(n[i]);
}

/* Below 3 * 2^62 a draw without rejection gives every third number twice as often. */
Test(random, a_bound_near_the_word_size_is_not_biased) {
    uint64_t count[3] = {0}, index = 0, n = 3ull << 62;
    static const double probability[3] = {1 / 3., 1 / 3., 1 / 3.};
    for (uint64_t i = 0; i < DRAWS; i++)
        count[hd_draw_below(11, &index, n) % 3]++;
    cr_expect(fits("a large bound", count, probability, 3));
    cr_expect_gt(index, DRAWS + DRAWS / 4, "a quarter of the words is rejected");
}
