/* look.c - collecting a table's cells for the checkers. */
#include "scenarios/check/look.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "harness/base/hash.h"

uint64_t sn_look_hash(const struct sn_look *look, uint64_t key) {
    return sn_key_hash(look->inspector, look->texts, look->map, look->part, key);
}

bool sn_look_find(const struct sn_look *look, uint64_t key, struct map_cell *cell) {
    return sn_key_find(look->inspector, look->texts, look->map, key, cell);
}

static bool has_key(enum map_cell_state state) {
    return state == MAP_CELL_LIVE || state == MAP_CELL_EVACUATED_X || state == MAP_CELL_EVACUATED_Y;
}

static bool collect(void *context, const struct map_cell *cell) {
    struct sn_cells *cells = context;
    if (cells->count == SN_CELLS_MAX) {
        cells->cut = true;
        return false;
    }
    struct map_cell *kept = &cells->cell[cells->count++];
    *kept = *cell;
    if (cells->strings)
        kept->key = has_key(cell->state) ? sn_text_number(&cell->text) : 0;
    if (cell->old && cell->bucket < SN_OLD_MAX) {
        uint64_t *sum = &cells->old_sum[cell->bucket];
        *sum = hd_fold(*sum, (uint64_t)cell->state << 16 | (uint64_t)cell->tophash);
        *sum = hd_fold(*sum, kept->key);
        *sum = hd_fold(*sum, cell->value);
    }
    return true;
}

void sn_cells_collect(const struct sn_look *look, struct sn_cells *cells) {
    cells->count = 0;
    cells->cut = false;
    cells->strings = look->texts != NULL;
    uint64_t sums = look->view.old_buckets < SN_OLD_MAX ? look->view.old_buckets : SN_OLD_MAX;
    memset(cells->old_sum, 0, sums * sizeof(cells->old_sum[0]));
    look->inspector->walk(look->map, look->part, collect, cells);
}

static void found(struct sn_finding *finding, uint32_t key, const char *format, va_list list) {
    vsnprintf(finding->message, sizeof(finding->message), format, list);
    finding->letter = 0;
    for (const char *digit = finding->message + 1; *digit >= '0' && *digit <= '9'; digit++)
        finding->letter = finding->letter * 10 + (uint32_t)(*digit - '0');
    finding->key = key;
}

bool sn_found(struct sn_finding *finding, const char *format, ...) {
    va_list list;
    va_start(list, format);
    found(finding, SN_NO_KEY, format, list);
    va_end(list);
    return false;
}

bool sn_found_key(struct sn_finding *finding, uint32_t key, const char *format, ...) {
    va_list list;
    va_start(list, format);
    found(finding, key, format, list);
    va_end(list);
    return false;
}

bool sn_look_owns(const struct sn_look *look, uint32_t key) {
    return look->parts == 1 || sn_key_part(look->inspector, look->texts, look->map,
                                           look->universe->key[key]) == look->part;
}
