/* reset.h - what each file of this layer forgets between executions. */
#ifndef HEDDLE_HARNESS_INTERCEPT_RESET_H
#define HEDDLE_HARNESS_INTERCEPT_RESET_H

void hd_keys_reset(void);
void hd_queue_reset(void);
void hd_stdio_reset(void);

#endif
