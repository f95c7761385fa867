/* probe.c - see probe.h. The execution is abandoned at its moment, as at a fault, but without one. */
#include "harness/sched/probe.h"

#include <stdio.h>

#include "harness/base/arena.h"
#include "harness/sched/point.h"
#include "harness/sched/state.h"

/* Code of the program runs here as in at_point: it is not instrumented, and passes no point. */
void hd_probe_look(uint32_t what, const void *pc) {
    struct hd_scheduler *s = &hd_scheduler;
    struct hd_probe *probe = s->execution->probe;
    const struct hd_program_ops *ops = s->subject->ops;
    uint64_t moment = hd_moment_now();
    char note[HD_MESSAGE_SIZE];
    if (!hd_concurrent(s))
        return;
    if (moment < probe->from)
        return;
    if (moment >= probe->limit)
        hd_leave();
    if (probe->what != 0) {
        probe->judgement = ops->judge(s->subject->program, probe->what);
        if (probe->judgement == HD_UNJUDGED)
            return;
    }
    probe->event = (struct hd_probe_event){
        .moment = moment, .task = s->current, .kind = what >> HD_WHAT_SHIFT};
    probe->event.frames = hd_stack_walk(s->current, (uint64_t)__builtin_frame_address(0),
                                        (uint64_t)pc - 1, probe->event.pc);
    ops->describe(s->subject->program, s->current, probe->event.operation, note);
    ops->render(s->subject->program, probe->state, sizeof probe->state);
    hd_arena_suspect();
    hd_leave();
}

void hd_broken(uint64_t what, const char *message) {
    struct hd_scheduler *s = &hd_scheduler;
    struct hd_raw_broken *broken = &s->outcome->broken;
    if (broken->what != 0)
        return;
    broken->what = what;
    broken->moment = hd_moment_now();
    snprintf(broken->message, sizeof broken->message, "%s", message);
}
