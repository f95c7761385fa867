/* window.c - claims about the growth window: 2, 3, 4, 17, 19, 22. */
#include "mapimpl/gomap/cell.h"
#include "scenarios/claims/witness.h"

/* ---- 2: a flag for growing ------------------------------------------------------------------- */

enum { FLAGS = 8, STATES = FLAGS, STATES_GROWING };

/* tally[bit]: states in which the bit agrees with growing. */
static void visit_flags(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    const struct gomap *map = witness->map;
    uint8_t flags = GOMAP_LOAD(map->flags);
    for (uint32_t bit = 0; bit < FLAGS; bit++)
        witness->tally[bit] += (flags >> bit & 1) == seen->after.growing;
    witness->tally[STATES]++;
    witness->tally[STATES_GROWING] += seen->after.growing;
}

static void conclude_flags(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    uint64_t best = 0;
    for (uint32_t bit = 0; bit < FLAGS; bit++)
        best = tally[bit] > best ? tally[bit] : best;
    result->cases = tally[STATES_GROWING];
    result->holds = best == tally[STATES];
    SAY(result,
        "of %" PRIu64 " states %" PRIu64
        " were of a growing map; no bit of the flags agreed with that in more than %" PRIu64,
        tally[STATES], tally[STATES_GROWING], best);
}

/* ---- 3: which table is which ----------------------------------------------------------------- */

enum { STARTS, LIVE_NEW, LIVE_OLD };

static bool count_live(void *context, const struct map_cell *cell) {
    struct sn_witness *witness = context;
    if (cell->state == MAP_CELL_LIVE)
        witness->tally[cell->old ? LIVE_OLD : LIVE_NEW]++;
    return true;
}

static void event_start(struct sn_witness *witness, const struct map_event *event) {
    if (event->kind != MAP_GROWTH_START)
        return;
    witness->tally[STARTS]++;
    witness->ops->inspector->walk(witness->map, 0, count_live, witness);
}

static void conclude_start(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[STARTS];
    result->holds = tally[LIVE_NEW] > 0 && tally[LIVE_OLD] == 0;
    SAY(result,
        "when %" PRIu64 " growths started, `oldbuckets` had all %" PRIu64
        " entries that were there before it and `buckets` %" PRIu64,
        tally[STARTS], tally[LIVE_OLD], tally[LIVE_NEW]);
}

/* ---- 4: writes go to the new table ----------------------------------------------------------- */

enum { PUTS, PUTS_OLD };

static void visit_put(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    struct map_cell cell;
    if (seen->deed != SN_DEED_PUT || !seen->after.growing)
        return;
    bool found = witness->ops->inspector->find(witness->map, seen->key, &cell);
    witness->tally[PUTS]++;
    witness->tally[PUTS_OLD] += !found || cell.old;
}

static void conclude_put(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[PUTS];
    result->holds = tally[PUTS_OLD] == 0;
    SAY(result, "%" PRIu64 " of %" PRIu64 " puts in the window left their key in the old table",
        tally[PUTS_OLD], tally[PUTS]);
}

/* ---- 17: who moves --------------------------------------------------------------------------- */

enum { LOOKS, LOOKS_MOVED, DELETES, DELETES_MOVED };

static void visit_movers(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    if (!seen->before.growing || seen->deed == SN_DEED_PUT)
        return;
    bool deletes = seen->deed == SN_DEED_DELETE;
    bool moved = seen->moves > 0 || seen->after.evacuated != seen->before.evacuated;
    witness->tally[deletes ? DELETES : LOOKS]++;
    witness->tally[deletes ? DELETES_MOVED : LOOKS_MOVED] += moved;
}

static void conclude_movers(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[LOOKS] + tally[DELETES];
    result->holds = tally[LOOKS_MOVED] > 0 && tally[DELETES_MOVED] < tally[DELETES];
    SAY(result,
        "in the window %" PRIu64 " of %" PRIu64 " lookups and iterations moved a bucket, and "
        "%" PRIu64 " of %" PRIu64 " deletes",
        tally[LOOKS_MOVED], tally[LOOKS], tally[DELETES_MOVED], tally[DELETES]);
}

/* ---- 19: where an entry goes ----------------------------------------------------------------- */

enum { ENTRIES, BY_BIT, BY_SHIFT };

