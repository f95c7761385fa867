/* symbol.h - from code addresses to function, file and line, by debug information (libbacktrace).
 *
 * libbacktrace keeps what it reads for ever: call this in a process that ends soon.
 */
#ifndef HEDDLE_HARNESS_EXPLORE_SYMBOL_H
#define HEDDLE_HARNESS_EXPLORE_SYMBOL_H

#include <link.h>
#include <stdint.h>

#include "harness/result/record.h"

/* The frame at `pc`; function "?" and line 0 when nothing is known, as outside of what was loaded by
 * dlopen before the first call. Inlined calls resolve to the innermost function. */
void hd_symbol_resolve(uint64_t pc, struct hd_frame *frame);

/* dl_iterate_phdr as libbacktrace is given it: objects that were not there when the process began. */
int hd_symbol_objects(int (*visit)(struct dl_phdr_info *info, size_t size, void *context),
                      void *context);

#endif
