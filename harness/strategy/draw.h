/* draw.h - the draws of one execution's schedule stream, in order. */
#ifndef HEDDLE_HARNESS_STRATEGY_DRAW_H
#define HEDDLE_HARNESS_STRATEGY_DRAW_H

#include "harness/strategy/strategy.h"

struct hd_draws {
    uint64_t key;
    uint64_t index;
};

static inline uint64_t hd_draws_word(struct hd_draws *draws) {
    return hd_draw(draws->key, draws->index++);
}

static inline uint64_t hd_draws_below(struct hd_draws *draws, uint64_t n) {
    return hd_draw_below(draws->key, &draws->index, n);
}

#endif
