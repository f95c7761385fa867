/* growth.c - claims about when a map grows: 1, 13, 14, 15, 16, 20. */
#include "scenarios/claims/witness.h"

/* Whether an operation puts a new key into a map that has buckets and does not grow: the only moment at
 * which a growth may start. */
static bool inserts(const struct sn_deed_seen *seen) {
    return seen->deed == SN_DEED_PUT && !seen->present && !seen->before.growing &&
           seen->before.buckets > 0;
}

/* ---- 1: more than 6.5 entries a bucket ------------------------------------------------------- */

enum { GREW_ABOVE, GREW_BELOW, STAYED_ABOVE, STAYED_BELOW, OVERFLOW_GREW, OVERFLOW_EARLY };

static void visit_load(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    if (!inserts(seen) || seen->before.buckets < 2)
        return;
    bool above = 2 * (seen->before.count + 1) > 13 * seen->before.buckets;
    witness->tally[seen->growths > 0 ? (above ? GREW_ABOVE : GREW_BELOW)
                                     : (above ? STAYED_ABOVE : STAYED_BELOW)]++;
}

/* The n-th key of the program that lies in a bucket. */
static uint64_t key_in(const struct sn_witness *witness, uint64_t bucket, uint64_t buckets,
                       uint64_t *n) {
    while ((sn_witness_hash(witness, sn_witness_key(witness, *n)) & (buckets - 1)) != bucket)
        ++*n; /* ends: hashes are spread */
    return sn_witness_key(witness, (*n)++);
}

/* Nine keys in each bucket, deleted again: the overflow buckets stay, and the map is nearly empty. */
static int own_overflow(struct sn_witness *witness) {
    uint64_t kept[9], n = 0;
    int status = sn_witness_open(witness, 26);
    if (status != 0)
        return status;
    uint64_t buckets = sn_witness_view(witness).buckets;
    for (uint64_t bucket = 0; bucket < buckets; bucket++) {
        for (uint32_t key = 0; key < 9; key++) {
            kept[key] = key_in(witness, bucket, buckets, &n);
            witness->tally[OVERFLOW_EARLY] +=
                sn_witness_do(witness, SN_DEED_PUT, kept[key])->growths;
        }
        for (uint32_t key = 0; key < 9; key++)
            sn_witness_do(witness, SN_DEED_DELETE, kept[key]);
    }
    const struct sn_deed_seen *seen =
        sn_witness_do(witness, SN_DEED_PUT, sn_witness_key(witness, n));
    witness->tally[OVERFLOW_GREW] = seen->growths > 0 && seen->after.buckets == buckets;
    sn_witness_close(witness);
    return 0;
}

static void conclude_load(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[GREW_ABOVE] + tally[GREW_BELOW] + tally[STAYED_ABOVE];
    result->holds = tally[GREW_BELOW] == 0 && tally[STAYED_ABOVE] == 0 &&
                    tally[OVERFLOW_GREW] == 1 && tally[OVERFLOW_EARLY] == 0;
    SAY(result,
        "%" PRIu64 " growths by a key that brings the load above 6.5, %" PRIu64
        " by one that does not, %" PRIu64 " keys above it without a growth; %s",
        tally[GREW_ABOVE], tally[GREW_BELOW], tally[STAYED_ABOVE],
        tally[OVERFLOW_GREW] ? "as many overflow buckets as buckets: grows at its size"
                             : "overflow buckets start no growth");
}

/* ---- 13: overflow buckets need 128 keys ------------------------------------------------------ */

enum { CHAINED, CHAINED_LARGE, LEAST };

static void visit_chain(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    if (!inserts(seen) || seen->growths > 0 || seen->after.overflow <= seen->before.overflow)
        return;
    uint64_t *tally = witness->tally;
    tally[CHAINED]++;
    tally[CHAINED_LARGE] += seen->after.count > 128;
    if (tally[LEAST] == 0 || seen->after.count < tally[LEAST])
        tally[LEAST] = seen->after.count;
}

static void conclude_chain(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[CHAINED];
    result->holds = tally[CHAINED] == tally[CHAINED_LARGE];
    SAY(result,
        "%" PRIu64 " of %" PRIu64
        " overflow buckets were added to maps of 128 keys or fewer, the first to one of %" PRIu64,
        tally[CHAINED] - tally[CHAINED_LARGE], tally[CHAINED], tally[LEAST]);
}

/* ---- 14: at 6.5, not above it ---------------------------------------------------------------- */

enum { AT_GREW, AT_STAYED, BEHIND_GREW, BEHIND_STAYED, BEFORE_GREW };

static void visit_limit(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    uint64_t limit = 13 * seen->before.buckets / 2, count = seen->before.count + 1;
    if (!inserts(seen) || seen->before.buckets < 2)
        return;
    if (count == limit)
        witness->tally[seen->growths > 0 ? AT_GREW : AT_STAYED]++;
    else if (count == limit + 1)
        witness->tally[seen->growths > 0 ? BEHIND_GREW : BEHIND_STAYED]++;
    else if (count < limit)
        witness->tally[BEFORE_GREW] += seen->growths;
}

