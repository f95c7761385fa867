/* reset.h - what each file of this layer forgets between executions. */
#ifndef HEDDLE_HARNESS_INTERCEPT_RESET_H
#define HEDDLE_HARNESS_INTERCEPT_RESET_H

#include <stdbool.h>

void hd_cleanup_reset(void);
void hd_keys_reset(void);
void hd_queue_reset(void);
void hd_stdio_reset(void);

/* Begin and end of the loading of a module: keys made in between are not forgotten, but their values
 * are. */
void hd_keys_loading(bool begin);

#endif
