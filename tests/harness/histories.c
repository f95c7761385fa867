/* histories.c - see histories.h. */
#include "tests/harness/histories.h"

#include <criterion/criterion.h>
#include <string.h>

#include "harness/base/random.h"

/* ---- making ---------------------------------------------------------------------------------- */

struct maker {
    const struct history_shape *shape;
    struct hd_history *history;
    uint64_t key;
    uint64_t drawn;
    uint64_t value[HISTORY_KEYS_MAX]; /* of the real map; 0: absent */
    uint32_t open[HISTORY_PROCESSES_MAX];
    bool happened[HISTORY_PROCESSES_MAX];
    bool fails[HISTORY_PROCESSES_MAX];
    uint64_t seen[HISTORY_PROCESSES_MAX]; /* what was there when it happened */
};

static uint32_t draw(struct maker *maker, uint32_t below) {
    return (uint32_t)hd_draw_below(maker->key, &maker->drawn, below);
}

static void invoke(struct maker *maker, uint32_t process) {
    static const enum hd_call_kind kinds[] = {HD_CALL_PUT, HD_CALL_GET, HD_CALL_GET,
                                              HD_CALL_DELETE};
    const struct history_shape *shape = maker->shape;
    enum hd_call_kind kind = kinds[draw(maker, 4)];
    uint64_t key = draw(maker, shape->keys);
    if (draw(maker, 100) < shape->clears) {
        kind = HD_CALL_CLEAR;
        key = 0;
    }
    uint64_t value = kind == HD_CALL_PUT ? 1 + draw(maker, shape->values) : 0;
    maker->open[process] = hd_history_invoke(maker->history, process, kind, key, value);
    maker->happened[process] = false;
    maker->fails[process] = draw(maker, 100) < shape->failed;
}

static void happen(struct maker *maker, uint32_t process) {
    const struct hd_call *call = &maker->history->call[maker->open[process]];
    maker->happened[process] = true;
    if (maker->fails[process])
        return;
    maker->seen[process] = maker->value[call->key];
    if (call->kind == HD_CALL_PUT)
        maker->value[call->key] = call->value;
    else if (call->kind == HD_CALL_DELETE)
        maker->value[call->key] = 0;
    else if (call->kind == HD_CALL_CLEAR)
        memset(maker->value, 0, sizeof(maker->value));
}

static void finish(struct maker *maker, uint32_t process) {
    uint32_t index = maker->open[process];
    enum hd_call_kind kind = maker->history->call[index].kind;
    enum hd_presence presence = HD_UNTOLD;
    if (kind == HD_CALL_GET || (kind == HD_CALL_DELETE && draw(maker, 2) == 0))
        presence = maker->seen[process] != 0 ? HD_PRESENT : HD_ABSENT;
    uint64_t value = kind == HD_CALL_GET ? maker->seen[process] : 0;
    if (draw(maker, 100) >= maker->shape->lost)
        hd_history_return(maker->history, index, maker->fails[process] ? HD_CALL_FAIL : HD_CALL_OK,
                          presence, value);
    else if (draw(maker, 2) == 0)
        hd_history_return(maker->history, index, HD_CALL_INFO, HD_UNTOLD, 0);
    maker->open[process] = HD_CALL_NONE;
}

void history_make(uint64_t seed, const struct history_shape *shape, struct hd_history *history) {
    static struct maker maker;
    cr_assert(shape->processes <= HISTORY_PROCESSES_MAX && shape->keys <= HISTORY_KEYS_MAX &&
              shape->calls <= history->calls_max);
    maker = (struct maker){.shape = shape, .history = history, .key = hd_stream_key(seed, 1)};
    memset(maker.open, 0xff, sizeof(maker.open));
    history->calls = history->events = 0;
    while (history->calls <
           shape->calls) { /* ends with probability 1: a process invokes, now and then */
        uint32_t process = draw(&maker, shape->processes);
        if (maker.open[process] == HD_CALL_NONE)
            invoke(&maker, process);
        else if (!maker.happened[process])
            happen(&maker, process);
        else
            finish(&maker, process);
    }
    for (uint32_t process = 0; process < shape->processes; process++) {
        if (maker.open[process] != HD_CALL_NONE && maker.happened[process])
            finish(&maker, process);
    }
}

