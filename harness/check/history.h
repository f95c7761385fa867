/* history.h - what was called and what it returned, in order of time.
 *
 * A history is an array of calls in order of invocation. Its *events*, the invocations and the
 * returns, are numbered from 0 in order of time: these are the positions. A call that never returns,
 * or returns without saying what became of it (INFO), may have taken effect at any moment after its
 * invocation, or not at all. One that failed (FAIL) did not happen.
 *
 * Recording is a store or two into memory that the caller provides: nothing is allocated, and a
 * history that is full says so and keeps what it has.
 *
 * Threads: one at a time.
 */
#ifndef HEDDLE_HARNESS_CHECK_HISTORY_H
#define HEDDLE_HARNESS_CHECK_HISTORY_H

#include <stdbool.h>
#include <stdint.h>

#define HD_HISTORY_CALLS_MAX (1u << 30) /* positions then fit 32 bits */
#define HD_CALL_NONE         UINT32_MAX /* no call: the history was full */
#define HD_POSITION_NEVER    UINT32_MAX /* of a return that did not come, or says nothing */

enum hd_call_kind {
    HD_CALL_PUT,
    HD_CALL_GET,
    HD_CALL_DELETE,
    HD_CALL_CLEAR,   /* of every key */
    HD_CALL_LENGTH,  /* of the whole map */
    HD_CALL_ITERATE, /* likewise; what it came upon follows as visits */
    HD_CALL_VISIT,   /* one key and value that an iteration came upon: no call of its own */
};

enum hd_call_end {
    HD_CALL_INFO, /* no return, or one that does not say whether it happened */
    HD_CALL_OK,
    HD_CALL_FAIL, /* it returned, and had no effect */
};

/* What an OK get or delete says of the key's presence. */
enum hd_presence { HD_UNTOLD, HD_ABSENT, HD_PRESENT };

struct hd_call {
    uint64_t key;      /* of a put, get, delete, visit */
    uint64_t value;    /* put: what it writes; get that found: what it read; length: the count;
                       * visit: what came with the key */
    uint32_t process;  /* visit: index of the iteration */
    uint32_t invoked;  /* position; visit: that of the next event */
    uint32_t returned; /* position; HD_POSITION_NEVER unless OK or FAIL */
    uint8_t kind;      /* enum hd_call_kind */
    uint8_t end;       /* enum hd_call_end */
    uint8_t presence;  /* enum hd_presence; get: ABSENT or PRESENT, once OK */
};

struct hd_history {
    struct hd_call *call; /* borrowed: `calls_max` of them */
    uint32_t calls;
    uint32_t calls_max; /* at most HD_HISTORY_CALLS_MAX */
    uint32_t events;
    bool full; /* a call found no place: the history proves nothing */
};

/* An empty history in `calls_max` calls of the caller's. */
static inline struct hd_history hd_history_in(struct hd_call *call, uint32_t calls_max) {
    return (struct hd_history){.call = call, .calls_max = calls_max};
}

static inline uint32_t hd_history_add(struct hd_history *history, const struct hd_call *call) {
    if (history->calls == history->calls_max) {
        history->full = true;
        return HD_CALL_NONE;
    }
    history->call[history->calls] = *call;
    return history->calls++;
}

/* A call begins; `key` and `value` are 0 where its kind has none. Returns its index, or
 * HD_CALL_NONE. */
static inline uint32_t hd_history_invoke(struct hd_history *history, uint32_t process,
                                         enum hd_call_kind kind, uint64_t key, uint64_t value) {
    struct hd_call call = {.key = key,
                           .value = value,
                           .process = process,
                           .invoked = history->events,
                           .returned = HD_POSITION_NEVER,
                           .kind = (uint8_t)kind};
    uint32_t index = hd_history_add(history, &call);
    history->events += index != HD_CALL_NONE;
    return index;
}

/* The call with this index returned: OK with its result (`presence` of a get or delete; `value` of
 * a get that found or a length, else ignored), FAIL, or INFO. HD_CALL_NONE is ignored. */
static inline void hd_history_return(struct hd_history *history, uint32_t index,
                                     enum hd_call_end end, enum hd_presence presence,
                                     uint64_t value) {
    if (index == HD_CALL_NONE)
        return;
    struct hd_call *call = &history->call[index];
    call->end = (uint8_t)end;
    if (end != HD_CALL_INFO)
        call->returned = history->events;
    if (end == HD_CALL_OK && call->kind != HD_CALL_PUT) {
        call->presence = (uint8_t)presence;
        call->value = value;
    }
    history->events++;
}

/* The iteration with this index came upon a key and its value. No event. */
static inline void hd_history_visit(struct hd_history *history, uint32_t iteration, uint64_t key,
                                    uint64_t value) {
    struct hd_call visit = {.key = key,
                            .value = value,
                            .process = iteration,
                            .invoked = history->events,
                            .returned = HD_POSITION_NEVER,
                            .kind = HD_CALL_VISIT};
    if (iteration != HD_CALL_NONE)
        hd_history_add(history, &visit);
}

#endif
