/* symbol.h - from code addresses to function, file and line, by debug information (libbacktrace).
 *
 * libbacktrace keeps what it reads for ever: call this in a process that ends soon.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_SYMBOL_H
#define HEDDLE_HARNESS_EXPLORE_SYMBOL_H

#include <stdint.h>

#include "harness/result/record.h"

/* The frame at `pc`; function "?" and line 0 when nothing is known. Inlined calls resolve to the
 * innermost function. */
void hd_symbol_resolve(uint64_t pc, struct hd_frame *frame);

#endif
