/* test_strategy_registry.c - strategies by name: which there are, what a list means, what is refused with
 * which words.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "harness/strategy/strategy.h"

static struct hd_strategy strategy;
static char error[256];

static const char *name_of(const char *name, uint64_t index) {
    static char opened[sizeof strategy.name];
    cr_assert_eq(hd_strategy_open(name, index, &strategy, error), 0, "%s: %s", name, error);
    strcpy(opened, strategy.name);
    cr_expect_not_null(strategy.state);
    hd_strategy_close(&strategy);
    cr_expect_null(strategy.state, "a closed one can be closed again");
    hd_strategy_close(&strategy);
    return opened;
}

static bool is_twice(const char *name) {
    cr_assert_eq(hd_strategy_open(name, 0, &strategy, error), 0, "%s: %s", name, error);
    bool twice = strategy.twice;
    hd_strategy_close(&strategy);
    return twice;
}

static void expect_refused(const char *name, const char *part) {
    memset(error, 0, sizeof error);
    cr_expect_eq(hd_strategy_check(name, error), -EINVAL, "%s", name);
    cr_expect_not_null(strstr(error, part), "%s: '%s' is not in '%s'", name, part, error);
    cr_expect_eq(hd_strategy_check(name, error) == 0, false, "asked twice");
}

Test(strategy_registry, those_that_are_listed_are_there) {
    cr_assert_eq(hd_strategies_count, 5);
    static const char *const names[] = {"default", "random", "pct", "sticky", "twice"};
    for (uint32_t i = 0; i < hd_strategies_count; i++) {
        cr_expect_str_eq(hd_strategies[i].name, names[i]);
        cr_expect_gt(strlen(hd_strategies[i].summary), 0);
        if (strcmp(names[i], "twice") != 0)
            cr_expect_eq(hd_strategy_check(names[i], error), 0);
    }
}

Test(strategy_registry, random_alone_is_fair_and_pct_alone_needs_a_pilot) {
    cr_assert_eq(hd_strategy_open("random", 0, &strategy, error), 0);
    cr_expect(strategy.ops->fair && !strategy.ops->needs_events);
    hd_strategy_close(&strategy);
    cr_assert_eq(hd_strategy_open("pct", 0, &strategy, error), 0);
    cr_expect(!strategy.ops->fair && strategy.ops->needs_events);
    hd_strategy_close(&strategy);
    cr_assert_eq(hd_strategy_open("sticky", 0, &strategy, error), 0);
    cr_expect(!strategy.ops->fair && !strategy.ops->needs_events);
    hd_strategy_close(&strategy);
}

/* A state that is lost each time is 16 kB or more in all; what the allocator keeps of the calls before is
 * less. Under a sanitizer it is the one to tell: nothing is counted there. */
Test(strategy_registry, a_checked_name_leaves_no_memory) {
    size_t before = mallinfo2().uordblks;
    for (uint32_t i = 0; i < 1000; i++) {
        hd_strategy_check("random,pct,twice", error);
        hd_strategy_check("pct:0", error);
    }
    cr_expect_lt(mallinfo2().uordblks, before + 16000);
}

Test(strategy_registry, the_members_of_a_list_take_turns) {
    cr_expect_eq(hd_strategy_members("random"), 1);
    cr_expect_eq(hd_strategy_members("default"), 2);
    cr_expect_eq(hd_strategy_members("twice:random,pct:2,pct:5"), 3);
    static const char *const turns[] = {"random", "pct:2", "pct:3", "random", "pct:2"};
    for (uint64_t index = 0; index < 5; index++)
        cr_expect_str_eq(name_of("random,pct:2,pct", index), turns[index]);
    cr_expect_str_eq(name_of("twice:default", 0), "random");
    cr_expect_str_eq(name_of("default", 1), "pct:3");
    cr_expect_str_eq(name_of("pct:64", 7), "pct:64");
    cr_expect_str_eq(name_of("sticky", 0), "sticky");
    cr_expect_str_eq(name_of("sticky:1000000", 0), "sticky:1000000");
}

Test(strategy_registry, twice_stands_before_the_whole) {
    cr_expect(is_twice("twice:random"));
    cr_expect(is_twice("twice:default"));
    cr_expect(is_twice("twice:pct:3,random"));
    cr_expect_not(is_twice("random"));
    cr_expect_not(is_twice("default"));
    expect_refused("twice:twice:random", "'twice:random': twice: stands once, before a whole list");
    expect_refused("random,twice:random", "'twice:random': twice: stands once");
    expect_refused("twice:", "unknown strategy ''");
    expect_refused("twic:random", "unknown strategy 'twic:random'");
    expect_refused("twicex:random", "unknown strategy 'twicex:random'");
}

Test(strategy_registry, a_list_has_at_most_eight_members) {
    cr_expect_eq(hd_strategy_check("pct,pct,pct,pct,pct,pct,pct,random", error), 0);
    expect_refused("pct,pct,pct,pct,pct,pct,pct,pct,random",
                   "9 strategies are too many: at most 8");
}

Test(strategy_registry, what_is_unknown_or_has_a_bad_parameter_is_refused) {
    expect_refused(
        "nonsense",
        "unknown strategy 'nonsense': known are default, twice:NAME, random, pct:D, sticky:N");
    expect_refused("", "unknown strategy ''");
    expect_refused("pc", "unknown strategy 'pc'");
    expect_refused("pctx", "unknown strategy 'pctx'");
    expect_refused("random,default", "'default' stands for a list");
    expect_refused("random,nonsense", "'nonsense'");
    expect_refused("nonsense,random", "'nonsense'");
    static const char *const bad[] = {
        "pct:",    "pct:0",    "pct:65",         "pct:3x",    "pct:-1",
        "pct: 3",  "pct:03",   "random:",        "random:1",  "pct:99999999999999999999",
        "sticky:", "sticky:0", "sticky:1000001", "sticky:+8", "sticky:8 "};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        expect_refused(bad[i], " takes ");
}
