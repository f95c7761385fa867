/* histories.h - random histories of a real map, and a checker that shares nothing with ours.
 */
#ifndef HEDDLE_TESTS_HARNESS_HISTORIES_H
#define HEDDLE_TESTS_HARNESS_HISTORIES_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/check/linearizability.h"

#define HISTORY_PROCESSES_MAX 64u
#define HISTORY_KEYS_MAX      1024u
#define HISTORY_MEMORY        (1u << 20) /* bytes of a checker's memo, enough for small histories */

struct history_shape {
    uint32_t calls;
    uint32_t processes;
    uint32_t keys;
    uint32_t values;
    uint32_t lost;   /* of 100 returns: so many do not come or say nothing */
    uint32_t failed; /* of 100 calls: so many fail */
    uint32_t clears; /* of 100 calls: so many clear */
};

/* A history that a linearizable map could have made: every call takes effect at one random moment
 * of its interval. The same for the same seed. */
void history_make(uint64_t seed, const struct history_shape *shape, struct hd_history *history);

/* Exchanges the results of two gets, or of two deletes that tell, drawn from the seed. Returns
 * whether there were two that differ. */
bool history_swap(uint64_t seed, struct hd_history *history);

/* Events of the shortest prefix that has no legal order, 0 when there is none: by trying every order
 * of every prefix. For at most 8 calls over at most 4 keys. */
uint32_t history_brute_force(const struct hd_history *history);

/* No bound on steps or time. */
extern const struct hd_check_budget history_unbounded;

/* What a new checker with `memory` bytes of memo says of the history as a map's. */
struct hd_check_result history_check_within(const struct hd_history *history, size_t memory,
                                            const struct hd_check_budget *budget);
/* The same with HISTORY_MEMORY and without bounds. */
struct hd_check_result history_check(const struct hd_history *history);

#endif
