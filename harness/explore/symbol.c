/* symbol.c - see symbol.h.
 *
 * What libbacktrace is not told of it does not read: this executable and the libraries that came with it
 * hold no code under test, and where their debug information is installed, reading it takes ten times as
 * long as the execution that ended in the fault. The loader lists objects in the order in which they came.
 */
#include "harness/explore/symbol.h"

#include <backtrace.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#define CACHE_SIZE 1024 /* traces come back to the same places */

static struct {
    uint64_t pc;
    struct hd_frame frame;
} cache[CACHE_SIZE];

static uint32_t objects_at_start;

static int count_object(struct dl_phdr_info *info, size_t size, void *context) {
    uint32_t *count = context;
    (void)info;
    (void)size;
    ++*count;
    return 0;
}

__attribute__((constructor)) static void count_objects(void) {
    dl_iterate_phdr(count_object, &objects_at_start);
}

struct visit {
    int (*visitor)(struct dl_phdr_info *info, size_t size, void *context);
    void *context;
    uint32_t seen;
};

static int visit_loaded(struct dl_phdr_info *info, size_t size, void *context) {
    struct visit *visit = context;
    return visit->seen++ < objects_at_start ? 0 : visit->visitor(info, size, visit->context);
}

int hd_symbol_objects(int (*visitor)(struct dl_phdr_info *info, size_t size, void *context),
                      void *context) {
    struct visit visit = {.visitor = visitor, .context = context};
    return dl_iterate_phdr(visit_loaded, &visit);
}

/* ... name of the first of them, which libbacktrace takes for the executable. */
static int take_name(struct dl_phdr_info *info, size_t size, void *context) {
    const char **name = context;
    (void)size;
    *name = info->dlpi_name;
    return 1;
}

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
    if (state == NULL) {
        const char *first = NULL;
        hd_symbol_objects(take_name, &first);
        state = backtrace_create_state(first, 0, ignore, NULL);
    }
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
