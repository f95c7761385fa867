/* search.c - depth-first search for a legal order of the calls of one part: see search.h. */
#include "harness/check/search.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"

#define STOP_INTERVAL     4096u /* steps between two questions whether to stop; a power of two */
#define REMEMBER_INTERVAL 16u
#define RECORD_HEADER     3u /* words of a configuration before its bits */

/* One call that was linearized, and what stood before it. */
struct hd_search_frame {
    struct hd_model_state state;
    uint32_t call;
    uint32_t deadline;
    bool forced; /* nothing else needs to be tried in its place */
};

enum move { MOVE_ON, MOVE_NONE, MOVE_BLOCKED, MOVE_END };

int hd_search_init(struct hd_search *search, uint32_t calls_max, size_t memory) {
    size_t places = (size_t)calls_max + 2;
    *search = (struct hd_search){.memo = hd_memo_new(memory)};
    search->call = malloc(places * sizeof(*search->call));
    search->next = malloc(places * sizeof(*search->next));
    search->previous = malloc(places * sizeof(*search->previous));
    search->bits = malloc((places / 64 + 2) * sizeof(*search->bits));
    search->frame = malloc(places * sizeof(*search->frame));
    bool whole = search->memo != NULL && search->call != NULL && search->next != NULL &&
                 search->previous != NULL && search->bits != NULL && search->frame != NULL;
    return whole ? 0 : -ENOMEM;
}

void hd_search_clear(struct hd_search *search) {
    hd_memo_free(search->memo);
    free(search->call);
    free(search->next);
    free(search->previous);
    free(search->bits);
    free(search->frame);
    *search = (struct hd_search){0};
}

void hd_search_begin(struct hd_search *search, const struct hd_model *model,
                     const struct hd_history *history, const struct hd_check_budget *budget) {
    search->model = model;
    search->history = history;
    search->budget = *budget;
    search->steps = 0;
    search->bound = HD_BOUND_NONE;
}

bool hd_search_step(struct hd_search *search) {
    const struct hd_check_budget *budget = &search->budget;
    if (search->bound == HD_BOUND_STEPS || search->bound == HD_BOUND_STOP)
        return false;
    if (budget->steps_max != 0 && search->steps == budget->steps_max) {
        search->bound = HD_BOUND_STEPS;
        return false;
    }
    if (++search->steps % STOP_INTERVAL == 0 && budget->stop != NULL &&
        budget->stop(budget->context)) {
        search->bound = HD_BOUND_STOP;
        return false;
    }
    return true;
}

static const struct hd_call *call_at(const struct hd_search *search, uint32_t index) {
    return &search->history->call[search->call[index]];
}

/* ---- gathering ------------------------------------------------------------------------------- */

/* Sorts one call of the part into those that returned, from the front, and those that may have
 * happened, from the back. */
static void take(struct hd_search *search, uint32_t index, uint32_t *back) {
    const struct hd_call *call = &search->history->call[index];
    bool known = call->returned < search->limit;
    if (known && search->known < call->returned + 1)
        search->known = call->returned + 1;
    if (known && call->end == HD_CALL_OK)
        search->call[search->returned++] = index;
    else if (!known && !search->model->reads(call, false))
        search->call[--*back] = index;
}

/* Brings the calls from the back behind those at the front, in order of invocation. */
static void join(struct hd_search *search, uint32_t back, uint32_t end) {
    for (uint32_t low = back, high = end; low + 1 < high; low++) {
        uint32_t call = search->call[--high];
        search->call[high] = search->call[low];
        search->call[low] = call;
    }
    memmove(search->call + search->returned, search->call + back,
            (end - back) * sizeof(*search->call));
    search->count = search->returned + end - back;
}

static void gather(struct hd_search *search, const struct hd_parts *parts, uint32_t part) {
    uint32_t end = search->history->calls;
    uint32_t back = end;
    uint32_t own = parts->first[part];
    uint32_t shared = parts->all_first;
    search->returned = 0;
    search->known = 0;
    while (own != HD_CALL_NONE || shared != HD_CALL_NONE) { /* ends: both are lists of the past */
        uint32_t *first = own < shared ? &own : &shared;    /* HD_CALL_NONE is the largest */
        if (search->history->call[*first].invoked >= search->limit)
            break;
        take(search, *first, &back);
        *first = parts->next[*first];
    }
    join(search, back, end);
}

