/* debugger.h - the same command again, under gdb.
 */
#ifndef HEDDLE_CLI_DEBUGGER_H
#define HEDDLE_CLI_DEBUGGER_H

/* Replaces this process by gdb on `heddle replay ARGUMENTS --in-process` (without --gdb), stopped
 * at the fault, with the commands of replay.gdb. Returns only on failure, with the exit status,
 * after one line.
 */
int cli_debugger_start(int count, char **arguments);

#endif
