/* saved.h - one fault in a file of its own: record, schedule and all it takes to see it again.
 */
#ifndef HEDDLE_REPORTS_SAVED_H
#define HEDDLE_REPORTS_SAVED_H

#include "harness/result/record.h"

/* Strings are NUL-terminated; `record` owns what record.h says. */
struct rp_saved {
    char version[HD_NAME_SIZE];
    char build[HD_NAME_SIZE];
    char flavour[HD_NAME_SIZE];
    char scenario[HD_LINE_SIZE]; /* as written on the command line: a name or a path */
    char map[HD_LINE_SIZE];
    uint64_t campaign_seed;
    struct hd_fault_record record;
};

/* Writes the file whole or not at all. Returns 0 or -errno, with one line in `error` (HD_LINE_SIZE
 * bytes). */
int rp_saved_write(const char *path, const struct rp_saved *saved, char *error);

/* Reads a file that rp_saved_write made. Returns 0 with *saved filled, -errno of reading it, or
 * -EINVAL for anything that is not a whole and consistent record of this HD_SCHEMA_VERSION; `error`
 * then holds one line "PATH:LINE: reason". */
int rp_saved_read(const char *path, struct rp_saved *saved, char *error);

/* Releases what *saved owns. Safe on a zeroed one. */
void rp_saved_clear(struct rp_saved *saved);

/* The line of a saved fault in which a field stands, 1 where it does not. */
unsigned rp_saved_line(const char *path, const char *key);

#endif
