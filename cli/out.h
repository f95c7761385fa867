/* out.h - the files a run writes: checked before it starts, written whole, each failure told.
 */
#ifndef HEDDLE_CLI_OUT_H
#define HEDDLE_CLI_OUT_H

#include <stdbool.h>
#include <stdio.h>

#include "cli/settings.h"
#include "reports/saved.h"

/* Makes --out and its faults/, and tries to write there and where --json and --junit point. Returns
 * 0 or CLI_CANNOT_WRITE after one line. */
int cli_out_check(const struct cli_settings *settings);

/* Whether a file's name is "-", or another name of what standard output is (/dev/stdout): there the JSON
 * is alone. False for NULL. */
bool cli_out_standard(const char *path);

/* Saves one fault under --out and puts its path into saved->record.file. Returns 0 (also without
 * --out) or CLI_CANNOT_WRITE after one line. */
int cli_out_fault(const struct cli_settings *settings, const char *scenario, const char *map,
                  struct rp_saved *saved);

/* Writes report.json under --out, as it stands after a row. Returns as cli_out_fault. */
int cli_out_partial(const struct cli_settings *settings, const struct hd_report *report);

/* Writes to file `path`, "-" for standard output, what `write` puts into the stream; it returns 0 or
 * -errno. Returns as cli_out_fault. */
int cli_out_write(const char *path, int (*write)(FILE *stream, const void *context),
                  const void *context);

/* Writes everything that was asked for: report.json and junit.xml under --out, --json, --junit. One
 * failure does not keep the others from being written. Returns as cli_out_fault. */
int cli_out_all(const struct cli_settings *settings, const struct hd_report *report);

#endif
