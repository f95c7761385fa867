/* replay_options.h - what a replay was asked to do: on the command line, or in a saved file.
 */
#ifndef HEDDLE_CLI_REPLAY_OPTIONS_H
#define HEDDLE_CLI_REPLAY_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "reports/saved.h"

struct cli_replay {
    const char *scenario; /* NULL when not given */
    const char *map;
    const char *strategy;
    const char *flavour; /* NULL: this executable's */
    const char *build;   /* that recorded the digest, or NULL */
    const char *file;    /* a saved fault or a schedule text, or NULL */
    uint64_t seed;
    uint64_t expect;
    bool has_seed;
    bool has_expect;
    bool trace;
    bool gdb;
    bool in_process;
    bool verbose;
    bool has_saved;
    struct rp_saved saved; /* when `file` is a saved fault */
    char *schedule;        /* text to follow, or NULL; owned when the file is a schedule */
};

/* Reads options and the file. Returns 0 or an exit status after one line. */
int cli_replay_parse(int count, char **arguments, struct cli_replay *replay);
void cli_replay_clear(struct cli_replay *replay);

#endif
