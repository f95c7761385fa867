/* writes.h - every write of an execution, so that a value which nothing wrote is told from one that fits.
 *
 * A list for each key, and one of the clears, from the last to the first. What is rejected by them is
 * possible in no order at all: rule Q1 of harness/check/glance.h.
 */
#ifndef HEDDLE_SCENARIOS_WRITES_H
#define HEDDLE_SCENARIOS_WRITES_H

#include <stdbool.h>
#include <stdint.h>

#define SN_WRITES_MAX 32768u /* with more of them everything is explained */

struct sn_write {
    uint64_t value; /* of a put */
    uint32_t start; /* by the model's clock */
    uint32_t end;   /* 0: it is in flight */
    uint32_t next;  /* place of the one before it in its list, or 0 */
    bool present;   /* it is a put */
    bool refused;   /* it had no effect */
};

/* Two lists as one. */
struct sn_write_lists {
    const struct sn_write *write; /* place 1 is the first */
    uint32_t own;
    uint32_t shared;
};

/* The next write of the lists that was not refused, or NULL. */
const struct sn_write *sn_write_next(struct sn_write_lists *lists);

/* Adds a write to a list whose last one is *last. Returns its place, or 0 when there is no room. */
uint32_t sn_write_add(struct sn_write *writes, uint32_t *written, uint32_t *last,
                      struct sn_write write);

#endif
