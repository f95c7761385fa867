/* claims.h - what is often said of Go's growing map, and what the map itself says.
 *
 * Each claim is decided by looking: generated programs run on the reference map, one task, not
 * instrumented, and the map's events and inspector are watched at every operation. What is not observed
 * decides nothing: a claim without a case is neither true nor false.
 *
 * Determinism: a result follows from the options alone.
 */
#ifndef HEDDLE_SCENARIOS_CLAIMS_CLAIMS_H
#define HEDDLE_SCENARIOS_CLAIMS_CLAIMS_H

#include <stdbool.h>
#include <stdint.h>

#include "mapimpl/map.h"

#define SN_OBSERVED_SIZE 256u

struct sn_claims_options {
    const struct map_ops
        *ops;         /* NULL: gomap. Another map must be a struct gomap inside, and may lie */
    uint32_t version; /* of Go's map; 0: its default */
    uint64_t seed;
    uint32_t programs; /* 1 or more */
};

struct sn_claim_result {
    uint32_t number;
    const char *claim;               /* one sentence; static */
    bool holds;                      /* of no meaning without cases */
    uint64_t cases;                  /* observations that could have decided otherwise */
    char observed[SN_OBSERVED_SIZE]; /* one sentence, with figures */
};

/* How many claims there are; the number of each (1-based, with gaps: not all can be tested). */
uint32_t sn_claims_count(void);
uint32_t sn_claim_number(uint32_t index);
/* Observes claim `index`. Returns 0, -EINVAL for a version that does not exist, or -ENOMEM. */
int sn_claim_observe(uint32_t index, const struct sn_claims_options *options,
                     struct sn_claim_result *result);

#endif
