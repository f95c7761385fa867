/* v4.c - V4: every old bucket below nevacuate is moved; nevacuate never falls within a growth; it
 * ends at the number of old buckets. Holds at every point. */
#include "scenarios/check/look.h"

/* With a complete look the inspector's own word on each old bucket counts as well. */
static bool check_cells(const struct sn_look *look, struct sn_finding *finding) {
    for (uint32_t index = 0; index < look->cells->count; index++) {
        const struct map_cell *cell = &look->cells->cell[index];
        if (cell->old && cell->bucket < look->view.evacuated && !cell->evacuated)
            return sn_found(finding, "V4: old bucket %llu is not evacuated, nevacuate is %llu",
                            (unsigned long long)cell->bucket,
                            (unsigned long long)look->view.evacuated);
    }
    return true;
}

bool sn_v4(const struct sn_look *look, struct sn_finding *finding) {
    const struct sn_part *track = look->track;
    uint64_t mark = look->view.evacuated;
    if (!track->window || !track->followed)
        return true;
    if (mark < look->mark)
        return sn_found(finding, "V4: nevacuate fell from %llu to %llu",
                        (unsigned long long)look->mark, (unsigned long long)mark);
    if (mark > track->old_buckets)
        return sn_found(finding, "V4: nevacuate is %llu of %llu old buckets",
                        (unsigned long long)mark, (unsigned long long)track->old_buckets);
    for (uint64_t bucket = look->mark; bucket < mark; bucket++) {
        if (!sn_part_moved(track, bucket) && !sn_part_moving(track, bucket))
            return sn_found(finding, "V4: nevacuate passed old bucket %llu, which was never moved",
                            (unsigned long long)bucket);
    }
    return look->cells == NULL || check_cells(look, finding);
}

bool sn_v4_end(const struct sn_look *look, struct sn_finding *finding) {
    const struct sn_part *track = look->track;
    if (!track->followed || track->clearing)
        return true;
    if (track->moved_count + track->moves < track->old_buckets)
        return sn_found(finding, "V4: old buckets are released after %llu of %llu were moved",
                        (unsigned long long)track->moved_count,
                        (unsigned long long)track->old_buckets);
    if (look->view.evacuated != track->old_buckets)
        return sn_found(finding, "V4: a growth ended with nevacuate at %llu of %llu",
                        (unsigned long long)look->view.evacuated,
                        (unsigned long long)track->old_buckets);
    return true;
}
