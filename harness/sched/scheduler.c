/* scheduler.c - points, grants, decisions, switches.
 *
 * The strategy answers "who, and for how many events"; the answer becomes a countdown that each point
 * decrements. A grant of n events to a task that stopped before its pending event lets that event happen
 * at once and ends at the point of the (n+1)th; a fresh task has passed no point yet, so its countdown
 * is one higher. In full runs the countdown is one at every point and the budget is kept aside, so
 * that bare and full runs take the same decisions.
 */
#include <string.h>

#include "harness/base/assert.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/state.h"
#include "harness/task/switch.h"

uint64_t hd_countdown = HD_COUNTDOWN_IDLE;
bool hd_running;
struct hd_scheduler hd_scheduler;

void hd_record_stretch(struct hd_scheduler *s) {
    struct hd_recording *recording = s->recording;
    if (recording == NULL || (!hd_concurrent(s) && s->switches == s->phase_switches))
        return;
    if (recording->runs == recording->runs_max) {
        recording->cut = true;
        return;
    }
    recording->run[recording->runs++] = (struct hd_run){
        .points = s->events - s->last_switch, .task = s->current, .phase = s->choice.phase};
}

/* The stretch that ends here goes into the digest and, in full runs, into the recorded schedule, but for
 * the first one of the concurrent part: the main task's, which starts the others. */
static inline __attribute__((always_inline)) void
close_stretch(struct hd_scheduler *s, uint32_t current, uint64_t events, uint32_t next) {
    s->switches++;
    if (__builtin_expect(s->recording != NULL, 0) && !(hd_concurrent(s) && s->switches == 1))
        hd_record_stretch(s);
    if (events != s->last_switch) {
        s->runners += s->runner != current;
        s->runner = current;
        s->last_switch = events;
    }
    s->schedule = hd_fold(s->schedule, events << 10 | next);
}

/* What the strategy cannot change is held in `current` and `events`, not read again behind its call. */
static inline __attribute__((always_inline)) void decide(struct hd_scheduler *s,
                                                         enum hd_choice_reason reason) {
    uint32_t current = s->current;
    uint64_t events = s->events;
    struct hd_task *from = &s->task[current];
    s->choice.reason = reason;
    s->choice.current = current;
    s->choice.current_enabled = from->position != HD_NOT_ENABLED;
    s->choice.current_index = from->position;
    s->choice.points = events;
    HD_ASSERT(s->choice.count > 0);
    uint32_t next = s->next(s->strategy_state, &s->choice, &s->budget);
    struct hd_task *to = &s->task[next];
    HD_ASSERT(next < s->tasks && to->position != HD_NOT_ENABLED && s->budget > 0);
    s->changed = false;
    if (next == current) {
        hd_grant();
        return;
    }
    close_stretch(s, current, events, next);
    from->point = events;
    s->current = next;
    hd_grant();
    hd_switch(&from->stack_pointer, to->stack_pointer, to->tls);
}

static uint64_t times(uint64_t points, uint64_t factor) {
    return points > HD_POINTS_FOREVER / factor ? HD_POINTS_FOREVER : points * factor;
}

static uint64_t later(uint64_t events, uint64_t points) {
    return points > HD_POINTS_FOREVER - events ? HD_POINTS_FOREVER : events + points;
}

void hd_phase_begin(struct hd_scheduler *s, enum hd_phase phase) {
    const struct hd_execution *execution = s->execution;
    uint64_t points = execution->points_max;
    if (phase != HD_PHASE_CONCURRENT)
        points = times(points, HD_TURNS_MAIN_FACTOR);
    s->choice.phase = phase;
    s->phase_begin = s->events;
    s->phase_end = later(s->events, times(points, HD_TURNS_FACTOR));
    s->phase_switches = s->switches;
    s->events_max = execution->recorded ? s->phase_end : later(s->events, points);
    s->turns = false;
    s->stepwise = s->full && phase == HD_PHASE_CONCURRENT;
    s->next = execution->strategy->next;
    s->strategy_state = execution->strategy_state;
}

void hd_got_on(struct hd_scheduler *s, uint64_t events) {
    uint64_t points = s->execution->points_max;
    uint64_t end = later(events, times(points, HD_TURNS_FACTOR - 1));
    uint64_t last = later(s->phase_begin, times(points, HD_TURNS_FACTOR_MAX));
    if (!hd_concurrent(s) || events - s->phase_begin <= points)
        return;
    end = end < last ? end : last;
    if (s->events_max == s->phase_end)
        s->events_max = end;
    s->phase_end = end;
}

static _Noreturn void livelock(const struct hd_scheduler *s) {
    static const char *const where[HD_PHASES] = {" before the tasks have started", "",
                                                 " after the tasks have ended"};
    unsigned long long points = s->phase_end - s->phase_begin;
    hd_fault(HD_FAULT_LIVELOCK, "no end after %llu points%s", points, where[s->choice.phase]);
}

