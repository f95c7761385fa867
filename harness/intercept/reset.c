/* reset.c - see reset.h. */
#include "harness/intercept/reset.h"

#include "harness/intercept/modules.h"

void hd_intercept_reset(void) {
    hd_cleanup_reset();
    hd_keys_reset();
    hd_queue_reset();
    hd_stdio_reset();
}
