/* options.h - the options of every command, read by argp: one line for each mistake, and -h everywhere.
 */
#ifndef HEDDLE_CLI_OPTIONS_H
#define HEDDLE_CLI_OPTIONS_H

#include <argp.h>

/* Reads `arguments`, of which the first is what usage lines call the command ("heddle run"). `parser` has
 * neither children nor a help option: -h, --help and --usage are added, and end the process with status
 * 0. `input` is handed to its parser, which puts the exit status of what it refuses, after one line,
 * into *status and returns an error. Returns 0 or an exit status after one line. */
int cli_options_parse(const struct argp *parser, int count, char **arguments, void *input,
                      const int *status);

/* When this stands in the environment a command prints its options instead of reading them, a line each,
 * and ends the process: see complete.c. One that is another executable does, too. */
#define CLI_OPTIONS_LISTED "HEDDLE_OPTIONS_LISTED"

/* Which of the words of "controlled|tsan" a value is, from 0. Returns -1 after one line when it is
 * none: `what` is how the user wrote it, "--flavour". */
int cli_options_word(const char *what, const char *words, const char *text);

#endif
