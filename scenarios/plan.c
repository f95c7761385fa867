/* plan.c - which keys there are, and how the map is filled before the tasks start.
 *
 * A plan is made once a batch, on the fresh map of its first execution, because keys may be chosen
 * by their hash: it follows from the batch's seed alone. Key values are small numbers in rising
 * order.
 *
 *   count       keys 0 .. N - 1
 *   threshold   each table filled to the load limit of its buckets, so that the next new key
 *               grows it
 *   same_size   each table grown to its buckets and emptied again but for two keys; then each
 *               bucket given nine keys, all but `spare` of them taken back: every chain keeps an
 *               overflow bucket and few entries, so that the next new key starts a growth of the same
 *               size (Go's rule: as many overflow buckets as buckets)
 *   collide     keys of one bucket, however often the table has doubled
 */
#include "harness/base/assert.h"
#include "scenarios/program_internal.h"

#define CHAIN_KEYS   9u /* one more than a bucket holds */
#define GROWN_SPARED 2u

#define COLLIDE_BUCKETS 64u
#define TOPHASH_MASK    (0xffull << 56)

static uint64_t scale(uint64_t draw, uint64_t n) {
    return (uint64_t)((__extension__(unsigned __int128) draw * n) >> 64);
}

static uint32_t parts(const struct sn_program *program) {
    return program->inspector != NULL ? program->inspector->parts(program->map) : 1;
}

/* Which table owns a key, and its bucket there when that table has 2^log2 of them. */
static bool key_belongs(const struct sn_program *program, uint64_t key, uint32_t part,
                        uint64_t mask, uint64_t bucket) {
    if (program->inspector == NULL)
        return true;
    return sn_part_of(program, key) == part && (sn_hash(program, part, key) & mask) == bucket;
}

static uint64_t free_key(const struct sn_program *program, uint64_t key) {
    while (sn_universe_index(&program->universe, key) != SN_NO_INDEX)
        key++; /* ends: the universe is smaller than the range of key values */
    return key;
}

/* The first key value from *next on that belongs there and is not yet in the universe. When there is none
 * it is any other one, which the program remembers. */
static uint64_t take_key(struct sn_program *program, uint64_t *next, uint32_t part, uint64_t mask,
                         uint64_t bucket) {
    while (*next < SN_KEY_LIMIT) {
        uint64_t key = (*next)++;
        if (sn_universe_index(&program->universe, key) == SN_NO_INDEX &&
            key_belongs(program, key, part, mask, bucket))
            return key;
    }
    program->misplaced++;
    return free_key(program, 0);
}

uint64_t sn_plan_key(const struct sn_program *program, uint32_t part, uint64_t *next) {
    while (*next < SN_KEY_LIMIT) {
        uint64_t key = (*next)++;
        if (key_belongs(program, key, part, 0, 0))
            return key;
    }
    return UINT64_MAX;
}

static uint32_t plan_step(struct sn_program *program, uint32_t key, bool remove) {
    struct sn_prefill_step *step = &program->plan[program->plan_count++];
    *step = (struct sn_prefill_step){.key = key, .remove = remove};
    sn_prefill_step(program, step);
    return key;
}

static bool room(const struct sn_program *program) {
    return program->universe.count + program->scenario->keys.fresh < SN_KEYS_MAX;
}

/* `count` keys for one table, in rising order. */
static void plan_fill(struct sn_program *program, uint32_t part, uint64_t count) {
    uint64_t next = 0;
    for (uint64_t number = 0; number < count && room(program); number++) {
        uint64_t key = take_key(program, &next, part, 0, 0);
        plan_step(program, sn_universe_add(&program->universe, key), false);
    }
}

static void view_part(const struct sn_program *program, uint32_t part, struct map_view *view) {
    *view = (struct map_view){0};
    if (program->inspector != NULL)
        program->inspector->view(program->map, part, view);
}

