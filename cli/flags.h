/* flags.h - the compiler flags that a map of one's own is built with. */
#ifndef HEDDLE_CLI_FLAGS_H
#define HEDDLE_CLI_FLAGS_H

#include <stdbool.h>

/* Which flags. Strings are borrowed. */
struct cli_flags {
    bool compile;
    bool link;
    const char *flavour;  /* "controlled", "tsan" or "native" */
    const char *compiler; /* a command, asked what it is; NULL: $CC, cc, or what built heddle */
};

/* Prints them on one line. Returns 0 or an exit status after one line. */
int cli_flags_print(const struct cli_flags *flags);

#endif
