/* engine.h - what it is told as when the engine cannot do its work.
 */
#ifndef HEDDLE_CLI_ENGINE_H
#define HEDDLE_CLI_ENGINE_H

/* Why, for -errno `status` of a campaign or a replay: static, or `line` when only that tells, or, when it
 * is empty, strerror's. */
const char *cli_engine_reason(int status, const char *line);

/* The exit status for it. */
int cli_engine_status(int status);

/* The exit status for -errno of reading input: the input is bad, unless the system refuses something. */
int cli_input_status(int status);

/* Says in one line that `what` failed, and why. Returns the exit status. */
int cli_engine_failed(int status, const char *what, const char *line);

#endif
