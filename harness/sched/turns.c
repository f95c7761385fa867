/* turns.c - see turns.h. Round-robin; a turn is cut short by a run of events without effect. */
#include "harness/sched/turns.h"

#include <string.h>

#include "harness/base/hash.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"

#define TURN_MIN   128u /* events of the first turns */
#define TURN_MORE  256u /* and up to so many more */
#define GROW_EVERY 256u /* turns, behind which they are twice as long ... */
#define GROW_MAX   4u   /* ... but no more than so many times */
#define IDLE_AGAIN                                                                                 \
    8u /* what an event without effect weighs where one was a moment ago; 1 elsewhere */
#define IDLE_MAX (1u + 31u * IDLE_AGAIN) /* so that 32 looks at one place end a turn */
#define OWN_MAX  128u                    /* events on the own stack */

void hd_turns_begin(struct hd_turns *turns) {
    memset(turns, 0, sizeof *turns);
}

/* Long enough at last for an operation that holds a lock to come to its end. */
static uint64_t length(uint64_t count) {
    uint64_t grown = count / GROW_EVERY < GROW_MAX ? count / GROW_EVERY : GROW_MAX;
    return (TURN_MIN + hd_fold(0, count) % TURN_MORE) << grown;
}

uint32_t hd_turns_next(void *state, const struct hd_choice *choice, uint64_t *points) {
    struct hd_turns *turns = state;
    if (choice->reason == HD_CHOICE_CHANGED && choice->current_enabled &&
        choice->points < turns->end) { /* others may go on: its turn is not over */
        *points = turns->end - choice->points;
        return choice->current;
    }
    uint32_t next = choice->enabled[0];
    for (uint32_t i = 1; i < choice->count; i++)
        if (turns->last[choice->enabled[i]] < turns->last[next])
            next = choice->enabled[i];
    turns->last[next] = ++turns->count;
    turns->idle = turns->own = 0;
    turns->size = 0;
    turns->local = true; /* until its first event is told */
    *points = length(turns->count);
    turns->end = choice->points + *points;
    return next;
}

static bool writes(uint32_t kind) {
    return kind == HD_WRITE || kind == HD_ATOMIC_STORE || kind == HD_ATOMIC_UPDATE ||
           kind == HD_ATOMIC_COMPARE;
}

/* A task that counts in a local variable computes, or waits before it looks again. */
static bool on_own_stack(const void *address) {
    uint64_t low, high;
    hd_pool_stack(hd_scheduler.current, &low, &high);
    return (uint64_t)address >= low && (uint64_t)address < high;
}

static bool only_looks(uint32_t kind) {
    return kind == HD_READ || kind == HD_ATOMIC_LOAD || kind == HD_FENCE || kind == HD_YIELD ||
           kind == HD_SLEEP || kind == HD_TRY_ACQUIRE || kind == HD_TRY_ACQUIRE_SHARED;
}

static uint64_t load(const void *address, uint32_t size) {
    uint64_t value = 0;
    memcpy(&value, address, size);
    return value;
}

void hd_turns_event(struct hd_turns *turns, const void *address, uint32_t what) {
    uint32_t kind = what >> HD_WHAT_SHIFT, size = HD_WHAT_SIZE(what);
    turns->size = 0;
    turns->address = address;
    turns->local = on_own_stack(address);
    turns->changes = !turns->local && !only_looks(kind);
    if (!turns->changes || !writes(kind) || size > sizeof turns->before)
        return;
    turns->size = size;
    turns->before = load(address, size);
}

/* Who waits looks at a few places again and again; who searches looks at many. */
static uint32_t weight(struct hd_turns *turns) {
    for (uint32_t i = 0; i < HD_TURNS_LOOKS; i++)
        if (turns->look[i] == turns->address)
            return IDLE_AGAIN;
    turns->look[turns->looks++ % HD_TURNS_LOOKS] = turns->address;
    return 1;
}

bool hd_turns_over(struct hd_turns *turns) {
    bool changed = turns->changes;
    if (turns->size > 0) /* memory shows whether it did */
        changed = load(turns->address, turns->size) != turns->before;
    if (changed)
        turns->idle = turns->own = 0;
    else if (turns->local)
        turns->own++;
    else
        turns->idle += weight(turns);
    return turns->idle >= IDLE_MAX || turns->own >= OWN_MAX;
}
