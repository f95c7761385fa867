/* version.c - what this binary calls itself. HEDDLE_VERSION comes from the build.
 */
#include "cli/version.h"

#include "cli/start.h"
#include "harness/explore/replay.h"

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

void cli_version_fill(char version[HD_NAME_SIZE], char build[HD_NAME_SIZE]) {
    const struct hd_subject nothing = {0};
    snprintf(version, HD_NAME_SIZE, "%s", HEDDLE_VERSION);
    hd_build_identity(&nothing, build);
}

void cli_version_print(FILE *stream) {
    char version[HD_NAME_SIZE];
    char build[HD_NAME_SIZE];
    cli_version_fill(version, build);
    fprintf(stream, "heddle %s, build %s, flavour %s, %s\n", version, build, cli_flavour, COMPILER);
}
