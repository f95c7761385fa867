/* promises.h - judges what a map promises beyond the contracts of its operations (struct map_promises).
 *
 * A key's state at a moment of the model's clock is what some write may have left: one that has begun and
 * that no later write, ended by then, is known to have overwritten. A promise of one moment is broken when
 * no moment between the operation's start and its end fits what it returned. Each key is judged by itself
 * at that moment: more is accepted than is linearizable, never less.
 *
 * Threads: called between points, one task at a time. Nothing here allocates.
 */
#ifndef HEDDLE_SCENARIOS_PROMISES_H
#define HEDDLE_SCENARIOS_PROMISES_H

#include "scenarios/model.h"

/* Whether an iteration may show this entry now: iterates_present. */
bool sn_promised_present(const struct sn_model *model, uint32_t key, uint64_t value);
/* Whether what an iteration has shown was there at one moment: iterates_one_moment. */
bool sn_promised_moment(const struct sn_model *model, const struct sn_flight *flight);
/* Whether a length was that of one moment: length_exact. */
bool sn_promised_length(const struct sn_model *model, const struct sn_flight *flight,
                        uint64_t length);

/* A put is about to begin, or the prefill holds `key`: notes whether a cache may forget from now on. */
void sn_promise_note_put(struct sn_model *model, uint32_t key);

#endif
