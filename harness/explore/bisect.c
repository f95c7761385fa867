/* bisect.c - see bisect.h.
 *
 * Invariant B: it holds at `low` and is broken at `high`; no moment of [open, high) can be judged. Each
 * probe judges the first moment from the middle of (low, open) on that can be judged, and so halves that
 * stretch. It ends when nothing is left between low and open.
 */
#include "harness/explore/bisect.h"

#include <string.h>

struct search {
    const struct hd_subject *subject;
    struct hd_execution execution;
    struct hd_outcome *outcome;
    struct hd_bisection *bisection;
    uint64_t what;
    uint64_t low, open, high;
    bool held; /* some moment was judged to hold: `low` */
};

/* Judges the first moment of [from, limit) that can be judged. */
static enum hd_judgement probe(struct search *search, uint64_t what, uint64_t from,
                               uint64_t limit) {
    struct hd_probe *probe = &search->bisection->probe;
    probe->what = what;
    probe->from = from;
    probe->limit = limit;
    probe->judgement = HD_UNJUDGED;
    probe->event = (struct hd_probe_event){0};
    search->bisection->executions++;
    hd_execution_run(search->subject, &search->execution, search->outcome);
    return probe->judgement;
}

static void take_broken(struct search *search, uint64_t from) {
    struct hd_bisection *bisection = search->bisection;
    search->high = bisection->probe.event.moment;
    search->open = from;
    memcpy(bisection->after, bisection->probe.state, sizeof bisection->after);
}

static void take_holding(struct search *search) {
    struct hd_bisection *bisection = search->bisection;
    search->low = bisection->probe.event.moment;
    search->held = true;
    memcpy(bisection->before, bisection->probe.state, sizeof bisection->before);
}

/* Takes in what holds at the first moment from `from` on that can be judged. */
static void step(struct search *search, uint64_t from) {
    switch (probe(search, search->what, from, search->high)) {
    case HD_HOLDS:
        take_holding(search);
        break;
    case HD_BROKEN:
        take_broken(search, from);
        break;
    case HD_UNJUDGED:
        search->open = from;
        break;
    }
}

static void name_event(struct search *search, uint64_t moment, struct hd_probe_event *event) {
    probe(search, 0, moment, moment + 1);
    *event = search->bisection->probe.event;
}

void hd_bisect(const struct hd_subject *subject, const struct hd_execution *execution,
               const struct hd_raw_broken *broken, struct hd_outcome *outcome,
               struct hd_bisection *bisection) {
    struct search search = {.subject = subject,
                            .execution = *execution,
                            .outcome = outcome,
                            .bisection = bisection,
                            .what = broken->what};
    search.execution.kind = HD_RUN_WATCHED;
    search.execution.recording = NULL;
    search.execution.probe = &bisection->probe;
    if (probe(&search, search.what, broken->moment, broken->moment + 1) != HD_BROKEN) {
        bisection->result = HD_BISECT_UNSEEN;
        return;
    }
    take_broken(&search, broken->moment);
    step(&search, 0);
    while (search.held && search.low + 1 < search.open) /* ends: each step halves what is between */
        step(&search, search.low + (search.open - search.low) / 2);
    bisection->broken = search.high;
    bisection->result = HD_BISECT_FROM_START;
    if (!search.held || search.high <= 1)
        return;
    name_event(&search, search.low > 0 ? search.low : 1, &bisection->first);
    bisection->last = bisection->first;
    if (search.high - 1 > bisection->first.moment)
        name_event(&search, search.high - 1, &bisection->last);
    bisection->result = HD_BISECT_FOUND;
}
