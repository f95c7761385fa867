/* orders.c - see orders.h. */
#include "tests/harness/orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TASKS      8
#define SCRIPT_MAX 64 /* as in subjects/script.c */
#define NOBODY     UINT32_MAX

struct walk {
    struct orders *orders;
    const char *script[TASKS];
    uint32_t at[TASKS];
    uint32_t born;
    uint32_t owner; /* of the mutex */
    uint32_t last;  /* the task that ran */
    double
        leaving; /* probability to leave it for another; negative: all enabled ones are equally likely */
};

static uint64_t name_of(const char *letters) {
    uint64_t name = 1;
    for (; *letters != '\0'; letters++)
        name = name * 8 + (uint64_t)(*letters - 'A');
    return name;
}

static uint32_t find(const struct orders *orders, uint64_t name) {
    uint32_t cell = 0;
    while (cell < orders->cells && orders->name[cell] != name)
        cell++;
    return cell;
}

static void add(struct orders *orders, uint64_t name, double probability) {
    uint32_t cell = find(orders, name);
    if (cell == ORDERS_MAX)
        abort();
    if (cell == orders->cells) {
        orders->name[orders->cells++] = name;
        orders->probability[cell] = 0;
        orders->count[cell] = 0;
    }
    orders->probability[cell] += probability;
}

void orders_add(struct orders *orders, const char *name, double probability) {
    add(orders, name_of(name), probability);
}

uint64_t orders_count(const struct orders *orders, const char *name) {
    uint32_t cell = find(orders, name_of(name));
    return cell < orders->cells ? orders->count[cell] : 0;
}

void orders_see(struct orders *orders, uint64_t name) {
    uint32_t cell = find(orders, name);
    if (cell < orders->cells)
        orders->count[cell]++;
    else
        orders->unknown++;
}

/* The next letter of a task; NUL when there is none. */
static char letter_of(const struct walk *walk, uint32_t task) {
    const char *script = walk->script[task];
    return script == NULL ? '\0' : script[walk->at[task]];
}

static bool enabled(const struct walk *walk, uint32_t task) {
    char letter = letter_of(walk, task);
    return letter != '\0' && (letter != 'l' || walk->owner == NOBODY);
}

/* That a task goes on from here, which is one of `count` that are enabled. */
static double chance_of(const struct walk *walk, uint32_t task, uint32_t count) {
    bool can_stay = walk->last != NOBODY && enabled(walk, walk->last);
    if (walk->leaving < 0 || !can_stay || count == 1)
        return 1. / count;
    return task == walk->last ? 1 - walk->leaving : walk->leaving / (count - 1);
}

static void enumerate(struct walk walk, uint64_t name, double probability) {
    uint32_t able[TASKS], count = 0;
    for (uint32_t task = 0; task < walk.born; task++)
        if (enabled(&walk, task))
            able[count++] = task;
    if (count == 0)
        add(walk.orders, name, probability);
    for (uint32_t i = 0; i < count; i++) { /* each call consumes one letter */
        struct walk next = walk;
        uint32_t task = able[i];
        char letter = letter_of(&next, task);
        next.at[task]++;
        next.last = task;
        if (letter == 'l')
            next.owner = task;
        else if (letter == 'u')
            next.owner = NOBODY;
        else if (letter == 'c')
            next.born++;
        enumerate(next, name * 8 + task, probability * chance_of(&walk, task, count));
    }
}

static void add_walk(struct orders *orders, const char *const *script, uint32_t tasks,
                     double leaving, double weight) {
    struct walk walk = {
        .orders = orders, .born = tasks, .owner = NOBODY, .last = NOBODY, .leaving = leaving};
    for (uint32_t i = 0; script[i] != NULL; i++)
        walk.script[i] = script[i];
    enumerate(walk, 1, weight);
}

void orders_of_walk(struct orders *orders, const char *const *script, uint32_t tasks) {
    add_walk(orders, script, tasks, -1, 1);
}

void orders_of_stays(struct orders *orders, const char *const *script, uint32_t tasks,
                     uint32_t mean, double weight) {
    add_walk(orders, script, tasks, 1. / mean, weight);
}

static uint64_t order_seen(const unsigned char *order, uint32_t count) {
    uint64_t name = 1;
    for (uint32_t i = 0; i < count; i++)
        name = name * 8 + order[i];
    return name;
}

void orders_run(struct orders *orders, const char *const *script, uint32_t tasks,
                const char *strategy, uint64_t events, uint64_t executions) {
    struct bench bench;
    char symbol[16];
    snprintf(symbol, sizeof symbol, "script_%u", tasks);
    bench_open(&bench, "script", symbol);
    char(*text)[SCRIPT_MAX] = bench_symbol(&bench, "script");
    for (uint32_t i = 0; script[i] != NULL; i++)
        snprintf(text[i], SCRIPT_MAX, "%s", script[i]);
    const unsigned char *order = bench_symbol(&bench, "order");
    const uint32_t *count = bench_symbol(&bench, "order_count");
    for (uint64_t i = 0; i < executions; i++) {
        bench_run(&bench, strategy, bench_seed(i), HD_RUN_BARE, events);
        orders_see(orders, order_seen(order, *count));
    }
}

bool orders_fit(const struct orders *orders, const char *what) {
    if (orders->unknown > 0)
        fprintf(stderr, "%s: %llu orders that cannot be\n", what,
                (unsigned long long)orders->unknown);
    return orders->unknown == 0 && fits(what, orders->count, orders->probability, orders->cells);
}
