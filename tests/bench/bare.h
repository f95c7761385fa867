/* bare.h - the least that a controlled execution can cost: what the engine's rates are compared with. */
#ifndef HEDDLE_TESTS_BENCH_BARE_H
#define HEDDLE_TESTS_BENCH_BARE_H

#include <stdint.h>

/* Two tasks, five unprotected increments each, `executions` times under a random walk that follows from
 * `seed`. Opens the pool. Returns how many executions lost an update. */
uint32_t bare_run(uint32_t executions, uint64_t seed);

#endif