bool history_swap(uint64_t seed, struct hd_history *history) {
    uint64_t key = hd_stream_key(seed, 2), drawn = 0;
    for (uint32_t attempt = 0; attempt < 64 && history->calls > 0; attempt++) {
        struct hd_call *left = &history->call[hd_draw_below(key, &drawn, history->calls)];
        struct hd_call *right = &history->call[hd_draw_below(key, &drawn, history->calls)];
        if (left->kind != right->kind || left->kind == HD_CALL_PUT || left->end != HD_CALL_OK ||
            right->end != HD_CALL_OK || left->presence == HD_UNTOLD ||
            right->presence == HD_UNTOLD ||
            (left->presence == right->presence && left->value == right->value))
            continue;
        struct hd_call kept = *left;
        left->presence = right->presence;
        left->value = right->value;
        right->presence = kept.presence;
        right->value = kept.value;
        return true;
    }
    return false;
}

/* ---- every order of every prefix ------------------------------------------------------------- */

#define ATOMS_MAX 32u
#define KEYS_MAX  4u

/* What happens at one moment: a call, or one key's part of a clear. */
struct atom {
    const struct hd_call *call;
    uint64_t key;
    bool done; /* it returned, within the prefix */
};

struct orders {
    struct atom atom[ATOMS_MAX];
    uint32_t count;
    uint32_t keys; /* of the history */
    uint64_t value[KEYS_MAX];
};

static bool result_fits(const struct atom *atom, uint64_t before) {
    const struct hd_call *call = atom->call;
    if (!atom->done || call->kind == HD_CALL_PUT || call->presence == HD_UNTOLD)
        return true;
    if (call->presence == HD_ABSENT)
        return before == 0;
    return before != 0 && (call->kind == HD_CALL_DELETE || before == call->value);
}

static bool may_be_next(const struct orders *orders, uint32_t chosen, uint32_t index) {
    for (uint32_t other = 0; other < orders->count; other++) {
        const struct atom *atom = &orders->atom[other];
        if ((chosen >> other & 1) == 0 && atom->done &&
            atom->call->returned < orders->atom[index].call->invoked)
            return false;
    }
    return true;
}

static bool some_order(struct orders *orders, uint32_t chosen) {
    bool all = true;
    for (uint32_t index = 0; index < orders->count; index++)
        all = all && (!orders->atom[index].done || (chosen >> index & 1) != 0);
    for (uint32_t index = 0; index < orders->count && !all; index++) {
        const struct atom *atom = &orders->atom[index];
        uint64_t before = orders->value[atom->key];
        if ((chosen >> index & 1) != 0 || !may_be_next(orders, chosen, index) ||
            !result_fits(atom, before))
            continue;
        if (atom->call->kind != HD_CALL_GET)
            orders->value[atom->key] = atom->call->kind == HD_CALL_PUT ? atom->call->value : 0;
        all = some_order(orders, chosen | 1u << index);
        orders->value[atom->key] = before;
    }
    return all;
}

static void add_atoms(struct orders *orders, const struct hd_call *call, bool done) {
    bool clear = call->kind == HD_CALL_CLEAR;
    for (uint32_t key = 0; key < (clear ? orders->keys : 1); key++) {
        cr_assert_lt(orders->count, ATOMS_MAX);
        cr_assert_lt(call->key, KEYS_MAX);
        orders->atom[orders->count++] =
            (struct atom){.call = call, .key = clear ? key : call->key, .done = done};
    }
}

static bool prefix_is_legal(const struct hd_history *history, uint32_t events) {
    struct orders orders = {.keys = 1};
    for (uint32_t index = 0; index < history->calls; index++) {
        if (orders.keys <= history->call[index].key)
            orders.keys = (uint32_t)history->call[index].key + 1;
    }
    for (uint32_t index = 0; index < history->calls; index++) {
        const struct hd_call *call = &history->call[index];
        bool returned = call->returned < events;
        if (call->invoked < events && !(returned && call->end == HD_CALL_FAIL))
            add_atoms(&orders, call, returned);
    }
    return some_order(&orders, 0);
}

uint32_t history_brute_force(const struct hd_history *history) {
    for (uint32_t events = 1; events <= history->events; events++) {
        if (!prefix_is_legal(history, events))
            return events;
    }
    return 0;
}

/* ---- judging --------------------------------------------------------------------------------- */

const struct hd_check_budget history_unbounded = {0};

struct hd_check_result history_check_within(const struct hd_history *history, size_t memory,
                                            const struct hd_check_budget *budget) {
    struct hd_checker *checker = hd_checker_new(history->calls, memory);
    struct hd_check_result result;
    cr_assert_not_null(checker);
    hd_check_map(checker, history, budget, &result);
    hd_checker_free(checker);
    return result;
}

struct hd_check_result history_check(const struct hd_history *history) {
    return history_check_within(history, HISTORY_MEMORY, &history_unbounded);
}