/* ---- the lists and the bits ------------------------------------------------------------------ */

static uint32_t returned_head(const struct hd_search *search) {
    return search->count;
}

static uint32_t open_head(const struct hd_search *search) {
    return search->count + 1;
}

static void link_range(struct hd_search *search, uint32_t head, uint32_t from, uint32_t to) {
    uint32_t last = head;
    for (uint32_t index = from; index < to; index++) {
        search->next[last] = index;
        search->previous[index] = last;
        last = index;
    }
    search->next[last] = head;
    search->previous[head] = last;
}

static void unlink_call(struct hd_search *search, uint32_t index) {
    search->next[search->previous[index]] = search->next[index];
    search->previous[search->next[index]] = search->previous[index];
}

static void relink_call(struct hd_search *search, uint32_t index) {
    search->next[search->previous[index]] = index;
    search->previous[search->next[index]] = index;
}

static void set_bit(struct hd_search *search, uint32_t index) {
    if (index >= search->returned) {
        uint32_t place = index - search->returned;
        search->bits[place / 64] |= 1ull << place % 64;
        return;
    }
    uint64_t *bits = search->bits + search->words_open;
    uint32_t word = index / 64;
    bits[word] |= 1ull << index % 64;
    while (search->low < search->words && bits[search->low] == UINT64_MAX)
        search->low++;
    if (search->top < word)
        search->top = word;
    if (search->top < search->low)
        search->top = search->low;
    search->left--;
}

static void clear_bit(struct hd_search *search, uint32_t index) {
    if (index >= search->returned) {
        uint32_t place = index - search->returned;
        search->bits[place / 64] &= ~(1ull << place % 64);
        return;
    }
    uint64_t *bits = search->bits + search->words_open;
    uint32_t word = index / 64;
    bits[word] &= ~(1ull << index % 64);
    if (search->low > word)
        search->low = word;
    HD_ASSERT(search->top <
              search->words); /* not all words are full: the search would have ended */
    while (search->top > search->low && bits[search->top] == 0)
        search->top--;
    search->left++;
}

static void linearize(struct hd_search *search, uint32_t index) {
    unlink_call(search, index);
    set_bit(search, index);
}

static void undo(struct hd_search *search, uint32_t index) {
    clear_bit(search, index);
    relink_call(search, index);
}

static void start(struct hd_search *search) {
    search->left = search->returned;
    search->words_open = (search->count - search->returned + 63) / 64;
    search->words = (search->returned + 63) / 64;
    memset(search->bits, 0, (search->words_open + search->words) * sizeof(*search->bits));
    search->low = search->top = 0;
    search->depth = 0;
    search->furthest = 0;
    search->deadline = HD_POSITION_NEVER;
    link_range(search, returned_head(search), 0, search->returned);
    link_range(search, open_head(search), search->returned, search->count);
    search->at = search->next[returned_head(search)];
    hd_memo_clear(search->memo);
    search->model->init(&search->state);
}

/* ---- the search ------------------------------------------------------------------------------ */

/* Notes the configuration that the marked calls and `state` make: one with calls left. */
static enum hd_memo_answer remember(struct hd_search *search, const struct hd_model_state *state) {
    HD_ASSERT(search->low < search->words);
    uint32_t window = search->top - search->low + 1;
    size_t words = RECORD_HEADER + search->words_open + window;
    uint64_t *record = hd_memo_place(search->memo, words);
    if (record == NULL)
        return HD_MEMO_FULL;
    record[0] = search->low;
    record[1] = state->word[0];
    record[2] = state->word[1];
    memcpy(record + RECORD_HEADER, search->bits, search->words_open * sizeof(uint64_t));
    memcpy(record + RECORD_HEADER + search->words_open,
           search->bits + search->words_open + search->low, window * sizeof(uint64_t));
    return hd_memo_add(search->memo, words);
}

