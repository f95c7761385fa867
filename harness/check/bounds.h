/* bounds.h - what lengths and iterations of a map may return: rules weaker than linearizability.
 *
 * No map here makes a length or an iteration happen at one moment, and Go's does not claim to. What
 * can be demanded follows from the puts, deletes and clears around the call; a clear counts as a
 * delete of each key. Of those, one whose return says that it failed never happened.
 *
 *   A key is *present throughout* a call when a put of it returned before the call began, and every
 *   delete of it that began before the call ended had returned before that put began.
 *   It is *absent throughout* when no put of it began before the call ended; or when a delete of it
 *   returned before the call began, and every put of it that began before the call ended had
 *   returned before that delete began.
 *
 *   L1  a length is at least the number of keys present throughout, and at most the number of those
 *       not absent throughout
 *   I1  an iteration comes upon each key that is present throughout exactly once
 *   I2  it comes upon no key that is absent throughout
 *   I3  the value it brings was put under that key, by a put that began before; and no other write
 *       of the key lies, whole, between that put and the iteration
 *
 * Each is judged by what was known at the call's return.
 */
#ifndef HEDDLE_HARNESS_CHECK_BOUNDS_H
#define HEDDLE_HARNESS_CHECK_BOUNDS_H

#include "harness/check/linearizability.h"
#include "harness/check/parts.h"
#include "harness/check/search.h"

struct hd_bounds {
    uint32_t *visits; /* of each part, by the iteration in question */
};

/* Returns 0 or -ENOMEM; hd_bounds_clear releases, also after an error. */
int hd_bounds_init(struct hd_bounds *bounds, uint32_t calls_max);
void hd_bounds_clear(struct hd_bounds *bounds);

/* Judges the lengths and iterations of the search's history, spending its steps. `parts` are the
 * keys. What ends before the illegal prefix that *result may hold already becomes its `illegal`,
 * `part` and `rule`; `legal` becomes smaller where the budget ends. */
void hd_bounds_check(struct hd_bounds *bounds, struct hd_search *search,
                     const struct hd_parts *parts, struct hd_check_result *result);

#endif
