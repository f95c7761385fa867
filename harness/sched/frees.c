/* frees.c - see frees.h. A filter of single bytes spares nearly every access the search. */
#include "harness/sched/frees.h"

#include <stdio.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/sched/state.h"

#define GRANULE     16u
#define FILTER_SIZE (1u << 16)

struct freed {
    uint64_t start;
    uint64_t size;
    struct hd_block block;
    uint32_t task;
    char operation[HD_NAME_SIZE];
};

static struct {
    uint64_t count; /* in all: entry i is freed[i % HD_FREES_MAX] */
    struct freed freed[HD_FREES_MAX];
    uint8_t filter[FILTER_SIZE]; /* 1: some freed granule falls there */
    struct freed used;           /* what was used last ... */
    uint32_t user;               /* ... by whom, or HD_NO_TASK, ... */
    uint32_t begun;              /* ... in which of its operations */
} frees = {.user = HD_NO_TASK};

static uint8_t *filter_of(uint64_t address) {
    return &frees.filter[address / GRANULE % FILTER_SIZE];
}

void hd_freed(const void *address) {
    const struct hd_scheduler *s = &hd_scheduler;
    const struct hd_subject *subject = s->subject;
    char note[HD_MESSAGE_SIZE];
    struct freed *freed = &frees.freed[frees.count % HD_FREES_MAX];
    if (!s->full || !hd_arena_block(address, &freed->block))
        return;
    frees.count++;
    freed->start = (uint64_t)address;
    freed->size = freed->block.size;
    freed->task = s->current;
    freed->operation[0] = '\0';
    subject->ops->describe(subject->program, s->current, freed->operation, note);
    for (uint64_t at = 0; at < freed->size && at < (uint64_t)FILTER_SIZE * GRANULE; at += GRANULE)
        *filter_of(freed->start + at) = 1;
}

/* The latest that holds the address: the memory may have been handed out and freed again. */
static const struct freed *find(uint64_t address) {
    uint64_t known = frees.count < HD_FREES_MAX ? frees.count : HD_FREES_MAX;
    for (uint64_t i = 0; i < known; i++) {
        const struct freed *freed = &frees.freed[(frees.count - 1 - i) % HD_FREES_MAX];
        if (address >= freed->start && address - freed->start < freed->size)
            return freed;
    }
    return NULL;
}

static bool is_freed_still(const struct freed *freed) {
    struct hd_block block;
    return hd_arena_block((const void *)freed->start, &block) && block.state == HD_BLOCK_FREED;
}

void hd_frees_touch(uint64_t address) {
    const struct freed *freed = *filter_of(address) == 0 ? NULL : find(address);
    if (freed == NULL || !is_freed_still(freed))
        return;
    frees.used = *freed;
    frees.user = hd_scheduler.current;
    frees.begun = hd_begun(frees.user);
}

void hd_frees_say(uint32_t task, char *text, size_t size) {
    const struct freed *used = &frees.used;
    text[0] = '\0';
    if (frees.user != task || frees.begun != hd_begun(task))
        return;
    snprintf(text, size, "used block %u.%u, which task %u freed%s%s", used->block.task,
             used->block.number, used->task, used->operation[0] != '\0' ? " in " : "",
             used->operation);
}

void hd_frees_forget(void) {
    if (frees.count > 0)
        memset(frees.filter, 0, sizeof frees.filter);
    frees.count = 0;
    frees.user = HD_NO_TASK;
}