/* Whether `index` is the only candidate: such configurations are remembered now and then only, so
 * that calls one after the other cost little memory. What is forgotten is searched again, at most
 * up to the next one that is not. */
static bool negligible(const struct hd_search *search, uint32_t index) {
    uint32_t head = returned_head(search);
    uint32_t next = search->next[index];
    return search->previous[index] == head &&
           (next == head || call_at(search, next)->invoked > call_at(search, index)->returned) &&
           search->depth % REMEMBER_INTERVAL != 0;
}

static void push(struct hd_search *search, uint32_t index, const struct hd_model_state *state,
                 bool forced) {
    HD_ASSERT(search->depth < search->count);
    search->frame[search->depth++] = (struct hd_search_frame){
        .state = search->state, .call = index, .deadline = search->deadline, .forced = forced};
    search->state = *state;
    search->deadline = HD_POSITION_NEVER;
    search->at = search->next[returned_head(search)];
}

/* Tries one candidate as the next in the order. */
static enum move try_call(struct hd_search *search, uint32_t index) {
    struct hd_model_state state;
    const struct hd_call *call = call_at(search, index);
    bool known = index < search->returned;
    if (!hd_search_step(search))
        return MOVE_END;
    if (!search->model->step(&search->state, call, known, &state))
        return MOVE_NONE;
    if (!known && memcmp(&state, &search->state, sizeof(state)) == 0)
        return MOVE_NONE;
    bool forced = known && search->model->reads(call, known);
    bool skip = known && (search->left == 1 || negligible(search, index));
    linearize(search, index);
    switch (skip ? HD_MEMO_NEW : remember(search, &state)) {
    case HD_MEMO_NEW:
        push(search, index, &state, forced);
        return MOVE_ON;
    case HD_MEMO_KNOWN:
        undo(search, index);
        return forced ? MOVE_BLOCKED : MOVE_NONE;
    case HD_MEMO_FULL:
        break;
    }
    search->bound = HD_BOUND_MEMORY;
    return MOVE_END;
}

/* Tries the candidates from `at` on. */
static enum move advance(struct hd_search *search) {
    enum move move = MOVE_NONE;
    while (search->at < search->returned &&
           call_at(search, search->at)->invoked < search->deadline) {
        uint32_t returned = call_at(search, search->at)->returned;
        if (returned < search->deadline)
            search->deadline = returned;
        move = try_call(search, search->at);
        if (move != MOVE_NONE)
            return move;
        search->at = search->next[search->at];
    }
    if (search->at < search->returned || search->at == returned_head(search)) {
        if (search->furthest < search->deadline)
            search->furthest = search->deadline;
        search->at = search->next[open_head(search)];
    }
    while (search->at < search->count && call_at(search, search->at)->invoked < search->deadline) {
        move = try_call(search, search->at);
        if (move != MOVE_NONE)
            return move;
        search->at = search->next[search->at];
    }
    return MOVE_BLOCKED;
}

/* Takes back calls up to one in whose place another may be tried. Returns false when there is
 * none. */
static bool retreat(struct hd_search *search) {
    const struct hd_search_frame *frame;
    do {
        if (search->depth == 0)
            return false;
        frame = &search->frame[--search->depth];
        undo(search, frame->call);
    } while (frame->forced);
    search->state = frame->state;
    search->deadline = frame->deadline;
    search->at = search->next[frame->call];
    return true;
}

enum hd_check_verdict hd_search_part(struct hd_search *search, const struct hd_parts *parts,
                                     uint32_t part, uint32_t limit) {
    search->limit = limit;
    gather(search, parts, part);
    start(search);
    while (search->left > 0) { /* ends: there are finitely many orders */
        enum move move = advance(search);
        if (move == MOVE_END)
            return HD_CHECK_UNKNOWN;
        if (move == MOVE_BLOCKED && !retreat(search))
            return HD_CHECK_ILLEGAL;
    }
    return HD_CHECK_OK;
}
