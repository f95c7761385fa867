/* test_distinct.c - counting distinct hashes: exact at first, then within the estimate's error, never
 * dependent on the order.
 */
#include <criterion/criterion.h>

#include "harness/base/random.h"
#include "harness/explore/distinct.h"

#define BLOCK 256u

/* Adds hashes number `from` to `to` - 1. */
static void add(struct hd_distinct *distinct, uint64_t from, uint64_t to) {
    uint64_t hash[BLOCK];
    uint32_t count = 0;
    for (uint64_t i = from; i < to; i++) {
        hash[count++] = hd_draw(5, i);
        if (count == BLOCK || i + 1 == to) {
            hd_distinct_add(distinct, hash, count);
            count = 0;
        }
    }
}

static uint64_t count_of(const struct hd_distinct *distinct, bool *estimated) {
    return hd_distinct_count(distinct, estimated);
}

Test(distinct, few_are_counted_exactly_however_often_they_come) {
    struct hd_distinct *distinct = hd_distinct_new(100000);
    bool estimated;
    cr_assert_not_null(distinct);
    cr_expect_eq(count_of(distinct, &estimated), 0);
    for (int round = 0; round < 3; round++)
        add(distinct, 0, 20000);
    cr_expect_eq(count_of(distinct, &estimated), 20000);
    cr_expect_not(estimated);
    hd_distinct_free(distinct);
}

Test(distinct, the_hash_zero_counts) {
    struct hd_distinct *distinct = hd_distinct_new(10);
    static const uint64_t hash[] = {0, 0, 7};
    bool estimated;
    hd_distinct_add(distinct, hash, 3);
    cr_expect_eq(count_of(distinct, &estimated), 2);
    hd_distinct_free(distinct);
}

/* 2^14 registers have a standard error of 0.81 %; 4 % is nearly five of them, and the hashes are fixed. */
Test(distinct, many_are_estimated_within_four_percent) {
    struct hd_distinct *distinct = hd_distinct_new(0);
    bool estimated;
    add(distinct, 0, 5000000);
    uint64_t count = count_of(distinct, &estimated);
    cr_expect(estimated);
    cr_expect(count > 4800000 && count < 5200000, "%lu", (unsigned long)count);
    hd_distinct_free(distinct);
}

Test(distinct, the_order_does_not_matter) {
    struct hd_distinct *up = hd_distinct_new(1000), *down = hd_distinct_new(1000);
    bool estimated;
    add(up, 0, 200000);
    for (uint64_t block = 200; block-- > 0;)
        add(down, block * 1000, (block + 1) * 1000);
    cr_expect_eq(count_of(up, &estimated), count_of(down, &estimated));
    cr_expect(estimated, "more than were expected");
    hd_distinct_free(up);
    hd_distinct_free(down);
    hd_distinct_free(NULL);
}
