/* symbol.c - see symbol.h. */
#include "harness/explore/symbol.h"

#include <backtrace.h>
#include <stdio.h>
#include <string.h>

#define CACHE_SIZE 1024 /* traces come back to the same places */

static struct {
    uint64_t pc;
    struct hd_frame frame;
} cache[CACHE_SIZE];

static void ignore(void *context, const char *message, int error) {
    (void)context;
    (void)message;
    (void)error;
}

static int take(void *context, uintptr_t pc, const char *file, int line, const char *function) {
    struct hd_frame *frame = context;
    (void)pc;
    if (function == NULL)
        return 0;
    snprintf(frame->function, sizeof frame->function, "%s", function);
    if (file != NULL && strncmp(file, "./", 2) == 0)
        file += 2;
    if (file != NULL)
        snprintf(frame->file, sizeof frame->file, "%s", file);
    frame->line = line > 0 ? (uint32_t)line : 0;
    return 1; /* the first is the innermost */
}

static void name_only(void *context, uintptr_t pc, const char *name, uintptr_t value,
                      uintptr_t size) {
    struct hd_frame *frame = context;
    (void)pc;
    (void)value;
    (void)size;
    if (name != NULL)
        snprintf(frame->function, sizeof frame->function, "%s", name);
}

void hd_symbol_resolve(uint64_t pc, struct hd_frame *frame) {
    static struct backtrace_state *state;
    if (state == NULL)
        state = backtrace_create_state(NULL, 0, ignore, NULL);
    uint64_t slot = (pc ^ pc >> 10) % CACHE_SIZE;
    if (cache[slot].pc != pc) {
        struct hd_frame fresh = {.function = "?"};
        backtrace_pcinfo(state, pc, take, ignore, &fresh);
        if (strcmp(fresh.function, "?") == 0)
            backtrace_syminfo(state, pc, name_only, ignore, &fresh);
        cache[slot].pc = pc;
        cache[slot].frame = fresh;
    }
    *frame = cache[slot].frame;
}