struct moved {
    struct sn_witness *witness;
    uint64_t bucket;
    struct map_view view;
};

static bool count_moved(void *context, const struct map_cell *cell) {
    struct moved *moved = context;
    struct sn_witness *witness = moved->witness;
    struct map_cell now;
    uint64_t old = moved->view.old_buckets;
    if (!cell->old || cell->bucket != moved->bucket || cell->state == MAP_CELL_EVACUATED_EMPTY ||
        !witness->ops->inspector->find(witness->map, cell->key, &now) || now.old)
        return true;
    uint64_t hash = sn_witness_hash(witness, cell->key);
    witness->tally[ENTRIES]++;
    witness->tally[BY_BIT] += now.bucket == cell->bucket + (hash & old);
    witness->tally[BY_SHIFT] +=
        now.bucket == (hash >> (moved->view.log2_buckets - 1) & (2 * old - 1));
    return true;
}

static void event_moved(struct sn_witness *witness, const struct map_event *event) {
    struct moved moved = {witness, event->bucket, {0}};
    if (event->kind != MAP_EVACUATE_END)
        return;
    moved.view = sn_witness_view(witness);
    if (!moved.view.same_size)
        witness->ops->inspector->walk(witness->map, 0, count_moved, &moved);
}

static void conclude_moved(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[ENTRIES];
    result->holds = tally[BY_SHIFT] == tally[ENTRIES];
    SAY(result,
        "of %" PRIu64 " moved entries %" PRIu64 " went where hash >> B says, and %" PRIu64
        " where the bit behind the old bucket's number says",
        tally[ENTRIES], tally[BY_SHIFT], tally[BY_BIT]);
}

/* ---- 22: marks and stamps -------------------------------------------------------------------- */

enum { BEGUN, BEGUN_MARKED, BEGUN_ELSEWHERE };

struct marks {
    uint64_t bucket;
    bool marked;
};

static bool find_mark(void *context, const struct map_cell *cell) {
    struct marks *marks = context;
    marks->marked = marks->marked || (cell->old && cell->bucket == marks->bucket &&
                                      cell->state >= MAP_CELL_EVACUATED_X &&
                                      cell->state <= MAP_CELL_EVACUATED_EMPTY);
    return true;
}

/* All that a bucket could be marked by is the tophashes of its cells. */
static void event_begun(struct sn_witness *witness, const struct map_event *event) {
    struct marks marks = {.bucket = event->bucket};
    if (event->kind != MAP_EVACUATE_START)
        return;
    witness->ops->inspector->walk(witness->map, 0, find_mark, &marks);
    bool writes = witness->now.deed == SN_DEED_PUT || witness->now.deed == SN_DEED_DELETE;
    witness->tally[BEGUN]++;
    witness->tally[BEGUN_MARKED] += marks.marked;
    witness->tally[BEGUN_ELSEWHERE] += !writes || event->part != 0;
}

static void conclude_begun(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[BEGUN];
    result->holds = tally[BEGUN_MARKED] > 0 && tally[BEGUN_ELSEWHERE] > 0;
    SAY(result,
        "of %" PRIu64 " buckets %" PRIu64 " bore a mark when their move began, and %" PRIu64
        " were moved elsewhere than within a put or a delete of their own table",
        tally[BEGUN], tally[BEGUN_MARKED], tally[BEGUN_ELSEWHERE]);
}

const struct sn_claim sn_claims_window[] = {
    {2, "A flag of the map says that it is growing.", visit_flags, sn_no_event, sn_nothing_own,
     conclude_flags},
    {3, "While a map grows, `buckets` is its old table and `oldbuckets` the new one.", sn_no_visit,
     event_start, sn_nothing_own, conclude_start},
    {4, "While a map grows, everything that is put goes to the new table.", visit_put, sn_no_event,
     sn_nothing_own, conclude_put},
    {17, "Iterations move old buckets; deletes do so only where they meet an emptied cell.",
     visit_movers, sn_no_event, sn_nothing_own, conclude_movers},
    {19, "The new bucket of a moved entry is hash >> B.", sn_no_visit, event_moved, sn_nothing_own,
     conclude_moved},
    {22, "A bucket is marked as migrating, and then moved across shards, apart from the writes.",
     sn_no_visit, event_begun, sn_nothing_own, conclude_begun},
};
