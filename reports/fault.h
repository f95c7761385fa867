/* fault.h - one fault on one screen, for a person.
 */
#ifndef HEDDLE_REPORTS_FAULT_H
#define HEDDLE_REPORTS_FAULT_H

#include <stdbool.h>
#include <stdio.h>

#include "harness/result/record.h"

/* Where a fault was found. Strings are borrowed. */
struct rp_place {
    const char *scenario;
    const char *map;
};

struct rp_fault_options {
    bool color;
    bool whole;    /* every task, frame and line, however long */
    bool replayed; /* of a lone execution: it has no index */
};

/* Prints the report. Its body holds no address and no wall time: two replays of one execution print
 * the same bytes. Returns 0 or -errno. */
int rp_fault_print(FILE *stream, const struct rp_place *place, const struct hd_fault_record *record,
                   const struct rp_fault_options *options);

#endif
