/* reads.c - claims about where the map looks for a key: 5, 6, 12, 27.
 *
 * Which table an operation looks into is seen by planting: a copy of the key is put, by hand, into the
 * table where the map should not look, and taken away again.
 */
#include "mapimpl/gomap/cell.h"
#include "scenarios/claims/witness.h"

/* A cell of the old or the new table. */
struct cell_place {
    struct gomap_bucket *bucket;
    unsigned slot;
};

static struct gomap_bucket *main_bucket(const struct gomap *map, bool old, uint64_t index) {
    return gomap_bucket_at(&gomap_fast64,
                           old ? GOMAP_LOAD(map->oldbuckets) : GOMAP_LOAD(map->buckets), index);
}

/* The stale copy of a moved key in a main bucket of the old table, behind its first cell, whose mark says
 * that the bucket has moved. */
static bool stale_copy(const struct sn_witness *witness, uint64_t key, struct cell_place *place) {
    struct map_view view = sn_witness_view(witness);
    uint64_t hash = sn_witness_hash(witness, key);
    place->bucket = main_bucket(witness->map, true, hash & (view.old_buckets - 1));
    for (place->slot = 1; place->slot < GOMAP_SLOTS; place->slot++) {
        uint64_t *found = gomap_key(&gomap_fast64, place->bucket, place->slot);
        if (*found == key)
            return true;
    }
    return false;
}

/* ---- 5: new first, then old ------------------------------------------------------------------ */

enum { UNMOVED, UNMOVED_NEW, MOVED, MOVED_OLD };

/* A key that is still in the old table: whether a copy of it in its untouched new bucket is read. */
static void plant_new(struct sn_witness *witness, uint64_t key) {
    struct map_view view = sn_witness_view(witness);
    uint64_t hash = sn_witness_hash(witness, key), value = key;
    struct gomap_bucket *bucket = main_bucket(witness->map, false, hash & (view.buckets - 1));
    if (bucket->top[0] != GOMAP_EMPTY_REST)
        return;
    bucket->top[0] = gomap_tophash(hash);
    *(uint64_t *)gomap_key(&gomap_fast64, bucket, 0) = key;
    *(uint64_t *)gomap_elem(&gomap_fast64, bucket, 0) = ~key;
    witness->ops->get(witness->map, key, &value);
    memset(bucket, 0, gomap_bucket_size(&gomap_fast64));
    witness->tally[UNMOVED]++;
    witness->tally[UNMOVED_NEW] += value == ~key;
}

/* A key that has moved, hidden in the new table: whether its copy in the old one is read. */
static void plant_old(struct sn_witness *witness, uint64_t key, const struct map_cell *cell) {
    struct cell_place stale;
    uint64_t value;
    if (cell->depth > 0 || !stale_copy(witness, key, &stale))
        return;
    struct gomap_bucket *bucket = main_bucket(witness->map, false, cell->bucket);
    uint8_t mark = stale.bucket->top[stale.slot], top = bucket->top[cell->slot];
    stale.bucket->top[stale.slot] = top;
    bucket->top[cell->slot] = GOMAP_EMPTY_ONE;
    witness->tally[MOVED]++;
    witness->tally[MOVED_OLD] += witness->ops->get(witness->map, key, &value);
    bucket->top[cell->slot] = top;
    stale.bucket->top[stale.slot] = mark;
}

static void visit_read(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    struct map_cell cell;
    if (seen->deed != SN_DEED_GET || !seen->present || !seen->after.growing ||
        seen->after.same_size || !witness->ops->inspector->find(witness->map, seen->key, &cell))
        return;
    if (cell.old)
        plant_new(witness, seen->key);
    else
        plant_old(witness, seen->key, &cell);
}

static void conclude_read(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[UNMOVED] + tally[MOVED];
    result->holds = tally[UNMOVED_NEW] > 0 && tally[MOVED_OLD] > 0;
    SAY(result,
        "a copy planted in the new table was read by %" PRIu64 " of %" PRIu64
        " lookups of keys not yet moved, one in the old table by %" PRIu64 " of %" PRIu64
        " of keys moved",
        tally[UNMOVED_NEW], tally[UNMOVED], tally[MOVED_OLD], tally[MOVED]);
}

/* ---- 6: deletes look into both --------------------------------------------------------------- */

