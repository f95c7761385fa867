/* witness.c - see witness.h. */
#include "scenarios/claims/witness.h"

#include <errno.h>
#include <stdlib.h>

#include "harness/base/hash.h"

#define OPERATIONS 1200u /* of a program: about 800 keys and seven growths */

void sn_no_visit(struct sn_witness *witness, const struct sn_deed_seen *seen) {
    (void)witness;
    (void)seen;
}

void sn_no_event(struct sn_witness *witness, const struct map_event *event) {
    (void)witness;
    (void)event;
}

int sn_nothing_own(struct sn_witness *witness) {
    (void)witness;
    return 0;
}

/* ---- the map --------------------------------------------------------------------------------- */

static void take_event(void *context, const struct map_event *event) {
    struct sn_witness *witness = context;
    struct sn_deed_seen *now = &witness->now;
    if (event->kind == MAP_GROWTH_START)
        now->growths++;
    if (event->kind == MAP_EVACUATE_START) {
        now->moved_idle += now->growths == 0 && !now->before.growing;
        now->moves++;
    }
    witness->claim->event(witness, event);
}

/* One task that keeps the contract: the map has nothing to complain of. */
static void fatal(void *context, const char *message) {
    (void)context;
    (void)message;
    abort();
}

int sn_witness_open(struct sn_witness *witness, uint64_t hint) {
    const struct map_options options = {.hint = hint,
                                        .version = witness->options.version,
                                        .seed = hd_fold(witness->options.seed, witness->program)};
    witness->host = (struct map_host){.context = witness, .event = take_event, .fatal = fatal};
    witness->made = 0;
    witness->now = (struct sn_deed_seen){0};
    return witness->ops->create(&options, &witness->host, &witness->map);
}

void sn_witness_close(struct sn_witness *witness) {
    witness->ops->destroy(witness->map);
    witness->map = NULL;
}

uint64_t sn_witness_hash(const struct sn_witness *witness, uint64_t key) {
    return witness->ops->inspector->hash(witness->map, 0, key);
}

struct map_view sn_witness_view(const struct sn_witness *witness) {
    struct map_view view;
    witness->ops->inspector->view(witness->map, 0, &view);
    return view;
}

/* ---- operations ------------------------------------------------------------------------------ */

uint64_t sn_witness_key(const struct sn_witness *witness, uint64_t n) {
    return hd_fold(hd_fold(witness->options.seed, witness->program), n);
}

uint64_t sn_witness_draw(const struct sn_witness *witness, uint64_t n, uint64_t bound) {
    unsigned __int128 wide = sn_witness_key(witness, ~n);
    return (uint64_t)(wide * bound >> 64);
}

static bool visit_all(void *context, uint64_t key, uint64_t value) {
    (void)context;
    (void)key;
    (void)value;
    return true;
}

const struct sn_deed_seen *sn_witness_do(struct sn_witness *witness, enum sn_deed deed,
                                         uint64_t key) {
    const struct map_ops *ops = witness->ops;
    uint64_t value;
    witness->now = (struct sn_deed_seen){.deed = deed,
                                         .key = key,
                                         .present = ops->inspector->find(witness->map, key, NULL),
                                         .before = sn_witness_view(witness)};
    switch (deed) {
    case SN_DEED_PUT:
        ops->put(witness->map, key, key);
        break;
    case SN_DEED_GET:
        ops->get(witness->map, key, &value);
        break;
    case SN_DEED_DELETE:
        ops->del(witness->map, key);
        break;
    case SN_DEED_ITERATE:
        ops->iterate(witness->map, visit_all, NULL);
        break;
    }
    witness->now.after = sn_witness_view(witness);
    return &witness->now;
}

/* ---- programs -------------------------------------------------------------------------------- */

/* Of 100 operations 70 put a new key; the others take one of the program's keys, there or not. */
static const struct sn_deed_seen *next_deed(struct sn_witness *witness, uint64_t number) {
    uint64_t kind = sn_witness_draw(witness, 2 * number, 100);
    uint64_t known =
        sn_witness_key(witness, sn_witness_draw(witness, 2 * number + 1, witness->made + 1));
    if (kind < 70)
        return sn_witness_do(witness, SN_DEED_PUT, sn_witness_key(witness, witness->made++));
    if (kind < 76)
        return sn_witness_do(witness, SN_DEED_PUT, known);
    if (kind < 86)
        return sn_witness_do(witness, SN_DEED_DELETE, known);
    if (kind < 98)
        return sn_witness_do(witness, SN_DEED_GET, known);
    return sn_witness_do(witness, SN_DEED_ITERATE, 0);
}

bool sn_witness_stopped(const struct sn_witness *witness) {
    return witness->options.stopped != NULL && witness->options.stopped();
}

int sn_witness_programs(struct sn_witness *witness) {
    int status = 0;
    for (uint32_t program = 0; program < witness->options.programs && status == 0; program++) {
        witness->program = program;
        status = sn_witness_stopped(witness) ? -EINTR : sn_witness_open(witness, 0);
        if (status != 0)
            return status;
        for (uint64_t number = 0; number < OPERATIONS; number++)
            witness->claim->visit(witness, next_deed(witness, number));
        sn_witness_close(witness);
    }
    return status;
}
