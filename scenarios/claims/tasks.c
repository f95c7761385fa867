/* tasks.c - claims about several tasks at once: 9, 18.
 *
 * Programs of two tasks run under random schedules, on maps that are instrumented.
 */
#include "scenarios/claims/trial.h"

static void no_event(struct sn_trial *trial, const struct map_event *event) {
    (void)trial;
    (void)event;
}

static uint64_t key_of(const struct sn_trial *trial, uint64_t n) {
    return sn_witness_key(trial->witness, n);
}

static const char *map_of(const struct sn_witness *witness, const char *usual) {
    return witness->options.map != NULL ? witness->options.map : usual;
}

/* ---- 9: sync.Map is lock-striped ------------------------------------------------------------- */

enum { PAIRS, PAIRS_FREE, KNOWN_POINTS, KNOWN_WAITED };

#define KNOWN 8u /* keys that every lookup finds without a lock, once as many have missed */

static void fill_known(struct sn_trial *trial) {
    uint64_t value;
    for (uint64_t n = 0; n < KNOWN; n++)
        trial->ops->put(trial->map, key_of(trial, n), n);
    for (uint64_t n = 0; n < 3 * KNOWN; n++)
        trial->ops->get(trial->map, key_of(trial, n % KNOWN), &value);
}

static void put_new(struct sn_trial *trial, uint32_t index) {
    trial->ops->put(trial->map, key_of(trial, KNOWN + index), index);
}

static void use_known(struct sn_trial *trial, uint32_t index) {
    uint64_t value;
    for (uint64_t n = 0; n < KNOWN; n++) {
        if (index == 0)
            trial->ops->get(trial->map, key_of(trial, n), &value);
        else
            trial->ops->put(trial->map, key_of(trial, n), n + 1);
    }
}

static const struct sn_trial_ops new_keys = {
    .fill = fill_known, .task = put_new, .event = no_event};
static const struct sn_trial_ops known_keys = {
    .fill = fill_known, .task = use_known, .event = no_event};

static void count_pair(struct sn_witness *witness, const struct sn_trial_sum *sum) {
    witness->tally[PAIRS]++;
    witness->tally[PAIRS_FREE] += sum->waited == 0;
}

static void count_known(struct sn_witness *witness, const struct sn_trial_sum *sum) {
    witness->tally[KNOWN_POINTS] += sum->points;
    witness->tally[KNOWN_WAITED] += sum->waited;
}

static int own_stripes(struct sn_witness *witness) {
    const char *map = map_of(witness, "syncmap");
    int status = sn_trial_run(witness, map, &new_keys, count_pair);
    return status != 0 ? status : sn_trial_run(witness, map, &known_keys, count_known);
}

static void conclude_stripes(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[PAIRS];
    result->holds = tally[PAIRS_FREE] > 0;
    SAY(result,
        "of %" PRIu64 " pairs of tasks that put two new keys %" PRIu64
        " waited for each other; lookups and writes of keys that are known waited at %" PRIu64
        " of %" PRIu64 " points",
        tally[PAIRS], tally[PAIRS] - tally[PAIRS_FREE], tally[KNOWN_WAITED], tally[KNOWN_POINTS]);
}

/* ---- 18: goroutines share the work of growing ------------------------------------------------ */

enum { SHARED, SHARED_TWICE, SHARED_SPOKEN };

#define OLD_BUCKETS 8u
#define FILL_MAX    (7u * OLD_BUCKETS) /* more than 6.5 a bucket */
#define OVERWRITES  2u

/* Until a table of eight buckets has begun to grow. */
static void fill_growing(struct sn_trial *trial) {
    struct map_view view = {0};
    for (uint64_t n = 0; n < FILL_MAX && view.old_buckets < OLD_BUCKETS; n++) {
        trial->ops->put(trial->map, key_of(trial, n), n);
        trial->ops->inspector->view(trial->map, 0, &view);
    }
}

static void overwrite(struct sn_trial *trial, uint32_t index) {
    for (uint64_t n = 0; n < OVERWRITES; n++)
        trial->ops->put(trial->map, key_of(trial, OVERWRITES * index + n), n);
}

/* The sums stand whatever becomes of the execution. */
static void event_share(struct sn_trial *trial, const struct map_event *event) {
    const uint64_t all = (1u << SN_TRIAL_TASKS) - 1;
    uint64_t *tally = hd_tally(), tasks = 0;
    uint32_t self = hd_task_self();
    if (event->kind == MAP_MISUSE)
        tally[SHARED_SPOKEN] = 1;
    if (event->kind != MAP_EVACUATE_START || event->bucket >= SN_TRIAL_BUCKETS || self == 0)
        return;
    trial->moved[event->bucket] |= 1u << (self - 1);
    for (uint32_t bucket = 0; bucket < SN_TRIAL_BUCKETS; bucket++) {
        tasks |= trial->moved[bucket];
        if (trial->moved[bucket] == all)
            tally[SHARED_TWICE] = 1;
    }
    if (tasks == all)
        tally[SHARED] = 1;
}

static const struct sn_trial_ops shared_growth = {
    .fill = fill_growing, .task = overwrite, .event = event_share};

static void count_shared(struct sn_witness *witness, const struct sn_trial_sum *sum) {
    for (uint32_t place = SHARED; place <= SHARED_SPOKEN; place++)
        witness->tally[place] += sum->tally[place];
}

static int own_share(struct sn_witness *witness) {
    return sn_trial_run(witness, map_of(witness, "gomap-goes-on"), &shared_growth, count_shared);
}

static void conclude_share(const struct sn_witness *witness, struct sn_claim_result *result) {
    const uint64_t *tally = witness->tally;
    result->cases = tally[SHARED];
    result->holds = tally[SHARED_TWICE] + tally[SHARED_SPOKEN] == 0;
    SAY(result,
        "of %" PRIu64 " executions in which two tasks moved buckets of one growth %" PRIu64
        " moved some bucket twice; in %" PRIu64 " of all %" PRIu64
        " the map would have ended the process",
        tally[SHARED], tally[SHARED_TWICE], tally[SHARED_SPOKEN], witness->executions);
}

const struct sn_claim sn_claims_tasks[] = {
    {9, "sync.Map is lock-striped: writers of different keys take different locks.", sn_no_visit,
     sn_no_event, own_stripes, conclude_stripes},
    {18, "`nevacuate` is advanced atomically, so that goroutines share the work of growing.",
     sn_no_visit, sn_no_event, own_share, conclude_share},
};
