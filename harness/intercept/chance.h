/* chance.h - bytes of chance that belong to the execution: a function of its seed, the asking task and how
 * much it has asked for before.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_CHANCE_H
#define HEDDLE_HARNESS_INTERCEPT_CHANCE_H

#include <stddef.h>
#include <stdint.h>

/* The next bytes of the calling task; while a module is loaded, those of the loading. */
void hd_chance_fill(void *buffer, size_t size);
/* The next word of the calling task. */
uint64_t hd_chance_word(void);
/* A new execution: its key. */
void hd_chance_reset(uint64_t key);
/* A module begins to be loaded: it meets what it would meet in any process. */
void hd_chance_loading(void);

#endif
