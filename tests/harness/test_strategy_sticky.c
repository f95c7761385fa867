/* test_strategy_sticky.c - the random walk with long stays has its exact law, asked directly and through
 * the whole engine. Seeds are fixed; a right implementation fails a test of fit with odds of 1e-6.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "tests/harness/orders.h"

#define CELLS      7u /* six of equal width, and the rest */
#define DRAWS      60000u
#define EXECUTIONS 40000u

static struct orders orders;
static struct hd_strategy sticky;

/* ---- asked directly ------------------------------------------------------------------------------- */

static void open_named(const char *name) {
    char error[256];
    cr_assert_eq(hd_strategy_open(name, 0, &sticky, error), 0, "%s", error);
}

static void begin(uint64_t key) {
    struct hd_strategy_start start = {.seed = key, .key = key, .events = 1, .tasks = 5};
    sticky.ops->begin(sticky.state, &start);
}

static struct hd_choice choice_of(enum hd_choice_reason reason, uint32_t n, uint32_t current) {
    static const uint32_t tasks[] = {1, 2, 3, 4, 5};
    return (struct hd_choice){.reason = reason,
                              .current = current,
                              .current_enabled = reason != HD_CHOICE_BLOCKED,
                              .current_index = current - 1,
                              .enabled = tasks,
                              .count = n};
}

static void open_mean(uint32_t mean) {
    char name[32];
    snprintf(name, sizeof name, "sticky:%u", mean);
    open_named(name);
}

/* P(length > l) = (1 - 1/mean)^l, in cells of `width` lengths. */
static void add_lengths(double *probability, uint32_t mean, uint32_t width, double weight) {
    double left = 1;
    for (uint32_t i = 0; i < CELLS; i++) {
        double beyond = i + 1 < CELLS ? pow(1 - 1. / mean, (i + 1.) * width) : 0;
        probability[i] += weight * (left - beyond);
        left = beyond;
    }
}

static uint32_t cell_of(uint64_t length, uint32_t width) {
    uint64_t cell = (length - 1) / width;
    return cell < CELLS ? (uint32_t)cell : CELLS - 1;
}

static void check_lengths(uint32_t mean, uint32_t width, enum hd_choice_reason reason) {
    uint64_t count[CELLS] = {0}, points;
    double probability[CELLS] = {0};
    char what[64];
    add_lengths(probability, mean, width, 1);
    open_mean(mean);
    begin(1000 * mean + (uint64_t)reason);
    struct hd_choice choice = choice_of(reason, 3, 1);
    for (uint32_t i = 0; i < DRAWS; i++) {
        sticky.ops->next(sticky.state, &choice, &points);
        cr_assert_geq(points, 1);
        count[cell_of(points, width)]++;
    }
    snprintf(what, sizeof what, "stays of %u, reason %d", mean, (int)reason);
    cr_expect(fits(what, count, probability, CELLS));
    hd_strategy_close(&sticky);
}

Test(strategy_sticky, lengths_of_stay_are_geometric_whatever_the_reason) {
    static const uint32_t means[] = {2, 3, 8};
    for (uint32_t i = 0; i < 3; i++) {
        check_lengths(means[i], 1, HD_CHOICE_EXPIRED);
        check_lengths(means[i], 1, HD_CHOICE_CHANGED);
        check_lengths(means[i], 1, HD_CHOICE_BLOCKED);
        check_lengths(means[i], 1, HD_CHOICE_YIELD);
    }
}

Test(strategy_sticky, long_stays_are_geometric_too) {
    check_lengths(64, 16, HD_CHOICE_EXPIRED);
    check_lengths(512, 200, HD_CHOICE_EXPIRED);
    check_lengths(1000, 1, HD_CHOICE_EXPIRED);
    check_lengths(1000000, 300000, HD_CHOICE_EXPIRED);
}

Test(strategy_sticky, a_stay_of_one_is_left_at_each_point) {
    uint64_t points;
    open_named("sticky:1");
    begin(1);
    struct hd_choice choice = choice_of(HD_CHOICE_CHANGED, 2, 1);
    for (uint32_t i = 0; i < 100; i++) {
        uint32_t chosen = sticky.ops->next(sticky.state, &choice, &points);
        cr_assert_neq(chosen, choice.current);
        cr_assert_eq(points, 1);
        choice = choice_of(i % 2 ? HD_CHOICE_EXPIRED : HD_CHOICE_CHANGED, 2, chosen);
    }
    hd_strategy_close(&sticky);
}

/* The first stay of each execution: all four means are equally likely. */
Test(strategy_sticky, without_a_parameter_an_execution_draws_one_of_four) {
    static const uint32_t means[] = {2, 8, 64, 512};
    static const uint32_t widths[] = {1, 8, 60};
    open_named("sticky");
    for (uint32_t w = 0; w < 3; w++) {
        uint64_t count[CELLS] = {0}, points;
        double probability[CELLS] = {0};
        for (uint32_t i = 0; i < 4; i++)
            add_lengths(probability, means[i], widths[w], 1 / 4.);
        for (uint64_t key = 0; key < DRAWS; key++) {
            begin(key);
            struct hd_choice choice = choice_of(HD_CHOICE_EXPIRED, 2, 1);
            sticky.ops->next(sticky.state, &choice, &points);
            count[cell_of(points, widths[w])]++;
        }
        cr_expect(fits("one of four means", count, probability, CELLS));
    }
    hd_strategy_close(&sticky);
}

