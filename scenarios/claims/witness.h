/* witness.h - generated programs on one map, and what is seen at each of their operations. Private to
 * scenarios/claims.
 */
#ifndef HEDDLE_SCENARIOS_CLAIMS_WITNESS_H
#define HEDDLE_SCENARIOS_CLAIMS_WITNESS_H

#include <inttypes.h>
#include <stdio.h>

#include "scenarios/claims/claims.h"

#define SN_TALLIES 12u

/* What a claim's conclusion puts into its result. */
#define SAY(result, ...) snprintf((result)->observed, SN_OBSERVED_SIZE, __VA_ARGS__)

enum sn_deed { SN_DEED_PUT, SN_DEED_GET, SN_DEED_DELETE, SN_DEED_ITERATE };

/* One operation, when it has ended. */
struct sn_deed_seen {
    enum sn_deed deed;
    uint64_t key;
    bool present; /* before it */
    struct map_view before;
    struct map_view after;
    uint32_t growths;    /* started within it */
    uint32_t moves;      /* old buckets moved within it ... */
    uint32_t moved_idle; /* ... of them before any growth: the map was not growing */
};

struct sn_witness;

struct sn_claim {
    uint32_t number;
    const char *text;
    /* After every operation of the generated programs. */
    void (*visit)(struct sn_witness *witness, const struct sn_deed_seen *seen);
    /* At every event of the map within them. */
    void (*event)(struct sn_witness *witness, const struct map_event *event);
    /* Once, on maps of its own. Returns 0 or -errno. */
    int (*own)(struct sn_witness *witness);
    /* Fills holds, cases and observed. */
    void (*conclude)(const struct sn_witness *witness, struct sn_claim_result *result);
};

struct sn_witness {
    const struct sn_claim *claim;
    const struct map_ops *ops;
    struct sn_claims_options options;
    struct map_host host;
    void *map;
    uint64_t program;
    uint64_t made; /* new keys put so far in this program */
    struct sn_deed_seen now;
    uint64_t executions;        /* of campaigns */
    uint64_t tally[SN_TALLIES]; /* the claim's own */
};

extern const struct sn_claim sn_claims_growth[];
extern const struct sn_claim sn_claims_window[];
extern const struct sn_claim sn_claims_reads[];
extern const struct sn_claim sn_claims_misuse[];
extern const struct sn_claim sn_claims_figures[];
extern const struct sn_claim sn_claims_tasks[];

void sn_no_visit(struct sn_witness *witness, const struct sn_deed_seen *seen);
void sn_no_event(struct sn_witness *witness, const struct map_event *event);
int sn_nothing_own(struct sn_witness *witness);

/* Makes the witness's map, and destroys it. Returns 0 or -errno. */
int sn_witness_open(struct sn_witness *witness, uint64_t hint);
void sn_witness_close(struct sn_witness *witness);
/* The n-th key of the present program. */
uint64_t sn_witness_key(const struct sn_witness *witness, uint64_t n);
/* A number below `bound` that follows from the program and n. */
uint64_t sn_witness_draw(const struct sn_witness *witness, uint64_t n, uint64_t bound);
/* Operations; *seen is valid until the next. A put's value is its key. */
const struct sn_deed_seen *sn_witness_do(struct sn_witness *witness, enum sn_deed deed,
                                         uint64_t key);
uint64_t sn_witness_hash(const struct sn_witness *witness, uint64_t key);
struct map_view sn_witness_view(const struct sn_witness *witness);
/* Whether it is time to give up. */
bool sn_witness_stopped(const struct sn_witness *witness);
/* Runs all generated programs. Returns 0, -EINTR, or another -errno. */
int sn_witness_programs(struct sn_witness *witness);

#endif
