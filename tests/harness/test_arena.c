/* test_arena.c - the heap of code under test: names, addresses and contents do not depend on the order
 * in which tasks allocate.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"

static void open_arena(void) {
    cr_assert_eq(hd_arena_open(), 0);
    hd_arena_reset(1);
}

TestSuite(arena, .init = open_arena);

static unsigned char *take(uint32_t task, size_t size) {
    unsigned char *block = hd_arena_allocate(task, size, 16, false);
    cr_assert_not_null(block);
    return block;
}

Test(arena, addresses_do_not_depend_on_the_interleaving) {
    void *first[4], *again[4];
    first[0] = take(1, 40);
    first[1] = take(2, 24);
    first[2] = take(1, 8);
    first[3] = take(2, 100);
    hd_arena_reset(1);
    again[1] = take(2, 24);
    again[3] = take(2, 100);
    again[0] = take(1, 40);
    again[2] = take(1, 8);
    cr_expect_arr_eq(first, again, sizeof first);
}

/* A broken map that looks beyond its blocks must not see what executions before left there. */
Test(arena, memory_that_was_not_handed_out_is_zero) {
    unsigned char *block = take(1, 64);
    memset(take(1, 10000), 0xee, 10000);
    hd_arena_reset(1);
    take(1, 64);
    for (size_t beyond = 64; beyond < 10200; beyond++)
        cr_assert_eq(block[beyond], 0, "byte %zu", beyond);
}

Test(arena, what_a_suspect_execution_wrote_behind_its_blocks_is_gone) {
    unsigned char *block = take(1, 64);
    memset(block, 0xee, 100000);
    hd_arena_suspect();
    hd_arena_reset(1);
    take(1, 64);
    for (size_t beyond = 64; beyond < 100000; beyond++)
        cr_assert_eq(block[beyond], 0, "byte %zu", beyond);
}

/* The base is part of what makes runs alike: the same in every process. */
Test(arena, the_first_block_of_a_task_is_always_at_the_same_address) {
    cr_expect_eq((uintptr_t)take(0, 1), 0x7e8000000010ull);
    cr_expect_eq((uintptr_t)take(3, 1), 0x7e8000000010ull + 3 * (2ull << 30));
}

static void check_filled(const unsigned char *block, size_t size, uint64_t word) {
    unsigned char bytes[8];
    memcpy(bytes, &word, sizeof bytes);
    for (size_t i = 0; i < size; i++)
        cr_assert_eq(block[i], bytes[i % 8], "byte %zu", i);
}

Test(arena, fresh_memory_holds_the_pattern_of_the_key) {
    unsigned char *block = take(0, 1003);
    check_filled(block, 1003, hd_fill_word(1));
    memset(block, 0xee, 1003);
    hd_arena_reset(0x1234);
    check_filled(take(0, 1003), 1003, hd_fill_word(0x1234));
    cr_expect_neq(hd_fill_word(1), hd_fill_word(0x1234));
    cr_expect_neq(hd_fill_word(0), 0);
}

Test(arena, zeroed_memory_is_zero_also_when_it_was_used_before) {
    static const unsigned char zero[512];
    memset(take(0, 512), 0xee, 512);
    hd_arena_reset(1);
    unsigned char *block = hd_arena_allocate(0, 512, 16, true);
    cr_expect_arr_eq(block, zero, sizeof zero);
}

Test(arena, nothing_is_used_again_within_an_execution) {
    unsigned char *block = take(0, 64);
    hd_arena_free(block);
    for (int i = 0; i < 100; i++) {
        unsigned char *other = take(0, 64);
        cr_assert(other >= block + 64 || other + 64 <= block);
    }
}

Test(arena, a_freed_block_holds_nothing_of_what_it_held) {
    unsigned char *block = take(0, 83);
    unsigned char *behind = take(0, 16);
    memset(block, 0xee, 83);
    hd_arena_free(block);
    check_filled(block, 83, HD_ARENA_FREED);
    check_filled(behind, 16, hd_fill_word(1));
}

