/* first_bad.h - where something was first broken, and the two states on either side of it.
 */
#ifndef HEDDLE_REPORTS_FIRST_BAD_H
#define HEDDLE_REPORTS_FIRST_BAD_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/result/record.h"

#define RP_FIRST_BAD_LINES 13u /* at most, unless `whole` */

/* Prints nothing where nothing is told; of the two states what differs, or, with `whole`, all of both.
 * Returns how many lines it printed. */
unsigned rp_first_bad_print(FILE *stream, const struct hd_first_bad *first_bad, bool whole);

#endif