/* Grows a table to 2^log2 buckets, with no growth under way, and leaves it nearly empty. */
static void plan_grow(struct sn_program *program, uint32_t part, uint64_t log2) {
    struct map_view view;
    uint64_t next = 0, most = sn_load_limit((uint32_t)log2);
    uint32_t first = program->universe.count;
    view_part(program, part, &view);
    while ((view.log2_buckets < log2 || view.growing) && room(program) &&
           program->universe.count < first + most) { /* ends: the universe grows */
        uint64_t key = take_key(program, &next, part, 0, 0);
        plan_step(program, sn_universe_add(&program->universe, key), false);
        view_part(program, part, &view);
    }
    for (uint32_t key = first + GROWN_SPARED; key < program->universe.count; key++)
        plan_step(program, key, true);
}

/* One overflow bucket behind a bucket, unless the table has enough of them. */
static void plan_chain(struct sn_program *program, uint32_t part, uint64_t mask, uint64_t bucket) {
    struct map_view view;
    uint64_t next = 0;
    uint32_t first = program->universe.count;
    view_part(program, part, &view);
    for (uint32_t number = 0; number < CHAIN_KEYS && view.overflow <= mask; number++) {
        if (!room(program))
            return;
        uint64_t key = take_key(program, &next, part, mask, bucket);
        plan_step(program, sn_universe_add(&program->universe, key), false);
        view_part(program, part, &view);
    }
    for (uint32_t key = first; key + program->scenario->prefill.spare < program->universe.count;
         key++)
        plan_step(program, key, true);
}

/* Keys of one bucket, also in tables of up to COLLIDE_BUCKETS. */
static void plan_collide(struct sn_program *program, uint32_t part) {
    uint64_t next = 0;
    for (uint64_t number = 0; number < program->amount && room(program); number++) {
        uint64_t key = take_key(program, &next, part, COLLIDE_BUCKETS - 1, 0);
        plan_step(program, sn_universe_add(&program->universe, key), false);
    }
}

/* Keys beyond a place of growth leave the growth under way only in a map that moves its entries in later
 * writes; any other has grown, and is left alone. */
static void plan_threshold(struct sn_program *program, uint32_t part) {
    const struct sn_prefill *prefill = &program->scenario->prefill;
    uint64_t count = program->growth.keys;
    if (program->growth.sign == SN_SIGN_NONE || program->study.gradual)
        count += program->above;
    plan_fill(program, part, count > prefill->below ? count - prefill->below : 0);
}

static void plan_part(struct sn_program *program, uint32_t part) {
    const struct sn_prefill *prefill = &program->scenario->prefill;
    if (prefill->kind == SN_PREFILL_SAME_SIZE && program->inspector != NULL) {
        uint64_t buckets = 1ull << program->amount;
        plan_grow(program, part, program->amount);
        for (uint64_t bucket = prefill->below; bucket < buckets; bucket++)
            plan_chain(program, part, buckets - 1, bucket);
    } else if (prefill->kind == SN_PREFILL_COLLIDE) {
        plan_collide(program, part);
    } else {
        plan_threshold(program, part);
    }
}

/* The bits of the hash that new key `number` must have, and which bits count. */
static void plan_bits(const struct sn_program *program, uint64_t number, uint64_t *mask,
                      uint64_t *bits) {
    struct map_view view;
    view_part(program, 0, &view);
    uint32_t log2 = view.log2_buckets < 32 ? view.log2_buckets : 32; /* a map may say anything */
    uint64_t buckets = 1ull << log2;
    *mask = *bits = 0;
    switch (program->scenario->keys.place) {
    case SN_PLACE_ANY:
        break;
    case SN_PLACE_SAME_BUCKET:
        *mask = 2 * buckets - 1;
        break;
    case SN_PLACE_SAME_TOPHASH:
        *mask = TOPHASH_MASK;
        *bits = sn_hash(program, 0, 0) & TOPHASH_MASK;
        break;
    case SN_PLACE_SPLIT:
        *mask = 2 * buckets - 1;
        *bits = number % 2 == 0 ? 0 : buckets;
        break;
    }
}

