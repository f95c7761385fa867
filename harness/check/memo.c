/* memo.c - records of words, found by hash and compared word by word: see memo.h.
 *
 * Records lie one behind the other; an open-addressing table (linear probing, at most half full)
 * holds where. The table in use starts small and doubles within its allocation, so that a search of
 * a few calls stays in a few cache lines. A slot counts only when it bears the present generation:
 * clearing is counting on.
 */
#include "harness/check/memo.h"

#include <stdlib.h>
#include <string.h>

#include "harness/base/assert.h"
#include "harness/base/hash.h"

#define SLOTS_MIN 64u
#define HEADER    2u /* words before a record: its hash, its length */

struct slot {
    uint32_t generation; /* 0: never used */
    uint32_t record;     /* where its header begins, in words */
};

struct hd_memo {
    struct slot *slot;
    uint64_t *word;
    size_t slots; /* in use, a power of two */
    size_t slots_max;
    size_t words_max;
    size_t used; /* words */
    size_t records;
    uint32_t generation;
};

struct hd_memo *hd_memo_new(size_t size) {
    if (size < HD_MEMO_SIZE_MIN)
        size = HD_MEMO_SIZE_MIN;
    struct hd_memo *memo = calloc(1, sizeof(*memo));
    if (memo == NULL)
        return NULL;
    memo->slots_max = SLOTS_MIN;
    while (memo->slots_max * 2 * sizeof(struct slot) <= size / 4)
        memo->slots_max *= 2;
    memo->words_max = (size - memo->slots_max * sizeof(struct slot)) / sizeof(uint64_t);
    if (memo->words_max > UINT32_MAX)
        memo->words_max = UINT32_MAX;
    memo->slot = calloc(memo->slots_max, sizeof(struct slot));
    memo->word = malloc(memo->words_max * sizeof(uint64_t));
    if (memo->slot == NULL || memo->word == NULL) {
        hd_memo_free(memo);
        return NULL;
    }
    hd_memo_clear(memo);
    return memo;
}

void hd_memo_free(struct hd_memo *memo) {
    if (memo == NULL)
        return;
    free(memo->slot);
    free(memo->word);
    free(memo);
}

/* All slots count as empty from now on. */
static void forget_slots(struct hd_memo *memo) {
    memo->generation++;
    if (memo->generation == 0) { /* once in four thousand million: no old slot may look present */
        memset(memo->slot, 0, memo->slots_max * sizeof(struct slot));
        memo->generation = 1;
    }
}

void hd_memo_clear(struct hd_memo *memo) {
    forget_slots(memo);
    memo->slots = SLOTS_MIN;
    memo->used = 0;
    memo->records = 0;
}

uint64_t *hd_memo_place(struct hd_memo *memo, size_t words) {
    if (memo->used + HEADER + words > memo->words_max)
        return NULL;
    return memo->word + memo->used + HEADER;
}

static uint64_t hash_of(const uint64_t *word, size_t words) {
    uint64_t hash = words;
    for (size_t index = 0; index < words; index++)
        hash = hd_fold(hash, word[index]);
    return hash;
}

/* The slot that holds the record at `record`'s equal, or the free one where it belongs. */
static struct slot *find(const struct hd_memo *memo, size_t record) {
    const uint64_t *sought = memo->word + record;
    size_t at = sought[0] & (memo->slots - 1);
    for (;;) { /* ends: at least half of the slots are free */
        struct slot *slot = &memo->slot[at];
        if (slot->generation != memo->generation)
            return slot;
        const uint64_t *found = memo->word + slot->record;
        if (found[0] == sought[0] && found[1] == sought[1] &&
            memcmp(found + HEADER, sought + HEADER, sought[1] * sizeof(uint64_t)) == 0)
            return slot;
        at = (at + 1) & (memo->slots - 1);
    }
}

static void fill(const struct hd_memo *memo, struct slot *slot, size_t record) {
    *slot = (struct slot){.generation = memo->generation, .record = (uint32_t)record};
}

static void double_slots(struct hd_memo *memo) {
    forget_slots(memo);
    memo->slots *= 2;
    for (size_t record = 0; record < memo->used; record += HEADER + memo->word[record + 1])
        fill(memo, find(memo, record), record);
}

enum hd_memo_answer hd_memo_add(struct hd_memo *memo, size_t words) {
    size_t record = memo->used;
    HD_ASSERT(record + HEADER + words <= memo->words_max);
    memo->word[record] = hash_of(memo->word + record + HEADER, words);
    memo->word[record + 1] = words;
    struct slot *slot = find(memo, record);
    if (slot->generation == memo->generation)
        return HD_MEMO_KNOWN;
    if (memo->records * 2 >= memo->slots) {
        if (memo->slots == memo->slots_max)
            return HD_MEMO_FULL;
        double_slots(memo);
        slot = find(memo, record);
    }
    fill(memo, slot, record);
    memo->used += HEADER + words;
    memo->records++;
    return HD_MEMO_NEW;
}
