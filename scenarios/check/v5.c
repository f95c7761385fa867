/* v5.c - V5: nothing is written to a moved old bucket; a put inside the window leaves its key in
 * new buckets only. */
#include "scenarios/check/look.h"

bool sn_v5(const struct sn_look *look, struct sn_finding *finding) {
    const struct sn_part *track = look->track;
    if (!track->window || !track->followed || look->cells->cut)
        return true;
    for (uint64_t bucket = 0; bucket < track->old_buckets; bucket++) {
        if (track->summed[bucket] && look->cells->old_sum[bucket] != track->sum[bucket])
            return sn_found(finding, "V5: old bucket %llu was written after it was evacuated",
                            (unsigned long long)bucket);
    }
    return true;
}

bool sn_v5_key(const struct sn_look *look, uint32_t index, struct sn_finding *finding) {
    struct map_cell cell = {0};
    uint64_t key = look->universe->key[index];
    if (!look->track->window || !sn_look_find(look, key, &cell) || !cell.old)
        return true;
    return sn_found(finding, "V5: a put left key %llu in old bucket %llu", (unsigned long long)key,
                    (unsigned long long)cell.bucket);
}