void hd_check_events_max(void) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->events < s->events_max)
        return;
    if (s->events_max == s->phase_end)
        livelock(s);
    s->events_max = s->phase_end;
    if (s->live == 1) /* there is nobody to take turns with */
        return;
    s->turns = s->stepwise = true;
    s->changed = true;
    s->next = hd_turns_next;
    s->strategy_state = &s->turn;
    hd_turns_begin(&s->turn);
}

/* Turns that are due begin with the decision. Else a task might be chosen, and stopped for them before its
 * first event: at the end of such a stretch nobody asks a strategy that follows the schedule. */
void hd_decide(enum hd_choice_reason reason) {
    hd_check_events_max();
    decide(&hd_scheduler, reason);
}

/* A point at which more is due than the end of a budget. */
static __attribute__((noinline)) void special_point(struct hd_scheduler *s, const void *address,
                                                    uint32_t what, const void *pc) {
    hd_tsan_ignore_begin();
    hd_tsan_check();
    hd_check_events_max();
    if (s->full)
        hd_observe_value();
    if (s->turns && hd_turns_over(&s->turn))
        s->budget = 0;
    if (s->changed || s->budget == 0)
        hd_decide(s->changed ? HD_CHOICE_CHANGED : HD_CHOICE_EXPIRED);
    else
        hd_grant();
    if (s->turns)
        hd_turns_event(&s->turn, address, what);
    if (s->full)
        hd_observe(address, what, pc);
    hd_tsan_ignore_end();
}

__attribute__((noinline)) void hd_point_slow(const void *address, uint32_t what, const void *pc) {
    struct hd_scheduler *s = &hd_scheduler;
    s->task[s->current].pc = pc;
    hd_settle_grant(true);
    bool plain = s->budget == 0 && s->special == 0 && s->events < s->events_max;
    if (__builtin_expect(!plain || HD_TSAN, 0)) {
        special_point(s, address, what, pc);
        return;
    }
    decide(s, HD_CHOICE_EXPIRED);
    if (__builtin_expect(s->turns, 0)) /* they have begun since it stopped here */
        hd_turns_event(&s->turn, address, what);
}

/* The yield is the event that the next grant begins with. */
void hd_yield(const void *pc) {
    struct hd_scheduler *s = &hd_scheduler;
    struct hd_task *self = &s->task[s->current];
    hd_settle_grant(false);
    self->pc = pc;
    if (s->full)
        hd_observe_value();
    self->yielding = true;
    hd_pass_idle_time();
    hd_decide(HD_CHOICE_YIELD);
    self->yielding = false;
    if (s->full)
        hd_observe(NULL, HD_WHAT(HD_YIELD, 0), pc);
}

void hd_watch_blocks(uint64_t least, void (*given)(void *context, uint64_t size), void *context) {
    struct hd_scheduler *s = &hd_scheduler;
    s->blocks.least = least;
    s->blocks.given = given;
    s->blocks.context = context;
}

void hd_block_given(uint64_t size) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->blocks.given != NULL && hd_running && size >= s->blocks.least)
        s->blocks.given(s->blocks.context, size);
}

void hd_quiet_begin(void) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->quiet++ > 0 || !hd_running)
        return;
    s->quiet_countdown = hd_countdown;
    s->quiet_granted = s->granted;
    hd_countdown = HD_COUNTDOWN_IDLE;
}

static void resume_counting(struct hd_scheduler *s) {
    hd_countdown = s->quiet_countdown;
    s->granted = s->quiet_granted;
    if (s->changed)
        hd_ask_soon();
}

void hd_quiet_end(void) {
    struct hd_scheduler *s = &hd_scheduler;
    HD_ASSERT(s->quiet > 0);
    if (--s->quiet == 0 && hd_running)
        resume_counting(s);
}

void hd_quiet_abandon(void) {
    struct hd_scheduler *s = &hd_scheduler;
    if (s->quiet == 0)
        return;
    s->quiet = 0;
    resume_counting(s);
}

uint32_t hd_task_self(void) {
    return hd_running ? hd_scheduler.current : 0;
}

bool hd_task_running(void) {
    return hd_running;
}

uint64_t hd_points_now(void) {
    const struct hd_scheduler *s = &hd_scheduler;
    if (hd_running)
        return hd_events_now();
    return hd_concurrent(s) ? s->events : s->points; /* of the execution that has just ended */
}

bool hd_schedule_fair(void) {
    return hd_running && hd_scheduler.execution->fair;
}

uint64_t *hd_tally(void) {
    struct hd_outcome *outcome = hd_scheduler.outcome;
    if (!outcome->tallied)
        memset(outcome->tally, 0, sizeof outcome->tally);
    outcome->tallied = true;
    return outcome->tally;
}

void hd_result(uint64_t value) {
    hd_scheduler.results = hd_fold(hd_scheduler.results, value);
    if (hd_running)
        hd_got_on(&hd_scheduler, hd_events_now());
}
