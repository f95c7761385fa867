/* holds.c - see holds.h. Few locks are held at a time: the list is searched from its end. */
#include "harness/sched/holds.h"

#include <string.h>

#include "harness/intercept/modules.h"
#include "harness/sched/state.h"

static struct {
    uint32_t count;
    struct hd_hold hold[HD_HOLDS_MAX];
} held;

uint32_t hd_begun(uint32_t task) {
    const struct hd_subject *subject = hd_scheduler.subject;
    return subject->ops->begun == NULL ? 0 : subject->ops->begun(subject->program, task);
}

static void note_operation(uint32_t task, char operation[HD_NAME_SIZE]) {
    const struct hd_subject *subject = hd_scheduler.subject;
    char note[HD_MESSAGE_SIZE];
    operation[0] = '\0';
    if (hd_scheduler.full)
        subject->ops->describe(subject->program, task, operation, note);
}

__attribute__((noinline)) void hd_hold(const void *object, bool shared, const void *pc) {
    uint32_t self = hd_scheduler.current;
    if (held.count == HD_HOLDS_MAX)
        return;
    struct hd_hold *hold = &held.hold[held.count++];
    hold->object = object;
    hold->task = self;
    hold->begun = hd_begun(self);
    hold->shared = shared;
    note_operation(self, hold->operation);
    if (hd_scheduler.full) {
        hold->frames = hd_stack_walk(self, (uint64_t)__builtin_frame_address(0),
                                     (uint64_t)__builtin_return_address(0) - 1, hold->pc);
    } else {
        hold->frames = 1;
        hold->pc[0] = (uint64_t)pc - 1;
    }
}

static const struct hd_hold *find(const void *object, uint32_t task) {
    for (uint32_t i = held.count; i-- > 0;)
        if (held.hold[i].object == object && held.hold[i].task == task)
            return &held.hold[i];
    return NULL;
}

/* Readers may unlock for each other. */
static const struct hd_hold *find_shared(const void *object) {
    for (uint32_t i = held.count; i-- > 0;)
        if (held.hold[i].object == object && held.hold[i].shared)
            return &held.hold[i];
    return NULL;
}

void hd_unhold(const void *object) {
    const struct hd_hold *hold = find(object, hd_scheduler.current);
    if (hold == NULL)
        hold = find_shared(object);
    if (hold == NULL)
        return;
    uint32_t at = (uint32_t)(hold - held.hold);
    memmove(&held.hold[at], &held.hold[at + 1], (--held.count - at) * sizeof *held.hold);
}

static bool is_listed(const struct hd_holder *holder, uint32_t count, uint32_t task) {
    for (uint32_t i = 0; i < count; i++)
        if (holder[i].task == task)
            return true;
    return false;
}

static uint32_t sharers(const void *object, struct hd_holder holder[HD_HOLDS_MAX]) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < held.count; i++) {
        const struct hd_hold *hold = &held.hold[i];
        if (hold->object == object && hold->shared && !is_listed(holder, count, hold->task))
            holder[count++] = (struct hd_holder){hold->task, hold};
    }
    return count;
}

uint32_t hd_holders(uint32_t task, struct hd_holder holder[HD_HOLDS_MAX]) {
    const struct hd_task *tasks = hd_scheduler.task;
    const struct hd_pending *pending = tasks[task].pending;
    uint64_t at = (uint64_t)pending->object - (uint64_t)tasks;
    if (at < sizeof hd_scheduler.task) {
        holder[0] = (struct hd_holder){(uint32_t)(at / sizeof *tasks), NULL};
        return 1;
    }
    uint32_t owner = pending->owner == NULL ? HD_NO_TASK : pending->owner(pending);
    if (owner == HD_NO_TASK)
        return sharers(pending->object, holder);
    const struct hd_hold *hold = find(pending->object, owner);
    if (hold == NULL && pending->also != NULL)
        hold = find(pending->also, owner);
    holder[0] = (struct hd_holder){owner, hold};
    return 1;
}

bool hd_hold_left(const struct hd_hold *hold) {
    return hd_scheduler.task[hold->task].ended || hd_begun(hold->task) != hold->begun;
}

void hd_holds_forget(void) {
    held.count = 0;
}
