/* parts.c - a hash table from the name of a part to its list of calls: see parts.h. */
#include "harness/check/parts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/base/random.h"

static uint32_t slots_for(uint32_t calls) {
    uint32_t slots = 16;
    while (slots < 2 * calls) /* ends: calls_max is at most 2^30 */
        slots *= 2;
    return slots;
}

int hd_parts_init(struct hd_parts *parts, uint32_t calls_max) {
    HD_ASSERT(calls_max <= HD_HISTORY_CALLS_MAX);
    size_t places = calls_max > 0 ? calls_max : 1;
    *parts = (struct hd_parts){.calls_max = calls_max};
    parts->name = malloc(places * sizeof(*parts->name));
    parts->first = malloc(places * sizeof(*parts->first));
    parts->last = malloc(places * sizeof(*parts->last));
    parts->next = malloc(places * sizeof(*parts->next));
    parts->slot = malloc(slots_for(calls_max) * sizeof(*parts->slot));
    bool whole = parts->name != NULL && parts->first != NULL && parts->last != NULL &&
                 parts->next != NULL && parts->slot != NULL;
    return whole ? 0 : -ENOMEM;
}

void hd_parts_clear(struct hd_parts *parts) {
    free(parts->name);
    free(parts->first);
    free(parts->last);
    free(parts->next);
    free(parts->slot);
    *parts = (struct hd_parts){0};
}

/* The slot that holds the part `name`, or the free one where it belongs. */
static uint32_t *slot_of(const struct hd_parts *parts, uint64_t name) {
    uint32_t mask = parts->slots - 1;
    uint32_t at = (uint32_t)hd_mix(name) & mask;
    while (parts->slot[at] != 0 && parts->name[parts->slot[at] - 1] != name)
        at = (at + 1) & mask; /* ends: at most half of the slots are taken */
    return &parts->slot[at];
}

static void append(struct hd_parts *parts, uint32_t *first, uint32_t *last, uint32_t call) {
    if (*first == HD_CALL_NONE)
        *first = call;
    else
        parts->next[*last] = call;
    *last = call;
}

static void append_to_part(struct hd_parts *parts, uint64_t name, uint32_t call) {
    uint32_t *slot = slot_of(parts, name);
    if (*slot == 0) {
        parts->name[parts->count] = name;
        parts->first[parts->count] = HD_CALL_NONE;
        *slot = ++parts->count;
    }
    append(parts, &parts->first[*slot - 1], &parts->last[*slot - 1], call);
}

void hd_parts_sort(struct hd_parts *parts, const struct hd_model *model,
                   const struct hd_history *history) {
    HD_ASSERT(history->calls <= parts->calls_max);
    parts->count = 0;
    parts->all_first = HD_CALL_NONE;
    parts->slots = slots_for(history->calls);
    memset(parts->slot, 0, parts->slots * sizeof(*parts->slot));
    for (uint32_t call = 0; call < history->calls; call++) {
        uint64_t name = 0;
        parts->next[call] = HD_CALL_NONE;
        enum hd_part part = model->part(&history->call[call], &name);
        if (part == HD_PART_ONE)
            append_to_part(parts, name, call);
        else if (part == HD_PART_ALL)
            append(parts, &parts->all_first, &parts->all_last, call);
    }
}

uint32_t hd_parts_find(const struct hd_parts *parts, uint64_t name) {
    uint32_t part = *slot_of(parts, name);
    return part > 0 ? part - 1 : HD_CALL_NONE;
}
