/* file.h - a file that is written whole or not at all.
 */
#ifndef HEDDLE_REPORTS_FILE_H
#define HEDDLE_REPORTS_FILE_H

#include <stddef.h>
#include <stdio.h>

#include "harness/result/record.h"

/* Lets `write` fill a new file that then takes the place of `path` in one step; what stood there
 * stays until then, and after any error. Devices, pipes and links are written in place. `write`
 * returns 0 or -errno. Returns 0 or -errno, with one line "PATH: reason" in `error` (HD_LINE_SIZE
 * bytes). */
int rp_file_write(const char *path, int (*write)(FILE *stream, const void *context),
                  const void *context, char *error);

/* Lets `write` fill what `descriptor` is, and closes it, also after an error. Returns 0 or -errno. */
int rp_file_fill(int descriptor, int (*write)(FILE *stream, const void *context),
                 const void *context);

/* Reads a whole text into a NUL-terminated heap block of *size bytes (without the NUL); of what is no text
 * a part that holds a NUL. Returns 0 or -errno (-EFBIG over `size_max`), with one line in `error`. */
int rp_file_read(const char *path, size_t size_max, char **text, size_t *size, char *error);

#endif
