/* test_search.c - the search for an order: at every prefix as all orders say, with invariant F, in few
 * steps and little memory.
 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "harness/check/search.h"
#include "tests/harness/histories.h"

#define CALLS     7u
#define HISTORIES 3000u

struct seeker {
    struct hd_parts parts;
    struct hd_search search;
};

static void seeker_open(struct seeker *seeker, uint32_t calls, size_t memory) {
    cr_assert_eq(hd_parts_init(&seeker->parts, calls), 0);
    cr_assert_eq(hd_search_init(&seeker->search, calls, memory), 0);
}

static void seeker_close(struct seeker *seeker) {
    hd_parts_clear(&seeker->parts);
    hd_search_clear(&seeker->search);
}

static enum hd_check_verdict seek(struct seeker *seeker, const struct hd_history *history,
                                  uint32_t limit, uint64_t steps_max) {
    const struct hd_check_budget budget = {.steps_max = steps_max};
    hd_parts_sort(&seeker->parts, &hd_model_map, history);
    hd_search_begin(&seeker->search, &hd_model_map, history, &budget);
    return hd_search_part(&seeker->search, &seeker->parts, 0, limit);
}

/* Position + 1 of the last return in the prefix. */
static uint32_t last_return(const struct hd_history *history, uint32_t limit) {
    uint32_t last = 0;
    for (uint32_t i = 0; i < history->calls; i++)
        if (history->call[i].returned < limit && history->call[i].returned >= last)
            last = history->call[i].returned + 1;
    return last;
}

/* ---- every prefix ---------------------------------------------------------------------------------- */

/* A legal prefix has an order, and none that is illegal has; what F says of `furthest`. */
static void expect_prefix(struct seeker *seeker, const struct hd_history *history, uint32_t limit,
                          uint32_t illegal, uint64_t seed) {
    bool legal = illegal == 0 || limit < illegal;
    enum hd_check_verdict verdict = seek(seeker, history, limit, 0);
    const struct hd_search *search = &seeker->search;
    cr_assert_eq(verdict, legal ? HD_CHECK_OK : HD_CHECK_ILLEGAL, "seed %lu, %u events",
                 (unsigned long)seed, limit);
    cr_assert_eq(search->known, last_return(history, limit));
    cr_assert_eq(search->bound, HD_BOUND_NONE);
    if (!legal)
        cr_assert_lt(search->furthest, illegal, "seed %lu, %u events", (unsigned long)seed, limit);
}

/* Calls of one key, some lost or failed, their results exchanged or not. */
Test(search, finds_an_order_of_a_prefix_when_there_is_one) {
    const struct history_shape shape = {.calls = CALLS,
                                        .processes = 4,
                                        .keys = 1,
                                        .values = 3,
                                        .lost = 12,
                                        .failed = 8,
                                        .clears = 5};
    struct hd_call call[CALLS];
    struct hd_history history = hd_history_in(call, CALLS);
    struct seeker seeker;
    uint32_t illegal = 0;
    seeker_open(&seeker, CALLS, HISTORY_MEMORY);
    for (uint64_t seed = 0; seed < HISTORIES; seed++) {
        history_make(seed, &shape, &history);
        history_swap(seed, &history);
        uint32_t first = history_brute_force(&history);
        for (uint32_t limit = 0; limit <= history.events; limit++)
            expect_prefix(&seeker, &history, limit, first, seed);
        illegal += first > 0;
    }
    cr_expect_gt(illegal, HISTORIES / 20, "%u", illegal);
    seeker_close(&seeker);
}

/* With one step less than it needs there is no answer; the bound is met once and stays met. */
Test(search, a_step_less_is_no_answer) {
    const struct history_shape shape = {.calls = CALLS, .processes = 4, .keys = 1, .values = 3};
    struct hd_call call[CALLS];
    struct hd_history history = hd_history_in(call, CALLS);
    struct seeker seeker;
    seeker_open(&seeker, CALLS, HISTORY_MEMORY);
    for (uint64_t seed = 0; seed < HISTORIES / 10; seed++) {
        history_make(seed, &shape, &history);
        enum hd_check_verdict verdict = seek(&seeker, &history, history.events, 0);
        uint64_t steps = seeker.search.steps;
        cr_assert_geq(steps, CALLS - 4, "each call that returned is asked about");
        cr_assert_eq(seek(&seeker, &history, history.events, steps), verdict);
        cr_assert_eq(seeker.search.bound, HD_BOUND_NONE);
        cr_assert_eq(seek(&seeker, &history, history.events, steps - 1), HD_CHECK_UNKNOWN);
        cr_assert_eq(seeker.search.bound, HD_BOUND_STEPS);
        cr_assert_eq(seeker.search.steps, steps - 1);
        cr_assert_not(hd_search_step(&seeker.search));
        cr_assert_eq(seeker.search.steps, steps - 1);
    }
    seeker_close(&seeker);
}

