/* test_bounds.c - lengths and iterations are judged as bounds.h says, word by word, in random histories of
 * calls that overlap, fail, and do not return.
 */
#include <criterion/criterion.h>
#include <string.h>

#include "harness/base/random.h"
#include "harness/check/bounds.h"
#include "tests/harness/histories.h"

#define CALLS     24u
#define EVENTS    16u
#define PROCESSES 4u
#define KEYS      3u
#define HISTORIES 60000u

/* ---- random histories ------------------------------------------------------------------------------ */

struct maker {
    struct hd_call call[CALLS];
    struct hd_history history;
    uint32_t open[PROCESSES];
    uint64_t key;
    uint64_t drawn;
};

static uint32_t draw(struct maker *maker, uint32_t below) {
    return (uint32_t)hd_draw_below(maker->key, &maker->drawn, below);
}

static void invoke(struct maker *maker, uint32_t process) {
    static const enum hd_call_kind kinds[] = {HD_CALL_PUT,    HD_CALL_PUT,     HD_CALL_PUT,
                                              HD_CALL_PUT,    HD_CALL_DELETE,  HD_CALL_DELETE,
                                              HD_CALL_LENGTH, HD_CALL_ITERATE, HD_CALL_ITERATE,
                                              HD_CALL_GET,    HD_CALL_CLEAR};
    enum hd_call_kind kind = kinds[draw(maker, sizeof(kinds) / sizeof(kinds[0]))];
    uint64_t key = kind <= HD_CALL_DELETE ? draw(maker, KEYS) : 0;
    uint64_t value = kind == HD_CALL_PUT ? draw(maker, 2) : 0;
    maker->open[process] = hd_history_invoke(&maker->history, process, kind, key, value);
}

/* Two of three events of an iteration bring a key; any may be one too many. */
static void go_on(struct maker *maker, uint32_t process) {
    uint32_t index = maker->open[process];
    const struct hd_call *call = &maker->call[index];
    if (call->kind == HD_CALL_ITERATE && draw(maker, 3) > 0) {
        hd_history_visit(&maker->history, index, draw(maker, KEYS + 1), draw(maker, 2));
        return;
    }
    uint32_t fate = draw(maker, 8);
    enum hd_call_end end = fate == 0 ? HD_CALL_FAIL : fate == 1 ? HD_CALL_INFO : HD_CALL_OK;
    hd_history_return(&maker->history, index, end, HD_UNTOLD, draw(maker, KEYS + 1));
    maker->open[process] = HD_CALL_NONE;
}

static void make(struct maker *maker, uint64_t seed) {
    maker->history = hd_history_in(maker->call, CALLS);
    maker->key = hd_stream_key(seed, 7);
    maker->drawn = 0;
    memset(maker->open, 0xff, sizeof(maker->open));
    while (maker->history.events < EVENTS && maker->history.calls < CALLS) {
        uint32_t process = draw(maker, PROCESSES); /* ends with probability 1 */
        if (maker->open[process] == HD_CALL_NONE)
            invoke(maker, process);
        else
            go_on(maker, process);
    }
}

/* ---- the header, word by word ---------------------------------------------------------------------- */

static bool write_of(const struct hd_call *call, const struct hd_call *question, uint64_t key,
                     bool put) {
    bool failed = call->end == HD_CALL_FAIL && call->returned < question->returned;
    if (failed || call->invoked >= question->returned)
        return false;
    if (put)
        return call->kind == HD_CALL_PUT && call->key == key;
    return call->kind == HD_CALL_CLEAR || (call->kind == HD_CALL_DELETE && call->key == key);
}

static bool returned_before(const struct hd_call *call, uint32_t position) {
    return call->end == HD_CALL_OK && call->returned < position;
}

/* Present throughout (`put`), or absent by a delete. */
static bool marked(const struct hd_history *history, const struct hd_call *question, uint64_t key,
                   bool put) {
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *mark = &history->call[i];
        if (!write_of(mark, question, key, put) || !returned_before(mark, question->invoked))
            continue;
        bool holds = true;
        for (uint32_t j = 0; j < history->calls; j++)
            holds &= !write_of(&history->call[j], question, key, !put) ||
                     returned_before(&history->call[j], mark->invoked);
        if (holds)
            return true;
    }
    return false;
}

static bool absent(const struct hd_history *history, const struct hd_call *question, uint64_t key) {
    bool any = false;
    for (uint32_t i = 0; i < history->calls; i++)
        any |= write_of(&history->call[i], question, key, true);
    return !any || marked(history, question, key, false);
}

/* No other write lies, whole, between the put and the iteration. */
static bool may_hold(const struct hd_history *history, const struct hd_call *question,
                     const struct hd_call *visit) {
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *put = &history->call[i];
        if (!write_of(put, question, visit->key, true) || put->value != visit->value ||
            put->invoked >= visit->invoked)
            continue;
        bool between = false;
        for (uint32_t j = 0; j < history->calls; j++) {
            const struct hd_call *other = &history->call[j];
            between |= (write_of(other, question, visit->key, true) ||
                        write_of(other, question, visit->key, false)) &&
                       returned_before(put, other->invoked) &&
                       returned_before(other, question->invoked);
        }
        if (!between)
            return true;
    }
    return false;
}

