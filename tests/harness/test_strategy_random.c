/* test_strategy_random.c - the uniform random walk has its exact law, asked directly and through the
 * whole engine. Seeds are fixed; a right implementation fails a test of fit with odds of 1e-6.
 */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/harness/orders.h"

#define LENGTHS    7u /* 1 to 6, and the rest */
#define DRAWS      60000u
#define EXECUTIONS 40000u

static struct orders orders;

/* ---- asked directly ------------------------------------------------------------------------------- */

static void begin(struct hd_strategy *random, uint64_t key) {
    char error[256];
    cr_assert_eq(hd_strategy_open("random", 0, random, error), 0);
    struct hd_strategy_start start = {.seed = key, .key = key, .events = 1, .tasks = 5};
    random->ops->begin(random->state, &start);
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

/* P(length) = n^-(length-1) (1 - 1/n): a task stays with probability 1/n at each point. */
static void check_lengths(uint32_t n, enum hd_choice_reason reason) {
    struct hd_strategy random;
    uint64_t count[LENGTHS] = {0}, points;
    double probability[LENGTHS], left = 1;
    char what[64];
    for (uint32_t i = 0; i + 1 < LENGTHS; i++) {
        probability[i] = left * (1 - 1.0 / n);
        left /= n;
    }
    probability[LENGTHS - 1] = left;
    begin(&random, 1000 * n + (uint64_t)reason);
    struct hd_choice choice = choice_of(reason, n, 1);
    for (uint32_t i = 0; i < DRAWS; i++) {
        random.ops->next(random.state, &choice, &points);
        cr_assert_geq(points, 1);
        count[points < LENGTHS ? points - 1 : LENGTHS - 1]++;
    }
    snprintf(what, sizeof what, "lengths of %u tasks, reason %d", n, (int)reason);
    cr_expect(fits(what, count, probability, LENGTHS));
    hd_strategy_close(&random);
}

Test(strategy_random, lengths_of_stay_are_geometric_whatever_the_reason) {
    static const uint32_t tasks[] = {2, 3, 5};
    for (uint32_t i = 0; i < 3; i++) {
        check_lengths(tasks[i], HD_CHOICE_EXPIRED);
        check_lengths(tasks[i], HD_CHOICE_CHANGED);
        check_lengths(tasks[i], HD_CHOICE_BLOCKED);
    }
}

/* Successors by their distance from the task that ran last, in the order of the list. */
static void check_successors(uint32_t n, enum hd_choice_reason reason, bool current_may_stay) {
    struct hd_strategy random;
    uint64_t count[5] = {0}, points;
    double probability[5] = {0};
    char what[64];
    for (uint32_t distance = 0; distance < n; distance++)
        probability[distance] = current_may_stay ? 1.0 / n : (distance == 0 ? 0 : 1.0 / (n - 1));
    begin(&random, 77 * n + (uint64_t)reason);
    struct hd_choice choice = choice_of(HD_CHOICE_CHANGED, n, 2);
    uint32_t current = random.ops->next(random.state, &choice, &points);
    for (uint32_t i = 0; i < DRAWS; i++) {
        choice = choice_of(reason, n, current);
        uint32_t chosen = random.ops->next(random.state, &choice, &points);
        count[(chosen + n - current) % n]++;
        current = chosen;
    }
    snprintf(what, sizeof what, "successors among %u, reason %d", n, (int)reason);
    cr_expect(fits(what, count, probability, n));
    hd_strategy_close(&random);
}

Test(strategy_random, an_expired_stay_ends_with_another_task) {
    for (uint32_t n = 2; n <= 5; n++)
        check_successors(n, HD_CHOICE_EXPIRED, false);
}

/* A task that yields leaves, but what it leaves to is not what an expired stay would have. */
Test(strategy_random, a_yield_goes_to_another_task) {
    for (uint32_t n = 2; n <= 5; n++)
        check_successors(n, HD_CHOICE_YIELD, false);
}

Test(strategy_random, a_changed_set_is_drawn_from_anew) {
    for (uint32_t n = 2; n <= 5; n++)
        check_successors(n, HD_CHOICE_CHANGED, true);
}

Test(strategy_random, a_single_enabled_task_is_left_alone) {
    struct hd_strategy random;
    uint64_t points = 0;
    begin(&random, 1);
    struct hd_choice choice = choice_of(HD_CHOICE_CHANGED, 1, 1);
    cr_expect_eq(random.ops->next(random.state, &choice, &points), 1);
    cr_expect_eq(points, HD_POINTS_FOREVER);
}

/* ---- through the engine --------------------------------------------------------------------------- */

Test(strategy_random, two_tasks_of_two_events) {
    static const char *const script[] = {"xx", "xx", NULL};
    orders_add(&orders, "AABB", 1 / 4.);
    orders_add(&orders, "BBAA", 1 / 4.);
    orders_add(&orders, "ABAB", 1 / 8.);
    orders_add(&orders, "ABBA", 1 / 8.);
    orders_add(&orders, "BAAB", 1 / 8.);
    orders_add(&orders, "BABA", 1 / 8.);
    orders_run(&orders, script, 2, "random", 1, EXECUTIONS);
    cr_expect(orders_fit(&orders, "2x2"));
}

Test(strategy_random, three_events_beside_one) {
    static const char *const script[] = {"xxx", "x", NULL};
    orders_add(&orders, "BAAA", 1 / 2.);
    orders_add(&orders, "ABAA", 1 / 4.);
    orders_add(&orders, "AABA", 1 / 8.);
    orders_add(&orders, "AAAB", 1 / 8.);
    orders_run(&orders, script, 2, "random", 1, EXECUTIONS);
    cr_expect(orders_fit(&orders, "3+1"));
}

static void check_walk(const char *what, const char *const *script, uint32_t tasks) {
    orders_of_walk(&orders, script, tasks);
    orders_run(&orders, script, tasks, "random", 1, EXECUTIONS);
    cr_expect(orders_fit(&orders, what));
}

Test(strategy_random, three_tasks_one_of_them_longer) {
    static const char *const script[] = {"xx", "xx", "xxx", NULL};
    check_walk("2+2+3", script, 3);
}

/* Both want the mutex: while one holds it the other is not enabled, and its attempt is no event. */
Test(strategy_random, two_tasks_and_a_mutex) {
    static const char *const script[] = {"lxu", "xlxu", NULL};
    check_walk("lxu, xlxu", script, 2);
}

/* When A takes the mutex that B waits for, two of three tasks are left: a stay that was drawn among
 * three is no longer right. */
Test(strategy_random, a_set_that_shrinks_is_drawn_from_anew) {
    static const char *const script[] = {"lxxu", "xlu", "xxxx", NULL};
    check_walk("lxxu, xlu, xxxx", script, 3);
}

Test(strategy_random, a_task_created_on_the_way) {
    static const char *const script[] = {"xcxx", "xxx", "xx", NULL};
    check_walk("xcxx, xxx creates xx", script, 2);
}

Test(strategy_random, one_task_that_creates_two) {
    static const char *const script[] = {"ccxx", "xxx", "xx", NULL};
    check_walk("ccxx", script, 1);
}
