/* glance.h - results of a map's reads that the writes around them rule out, found in one pass.
 *
 * A search for an order may spend all its steps before it meets a value that was never put. These rules are
 * weaker than linearizability, take a time that grows with the number of calls alone, and need no order:
 *
 *   Q1  a get that found a value needs a put of it under that key: begun before the get returned, not
 *       failed, and not returned before the beginning of a write of the key that had returned before the
 *       get began
 *   Q2  a get that found nothing, and a delete that told the same, need such a removal: a delete, a
 *       clear, or the beginning, when the map is empty
 *   Q3  a delete that told that it removed needs such a put, of any value
 *
 * Each follows: the last write before the read's moment is the one that it saw, and every write that had
 * returned before the read began came no later than that one.
 */
#ifndef HEDDLE_HARNESS_CHECK_GLANCE_H
#define HEDDLE_HARNESS_CHECK_GLANCE_H

#include "harness/check/linearizability.h"
#include "harness/check/parts.h"

struct hd_glance_writes;
struct hd_glance_read;

struct hd_glance {
    uint32_t *event;                /* of each position: the call, twice, + 1 when it returns */
    uint32_t *slot;                 /* open addressing of `value`: its place + 1, or 0 */
    struct hd_glance_read *read;    /* of each call */
    struct hd_glance_writes *value; /* puts of one value under one key */
    struct hd_glance_writes *key;   /* of each part: its puts, then its removals */
    uint32_t slots;                 /* in use, a power of two */
    uint32_t values;
};

/* Returns 0 or -ENOMEM; hd_glance_clear releases, also after an error. */
int hd_glance_init(struct hd_glance *glance, uint32_t calls_max);
void hd_glance_clear(struct hd_glance *glance);

/* Judges the reads of a history by Q1 to Q3. `parts` are the keys. Where one is broken, the least prefix
 * that this shows to be illegal becomes the result's `illegal`, with `part` and `rule`; `legal` is one
 * less. */
void hd_glance_check(struct hd_glance *glance, const struct hd_history *history,
                     const struct hd_parts *parts, struct hd_check_result *result);

#endif
