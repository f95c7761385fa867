/* v3.c - V3: a moved old bucket sends each key to X or Y as its hash bit says; its marks agree;
 * keys lie in the new bucket of their hash. Speaks of keys that are still present, and rests after
 * the hash seed was redrawn. Holds at every point outside the move of that bucket. */
#include "scenarios/check/look.h"

static bool present(const struct sn_look *look, uint64_t key) {
    struct sn_candidate state;
    uint32_t index = sn_universe_index(look->universe, key);
    return index != SN_NO_INDEX && sn_model_definite(look->model, index, &state) && state.present;
}

static bool check_mark(const struct sn_look *look, const struct map_cell *cell,
                       struct sn_finding *finding) {
    unsigned long long bucket = cell->bucket;
    if (cell->state == MAP_CELL_EVACUATED_EMPTY)
        return true;
    if (cell->state != MAP_CELL_EVACUATED_X && cell->state != MAP_CELL_EVACUATED_Y)
        return sn_found(finding,
                        "V3: evacuated old bucket %llu has a cell that is not marked as moved",
                        bucket);
    bool mark = cell->state == MAP_CELL_EVACUATED_Y;
    if (!present(look, cell->key))
        return true;
    uint64_t hash = sn_look_hash(look, cell->key);
    bool bit = !look->view.same_size && (hash & look->view.old_buckets) != 0;
    return mark == bit ||
           sn_found(finding,
                    "V3: old bucket %llu marks key %llu as moved to %s, its "
                    "hash bit says %s",
                    bucket, (unsigned long long)cell->key, mark ? "Y" : "X", bit ? "Y" : "X");
}

static bool check_place(const struct sn_look *look, const struct map_cell *cell,
                        struct sn_finding *finding) {
    if (cell->state != MAP_CELL_LIVE || !present(look, cell->key) || look->view.buckets == 0)
        return true;
    uint64_t hash = sn_look_hash(look, cell->key);
    uint64_t bucket = hash & (look->view.buckets - 1);
    return cell->bucket == bucket ||
           sn_found(finding,
                    "V3: key %llu lies in new bucket %llu, its hash "
                    "says %llu",
                    (unsigned long long)cell->key, (unsigned long long)cell->bucket,
                    (unsigned long long)bucket);
}

bool sn_v3(const struct sn_look *look, struct sn_finding *finding) {
    bool marks = look->track->window && sn_look_hash(look, 0) == look->track->probe;
    for (uint32_t index = 0; index < look->cells->count; index++) {
        const struct map_cell *cell = &look->cells->cell[index];
        bool holds = true;
        if (!cell->old && look->settled)
            holds = check_place(look, cell, finding);
        else if (cell->old && marks && cell->evacuated &&
                 !sn_part_moving(look->track, cell->bucket))
            holds = check_mark(look, cell, finding);
        if (!holds)
            return false;
    }
    return true;
}
