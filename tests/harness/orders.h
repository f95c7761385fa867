/* orders.h - in which orders the events of a script can happen, and how often each was seen.
 *
 * An order is kept as a number: base 8, one digit an event, so of at most 20 events.
 */
#ifndef HEDDLE_TESTS_HARNESS_ORDERS_H
#define HEDDLE_TESTS_HARNESS_ORDERS_H

#include "tests/harness/support.h"

#define ORDERS_MAX 4096u

struct orders {
    uint32_t cells;
    uint64_t name[ORDERS_MAX];
    double probability[ORDERS_MAX];
    uint64_t count[ORDERS_MAX];
    uint64_t unknown; /* seen, but not among the cells */
};

/* A cell by letters: "ABBA". */
void orders_add(struct orders *orders, const char *name, double probability);
uint64_t orders_count(const struct orders *orders, const char *name);

/* Every order of the scripts ("xlxu" ...; a NULL ends them) under a uniform random walk, by
 * enumeration: at each step each task whose next event can complete is equally likely. The first `tasks`
 * scripts are there from the start, the others when they are created. */
void orders_of_walk(struct orders *orders, const char *const *script, uint32_t tasks);

/* The same under a walk that leaves the running task with probability 1/mean at each step, and then goes to
 * any other with equal probability. Adds `weight` times the probabilities to the cells. */
void orders_of_stays(struct orders *orders, const char *const *script, uint32_t tasks,
                     uint32_t mean, double weight);

/* Runs `executions` of the scripts with `strategy`, told that they have `events` events, and counts. */
void orders_run(struct orders *orders, const char *const *script, uint32_t tasks,
                const char *strategy, uint64_t events, uint64_t executions);

/* Counts one order seen. */
void orders_see(struct orders *orders, uint64_t name);

/* Whether what was seen fits, with no order that should not be. */
bool orders_fit(const struct orders *orders, const char *what);

#endif