enum { DELETED, DELETED_BOTH, DELETED_NOT };

/* A key that has moved is deleted while a copy is planted in the old table. */
static void visit_delete(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    struct map_cell cell;
    struct cell_place stale;
    if (seen->deed != SN_DEED_GET || !seen->present || !seen->after.growing ||
        !witness->ops->inspector->find(witness->map, seen->key, &cell) || cell.old ||
        !stale_copy(witness, seen->key, &stale))
        return;
    uint8_t mark = stale.bucket->top[stale.slot];
    stale.bucket->top[stale.slot] = cell.tophash;
    witness->ops->del(witness->map, seen->key);
    witness->tally[DELETED]++;
    witness->tally[DELETED_BOTH] += stale.bucket->top[stale.slot] != cell.tophash;
    stale.bucket->top[stale.slot] = mark;
    witness->tally[DELETED_NOT] += witness->ops->inspector->find(witness->map, seen->key, NULL);
}

static void conclude_delete(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[DELETED];
    result->holds = tally[DELETED_BOTH] > 0;
    SAY(result,
        "%" PRIu64 " deletes in the window removed their key from the new table; a copy planted in "
        "the old one was removed by %" PRIu64,
        tally[DELETED] - tally[DELETED_NOT], tally[DELETED_BOTH]);
}

/* ---- 12: the first tophash ------------------------------------------------------------------- */

enum { BEHIND, BEHIND_FOUND };

/* A key of a main bucket whose first cell has another tophash. */
static void visit_first(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    struct map_cell cell;
    uint64_t value;
    if (seen->deed != SN_DEED_GET || !seen->present ||
        !witness->ops->inspector->find(witness->map, seen->key, &cell) || cell.depth > 0 ||
        main_bucket(witness->map, cell.old, cell.bucket)->top[0] == cell.tophash)
        return;
    witness->tally[BEHIND]++;
    witness->tally[BEHIND_FOUND] += witness->ops->get(witness->map, seen->key, &value);
}

static void conclude_first(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[BEHIND];
    result->holds = tally[BEHIND_FOUND] == 0;
    SAY(result,
        "%" PRIu64 " of %" PRIu64
        " keys of main buckets whose first tophash is another one were found there",
        tally[BEHIND_FOUND], tally[BEHIND]);
}

/* ---- 27: fast paths -------------------------------------------------------------------------- */

enum { SINGLE, SINGLE_FOUND, GROWTHS, GROWTHS_MOVED };

/* The map's keys are 64 bits wide: every operation is a fast path. */
static void visit_fast(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    uint64_t value;
    if (seen->after.buckets == 1 && !seen->after.growing && seen->deed == SN_DEED_PUT) {
        witness->tally[SINGLE]++;
        witness->tally[SINGLE_FOUND] += witness->ops->get(witness->map, seen->key, &value);
    }
    witness->tally[GROWTHS] += seen->growths;
    witness->tally[GROWTHS_MOVED] += seen->growths > 0 && seen->moves > 0;
}

static void conclude_fast(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[SINGLE] + tally[GROWTHS];
    result->holds = tally[SINGLE_FOUND] < tally[SINGLE] || tally[GROWTHS_MOVED] < tally[GROWTHS];
    SAY(result,
        "%" PRIu64 " of %" PRIu64
        " keys that were put into a map of one bucket were found there; %" PRIu64
        " puts of fast paths started a growth, and %" PRIu64 " of them moved its first buckets",
        tally[SINGLE_FOUND], tally[SINGLE], tally[GROWTHS], tally[GROWTHS_MOVED]);
}

const struct sn_claim sn_claims_reads[] = {
    {5, "While a map grows, a lookup tries the new table and then falls back to the old one.",
     visit_read, sn_no_event, sn_nothing_own, conclude_read},
    {6, "While a map grows, a delete looks into both tables.", visit_delete, sn_no_event,
     sn_nothing_own, conclude_delete},
    {12,
     "A lookup whose tophash is not the first one of the bucket goes on to the overflow bucket.",
     visit_first, sn_no_event, sn_nothing_own, conclude_first},
    {27, "The fast paths assume more than one bucket, and leave growing to the slow path.",
     visit_fast, sn_no_event, sn_nothing_own, conclude_fast},
};
