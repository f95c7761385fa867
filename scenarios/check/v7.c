/* v7.c - V7: hashWriting is set exactly while one writer is between its start and its end. A write
 * starts before its first look at the flag and ends after the store of the value, so that the flag
 * may be clear at both ends of it; it is never set outside of a write, nor clear while a bucket is
 * being moved. Speaks of maps that keep writers apart, and of moves only where the map has shown in
 * this execution that it uses the flag at all. Holds at every point. */
#include "scenarios/check/look.h"

bool sn_v7(const struct sn_look *look, struct sn_finding *finding) {
    if (!look->exclusive)
        return true;
    if (look->view.writing && look->track->writers == 0)
        return sn_found(finding, "V7: hashWriting is set while no write is inside");
    if (!look->view.writing && look->flagged && look->track->moves > 0)
        return sn_found(finding, "V7: old bucket %llu is moved while hashWriting is not set",
                        (unsigned long long)look->track->move[0].bucket);
    return true;
}
