/* test_reads.c - reads are judged as Q1 to Q3 of glance.h say, word by word, in random histories of calls
 * that overlap, fail, and do not return.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/base/random.h"
#include "harness/check/glance.h"
#include "tests/harness/histories.h"

#define CALLS     12u
#define HISTORIES 60000u

/* ---- the header, word by word ---------------------------------------------------------------------- */

/* A call as it is known in a prefix of a history. */
static bool failed_in(const struct hd_call *call, uint32_t events) {
    return call->end == HD_CALL_FAIL && call->returned < events;
}

static bool returned_in(const struct hd_call *call, uint32_t events) {
    return call->end == HD_CALL_OK && call->returned < events;
}

static bool puts_to(const struct hd_call *call, uint64_t key) {
    return call->kind == HD_CALL_PUT && call->key == key;
}

static bool removes_from(const struct hd_call *call, uint64_t key) {
    return call->kind == HD_CALL_CLEAR || (call->kind == HD_CALL_DELETE && call->key == key);
}

/* Not returned before the beginning of a write of the key that had returned before the read began. */
static bool survives(const struct hd_history *history, uint32_t events, const struct hd_call *write,
                     const struct hd_call *read) {
    for (uint32_t i = 0; i < history->calls && returned_in(write, events); i++) {
        const struct hd_call *other = &history->call[i];
        if ((puts_to(other, read->key) || removes_from(other, read->key)) &&
            returned_in(other, read->invoked) && write->returned < other->invoked)
            return false;
    }
    return true;
}

/* The beginning, when the map is empty, is a removal that returned before everything. */
static bool explained_by_beginning(const struct hd_history *history, const struct hd_call *read) {
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *other = &history->call[i];
        if ((puts_to(other, read->key) || removes_from(other, read->key)) &&
            returned_in(other, read->invoked))
            return false;
    }
    return true;
}

static bool explained(const struct hd_history *history, uint32_t events,
                      const struct hd_call *read) {
    bool absent = read->presence == HD_ABSENT;
    if (absent && explained_by_beginning(history, read))
        return true;
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *write = &history->call[i];
        bool right = absent ? removes_from(write, read->key)
                            : puts_to(write, read->key) &&
                                  (read->kind == HD_CALL_DELETE || write->value == read->value);
        if (right && write != read && write->invoked < read->returned &&
            !failed_in(write, events) && survives(history, events, write, read))
            return true;
    }
    return false;
}

static const struct hd_call *unexplained(const struct hd_history *history, uint32_t events) {
    const struct hd_call *first = NULL;
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *call = &history->call[i];
        if ((call->kind == HD_CALL_GET || call->kind == HD_CALL_DELETE) &&
            returned_in(call, events) && call->presence != HD_UNTOLD &&
            (first == NULL || call->returned < first->returned) &&
            !explained(history, events, call))
            first = call;
    }
    return first;
}

/* ---- the two compared ------------------------------------------------------------------------------ */

static void compare(struct hd_glance *glance, struct hd_parts *parts,
                    const struct hd_history *history, uint64_t seed, uint32_t *illegal) {
    struct hd_check_result result = {.legal = history->events};
    const struct hd_call *read = NULL;
    uint32_t events = 0;
    while (read == NULL && events < history->events)
        read = unexplained(history, ++events);
    hd_parts_sort(parts, &hd_model_map, history);
    hd_glance_check(glance, history, parts, &result);
    cr_assert_eq(result.illegal, read != NULL ? events : 0, "seed %lu: %u, not %u",
                 (unsigned long)seed, result.illegal, read != NULL ? events : 0);
    cr_assert_eq(result.legal, read != NULL ? events - 1 : history->events);
    if (read == NULL)
        return;
    cr_assert_eq(result.part, read->key, "seed %lu", (unsigned long)seed);
    cr_assert_eq(result.rule != NULL, read->returned + 1 == events,
                 "seed %lu: a failure that came later is no fault of the read",
                 (unsigned long)seed);
    ++*illegal;
}

/* Any result at all. */
static void scatter(struct hd_history *history, uint64_t seed) {
    for (uint32_t i = 0; i < history->calls; i++) {
        struct hd_call *call = &history->call[i];
        uint64_t drawn = hd_draw(seed, i);
        if (call->presence == HD_UNTOLD)
            continue;
        call->presence = drawn % 3 == 0 ? HD_ABSENT : HD_PRESENT;
        call->value = call->presence == HD_ABSENT ? 0 : 1 + drawn / 4 % 2;
    }
}

Test(reads, each_is_judged_as_the_rules_say) {
    const struct history_shape shape = {.calls = CALLS,
                                        .processes = 4,
                                        .keys = 2,
                                        .values = 2,
                                        .lost = 10,
                                        .failed = 20,
                                        .clears = 8};
    struct hd_call call[CALLS];
    struct hd_history history = hd_history_in(call, CALLS);
    struct hd_glance glance;
    struct hd_parts parts;
    uint32_t illegal = 0;
    cr_assert_eq(hd_glance_init(&glance, CALLS), 0);
    cr_assert_eq(hd_parts_init(&parts, CALLS), 0);
    for (uint64_t seed = 0; seed < HISTORIES; seed++) {
        history_make(seed, &shape, &history);
        uint32_t before = illegal;
        compare(&glance, &parts, &history, seed, &illegal);
        cr_assert_eq(illegal, before, "seed %lu is legal as it was made", (unsigned long)seed);
        scatter(&history, seed);
        compare(&glance, &parts, &history, seed, &illegal);
    }
    cr_expect(illegal > HISTORIES / 4 && illegal < HISTORIES * 9 / 10, "%u illegal", illegal);
    hd_glance_clear(&glance);
    hd_parts_clear(&parts);
}

/* ---- many values ----------------------------------------------------------------------------------- */

#define MANY 64u

/* A value of each key, and one get of what another key holds: it was never put under that key, whatever
 * places the values share in a table. */
Test(reads, no_value_is_taken_for_another) {
    struct hd_call call[MANY + 1];
    struct hd_glance glance;
    struct hd_parts parts;
    cr_assert_eq(hd_glance_init(&glance, MANY + 1), 0);
    cr_assert_eq(hd_parts_init(&parts, MANY + 1), 0);
    for (uint32_t pair = 0; pair < MANY * MANY; pair++) {
        uint64_t key = pair / MANY, value = pair % MANY;
        struct hd_history history = hd_history_in(call, MANY + 1);
        for (uint64_t i = 0; i < MANY; i++)
            hd_history_return(&history, hd_history_invoke(&history, 0, HD_CALL_PUT, i, 1000 + i),
                              HD_CALL_OK, HD_UNTOLD, 0);
        hd_history_return(&history, hd_history_invoke(&history, 0, HD_CALL_GET, key, 0), HD_CALL_OK,
                          HD_PRESENT, 1000 + value);
        struct hd_check_result result = {.legal = history.events};
        hd_parts_sort(&parts, &hd_model_map, &history);
        hd_glance_check(&glance, &history, &parts, &result);
        cr_assert_eq(parts.count, MANY);
        cr_assert_eq(result.illegal, key == value ? 0 : history.events, "key %lu, value %lu",
                     (unsigned long)key, (unsigned long)value);
        if (key != value)
            cr_assert_str_eq(result.rule, "returned a value that was never put under that key");
    }
    hd_glance_clear(&glance);
    hd_parts_clear(&parts);
}
