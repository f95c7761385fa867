/* rows.h - a row of `heddle run` for tests: one scenario on one map, on the real engine.
 */
#ifndef HEDDLE_TESTS_SCENARIOS_ROWS_H
#define HEDDLE_TESTS_SCENARIOS_ROWS_H

#include "scenarios/program_internal.h"

struct row {
    struct hd_campaign campaign;
    struct hd_row judged;
};

/* Runs `executions` of seed `seed` with one worker. `map`: a module of tests/scenarios by its name, or
 * a path. Ends the test when it cannot be run. Clear with row_clear. */
void row_run(const char *scenario, const char *map, uint64_t executions, uint64_t seed,
             struct row *row);
void row_clear(struct row *row);

#endif
