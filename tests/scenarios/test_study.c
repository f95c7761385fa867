/* test_study.c - where a map grows, from what its puts did. */
#include <criterion/criterion.h>

#include "scenarios/study.h"

static struct sn_study study;

/* Each put gets a block of so many bytes. */
static void put(uint64_t block) {
    struct sn_study_put *last = &study.put[study.keys];
    *last = (struct sn_study_put){.block = block};
    if (study.keys > 0)
        last->before = last[-1].block > last[-1].before ? last[-1].block : last[-1].before;
    study.keys++;
}

static void begin(void) {
    study = (struct sn_study){.done = true};
}

/* Nodes of `node` bytes, and a table of `slot` bytes a slot that doubles at `full` of four quarters. */
static void fill(uint32_t keys, uint64_t node, uint64_t slot, uint64_t slots, uint64_t full) {
    begin();
    for (uint64_t held = 0; held < keys; held++) {
        bool grows = (held + 1) * 4 > slots * full;
        slots = grows ? 2 * slots : slots;
        put(grows ? slot * slots : node);
    }
}

static void expect_place(uint64_t nominal, enum sn_sign sign, uint64_t keys) {
    struct sn_place_of_growth found = sn_study_nearest(&study, nominal);
    cr_expect_eq(found.sign, sign, "at %lu: told by %s", (unsigned long)nominal,
                 sn_sign_names[found.sign]);
    cr_expect_eq(found.keys, keys, "at %lu: %lu", (unsigned long)nominal,
                 (unsigned long)found.keys);
}

Test(study, a_table_that_doubles_is_known_by_its_blocks) {
    fill(512, 0, 16, 8, 3);
    expect_place(26, SN_SIGN_BLOCK, 24);
    expect_place(52, SN_SIGN_BLOCK, 48);
    expect_place(13, SN_SIGN_BLOCK, 12);
    expect_place(8, SN_SIGN_BLOCK, 6);
    cr_expect_eq(sn_study_nearest(&study, 26).block, 64 * 16);
    fill(512, 32, 8, 16, 4);
    expect_place(26, SN_SIGN_BLOCK, 32);
    expect_place(20, SN_SIGN_BLOCK, 16);
}

Test(study, of_two_places_as_near_the_lower_one_is_taken) {
    fill(512, 0, 16, 8, 4);
    expect_place(16, SN_SIGN_BLOCK, 16);
    begin();
    for (uint32_t held = 0; held < 512; held++)
        put(held == 10 ? 1024 : held == 40 ? 4096 : 0);
    expect_place(20, SN_SIGN_BLOCK, 10);
    expect_place(21, SN_SIGN_BLOCK, 40);
    expect_place(4, SN_SIGN_BLOCK, 10);
    expect_place(400, SN_SIGN_BLOCK, 40);
}

Test(study, an_array_that_grows_with_each_key_grows_everywhere) {
    begin();
    for (uint64_t held = 0; held < 512; held++)
        put(16 * (held + 1));
    expect_place(26, SN_SIGN_BLOCK, 26);
}

Test(study, several_tables_of_one_size_grow_each) {
    begin();
    for (uint32_t held = 0; held < 512; held++)
        put(held % 64 >= 20 && held % 64 < 28 ? 128u << (held / 64) : 24);
    expect_place(22, SN_SIGN_BLOCK, 22);
    expect_place(30, SN_SIGN_BLOCK, 27);
}

Test(study, nodes_of_any_make_are_no_table) {
    begin();
    for (uint32_t held = 0; held < 512; held++) /* a chain, a list */
        put(32);
    expect_place(26, SN_SIGN_NONE, 26);
    begin();
    for (uint32_t held = 0; held < 512; held++) /* levels of a skip list */
        put(32 + 8u * (uint32_t)__builtin_ctz(held + 1));
    expect_place(26, SN_SIGN_NONE, 26);
    begin();
    for (uint32_t held = 0; held < 512; held++) /* nodes of a tree, of one size, at every split */
        put(held % 16 == 15 ? 528 : 0);
    expect_place(26, SN_SIGN_NONE, 26);
}

Test(study, the_first_table_is_no_growth) {
    begin();
    for (uint32_t held = 0; held < 512; held++)
        put(held == 0 ? 4096 : 24);
    expect_place(26, SN_SIGN_NONE, 26);
}

Test(study, a_smaller_block_than_one_before_is_no_table) {
    begin();
    for (uint32_t held = 0; held < 512; held++)
        put(held == 10 ? 1024 : held == 20 ? 4096 : held == 30 ? 2048 : 0);
    expect_place(30, SN_SIGN_BLOCK, 20);
}

Test(study, few_keys_tell_nothing) {
    fill(511, 0, 16, 8, 3);
    expect_place(26, SN_SIGN_NONE, 26);
}

Test(study, what_the_map_says_goes_before_what_its_blocks_suggest) {
    fill(512, 0, 16, 8, 3);
    study.put[30].view = true;
    expect_place(26, SN_SIGN_VIEW, 30);
    study.put[20].event = true;
    expect_place(26, SN_SIGN_EVENT, 20);
}

Test(study, without_one_the_number_asked_for_stands) {
    fill(512, 0, 16, 8, 3);
    study.done = false;
    expect_place(26, SN_SIGN_NONE, 26);
}

Test(study, it_ends_when_it_knows_a_place_far_enough) {
    begin();
    for (uint32_t held = 0; held < 30; held++)
        put(0);
    cr_expect_not(sn_study_enough(&study, 26));
    study.put[25].event = true;
    cr_expect_not(sn_study_enough(&study, 26));
    study.put[26].event = true;
    cr_expect(sn_study_enough(&study, 26));
    study.open = true;
    cr_expect_not(sn_study_enough(&study, 26), "how it ends is not known");
    while (study.keys < 2 * 26 + 18)
        put(0);
    cr_expect(sn_study_enough(&study, 26), "it is waited for no longer");
    fill(511, 0, 16, 8, 3);
    cr_expect_not(sn_study_enough(&study, 26));
    fill(512, 0, 16, 8, 3);
    cr_expect(sn_study_enough(&study, 26));
    cr_expect_not(sn_study_enough(&study, 500));
}
