/* reset.c - see reset.h. */
#include "harness/intercept/reset.h"

#include "harness/intercept/chance.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/virtual_clock.h"
#include "harness/task/switch.h"

bool hd_loading;

void hd_intercept_loading(bool begin) {
    hd_loading = begin;
    hd_keys_loading(begin);
    if (begin) {
        hd_chance_loading();
        hd_clock_loading();
    }
}

void hd_intercept_reset(uint64_t key) {
    hd_chance_reset(key);
    hd_cleanup_reset();
    hd_exits_reset();
    hd_keys_reset();
    hd_mappings_reset();
    hd_queue_reset();
    hd_signals_reset();
    hd_stdio_reset();
    hd_surroundings_reset();
    hd_switch_reset_float();
}