Test(arena, a_block_is_named_by_task_and_number) {
    struct hd_block block;
    take(5, 10);
    unsigned char *second = take(5, 77);
    take(6, 1);
    cr_assert(hd_arena_block(second, &block));
    cr_expect_eq(block.task, 5);
    cr_expect_eq(block.number, 1);
    cr_expect_eq(block.size, 77);
    cr_expect_eq(block.start, second);
    cr_expect_eq(block.state, HD_BLOCK_LIVE);
    hd_arena_free(second);
    cr_assert(hd_arena_block(second, &block));
    cr_expect_eq(block.state, HD_BLOCK_FREED);
}

Test(arena, only_the_start_of_a_block_is_one) {
    struct hd_block block;
    int outside = 0;
    unsigned char *start = take(0, 64);
    memset(start, 0, 64);
    for (int i = 1; i < 64; i++)
        cr_expect_not(hd_arena_block(start + i, &block), "offset %d", i);
    cr_expect_not(hd_arena_block(&outside, &block));
    cr_expect_not(hd_arena_owns(&outside));
    cr_expect_not(hd_arena_block(start + 4096, &block));
}

Test(arena, an_address_inside_finds_its_block) {
    struct hd_block block;
    take(2, 100);
    unsigned char *start = take(2, 200);
    take(2, 300);
    cr_assert(hd_arena_find(start + 150, &block));
    cr_expect_eq(block.number, 1);
    cr_expect_eq(block.start, start);
    cr_expect_not(hd_arena_find(start + (1 << 20), &block));
}

/* The size of a block lies right before it. -16 is that of a block that ends where its header begins. */
Test(arena, a_header_that_was_written_over_is_told, .timeout = 20) {
    struct hd_block block;
    take(2, 100);
    unsigned char *second = take(2, 200);
    unsigned char *third = take(2, 300);
    uint64_t sizes[] = {-16ull, -1ull, 1ull << 40, 1000};
    for (int i = 0; i < 4; i++) {
        memcpy(second - sizeof sizes[i], &sizes[i], sizeof sizes[i]);
        cr_expect_not(hd_arena_find(third, &block), "%d", i);
        cr_assert(hd_arena_block(second, &block));
        cr_expect_eq(block.state, HD_BLOCK_DAMAGED, "%d", i);
        cr_expect_eq(block.size, 0);
    }
    cr_assert(hd_arena_block(third, &block));
    cr_expect_eq(block.state, HD_BLOCK_LIVE);
}

Test(arena, alignment_is_kept_and_gaps_are_no_blocks) {
    struct hd_block block;
    for (size_t alignment = 16; alignment <= 1 << 16; alignment *= 2) {
        take(0, 8);
        unsigned char *start = hd_arena_allocate(0, 24, alignment, false);
        cr_assert_eq((uintptr_t)start % alignment, 0);
        cr_assert(hd_arena_block(start, &block));
        cr_assert(hd_arena_find(start + 23, &block));
        cr_assert_eq(block.start, start);
    }
    cr_expect_eq(block.number, 25, "two blocks a turn, gaps not counted");
}

Test(arena, the_last_parts_are_narrow_and_end_with_that_of_loading) {
    unsigned char *last = take(HD_ARENA_LOADED, 1), *task = take(1023, 1);
    cr_expect_eq(hd_arena_part(0), 2ull << 30);
    cr_expect_eq(hd_arena_part(1023), 128ull << 20);
    cr_expect_eq((uintptr_t)last, 0x7e8000000010ull + HD_ARENA_SIZE - (128ull << 20));
    struct hd_block block;
    cr_assert(hd_arena_block(last, &block) && hd_arena_find(last, &block));
    cr_expect_eq(block.task, HD_ARENA_LOADED);
    cr_expect_eq(last - task, 128 << 20);
    cr_expect(hd_arena_owns(last) && !hd_arena_owns(last - 16 + (128ull << 20)));
}

