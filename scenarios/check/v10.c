/* v10.c - V10: what every reader and writer was told, taken together. See v10.h. */
#include "scenarios/check/v10.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"

int sn_v10_open(struct sn_v10 *v10, uint64_t operations) {
    uint64_t judged = operations < SN_V10_OPERATIONS_MAX ? operations : SN_V10_OPERATIONS_MAX;
    v10->calls_max = 3 * (uint32_t)(judged + 1);
    v10->call = calloc(v10->calls_max, sizeof(v10->call[0]));
    v10->checker = hd_checker_new(v10->calls_max, SN_V10_MEMORY);
    return v10->call != NULL && v10->checker != NULL ? 0 : -ENOMEM;
}

void sn_v10_close(struct sn_v10 *v10) {
    hd_checker_free(v10->checker);
    v10->checker = NULL;
    free(v10->call);
    v10->call = NULL;
}

void sn_v10_reset(struct sn_v10 *v10, uint32_t keys) {
    HD_ASSERT(keys <= SN_KEYS_MAX);
    v10->history = hd_history_in(v10->call, v10->calls_max);
    v10->illegal = 0;
    v10->told = SN_V10_NOTHING;
    memset(v10->follows, 0, keys * sizeof(v10->follows[0]));
}

void sn_v10_follow(struct sn_v10 *v10, uint32_t key, const struct sn_candidate *state) {
    if (!v10->follows[key] && state->present) {
        uint32_t call = hd_history_invoke(&v10->history, 0, HD_CALL_PUT, key, state->value);
        hd_history_return(&v10->history, call, HD_CALL_OK, HD_UNTOLD, 0);
    }
    v10->follows[key] = true;
}

void sn_v10_begin(struct sn_v10 *v10, uint32_t task, const struct sn_flight *flight) {
    static const enum hd_call_kind kinds[] = {[SN_PUT] = HD_CALL_PUT,
                                              [SN_GET] = HD_CALL_GET,
                                              [SN_DELETE] = HD_CALL_DELETE,
                                              [SN_CLEAR] = HD_CALL_CLEAR};
    bool judged = flight->kind <= SN_DELETE || flight->kind == SN_CLEAR;
    uint64_t key = flight->kind == SN_CLEAR ? 0 : flight->key;
    v10->open[task] = HD_CALL_NONE;
    if (judged)
        v10->open[task] = hd_history_invoke(&v10->history, task + 1, kinds[flight->kind], key,
                                            flight->kind == SN_PUT ? flight->value : 0);
}

void sn_v10_end(struct sn_v10 *v10, uint32_t task, const struct sn_result *result, bool tells,
                bool forgets) {
    uint32_t call = v10->open[task];
    if (call == HD_CALL_NONE)
        return;
    enum hd_call_kind kind = v10->call[call].kind;
    enum hd_presence presence = result->status == 1 ? HD_PRESENT : HD_ABSENT;
    if (kind != HD_CALL_GET && (kind != HD_CALL_DELETE || !tells))
        presence = HD_UNTOLD;
    enum hd_call_end end = result->status < 0 ? HD_CALL_FAIL : HD_CALL_OK;
    if (forgets && presence == HD_ABSENT) {
        presence = HD_UNTOLD;
        if (kind == HD_CALL_GET)
            end = HD_CALL_FAIL; /* as if it had not been */
    }
    hd_history_return(&v10->history, call, end, presence, result->value);
}