static const char *length_rule(const struct hd_history *history, const struct hd_call *question) {
    uint64_t least = 0, most = 0;
    for (uint64_t key = 0; key < KEYS; key++) {
        least += marked(history, question, key, true);
        most += !absent(history, question, key);
    }
    return question->value < least || question->value > most
               ? "returned a number of entries that the map could not hold"
               : NULL;
}

static const char *iteration_rule(const struct hd_history *history, uint32_t question) {
    const struct hd_call *call = &history->call[question];
    uint32_t visits[KEYS + 1] = {0};
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *visit = &history->call[i];
        if (visit->kind != HD_CALL_VISIT || visit->process != question)
            continue;
        if (absent(history, call, visit->key))
            return "returned a key that was absent throughout";
        if (!may_hold(history, call, visit))
            return "returned a value that the key could not hold";
        visits[visit->key]++;
    }
    bool present[KEYS], missed = false, twice = false;
    for (uint64_t key = 0; key < KEYS; key++) {
        present[key] = marked(history, call, key, true);
        missed |= present[key] && visits[key] == 0;
        twice |= present[key] && visits[key] > 1;
    }
    return missed && twice ? "either"
           : missed        ? "missed a key that was present throughout"
           : twice         ? "returned a key twice that was present throughout"
                           : NULL;
}

/* Events of the shortest prefix that breaks a rule, 0: none, and the rule. */
static uint32_t by_the_words(const struct hd_history *history, const char **rule) {
    uint32_t illegal = 0;
    *rule = NULL;
    for (uint32_t i = 0; i < history->calls; i++) {
        const struct hd_call *call = &history->call[i];
        if (call->end != HD_CALL_OK ||
            (call->kind != HD_CALL_LENGTH && call->kind != HD_CALL_ITERATE))
            continue;
        const char *broken =
            call->kind == HD_CALL_LENGTH ? length_rule(history, call) : iteration_rule(history, i);
        if (broken == NULL || (illegal > 0 && call->returned + 1 > illegal))
            continue;
        illegal = call->returned + 1;
        *rule = broken;
    }
    return illegal;
}

/* ---- the two compared ------------------------------------------------------------------------------ */

struct judge {
    struct hd_parts parts;
    struct hd_search search;
    struct hd_bounds bounds;
};

static void judge_open(struct judge *judge) {
    cr_assert_eq(hd_parts_init(&judge->parts, CALLS), 0);
    cr_assert_eq(hd_search_init(&judge->search, CALLS, HISTORY_MEMORY), 0);
    cr_assert_eq(hd_bounds_init(&judge->bounds, CALLS), 0);
}

static void judge_close(struct judge *judge) {
    hd_parts_clear(&judge->parts);
    hd_search_clear(&judge->search);
    hd_bounds_clear(&judge->bounds);
}

/* What the rules say of a history that is illegal after `known` events already (0: that is not known). */
static struct hd_check_result judged(struct judge *judge, const struct hd_history *history,
                                     uint64_t steps_max, uint32_t known) {
    const struct hd_check_budget budget = {.steps_max = steps_max};
    struct hd_check_result result = {
        .legal = known > 0 ? known - 1 : history->events, .illegal = known, .part = 99};
    hd_parts_sort(&judge->parts, &hd_model_map, history);
    hd_search_begin(&judge->search, &hd_model_map, history, &budget);
    hd_bounds_check(&judge->bounds, &judge->search, &judge->parts, &result);
    result.steps = judge->search.steps;
    return result;
}

Test(bounds, each_call_is_judged_as_the_rules_say) {
    static struct maker maker;
    struct judge judge;
    const char *rule;
    uint32_t legal = 0, broken = 0, missed_or_twice = 0;
    judge_open(&judge);
    for (uint64_t seed = 0; seed < HISTORIES; seed++) {
        make(&maker, seed);
        uint32_t illegal = by_the_words(&maker.history, &rule);
        struct hd_check_result result = judged(&judge, &maker.history, 0, 0);
        cr_assert_eq(result.illegal, illegal, "seed %lu: %u, not %u", (unsigned long)seed,
                     result.illegal, illegal);
        cr_assert_eq(result.legal, illegal > 0 ? illegal - 1 : maker.history.events);
        legal += rule == NULL;
        broken += rule != NULL;
        if (rule == NULL)
            cr_assert_null(result.rule);
        else if (strcmp(rule, "either") != 0)
            cr_assert_str_eq(result.rule, rule, "seed %lu", (unsigned long)seed);
        missed_or_twice += rule != NULL && strstr(rule, "throughout") != NULL;
    }
    judge_close(&judge);
    cr_expect(legal > HISTORIES / 20 && broken > HISTORIES / 4 && missed_or_twice > HISTORIES / 20,
              "%u legal, %u broken, %u of them missed, twice or strange", legal, broken,
              missed_or_twice);
}

