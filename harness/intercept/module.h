/* module.h - a shared object under test: loading, saving and restoring its data, whose code a pc
 * is.
 *
 * Built-in maps, plug-ins and test subjects are loaded through this one door. Before the first
 * execution the writable segment (without the part that is read-only after relocation) and the TLS
 * image are saved; before each execution they are copied back, the TLS image to every task that
 * will run.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_MODULE_H
#define HEDDLE_HARNESS_INTERCEPT_MODULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hd_module;

/* Loads a shared object of this flavour, or one of none. Returns 0; -ENOMEM; or what hd_object_read
 * returns, with one line "FILE: reason" in `error` (`size` bytes). Its constructors run, with standard
 * output going to standard error: a file of unknown origin is tried by hd_trial_run first. Modules must
 * be loaded before the first execution. */
int hd_module_open(const char *path, struct hd_module **module, char *error, size_t size);
/* NULL is allowed. The module's code must no longer run. */
void hd_module_close(struct hd_module *module);
/* The address of an exported symbol, or NULL. */
void *hd_module_symbol(const struct hd_module *module, const char *name);
/* Its size in bytes as the file says; 0 when there is none. */
size_t hd_module_symbol_size(const struct hd_module *module, const char *name);
/* File name without its directory: "gomap.so". */
const char *hd_module_name(const struct hd_module *module);
/* Where it is loaded: the difference between its addresses in memory and in the file. */
uint64_t hd_module_base(const struct hd_module *module);
/* Whether the module's own object files call the scheduling points at all (a static look). */
bool hd_module_instrumented(const struct hd_module *module);
/* Whether its heap calls, if it has any, come to us (a static look). Those of others are no points, and
 * what they hold is not put back between executions. */
bool hd_module_redirected(const struct hd_module *module);

#endif