/* ---- steps and memory ------------------------------------------------------------------------------ */

static bool stop_at_third(void *asked) {
    return ++*(uint32_t *)asked == 3;
}

Test(search, whether_to_stop_is_asked_every_4096_steps) {
    struct hd_history history = {0};
    struct seeker seeker;
    uint32_t asked = 0;
    uint64_t steps = 0;
    const struct hd_check_budget budget = {.stop = stop_at_third, .context = &asked};
    seeker_open(&seeker, CALLS, HISTORY_MEMORY);
    hd_search_begin(&seeker.search, &hd_model_map, &history, &budget);
    while (hd_search_step(&seeker.search))
        steps++;
    cr_expect_eq(steps, 3 * 4096 - 1);
    cr_expect_eq(seeker.search.bound, HD_BOUND_STOP);
    cr_expect_not(hd_search_step(&seeker.search));
    cr_expect_eq(asked, 3, "and not again");
    seeker_close(&seeker);
}

static struct hd_history history_new(uint32_t calls) {
    struct hd_call *call = malloc(calls * sizeof(*call));
    cr_assert_not_null(call);
    return hd_history_in(call, calls);
}

struct effort {
    struct history_shape shape;
    size_t memory;  /* half of it is too little */
    uint64_t steps; /* that ten histories of the shape take */
};

static const struct effort efforts[] = {
    {{.calls = 20000, .processes = 1, .keys = 1, .values = 9}, 128u << 10, 199990},
    {{.calls = 2000, .processes = 3, .keys = 1, .values = 9}, 256u << 10, 28774},
    {{.calls = 2000, .processes = 6, .keys = 1, .values = 50, .failed = 5}, 512u << 10, 64568},
    {{.calls = 600, .processes = 8, .keys = 1, .values = 9, .lost = 1}, 256u << 10, 37676},
    {{.calls = 100, .processes = 12, .keys = 1, .values = 3, .lost = 20}, 64u << 10, 6264},
    {{.calls = 300, .processes = 3, .keys = 1, .values = 300, .lost = 3}, 64u << 10, 4521},
    {{.calls = 400, .processes = 4, .keys = 1, .values = 2, .lost = 50}, 64u << 10, 8851},
};
#define EFFORTS (sizeof efforts / sizeof efforts[0])

/* The steps of ten histories, 0 when the memory is not enough. */
static uint64_t steps_of(const struct effort *effort, size_t memory) {
    struct hd_history history = history_new(effort->shape.calls);
    struct seeker seeker;
    uint64_t steps = 0;
    bool enough = true;
    seeker_open(&seeker, effort->shape.calls, memory);
    for (uint64_t seed = 0; seed < 10 && enough; seed++) {
        history_make(seed, &effort->shape, &history);
        enough = seek(&seeker, &history, history.events, 0) == HD_CHECK_OK;
        cr_assert(enough || seeker.search.bound == HD_BOUND_MEMORY, "seed %lu",
                  (unsigned long)seed);
        steps += seeker.search.steps;
    }
    seeker_close(&seeker);
    free(history.call);
    return enough ? steps : 0;
}

/* A search that tries what it need not, or forgets where it has been, takes more. */
Test(search, takes_few_steps) {
    for (size_t i = 0; i < EFFORTS; i++) {
        uint64_t steps = steps_of(&efforts[i], 16u << 20);
        cr_expect(steps > 0 && steps <= efforts[i].steps, "%zu: %lu steps", i,
                  (unsigned long)steps);
    }
}

/* One that remembers more than it need takes more. */
Test(search, takes_little_memory) {
    for (size_t i = 0; i < EFFORTS; i++) {
        uint64_t steps = steps_of(&efforts[i], efforts[i].memory);
        cr_expect(steps > 0 && steps <= efforts[i].steps, "%zu: %lu steps", i,
                  (unsigned long)steps);
    }
}