/* What is written to them in an execution, freed and added, is undone; what was never kept is gone. */
Test(arena, kept_blocks_are_as_they_were_in_every_execution) {
    struct hd_block block;
    unsigned char *first = take(HD_ARENA_LOADED, 40), *second = take(HD_ARENA_LOADED, 40);
    memset(first, 1, 40);
    memset(second, 2, 40);
    cr_assert_eq(hd_arena_keep(), 0);
    for (int i = 0; i < 3; i++) {
        hd_arena_reset(7);
        cr_assert(hd_arena_block(second, &block) && block.state == HD_BLOCK_LIVE);
        cr_expect(first[0] == 1 && first[39] == 1 && second[0] == 2);
        first[0] = 9;
        hd_arena_free(second);
        cr_expect_eq(take(HD_ARENA_LOADED, 40), second + 64, "behind what was kept");
    }
}

/* Address space is used up by what lives, not by what has lived. */
Test(arena, a_part_that_is_used_up_goes_round, .timeout = 60) {
    struct hd_block block;
    unsigned char *kept = take(70, 1000), *last = NULL;
    bool again = false;
    memset(kept, 0xee, 1000);
    for (uint32_t i = 1; i <= 10000; i++) {
        unsigned char *other = take(70, i % 3 == 0 ? 1 << 20 : 5000);
        cr_assert(hd_arena_block(other, &block));
        cr_assert_eq(block.number, i);
        check_filled(other, 4096, hd_fill_word(1));
        memset(other, 0xee, 5000);
        again |= other < last;
        hd_arena_free(other);
        last = other;
    }
    check_filled(kept, 1000, 0xeeeeeeeeeeeeeeeeull);
    cr_expect(again);
}

/* What is left of a large room is found again, also behind an aligned block. */
Test(arena, a_part_that_is_used_up_gives_the_rest_of_a_room) {
    unsigned char *large = take(70, 100 << 20);
    cr_assert_null(hd_arena_allocate(70, 64 << 20, 16, false));
    hd_arena_free(large);
    unsigned char *first = take(70, 30 << 20),
                  *second = hd_arena_allocate(70, 30 << 20, 1 << 20, true);
    cr_assert(first == large && second > first + (30 << 20));
    cr_expect_eq((uintptr_t)second % (1 << 20), 0);
    static const unsigned char zero[4096];
    for (size_t at = 0; at < 30 << 20; at += sizeof zero)
        cr_assert_arr_eq(second + at, zero, sizeof zero);
    cr_expect_not_null(hd_arena_allocate(70, 30 << 20, 16, false));
    cr_expect_null(hd_arena_allocate(70, 40 << 20, 16, false));
}

Test(arena, a_freed_large_block_is_closed, .signal = SIGSEGV) {
    signal(SIGSEGV, SIG_DFL); /* a sanitizer would end the process in its own way */
    unsigned char *block = take(0, 1 << 20);
    hd_arena_free(block);
    cr_assert_eq(block[0], 0xdf);
    cr_assert_eq(*(volatile unsigned char *)(block + 500000), 0);
}

Test(arena, a_large_block_is_filled_at_its_beginning_and_zero_behind) {
    for (int round = 0; round < 2; round++) {
        unsigned char *block = take(0, 64 << 20);
        check_filled(block, HD_ARENA_FILL, hd_fill_word(1));
        check_filled(block + HD_ARENA_FILL, (64 << 20) - HD_ARENA_FILL, 0);
        memset(block, 0xee, 64 << 20);
        if (round == 0)
            hd_arena_free(block);
        hd_arena_reset(1);
    }
}

Test(arena, a_full_part_says_so) {
    cr_expect_null(hd_arena_allocate(0, 2ull << 30, 16, false));
    cr_expect_null(hd_arena_allocate(0, SIZE_MAX, 16, false));
    cr_expect_not_null(hd_arena_allocate(0, 1 << 20, 16, false));
}

static long resident_kb(void) {
    long pages = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    cr_assert_not_null(file);
    cr_assert_eq(fscanf(file, "%ld %ld", &pages, &resident), 2);
    fclose(file);
    return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

Test(arena, a_reset_gives_much_memory_back) {
    long before = resident_kb();
    memset(take(0, 64 << 20), 1, 64 << 20);
    cr_expect_gt(resident_kb(), before + (60 << 10));
    hd_arena_reset(1);
    cr_expect_lt(resident_kb(), before + (10 << 10));
}
