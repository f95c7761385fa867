/* settings.h - what a run was asked to do: option over HEDDLE_* variable over scenario over
 * default.
 */
#ifndef HEDDLE_CLI_SETTINGS_H
#define HEDDLE_CLI_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "harness/sched/program.h"

#define CLI_SEED_DEFAULT 0x5eedull
#define CLI_JOBS_MAX     256u
#define CLI_NAMES_MAX    256u
#define CLI_BUDGET_MAX   1000000u
#define CLI_FLAVOURS     "controlled|tsan" /* those that run executions */

enum cli_origin { CLI_FROM_DEFAULT, CLI_FROM_SCENARIO, CLI_FROM_ENVIRONMENT, CLI_FROM_OPTION };

/* Names given by a repeated option, borrowed from argv. */
struct cli_names {
    const char *name[CLI_NAMES_MAX];
    uint32_t count;
};

/* Strings are borrowed from argv and the environment. */
struct cli_settings {
    struct cli_names scenarios; /* empty: all */
    struct cli_names maps;      /* empty: those the scenario names */
    struct cli_names tags;      /* empty: any */
    const char *strategy;       /* NULL: the scenario's */
    const char *out;            /* directory; NULL: none */
    const char *json;           /* file, "-" for standard output, or NULL */
    const char *junit;
    const char *flavour;
    uint64_t seed;
    uint64_t executions; /* 0: the scenario's */
    uint64_t budget;     /* factor on the scenario's executions; a bound beside `seconds` only when
                            it was given */
    double seconds;      /* of the whole run; 0: no bound */
    uint32_t jobs;
    enum hd_run_kind kind;
    bool until_fault;
    bool native; /* measure on real threads, too */
    bool verbose;
    bool quiet;
    bool show_config;
    enum cli_origin seed_origin;
    enum cli_origin jobs_origin;
    enum cli_origin executions_origin; /* an option, if it is, excludes a budget that is one */
    enum cli_origin budget_origin;
    enum cli_origin flavour_origin;
    enum cli_origin out_origin;
};

/* Fills *settings from argv (argv[0] is shown as the program's name) with the options of `run` and
 * `compare`. `documentation` is argp's: text before and, after a \v, behind the options. Returns 0
 * or an exit status after one line. Ends the process itself for --help and --usage. */
int cli_settings_parse(int count, char **arguments, const char *documentation,
                       struct cli_settings *settings);

/* Prints every setting with where it came from. */
void cli_settings_show(const struct cli_settings *settings);

/* Processors of this machine, as far as there may be workers. */
uint32_t cli_processors(void);

/* Adds a name; returns 0 or E2BIG. */
int cli_names_add(struct cli_names *names, const char *name);

#endif
