/* claims.h - what is often said of Go's growing map, and what the map itself says.
 *
 * Each claim is decided by looking: generated programs run on the reference map, one task, not
 * instrumented, and the map's events and inspector are watched at every operation. Claims about several
 * tasks run campaigns on instrumented maps (trial.h): then sn_paths_init must have been called. What is not
 * observed decides nothing: a claim without a case is neither true nor false. Claims that are not about
 * what a map does cannot be tested here; each says why.
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
        *ops;        /* NULL: gomap. Another map must be a struct gomap inside, and may lie */
    const char *map; /* NULL: the claim's own. The map of claims about several tasks, by its name */
    uint32_t version;      /* of Go's map; 0: its default */
    uint64_t seed;         /* of the programs, and of the campaigns */
    uint32_t programs;     /* 1 or more */
    bool (*stopped)(void); /* whether to give up; NULL: never */
};

struct sn_claim_result {
    uint32_t number;
    const char *claim;      /* one sentence; static */
    const char *untestable; /* NULL, or why, behind "because"; static. Nothing else has a meaning */
    bool holds;             /* of no meaning without cases */
    uint64_t cases;         /* observations that could have decided otherwise */
    uint64_t executions;    /* under schedules of the campaign seed; 0: there are none */
    char observed[SN_OBSERVED_SIZE]; /* one sentence, with figures */
};

#define SN_CLAIMS          31u
#define SN_CLAIMS_STRATEGY "random" /* of the campaigns */

/* Observes claim `number`, from 1, or tells why it is not testable. Returns 0, -EINVAL for a version that
 * does not exist, -EINTR when it was stopped, or another -errno. */
int sn_claim_observe(uint32_t number, const struct sn_claims_options *options,
                     struct sn_claim_result *result);

#endif
