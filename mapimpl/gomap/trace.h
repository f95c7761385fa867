/* trace.h - drives one gomap by a script and prints its whole state after each operation.
 *
 * Script: one operation a line, numbers decimal or 0x, '#' starts a comment:
 *   hash mix|ident|const; keys u64|u32|string|wide|large|float; rng S; impl fast64|generic;
 *   reseed keep|roll; quiet on|off;
 *   new HINT [SEED]; put K V; get K; del K; clear; putrange FIRST N [STEP]; delrange, getrange likewise;
 *   iter [BUCKET OFFSET]; it.new ID [BUCKET OFFSET]; it.next ID [N]; stat; dump; digest.
 * What a number names in a map of each kind of keys is told in trace_keys.c; lines always have the number.
 * A line has at most 4096 bytes, a map 4194304 entries, a range 16777216 keys.
 * Output: one JSON object an operation, as the golden traces of the Go runtime have it.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_TRACE_H
#define HEDDLE_MAPIMPL_GOMAP_TRACE_H

#include <stddef.h>
#include <stdio.h>

/* Runs a script. Returns 0, also where `out` takes no more: its error is set then; -EINVAL for a line that
 * is no operation, -ENOMEM, or -EIO when `in` cannot be read: `error` (of `size` bytes) then holds one
 * line, "N: reason". What was printed before it stays printed.
 * A fatal error of the map prints it and ends the process with status 2, as in Go. */
int map_trace_run(FILE *in, FILE *out, char *error, size_t size);

#endif
