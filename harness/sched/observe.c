/* observe.c - full runs: every event is written down with where it points and what it read or wrote.
 *
 * A read's value is what memory holds before the event; a write's is read back when the next event of
 * any task comes, and nobody can have written in between.
 */
#include <string.h>

#include "harness/base/arena.h"
#include "harness/intercept/modules.h"
#include "harness/sched/frees.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"

static const char *const names[HD_WHATS] = {
    [HD_READ] = "read",
    [HD_WRITE] = "write",
    [HD_ATOMIC_LOAD] = "atomic load",
    [HD_ATOMIC_STORE] = "atomic store",
    [HD_ATOMIC_UPDATE] = "atomic update",
    [HD_ATOMIC_COMPARE] = "atomic compare",
    [HD_FENCE] = "fence",
    [HD_ALLOCATE] = "allocate",
    [HD_FREE] = "free",
    [HD_ACQUIRE] = "lock",
    [HD_TRY_ACQUIRE] = "try lock",
    [HD_RELEASE] = "unlock",
    [HD_ACQUIRE_SHARED] = "read lock",
    [HD_TRY_ACQUIRE_SHARED] = "try read lock",
    [HD_WAIT] = "wait",
    [HD_SIGNAL] = "signal",
    [HD_BROADCAST] = "broadcast",
    [HD_ONCE] = "once",
    [HD_CREATE] = "create",
    [HD_JOIN] = "join",
    [HD_YIELD] = "yield",
    [HD_SLEEP] = "sleep",
};

const char *hd_what_name(uint32_t what) {
    return what < HD_WHATS && names[what] != NULL ? names[what] : "?";
}

static bool reads(uint32_t what) {
    return what == HD_READ || what == HD_ATOMIC_LOAD;
}

static bool writes(uint32_t what) {
    return what == HD_WRITE || what == HD_ATOMIC_STORE || what == HD_ATOMIC_UPDATE ||
           what == HD_ATOMIC_COMPARE;
}

/* Such an event changes no memory: calls do, if only that of a lock. */
static bool only_reads(uint32_t what) {
    return reads(what) || what == HD_FENCE || what == HD_YIELD;
}

static uint64_t load(uint64_t address, uint32_t size) {
    uint64_t value = 0;
    memcpy(&value, (const void *)address, size);
    return value;
}

/* Which block, stack or module the address belongs to: names that do not depend on the interleaving. */
static void place(struct hd_raw_event *event) {
    struct hd_block block;
    uint64_t low, high;
    for (uint32_t task = 0; task < hd_scheduler.tasks; task++) {
        hd_pool_stack(task, &low, &high);
        if (event->address < low || event->address >= high)
            continue;
        event->place = HD_PLACE_STACK;
        event->owner = task;
        event->offset = high - event->address;
        return;
    }
    if (hd_arena_find((const void *)event->address, &block)) {
        event->place = HD_PLACE_HEAP;
        event->owner = block.task;
        event->number = block.number;
        event->offset = event->address - (uint64_t)block.start;
    } else if (hd_modules_data(event->address, &event->owner, &event->offset)) {
        event->place = HD_PLACE_DATA;
    }
}

static void write_down(struct hd_scheduler *s, const void *address, uint32_t what, const void *pc) {
    struct hd_recording *recording = s->recording;
    if (recording->events == recording->events_max) {
        recording->cut = true;
        return;
    }
    struct hd_raw_event *event = &recording->event[recording->events++];
    *event = (struct hd_raw_event){
        .pc = (uint64_t)pc - 1, .address = (uint64_t)address, .task = s->current, .what = what};
    uint32_t kind = what >> HD_WHAT_SHIFT;
    uint32_t size = HD_WHAT_SIZE(what);
    place(event);
    if (reads(kind) && size > 0 && size <= 8) {
        event->has_value = true;
        event->value = load(event->address, size);
    } else if (writes(kind) && size > 0 && size <= 8) {
        s->last_write = event;
    }
    char operation[HD_NAME_SIZE] = "", note[HD_MESSAGE_SIZE];
    s->subject->ops->describe(s->subject->program, s->current, operation, note);
    memcpy(event->operation, operation, sizeof event->operation - 1);
}

void hd_observe_value(void) {
    struct hd_raw_event *event = hd_scheduler.last_write;
    if (event == NULL)
        return;
    hd_scheduler.last_write = NULL;
    event->has_value = true;
    event->value = load(event->address, HD_WHAT_SIZE(event->what));
}

void hd_observe(const void *address, uint32_t what, const void *pc) {
    struct hd_scheduler *s = &hd_scheduler;
    if (what >> HD_WHAT_SHIFT < HD_FENCE)
        hd_frees_touch((uint64_t)address);
    if (!hd_concurrent(s))
        return;
    if (s->observing) /* what looks at the map has points of its own */
        hd_fault(HD_FAULT_MISUSE,
                 "the inspector is instrumented: compile it without -fsanitize=thread");
    s->outcome->points_seen++;
    if (what >> HD_WHAT_SHIFT < HD_FENCE) /* locks are points in uninstrumented code, too */
        s->outcome->module_points += hd_modules_own((uint64_t)pc - 1);
    s->observing = true;
    if (s->execution->probe != NULL)
        hd_probe_look(what, pc);
    else
        s->subject->ops->at_point(s->subject->program, s->written);
    s->observing = false;
    s->written = !only_reads(what >> HD_WHAT_SHIFT);
    if (s->recording != NULL && s->recording->events_max > 0)
        write_down(s, address, what, pc);
}