/* Successors by their distance from the task that ran last, in the order of the list. */
static void check_successors(uint32_t n, enum hd_choice_reason reason, double staying) {
    uint64_t count[5] = {0}, points;
    double probability[5] = {staying};
    char what[64];
    for (uint32_t distance = 1; distance < n; distance++)
        probability[distance] = (1 - staying) / (n - 1);
    open_named("sticky:4");
    begin(77 * n + (uint64_t)reason);
    uint32_t current = 2;
    for (uint32_t i = 0; i < DRAWS; i++) {
        struct hd_choice choice = choice_of(reason, n, current);
        uint32_t chosen = sticky.ops->next(sticky.state, &choice, &points);
        count[(chosen + n - current) % n]++;
        current = chosen;
    }
    snprintf(what, sizeof what, "successors among %u, reason %d", n, (int)reason);
    cr_expect(fits(what, count, probability, n));
    hd_strategy_close(&sticky);
}

Test(strategy_sticky, an_expired_stay_and_a_yield_go_to_another_task) {
    for (uint32_t n = 2; n <= 5; n++) {
        check_successors(n, HD_CHOICE_EXPIRED, 0);
        check_successors(n, HD_CHOICE_YIELD, 0);
    }
}

/* The stay may be over at that point as at any other. */
Test(strategy_sticky, a_task_that_can_go_on_stays_when_the_set_changes) {
    for (uint32_t n = 2; n <= 5; n++)
        check_successors(n, HD_CHOICE_CHANGED, 3 / 4.);
}

Test(strategy_sticky, after_a_blocked_task_each_is_equally_likely) {
    for (uint32_t n = 2; n <= 5; n++)
        check_successors(n, HD_CHOICE_BLOCKED, 1. / n);
}

Test(strategy_sticky, a_single_enabled_task_is_left_alone) {
    uint64_t points = 0;
    open_named("sticky");
    begin(1);
    struct hd_choice choice = choice_of(HD_CHOICE_CHANGED, 1, 1);
    cr_expect_eq(sticky.ops->next(sticky.state, &choice, &points), 1);
    cr_expect_eq(points, HD_POINTS_FOREVER);
    hd_strategy_close(&sticky);
}

/* ---- through the engine --------------------------------------------------------------------------- */

static const char *const script_two_by_two[] = {"xx", "xx", NULL};

Test(strategy_sticky, two_tasks_of_two_events) {
    orders_add(&orders, "AABB", 3 / 8.);
    orders_add(&orders, "BBAA", 3 / 8.);
    orders_add(&orders, "ABAB", 1 / 32.);
    orders_add(&orders, "ABBA", 3 / 32.);
    orders_add(&orders, "BAAB", 3 / 32.);
    orders_add(&orders, "BABA", 1 / 32.);
    orders_run(&orders, script_two_by_two, 2, "sticky:4", 1, EXECUTIONS);
    cr_expect(orders_fit(&orders, "2x2"));
}

static void check_stays(const char *what, const char *const *script, uint32_t tasks) {
    orders_of_stays(&orders, script, tasks, 3, 1);
    orders_run(&orders, script, tasks, "sticky:3", 1, EXECUTIONS);
    cr_expect(orders_fit(&orders, what));
}

Test(strategy_sticky, three_tasks_one_of_them_longer) {
    static const char *const script[] = {"xx", "xx", "xxx", NULL};
    check_stays("2+2+3", script, 3);
}

/* Both want the mutex: a task that blocks leaves to each other with equal probability. */
Test(strategy_sticky, two_tasks_and_a_mutex) {
    static const char *const script[] = {"xlu", "xlxu", NULL};
    check_stays("xlu, xlxu", script, 2);
}

/* A task that has not begun is enabled, though its first event may be to wait: so each begins with a write,
 * and no draw goes to one that then blocks. */
Test(strategy_sticky, a_set_that_shrinks_and_grows_again) {
    static const char *const script[] = {"xlxu", "xlu", "xxxx", NULL};
    check_stays("xlxu, xlu, xxxx", script, 3);
}

Test(strategy_sticky, a_task_created_on_the_way) {
    static const char *const script[] = {"xcxx", "xxx", "xx", NULL};
    check_stays("xcxx, xxx creates xx", script, 2);
}

/* The mean is drawn once an execution: a mean drawn for each stay would show ABABAB less often. */
Test(strategy_sticky, an_execution_keeps_the_mean_that_it_drew) {
    static const uint32_t means[] = {2, 8, 64, 512};
    static const char *const script[] = {"xxx", "xxx", NULL};
    for (uint32_t i = 0; i < 4; i++)
        orders_of_stays(&orders, script, 2, means[i], 1 / 4.);
    orders_run(&orders, script, 2, "sticky", 1, EXECUTIONS);
    cr_expect(orders_fit(&orders, "3+3, one of four means"));
}
