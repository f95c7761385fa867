/* test_strategy_pct.c - PCT has its exact law: probabilities of orders from enumeration in rationals,
 * among them those that are zero. Seeds are fixed; a right implementation fails a test of fit with odds
 * of 1e-6.
 */
#include <criterion/criterion.h>

#include "harness/base/random.h"
#include "tests/harness/orders.h"

#define EXECUTIONS 32000u

static struct orders orders;

/* ---- asked directly: a step-wise engine of a few lines -------------------------------------------- */

struct model {
    uint32_t left[3]; /* events of each task */
    uint32_t tasks;
};

static uint32_t still_enabled(const struct model *model, uint32_t *enabled) {
    uint32_t count = 0;
    for (uint32_t task = 0; task < model->tasks; task++)
        if (model->left[task] > 0)
            enabled[count++] = task;
    return count;
}

/* One execution, in which the strategy is asked when its answer is used up or a task has ended. */
static uint64_t model_run(struct hd_strategy *pct, struct model model, uint64_t key,
                          uint64_t events) {
    struct hd_strategy_start start = {.key = key, .events = events, .tasks = model.tasks};
    uint64_t name = 1, points = 0, budget = 0;
    uint32_t enabled[3], current = HD_NO_TASK;
    enum hd_choice_reason reason = HD_CHOICE_CHANGED;
    pct->ops->begin(pct->state, &start);
    for (uint32_t task = 0; task < model.tasks; task++)
        pct->ops->task_born(pct->state, task);
    for (uint32_t count = still_enabled(&model, enabled); count > 0;
         count = still_enabled(&model, enabled)) { /* each turn executes one event */
        struct hd_choice choice = {.reason = reason,
                                   .phase = HD_PHASE_CONCURRENT,
                                   .current = current == HD_NO_TASK ? 0 : current,
                                   .enabled = enabled,
                                   .count = count,
                                   .points = points};
        if (budget == 0 || reason != HD_CHOICE_EXPIRED)
            current = pct->ops->next(pct->state, &choice, &budget);
        cr_assert_gt(budget, 0);
        model.left[current]--;
        budget--;
        points++;
        name = name * 8 + current;
        reason = model.left[current] == 0 ? HD_CHOICE_ENDED : HD_CHOICE_EXPIRED;
    }
    return name;
}

static void run_model(const char *name, struct model model, uint64_t events, uint64_t executions) {
    struct hd_strategy pct;
    char error[256];
    cr_assert_eq(hd_strategy_open(name, 0, &pct, error), 0);
    for (uint64_t i = 0; i < executions; i++)
        orders_see(&orders, model_run(&pct, model, hd_stream_key(5, i), events));
    hd_strategy_close(&pct);
}

static void expect_two_by_two(int depth) {
    double same = depth == 1 ? 1 / 2. : depth == 2 ? 3 / 8. : 9 / 32.;
    double nested = depth == 1 ? 0 : depth == 2 ? 1 / 8. : 3 / 16.;
    double alternating = depth == 3 ? 1 / 32. : 0;
    orders_add(&orders, "AABB", same);
    orders_add(&orders, "BBAA", same);
    orders_add(&orders, "ABBA", nested);
    orders_add(&orders, "BAAB", nested);
    orders_add(&orders, "ABAB", alternating);
    orders_add(&orders, "BABA", alternating);
}

static const struct model two_by_two = {.left = {2, 2}, .tasks = 2};
static const struct model two_two_one = {.left = {2, 2, 1}, .tasks = 3};

Test(strategy_pct, depth_1_of_two_by_two_never_preempts) {
    expect_two_by_two(1);
    run_model("pct:1", two_by_two, 4, EXECUTIONS);
    cr_expect(orders_fit(&orders, "pct:1"));
}

Test(strategy_pct, depth_2_of_two_by_two) {
    expect_two_by_two(2);
    run_model("pct:2", two_by_two, 4, EXECUTIONS);
    cr_expect(orders_fit(&orders, "pct:2"));
}

Test(strategy_pct, depth_3_of_two_by_two) {
    expect_two_by_two(3);
    run_model("pct:3", two_by_two, 4, EXECUTIONS);
    cr_expect(orders_fit(&orders, "pct:3"));
}

/* A B C B A needs B, changed later than A, above A: the rule "each later change goes below all earlier
 * ones" never shows it. 2/125 of 2000 is 32, sigma 5.6; none at all has odds of 1e-14. Six sigma. */
Test(strategy_pct, a_task_changed_later_may_rank_above_one_changed_earlier) {
    orders_add(&orders, "ABCBA", 1);
    run_model("pct:4", two_two_one, 5, 2000);
    cr_expect_gt(orders_count(&orders, "ABCBA"), 0);
    cr_expect_leq(orders_count(&orders, "ABCBA"), 66);
}

