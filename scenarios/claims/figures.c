/* figures.c - claims about figures of whole tables: 21, 30. */
#include <math.h>

#include "scenarios/claims/witness.h"

/* Puts keys until tables of up to `buckets` have grown, and tells each put. Returns 0 or -errno. */
static int fill_tables(struct sn_witness *witness, uint64_t buckets,
                       void (*told)(struct sn_witness *witness, const struct sn_deed_seen *seen)) {
    int status = sn_witness_open(witness, 0);
    if (status != 0)
        return status;
    for (uint64_t key = 0; key < 7 * buckets; key++) /* above any load that is spoken of */
        told(witness, sn_witness_do(witness, SN_DEED_PUT, sn_witness_key(witness, key)));
    sn_witness_close(witness);
    return 0;
}

/* ---- 21: thresholds of versions -------------------------------------------------------------- */

#define VERSION_FIRST 119u
#define VERSIONS      5u
#define LARGE         1024u /* buckets */

/* tally[2 v] and [2 v + 1]: the least and the greatest load in hundredths at which a table of version v
 * grew. */
static void note_load(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    uint64_t *bounds = &witness->tally[2 * (witness->options.version - VERSION_FIRST)];
    if (seen->growths == 0 || seen->before.buckets < 2)
        return;
    uint64_t load = 100 * seen->before.count / seen->before.buckets;
    if (bounds[0] == 0 || load < bounds[0])
        bounds[0] = load;
    if (load > bounds[1])
        bounds[1] = load;
}

static int own_versions(struct sn_witness *witness) {
    const uint32_t asked = witness->options.version;
    int status = 0;
    for (uint32_t version = 0; version < VERSIONS && status == 0; version++) {
        witness->options.version = VERSION_FIRST + version;
        status = fill_tables(witness, LARGE, note_load);
    }
    witness->options.version = asked;
    return status;
}

static void conclude_versions(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    int used = SAY(result, "tables of 2 to 1024 buckets grew at a load of");
    result->cases = VERSIONS;
    result->holds = true;
    for (uint32_t version = 0; version < VERSIONS; version++) {
        const uint64_t *bounds = &tally[2 * version];
        result->holds = result->holds && bounds[0] <= 75;
        used += snprintf(result->observed + used, SN_OBSERVED_SIZE - (size_t)used,
                         "%s %" PRIu64 ".%02" PRIu64 " to %" PRIu64 ".%02" PRIu64 " in Go 1.%u",
                         version > 0 ? "," : "", bounds[0] / 100, bounds[0] % 100, bounds[1] / 100,
                         bounds[1] % 100, VERSION_FIRST - 100 + version);
    }
}

/* ---- 30: entropy ----------------------------------------------------------------------------- */

/* tally[2 i] and [2 i + 1]: tables of size i, and their entropies together in hundredths of a bit. */
static const uint64_t sizes[] = {16, 256, 1024, 8192};
#define SIZES        (sizeof(sizes) / sizeof(sizes[0]))
#define LARGEST      8192u
#define HEALTHY      1200u /* hundredths of a bit */
#define KEYS_A_TABLE 6u    /* a bucket: below the limit of every version */
_Static_assert(2 * SIZES <= SN_TALLIES, "a place for each");

static bool count_key(void *context, const struct map_cell *cell) {
    uint32_t *keys = context;
    if (cell->state == MAP_CELL_LIVE && cell->bucket < LARGEST)
        keys[cell->bucket]++;
    return true;
}

static uint64_t entropy(const struct sn_witness *witness, double keys) {
    static uint32_t count[LARGEST];
    double bits = 0;
    for (uint32_t bucket = 0; bucket < LARGEST; bucket++)
        count[bucket] = 0;
    witness->ops->inspector->walk(witness->map, 0, count_key, count);
    for (uint32_t bucket = 0; bucket < LARGEST; bucket++)
        bits -= count[bucket] > 0 ? count[bucket] / keys * log2(count[bucket] / keys) : 0;
    return (uint64_t)(100 * bits);
}

static void note_entropy(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    for (uint32_t size = 0; size < SIZES; size++) {
        if (seen->after.buckets != sizes[size] || seen->after.growing ||
            seen->after.count != KEYS_A_TABLE * sizes[size])
            continue;
        witness->tally[2 * size]++;
        witness->tally[2 * size + 1] += entropy(witness, (double)seen->after.count);
    }
}

static int own_entropy(struct sn_witness *witness) {
    return fill_tables(witness, LARGEST, note_entropy);
}

static void conclude_entropy(const struct sn_witness *witness, struct sn_claim_result *result) {
    int used = SAY(result, "six keys a bucket in tables of 16, 256, 1024 and 8192 buckets had");
    result->holds = true;
    for (uint32_t size = 0; size < SIZES; size++) {
        uint64_t tables = witness->tally[2 * size];
        uint64_t mean = tables > 0 ? witness->tally[2 * size + 1] / tables : 0;
        result->cases += tables;
        result->holds = result->holds && mean >= HEALTHY;
        used += snprintf(result->observed + used, SN_OBSERVED_SIZE - (size_t)used,
                         "%s %" PRIu64 ".%02" PRIu64, size > 0 ? "," : "", mean / 100, mean % 100);
    }
    snprintf(result->observed + used, SN_OBSERVED_SIZE - (size_t)used, " bits");
}

const struct sn_claim sn_claims_figures[] = {
    {21, "From Go 1.19 to 1.23 the threshold of growth depends on the size: 0.75 for large maps.",
     sn_no_visit, sn_no_event, own_versions, conclude_versions},
    {30, "The keys of a healthy map have an entropy of 12.0 bits or more over its buckets.",
     sn_no_visit, sn_no_event, own_entropy, conclude_entropy},
};