static void plan_fresh(struct sn_program *program) {
    const struct sn_keys *keys = &program->scenario->keys;
    bool placed = keys->place != SN_PLACE_ANY && program->inspector != NULL;
    uint64_t next[2] = {0, 0}, mask, bits; /* of even and odd ones, which may belong elsewhere */
    for (uint64_t number = 0, key = 0; number < keys->fresh; number++) {
        if (placed) {
            plan_bits(program, number, &mask, &bits);
            key = take_key(program, &next[number % 2], 0, mask, bits);
        } else {
            key = free_key(program, key);
        }
        sn_universe_add(&program->universe, key);
    }
}

/* weight[n] is the sum of 1/1 .. 1/n in units of 2^-32. */
static void weigh(struct sn_program *program) {
    uint64_t sum = 0;
    for (uint32_t rank = 1; rank <= program->universe.count; rank++)
        program->weight[rank - 1] = sum += (1ull << 32) / rank;
}

/* One of `count` keys from number `first` on. */
static uint32_t pick(const struct sn_program *program, uint64_t draw, uint64_t first,
                     uint64_t count) {
    if (!program->scenario->keys.zipf)
        return (uint32_t)(first + scale(draw, count));
    uint64_t at = scale(draw, program->weight[count - 1]), low = 0, high = count - 1;
    while (low < high) { /* ends: the interval halves */
        uint64_t middle = (low + high) / 2;
        if (at < program->weight[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return (uint32_t)(first + low);
}

static uint32_t settle_key(const struct sn_program *program, uint32_t task,
                           const struct sn_operation *operation) {
    const struct sn_keys *keys = &program->scenario->keys;
    uint64_t count = program->universe.count, old = program->universe.old, fresh = count - old;
    enum sn_key_choice choice = operation->choice;
    HD_ASSERT(count > 0); /* a file whose operations need keys has some: see load.c */
    if (choice == SN_KEY_ANY && scale(operation->draw[0], SN_MILLION) < keys->hot_share)
        return 0;
    if (choice == SN_KEY_ANY && operation->kind == SN_PUT && keys->new_share_set)
        choice = scale(operation->draw[1], SN_MILLION) < keys->new_share ? SN_KEY_NEW : SN_KEY_OLD;
    if (choice == SN_KEY_NUMBER)
        return (uint32_t)(operation->number % count);
    if (choice == SN_KEY_TASK)
        return (uint32_t)(fresh > 0 ? old + task % fresh : task % count);
    if (choice == SN_KEY_NEW && fresh > 0)
        return pick(program, operation->draw[2], old, fresh);
    if (choice == SN_KEY_OLD && old > 0)
        return pick(program, operation->draw[2], 0, old);
    return pick(program, operation->draw[2], 0, count);
}

static void settle_operations(struct sn_program *program) {
    if (program->scenario->keys.zipf)
        weigh(program);
    for (uint32_t task = 0; task < program->tasks; task++) {
        for (uint32_t position = 0; position < program->task[task].count; position++) {
            struct sn_operation *operation =
                &program->operation[program->task[task].first + position];
            if (operation->kind <= SN_DELETE)
                operation->key = settle_key(program, task, operation);
        }
    }
}

void sn_plan(struct sn_program *program) {
    struct sn_universe *universe = &program->universe;
    for (uint32_t key = 0; key < universe->count; key++)
        universe->index[universe->key[key]] = 0;
    universe->count = universe->old = 0;
    program->plan_count = 0;
    program->misplaced = 0;
    program->growth = sn_study_nearest(&program->study, sn_study_keys(program));
    if (program->scenario->prefill.kind == SN_PREFILL_COUNT) {
        uint64_t count = program->amount;
        for (uint64_t key = 0; key < count && room(program); key++)
            plan_step(program, sn_universe_add(universe, key), false);
    } else {
        for (uint32_t part = 0; part < parts(program); part++)
            plan_part(program, part);
    }
    universe->old = universe->count;
    plan_fresh(program);
    settle_operations(program);
    program->planned = true;
}