/* 1/150 of 40000 is 267, sigma 16.3: between 169 and 365 is six sigma. */
Test(strategy_pct, depth_3_reaches_the_nested_order_of_three_tasks) {
    orders_add(&orders, "ABCBA", 1);
    run_model("pct:3", two_two_one, 5, 40000);
    cr_expect_geq(orders_count(&orders, "ABCBA"), 169);
    cr_expect_leq(orders_count(&orders, "ABCBA"), 365);
}

/* A task that spins and yields under the highest priority goes below the other, and a change that is due
 * later is still made. */
Test(strategy_pct, a_yield_lets_the_others_run) {
    struct hd_strategy pct;
    char error[256];
    const uint32_t enabled[] = {0, 1};
    cr_assert_eq(hd_strategy_open("pct:1", 0, &pct, error), 0);
    for (uint64_t key = 0; key < 100; key++) {
        struct hd_strategy_start start = {.key = key, .events = 10, .tasks = 2};
        struct hd_choice choice = {.phase = HD_PHASE_CONCURRENT, .enabled = enabled, .count = 2};
        uint64_t budget;
        pct.ops->begin(pct.state, &start);
        pct.ops->task_born(pct.state, 0);
        pct.ops->task_born(pct.state, 1);
        uint32_t first = pct.ops->next(pct.state, &choice, &budget);
        choice.reason = HD_CHOICE_YIELD;
        choice.current = first;
        choice.points = 1;
        cr_assert_neq(pct.ops->next(pct.state, &choice, &budget), first);
    }
    hd_strategy_close(&pct);
}

/* Who has the highest priority holds it for 20 times the events and a thousand; from then on each
 * has 64. */
Test(strategy_pct, a_long_execution_goes_on_in_turns) {
    struct hd_strategy pct;
    char error[256];
    const uint32_t enabled[] = {0, 1};
    cr_assert_eq(hd_strategy_open("pct:1", 0, &pct, error), 0);
    cr_expect(pct.ops->needs_events && !pct.ops->fair);
    struct hd_strategy_start start = {.key = 7, .events = 10, .tasks = 2};
    struct hd_choice choice = {.reason = HD_CHOICE_CHANGED, .enabled = enabled, .count = 2};
    uint64_t budget;
    pct.ops->begin(pct.state, &start);
    pct.ops->task_born(pct.state, 0);
    pct.ops->task_born(pct.state, 1);
    uint32_t first = pct.ops->next(pct.state, &choice, &budget);
    cr_expect_eq(budget, 1200);
    choice.current = first;
    choice.points = 1199;
    cr_expect_eq(pct.ops->next(pct.state, &choice, &budget), first);
    cr_expect_eq(budget, 1);
    choice.reason = HD_CHOICE_EXPIRED;
    for (uint32_t turn = 1; turn <= 10; turn++) {
        choice.points = 1200 + 64 * (turn - 1);
        uint32_t next = pct.ops->next(pct.state, &choice, &budget);
        cr_expect_eq(next, turn % 2 == 1 ? 1 - first : first, "turn %u", turn);
        cr_expect_eq(budget, 64);
        choice.current = next;
    }
    hd_strategy_close(&pct);
}

/* ---- through the engine --------------------------------------------------------------------------- */

static const char *const script_two_by_two[] = {"xx", "xx", NULL};
static const char *const script_two_two_one[] = {"xx", "xx", "x", NULL};

Test(strategy_pct, depth_1_in_the_engine) {
    expect_two_by_two(1);
    orders_run(&orders, script_two_by_two, 2, "pct:1", 4, EXECUTIONS);
    cr_expect(orders_fit(&orders, "pct:1 in the engine"));
}

Test(strategy_pct, depth_2_in_the_engine) {
    expect_two_by_two(2);
    orders_run(&orders, script_two_by_two, 2, "pct:2", 4, EXECUTIONS);
    cr_expect(orders_fit(&orders, "pct:2 in the engine"));
}

Test(strategy_pct, depth_3_in_the_engine) {
    expect_two_by_two(3);
    orders_run(&orders, script_two_by_two, 2, "pct:3", 4, EXECUTIONS);
    cr_expect(orders_fit(&orders, "pct:3 in the engine"));
}

Test(strategy_pct, the_nested_order_in_the_engine) {
    orders_add(&orders, "ABCBA", 1);
    orders_run(&orders, script_two_two_one, 3, "pct:4", 5, 2000);
    cr_expect_gt(orders_count(&orders, "ABCBA"), 0);
    cr_expect_leq(orders_count(&orders, "ABCBA"), 66);
}

/* The first task to run is the one of the highest of three iid priorities. */
Test(strategy_pct, every_task_is_first_equally_often) {
    static const char *const script[] = {"x", "x", "x", NULL};
    static const char *const order[] = {"ABC", "ACB", "BAC", "BCA", "CAB", "CBA"};
    for (int i = 0; i < 6; i++)
        orders_add(&orders, order[i], 1 / 6.);
    orders_run(&orders, script, 3, "pct:1", 3, EXECUTIONS);
    cr_expect(orders_fit(&orders, "orders of three under pct:1"));
}