static void conclude_limit(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    uint64_t filled = tally[AT_GREW] + tally[AT_STAYED];
    result->cases = filled + tally[BEFORE_GREW];
    result->holds = tally[AT_STAYED] + tally[BEFORE_GREW] == 0 && tally[AT_GREW] > 0;
    SAY(result,
        "%" PRIu64 " of %" PRIu64 " keys that filled a table to 6.5 a bucket started a growth, "
        "%" PRIu64 " of %" PRIu64 " that came next, and %" PRIu64 " that came before",
        tally[AT_GREW], filled, tally[BEHIND_GREW], tally[BEHIND_GREW] + tally[BEHIND_STAYED],
        tally[BEFORE_GREW]);
}

/* ---- 15: 104, 1664, 6656 --------------------------------------------------------------------- */

static const struct {
    uint32_t log2_buckets;
    uint64_t claimed;
} sizes[] = {{4, 104}, {8, 1664}, {10, 6656}};
#define SIZES (sizeof(sizes) / sizeof(sizes[0]))

/* tally[i]: the key, from 1, that starts the growth of a table of size i. */
static int own_sizes(struct sn_witness *witness) {
    uint64_t last = 2 * sizes[SIZES - 1].claimed;
    int status = sn_witness_open(witness, 0);
    for (uint64_t key = 0; key < last && status == 0; key++) {
        const struct sn_deed_seen *seen =
            sn_witness_do(witness, SN_DEED_PUT, sn_witness_key(witness, key));
        for (uint32_t size = 0; size < SIZES && seen->growths > 0; size++) {
            if (seen->before.log2_buckets == sizes[size].log2_buckets)
                witness->tally[size] = key + 1;
        }
    }
    if (status == 0)
        sn_witness_close(witness);
    return status;
}

static void conclude_sizes(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->holds = true;
    for (uint32_t size = 0; size < SIZES; size++) {
        result->cases += tally[size] > 0;
        result->holds = result->holds && tally[size] == sizes[size].claimed;
    }
    SAY(result,
        "tables of 16, 256 and 1024 buckets grew at key number %" PRIu64 ", %" PRIu64
        " and %" PRIu64,
        tally[0], tally[1], tally[2]);
}

/* ---- 16: a load of 0.75 ---------------------------------------------------------------------- */

enum { LOW_GREW, LOW_STAYED, LOWEST };

static void visit_low(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    uint64_t *tally = witness->tally;
    if (!inserts(seen) || 4 * (seen->before.count + 1) < 3 * seen->before.buckets)
        return;
    tally[seen->growths > 0 ? LOW_GREW : LOW_STAYED]++;
    uint64_t load = 100 * seen->before.count / seen->before.buckets;
    if (seen->growths > 0 && (tally[LOWEST] == 0 || load < tally[LOWEST]))
        tally[LOWEST] = load;
}

static void conclude_low(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[LOW_GREW] + tally[LOW_STAYED];
    result->holds = tally[LOW_STAYED] == 0 && tally[LOW_GREW] > 0;
    SAY(result,
        "%" PRIu64 " keys were added at a load of 0.75 or more without a growth; the least load "
        "that grew was %" PRIu64 ".%02" PRIu64,
        tally[LOW_STAYED], tally[LOWEST] / 100, tally[LOWEST] % 100);
}

/* ---- 20: growing work starts growth ---------------------------------------------------------- */

enum { STARTS, MOVES, IDLE };

static void visit_idle(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    witness->tally[STARTS] += seen->growths;
    witness->tally[MOVES] += seen->moves;
    witness->tally[IDLE] += seen->moved_idle;
}

static void conclude_idle(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[MOVES];
    result->holds = tally[IDLE] > 0;
    SAY(result, "%" PRIu64 " of %" PRIu64 " buckets were moved before their growth had started",
        tally[IDLE], tally[MOVES]);
}

const struct sn_claim sn_claims_growth[] = {
    {1, "A map grows when it has more than 6.5 entries a bucket, or too many overflow buckets.",
     visit_load, sn_no_event, own_overflow, conclude_load},
    {13, "A bucket gets an overflow bucket only in a map of more than 128 keys.", visit_chain,
     sn_no_event, sn_nothing_own, conclude_chain},
    {14, "A map is overloaded as soon as the load reaches 6.5.", visit_limit, sn_no_event,
     sn_nothing_own, conclude_limit},
    {15, "Tables of 16, 256 and 1024 buckets grow at the 104th, 1664th and 6656th key.",
     sn_no_visit, sn_no_event, own_sizes, conclude_sizes},
    {16, "The work of growing starts at a load of 0.75.", visit_low, sn_no_event, sn_nothing_own,
     conclude_low},
    {20, "The work of growing is called while the map does not grow, to start the growth.",
     visit_idle, sn_no_event, sn_nothing_own, conclude_idle},
};
