/* universe.h - the keys a program knows: the prefilled ones first, the new ones behind them. */
#ifndef HEDDLE_SCENARIOS_UNIVERSE_H
#define HEDDLE_SCENARIOS_UNIVERSE_H

#include <stdint.h>

#include "scenarios/keys.h"
#include "scenarios/scenario_internal.h"

#define SN_NO_INDEX UINT32_MAX

struct sn_universe {
    uint32_t count;
    uint32_t old;                 /* of them prefilled, whether or not deleted again */
    uint16_t index[SN_KEY_LIMIT]; /* of a key value, plus one; 0 = not of the universe */
    uint64_t key[SN_KEYS_MAX];
};

static inline uint32_t sn_universe_index(const struct sn_universe *universe, uint64_t key) {
    return key < SN_KEY_LIMIT ? universe->index[key] - 1u : SN_NO_INDEX;
}

/* Adds a key value that is not yet in it and below SN_KEY_LIMIT; there must be room. */
static inline uint32_t sn_universe_add(struct sn_universe *universe, uint64_t key) {
    universe->key[universe->count] = key;
    universe->index[key] = (uint16_t)++universe->count;
    return universe->count - 1;
}

#endif