void sn_v10_read(struct sn_v10 *v10, uint32_t key, bool found, uint64_t value) {
    if (!v10->follows[key])
        return;
    uint32_t call = hd_history_invoke(&v10->history, 0, HD_CALL_GET, key, 0);
    hd_history_return(&v10->history, call, HD_CALL_OK, found ? HD_PRESENT : HD_ABSENT,
                      found ? value : 0);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* "get(7)", as the scenario's operations are written. */
static void call_text(const struct hd_call *call, const uint64_t *name, char text[64]) {
    unsigned long long key = call->kind == HD_CALL_CLEAR ? 0 : name[call->key];
    if (call->kind == HD_CALL_PUT)
        snprintf(text, 64, "put(%llu, %llu)", key, (unsigned long long)call->value);
    else if (call->kind == HD_CALL_CLEAR)
        snprintf(text, 64, "clear()");
    else
        snprintf(text, 64, "%s(%llu)", call->kind == HD_CALL_GET ? "get" : "delete", key);
}

/* "returned 7". */
static void result_text(const struct hd_call *call, char text[48]) {
    if (call->end == HD_CALL_FAIL)
        snprintf(text, 48, "was refused");
    else if (call->presence == HD_PRESENT && call->kind == HD_CALL_GET)
        snprintf(text, 48, "returned %llu", (unsigned long long)call->value);
    else
        snprintf(text, 48, "%s", call->presence == HD_ABSENT ? "found nothing" : "succeeded");
}

/* The call whose invocation or return is event `position`. */
static const struct hd_call *call_at(const struct sn_v10 *v10, uint32_t position) {
    const struct hd_call *call = v10->call;
    while (call->invoked != position && call->returned != position)
        call++; /* ends: each event is one of some call */
    return call;
}

static void describe(const struct sn_v10 *v10, const uint64_t *name, struct sn_finding *finding,
                     char *note) {
    const struct hd_call *call = call_at(v10, v10->illegal - 1);
    char operation[64], told[48], who[32] = "";
    call_text(call, name, operation);
    result_text(call, told);
    if (call->process != 0)
        snprintf(who, sizeof(who), "by task %u: ", call->process);
    snprintf(note, HD_MESSAGE_SIZE, "%sit %s", who, told);
    sn_found(finding, "V10: no order of the operations explains %s%s", operation,
             call->process == 0 ? " at the end" : "");
}

void sn_v10_tell_key(struct sn_v10 *v10, uint32_t key) {
    v10->told = SN_V10_KEY;
    v10->part = key;
}

void sn_v10_tell_writes(struct sn_v10 *v10) {
    v10->told = SN_V10_WRITES;
}

/* ---- what concerns a fault ------------------------------------------------------------------- */

static bool is_write(const struct hd_call *call) {
    return call->kind != HD_CALL_GET && call->process != 0;
}

/* A call that has not returned ends behind all others. */
static bool overlaps_write(const struct sn_v10 *v10, const struct hd_call *call) {
    for (uint32_t i = 0; i < v10->history.calls; i++) {
        const struct hd_call *other = &v10->call[i];
        if (other != call && is_write(other) && other->invoked < call->returned &&
            call->invoked < other->returned)
            return true;
    }
    return false;
}

static bool any_overlap(const struct sn_v10 *v10) {
    for (uint32_t i = 0; i < v10->history.calls; i++)
        if (is_write(&v10->call[i]) && overlaps_write(v10, &v10->call[i]))
            return true;
    return false;
}

/* What is to be told of it: the calls of a key, or writes. */
struct telling {
    const struct sn_v10 *v10;
    const uint64_t *name;
    bool writes;
    bool overlapping; /* only those that overlap another one */
    uint32_t events;  /* to the first so many */
};

static bool concerns(const struct telling *telling, const struct hd_call *call) {
    if (!telling->writes)
        return call->kind == HD_CALL_CLEAR || call->key == telling->v10->part;
    return is_write(call) && (!telling->overlapping || overlaps_write(telling->v10, call));
}

static size_t render_event(const struct telling *telling, uint32_t position, char *text,
                           size_t size) {
    const struct hd_call *call = call_at(telling->v10, position);
    char operation[64], told[48] = "begins", who[32] = "main";
    call_text(call, telling->name, operation);
    if (call->returned == position)
        result_text(call, told);
    if (call->process != 0)
        snprintf(who, sizeof(who), "task %u", call->process);
    size_t length = (size_t)snprintf(text, size, "%-8s %s %s\n", who, operation, told);
    return length < size ? length : size - 1;
}

static uint32_t count_events(const struct telling *telling) {
    uint32_t count = 0;
    for (uint32_t position = 0; position < telling->events; position++)
        count += concerns(telling, call_at(telling->v10, position));
    return count;
}

/* The last `most` of them. */
static size_t render_events(const struct telling *telling, uint32_t most, char *text, size_t size) {
    uint32_t count = count_events(telling), earlier = count > most ? count - most : 0, skipped = 0;
    size_t used = 0;
    if (earlier > 0)
        used = (size_t)snprintf(text, size, "... %u earlier\n", earlier);
    for (uint32_t position = 0; position < telling->events && used + 1 < size; position++)
        if (concerns(telling, call_at(telling->v10, position)) && skipped++ >= earlier)
            used += render_event(telling, position, text + used, size - used);
    return used < size ? used : size - 1;
}

static size_t render_writes(const struct telling *telling, char *text, size_t size) {
    size_t used = (size_t)snprintf(text, size, "%s\n",
                                   telling->overlapping ? "writes that overlapped another one:"
                                                        : "no write overlapped another one; all:");
    return used >= size ? size - 1
                        : used + render_events(telling, SN_V10_LINES, text + used, size - used);
}

size_t sn_v10_render(const struct sn_v10 *v10, const uint64_t *name, char *text, size_t size) {
    struct telling telling = {.v10 = v10, .name = name, .events = v10->history.events};
    text[0] = '\0';
    if (v10->illegal > 0) {
        telling.events = v10->illegal;
        return render_events(&telling, UINT32_MAX, text, size);
    }
    if (v10->told == SN_V10_KEY)
        return render_events(&telling, SN_V10_LINES, text, size);
    telling.writes = true;
    telling.overlapping = any_overlap(v10);
    return v10->told == SN_V10_WRITES ? render_writes(&telling, text, size) : 0;
}

/* ---- judging --------------------------------------------------------------------------------- */

enum hd_check_verdict sn_v10(struct sn_v10 *v10, const uint64_t *name, struct sn_finding *finding,
                             char *note) {
    const uint64_t steps = (uint64_t)v10->history.calls * SN_V10_STEPS_CALL;
    const struct hd_check_budget budget = {.steps_max =
                                               steps > SN_V10_STEPS_MIN ? steps : SN_V10_STEPS_MIN};
    struct hd_check_result result;
    hd_check_map(v10->checker, &v10->history, &budget, &result);
    if (result.verdict == HD_CHECK_ILLEGAL) {
        v10->illegal = result.illegal;
        v10->part = result.part;
        describe(v10, name, finding, note);
    }
    return result.verdict;
}
