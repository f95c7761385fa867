/* v8.c - V8: old buckets exist exactly in the window between the events GROWTH_START and
 * GROWTH_END, and are released once (the second half is checked as events come in, in track.c).
 * Within the step that opens or closes the window, which is part of a write, the two may
 * disagree. */
#include "scenarios/check/look.h"

bool sn_v8(const struct sn_look *look, struct sn_finding *finding) {
    if (look->view.growing == look->track->window)
        return true;
    return look->view.growing
               ? sn_found(finding, "V8: old buckets exist outside the growth window")
               : sn_found(finding, "V8: there are no old buckets within the growth window");
}
