/* v6.c - V6: count equals live cells. Holds where no write is inside. */
#include "scenarios/check/look.h"

bool sn_v6(const struct sn_look *look, struct sn_finding *finding) {
    uint64_t live = 0;
    if (look->cells->cut)
        return true;
    for (uint32_t index = 0; index < look->cells->count; index++)
        live += look->cells->cell[index].state == MAP_CELL_LIVE;
    return live == look->view.count ||
           sn_found(finding, "V6: count is %llu, live cells are %llu",
                    (unsigned long long)look->view.count, (unsigned long long)live);
}
