/* version.h - what this binary calls itself.
 */
#ifndef HEDDLE_CLI_VERSION_H
#define HEDDLE_CLI_VERSION_H

#include <stdio.h>

#include "harness/result/record.h"

/* "0.1.0", and the identity of this binary without any module. */
void cli_version_fill(char version[HD_NAME_SIZE], char build[HD_NAME_SIZE]);
/* Version, build, compiler, flavour: one line. */
void cli_version_print(FILE *stream);

#endif
