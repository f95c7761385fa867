/* command.h - the subcommands.
 */
#ifndef HEDDLE_CLI_COMMAND_H
#define HEDDLE_CLI_COMMAND_H

/* Each takes its own arguments, behind argv[0] = "heddle NAME", and returns the exit status. */
int cli_list(int count, char **arguments);
int cli_run(int count, char **arguments);
int cli_replay(int count, char **arguments);
int cli_scenario(int count, char **arguments);
int cli_compare(int count, char **arguments);
int cli_bench(int count, char **arguments);
int cli_check_history(int count, char **arguments);
int cli_map_trace(int count, char **arguments);
int cli_claims(int count, char **arguments);
int cli_flag(int count, char **arguments);
int cli_doctor(int count, char **arguments);
int cli_complete(int count, char **arguments);

/* The names of those that are for people, a line each. */
void cli_commands_print(void);
/* Runs a command by name with `count` arguments. Returns the exit status; CLI_USAGE for an unknown one. */
int cli_command_run(const char *name, int count, char **arguments);

#endif
