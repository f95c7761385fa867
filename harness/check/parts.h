/* parts.h - the calls of a history by the part of the object they belong to.
 *
 * Parts are numbered in order of their first call; the calls of a part are a list in order of
 * invocation. Threads: one at a time.
 */
#ifndef HEDDLE_HARNESS_CHECK_PARTS_H
#define HEDDLE_HARNESS_CHECK_PARTS_H

#include "harness/check/model.h"

struct hd_parts {
    uint32_t calls_max;
    uint32_t count;
    uint64_t *name;  /* of each part */
    uint32_t *first; /* its first call */
    uint32_t *last;
    uint32_t *next;     /* of each call: the next one of the same list, or HD_CALL_NONE */
    uint32_t all_first; /* the list of calls that belong to every part */
    uint32_t all_last;
    uint32_t *slot; /* open addressing: part + 1, or 0 */
    uint32_t slots; /* in use, a power of two */
};

/* Returns 0 or -ENOMEM; hd_parts_clear releases, also after an error. */
int hd_parts_init(struct hd_parts *parts, uint32_t calls_max);
void hd_parts_clear(struct hd_parts *parts);

/* Sorts the calls of a history of at most `calls_max` calls. */
void hd_parts_sort(struct hd_parts *parts, const struct hd_model *model,
                   const struct hd_history *history);

/* The part with this name, or HD_CALL_NONE. */
uint32_t hd_parts_find(const struct hd_parts *parts, uint64_t name);

#endif
