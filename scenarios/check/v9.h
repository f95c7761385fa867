/* v9.h - V9: an iteration returns each key that was present throughout exactly once, and none that was
 * absent throughout; a key that nobody wrote meanwhile comes with its value, and any
 * other with one that some write explains.
 *
 * What was present or absent throughout is asked of the model beside the map; so it holds of any map,
 * and in every kind of run.
 */
#ifndef HEDDLE_SCENARIOS_CHECK_V9_H
#define HEDDLE_SCENARIOS_CHECK_V9_H

#include "scenarios/model.h"

/* The iteration in flight came upon a key; SN_NO_KEY for one outside the universe. */
void sn_v9_visit(const struct sn_model *model, struct sn_flight *flight, uint32_t key,
                 uint64_t value);
/* It has ended. Returns whether it was possible; else `message` and `note` as of sn_model_end. */
bool sn_v9(const struct sn_model *model, const struct sn_flight *flight, char *message, char *note);

#endif
