/* memo.h - the set of configurations that a search has been in: which calls are linearized, and the
 * state. Bounded memory, allocated once.
 */
#ifndef HEDDLE_HARNESS_CHECK_MEMO_H
#define HEDDLE_HARNESS_CHECK_MEMO_H

#include <stddef.h>
#include <stdint.h>

struct hd_memo;

enum hd_memo_answer { HD_MEMO_NEW, HD_MEMO_KNOWN, HD_MEMO_FULL };

/* A set that takes at most `size` bytes (and at least HD_MEMO_SIZE_MIN). Pages of it that no search
 * has needed are never touched. NULL without memory. */
#define HD_MEMO_SIZE_MIN (64u << 10)
struct hd_memo *hd_memo_new(size_t size);
void hd_memo_free(struct hd_memo *memo);

/* Empties the set, in constant time. */
void hd_memo_clear(struct hd_memo *memo);

/* A place for the next record, of `words` words; NULL when the set is full. It becomes part of the
 * set by hd_memo_add. */
uint64_t *hd_memo_place(struct hd_memo *memo, size_t words);

/* Adds the record in the place, of `words` words, unless an equal one is there. Records of different
 * lengths are different. */
enum hd_memo_answer hd_memo_add(struct hd_memo *memo, size_t words);

#endif
