/* line.h - the line that shows a fault again.
 */
#ifndef HEDDLE_CLI_LINE_H
#define HEDDLE_CLI_LINE_H

#include "harness/result/record.h"

/* Writes "heddle replay --scenario S --map M --strategy X --seed N [--flavour tsan] --build B
 * --expect D" into record->replay. The names are written as a shell takes them. A line that does
 * not fit is left empty: the saved file then is the way. */
void cli_line_build(const char *scenario, const char *map, const char *build,
                    struct hd_fault_record *record);

#endif