/* What is illegal already stays so; only what ended before is told instead. */
Test(bounds, only_what_ended_before_is_blamed_instead) {
    static struct maker maker;
    struct judge judge;
    const char *rule;
    judge_open(&judge);
    for (uint64_t seed = 0; seed < HISTORIES / 10; seed++) {
        make(&maker, seed);
        uint32_t illegal = by_the_words(&maker.history, &rule);
        for (uint32_t known = 1; known <= maker.history.events; known++) {
            struct hd_check_result result = judged(&judge, &maker.history, 0, known);
            bool earlier = illegal > 0 && illegal < known;
            cr_assert_eq(result.illegal, earlier ? illegal : known, "seed %lu",
                         (unsigned long)seed);
            cr_assert_eq(result.legal, result.illegal - 1);
            cr_assert_eq(result.rule != NULL, earlier);
            cr_assert_eq(result.part == 99, !earlier, "seed %lu", (unsigned long)seed);
        }
    }
    judge_close(&judge);
}

/* However few steps there are, what is said is so: nothing legal is blamed, nothing is called legal that
 * was not judged, and no more steps are spent. */
Test(bounds, few_steps_say_less_and_nothing_wrong) {
    static struct maker maker;
    struct judge judge;
    const char *rule;
    uint32_t cut = 0;
    judge_open(&judge);
    for (uint64_t seed = 0; seed < HISTORIES / 10; seed++) {
        make(&maker, seed);
        uint32_t illegal = by_the_words(&maker.history, &rule);
        uint64_t enough = judged(&judge, &maker.history, 0, 0).steps;
        for (uint64_t steps = 1; steps <= enough; steps++) {
            struct hd_check_result result = judged(&judge, &maker.history, steps, 0);
            cr_assert_leq(result.steps, steps);
            cr_assert(illegal > 0 || result.illegal == 0);
            cr_assert(result.illegal == 0 || result.illegal >= illegal);
            cr_assert(illegal == 0 || result.legal < illegal, "seed %lu", (unsigned long)seed);
            cr_assert(steps < enough || result.illegal == illegal);
            cr_assert(steps == enough || judge.search.bound == HD_BOUND_STEPS);
            cr_assert(steps == enough || result.legal < maker.history.events);
            cut += steps < enough;
        }
    }
    judge_close(&judge);
    cr_expect_gt(cut, HISTORIES / 10);
}

static void done(struct hd_history *history, enum hd_call_kind kind, uint64_t key, uint64_t value) {
    uint32_t call = hd_history_invoke(history, 0, kind, key, value);
    hd_history_return(history, call, HD_CALL_OK, HD_UNTOLD, value);
}

/* A length asks once about each key; an iteration once about each visit and each key. */
Test(bounds, a_step_is_a_key_or_a_visit) {
    struct hd_call call[CALLS];
    struct hd_history history = hd_history_in(call, CALLS);
    struct judge judge;
    judge_open(&judge);
    for (uint64_t key = 0; key < 5; key++)
        done(&history, HD_CALL_PUT, key, 7);
    done(&history, HD_CALL_LENGTH, 0, 5);
    cr_expect_eq(judged(&judge, &history, 0, 0).steps, 5);
    uint32_t iteration = hd_history_invoke(&history, 0, HD_CALL_ITERATE, 0, 0);
    for (uint64_t key = 0; key < 5; key++)
        hd_history_visit(&history, iteration, key, 7);
    hd_history_return(&history, iteration, HD_CALL_OK, HD_UNTOLD, 0);
    struct hd_check_result result = judged(&judge, &history, 0, 0);
    cr_expect_eq(result.steps, 15);
    cr_expect_eq(result.illegal, 0);
    judge_close(&judge);
}

static uint64_t key_named(struct judge *judge, enum hd_call_kind kind, uint64_t key,
                          uint64_t value) {
    struct hd_call call[CALLS];
    struct hd_history history = hd_history_in(call, CALLS);
    done(&history, HD_CALL_PUT, 5, 7);
    done(&history, HD_CALL_PUT, 6, 7);
    uint32_t question = hd_history_invoke(&history, 0, kind, 0, 0);
    if (kind == HD_CALL_ITERATE)
        hd_history_visit(&history, question, key, value);
    hd_history_return(&history, question, HD_CALL_OK, HD_UNTOLD, value);
    struct hd_check_result result = judged(judge, &history, 0, 0);
    cr_expect_eq(result.illegal, history.events);
    return result.part;
}

Test(bounds, the_key_is_named_and_a_length_names_none) {
    struct judge judge;
    judge_open(&judge);
    cr_expect_eq(key_named(&judge, HD_CALL_ITERATE, 5, 7), 6, "missed");
    cr_expect_eq(key_named(&judge, HD_CALL_ITERATE, 6, 8), 6, "a wrong value");
    cr_expect_eq(key_named(&judge, HD_CALL_ITERATE, 9, 7), 9, "a stranger");
    cr_expect_eq(key_named(&judge, HD_CALL_LENGTH, 0, 3), 0);
    judge_close(&judge);
}
