/* claims.h - the suite of claims as a part of `heddle run`.
 */
#ifndef HEDDLE_CLI_CLAIMS_H
#define HEDDLE_CLI_CLAIMS_H

#include "cli/settings.h"

/* What `heddle run --tag claims` does: tests every claim, with the seed and the budget of the
 * settings, at most a million programs a claim, and prints text and, as --json says, writes the
 * object of `heddle claims`. Returns an exit status. */
int cli_claims_run(const struct cli_settings *settings);

#endif
