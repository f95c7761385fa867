/* v1.c - V1: a key that is present and has no write in flight is found by a reader, with its value:
 * in the old bucket if that is not moved, else in its new one. Holds at every point in which no
 * write is inside the table. */
#include "scenarios/check/look.h"

/* Why a reader does not find it: where it would look. */
static bool missing(const struct sn_look *look, uint32_t index, struct sn_finding *finding) {
    uint64_t key = look->universe->key[index];
    uint64_t hash = sn_look_hash(look, key);
    if (look->view.growing && look->view.old_buckets > 0) {
        uint64_t bucket = hash & (look->view.old_buckets - 1);
        return sn_found_key(
            finding, index,
            "V1: key %llu is present but a reader would not find it (old bucket %llu %s)",
            (unsigned long long)key, (unsigned long long)bucket,
            sn_part_moved(look->track, bucket) ? "evacuated" : "not evacuated");
    }
    return sn_found_key(
        finding, index, "V1: key %llu is present but a reader would not find it (bucket %llu)",
        (unsigned long long)key,
        (unsigned long long)(look->view.buckets > 0 ? hash & (look->view.buckets - 1) : 0));
}

bool sn_v1_key(const struct sn_look *look, uint32_t index, struct sn_finding *finding) {
    struct sn_candidate state;
    struct map_cell cell = {0};
    if (!sn_model_definite(look->model, index, &state) || !state.present)
        return true;
    uint64_t key = look->universe->key[index];
    if (!sn_look_find(look, key, &cell))
        return missing(look, index, finding);
    if (cell.value == state.value)
        return true;
    return sn_found_key(
        finding, index, "V1: a reader would find %llu under key %llu, which holds %llu",
        (unsigned long long)cell.value, (unsigned long long)key, (unsigned long long)state.value);
}

bool sn_v1(const struct sn_look *look, struct sn_finding *finding) {
    for (uint32_t index = 0; index < look->universe->count; index++) {
        if (sn_look_owns(look, index) && !sn_v1_key(look, index, finding))
            return false;
    }
    return true;
}
