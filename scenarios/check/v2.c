/* v2.c - V2: a key that is present is found exactly once in old and new buckets; one that is
 * absent, and one that nobody ever put, never. Same moments as V1. */
#include <string.h>

#include "scenarios/check/look.h"

/* Live copies of each key, by index. Returns false at a key that is not of the universe. */
static bool count_copies(const struct sn_look *look, struct sn_finding *finding) {
    memset(look->scratch, 0, look->universe->count);
    for (uint32_t index = 0; index < look->cells->count; index++) {
        const struct map_cell *cell = &look->cells->cell[index];
        if (cell->state != MAP_CELL_LIVE)
            continue;
        uint32_t key = sn_universe_index(look->universe, cell->key);
        if (key == SN_NO_INDEX)
            return sn_found(finding, "V2: key %llu, which nobody put, is live in %s bucket %llu",
                            (unsigned long long)cell->key, cell->old ? "old" : "new",
                            (unsigned long long)cell->bucket);
        if (look->scratch[key] < UINT8_MAX)
            look->scratch[key]++;
    }
    return true;
}

bool sn_v2(const struct sn_look *look, struct sn_finding *finding) {
    struct sn_candidate state;
    if (look->cells->cut)
        return true;
    if (!count_copies(look, finding))
        return false;
    for (uint32_t key = 0; key < look->universe->count; key++) {
        uint32_t copies = look->scratch[key];
        if (copies > 1)
            return sn_found_key(finding, key, "V2: key %llu has %u live copies",
                                (unsigned long long)look->universe->key[key], copies);
        if (!sn_look_owns(look, key) || !sn_model_definite(look->model, key, &state) ||
            state.present == (copies == 1))
            continue;
        return sn_found_key(finding, key, "V2: key %llu is %s but has %u live copies",
                            (unsigned long long)look->universe->key[key],
                            state.present ? "present" : "absent", copies);
    }
    return true;
}

bool sn_v2_key(const struct sn_look *look, uint32_t key, struct sn_finding *finding) {
    struct sn_candidate state;
    if (look->cells->cut)
        return true;
    unsigned long long number = look->universe->key[key];
    uint32_t copies = 0;
    for (uint32_t index = 0; index < look->cells->count; index++)
        copies += look->cells->cell[index].state == MAP_CELL_LIVE &&
                  look->cells->cell[index].key == number;
    if (copies <= 1 && !sn_model_definite(look->model, key, &state))
        return true;
    if (copies > 1)
        return sn_found_key(finding, key, "V2: key %llu has %u live copies", number, copies);
    return copies == state.present ||
           sn_found_key(finding, key, "V2: key %llu is %s but has %u live copies", number,
                        state.present ? "present" : "absent", copies);
}
