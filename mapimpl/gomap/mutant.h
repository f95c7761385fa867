/* mutant.h - deviations of one expression each, by which the golden traces and the checker are tested.
 *
 * In every map the right expression is compiled, and nothing else. Only the test's variant of these files
 * (GOMAP_MUTANTS) has the wrong ones too, of which `gomap_mutant` chooses one or none. Which trace notices
 * which is in docs/GOMAP-MUTANTS.md.
 */
#ifndef HEDDLE_MAPIMPL_GOMAP_MUTANT_H
#define HEDDLE_MAPIMPL_GOMAP_MUTANT_H

/* Name, and what is wrong with it. */
#define GOMAP_MUTANTS_EACH(X)                                                                      \
    X(LOAD_NOT_STRICT, "grows when the load limit is reached, not passed")                         \
    X(LOAD_OF_BEFORE, "judges the load without the entry to come")                                 \
    X(LOAD_FROM_SEVEN, "lets tables of up to seven entries grow")                                  \
    X(OVERFLOW_LATE, "takes one overflow bucket more before it rebuilds")                          \
    X(OVERFLOW_ESTIMATE, "counts twice as many overflow buckets of a large table")                 \
    X(OVERFLOW_UNLISTED, "forgets to list an overflow bucket")                                     \
    X(OVERFLOW_ESTIMATE_EARLY, "counts by chance from B = 15 on")                                  \
    X(SPARE_UNROUNDED, "makes no spare buckets of what the allocator rounds up")                   \
    X(SPARE_MARK_EARLY, "puts the end mark into the last spare bucket but one")                    \
    X(SPARE_FROM_FIVE, "makes no spare buckets at B = 4")                                          \
    X(HINT_TIGHT, "makes the table for one entry more than the hint")                              \
    X(TOPHASH_SHIFTED, "adds six, not five, to small tophashes")                                   \
    X(FREE_CELL_LAST, "puts a new entry into the last free cell of the chain")                     \
    X(FREE_CELL_EMPTY_REST, "uses only cells behind the end of the chain")                         \
    X(GROWTH_DOUBLES, "doubles when there are too many overflow buckets")                          \
    X(GROWTH_KEEPS_NOVERFLOW, "keeps noverflow when a growth starts")                              \
    X(GROWTH_KEEPS_SAME_SIZE, "keeps the same-size flag when a growth ends")                       \
    X(GROWTH_LOSES_ITERATOR, "does not remember that the old table is iterated over")              \
    X(WORK_SINGLE, "moves one old bucket a write, not two")                                        \
    X(WORK_NOT_ON_DELETE, "moves nothing when it deletes")                                         \
    X(MOVE_BY_NEXT_BIT, "chooses X or Y by the wrong bit of the hash")                             \
    X(MOVE_SWAPS_MARKS, "marks what goes to Y as gone to X")                                       \
    X(MOVE_BACKWARDS, "moves the cells of a bucket in reverse order")                              \
    X(MOVE_EMPTY_UNMARKED, "leaves empty cells of a moved bucket unmarked")                        \
    X(MOVE_KEEPS_POINTERS, "leaves pointers in a moved bucket")                                    \
    X(MOVE_FORGETS_EARLY, "zeroes a moved bucket that an iterator may walk")                       \
    X(MOVE_NAN_AFRESH, "moves a key unlike itself by its new hash though an iterator runs")        \
    X(UPDATE_KEEPS_ZERO, "keeps the old key where an equal one with other bytes is put")           \
    X(ADVANCE_BY_ONE, "does not skip moved buckets")                                               \
    X(ADVANCE_UNBOUNDED, "skips any number of moved buckets in one write")                         \
    X(READ_NEW_ONLY, "looks into the new table although the old bucket was not moved")             \
    X(READ_REMOVED, "finds a number in the cell that it was removed from")                         \
    X(READ_ALIKE_LAST, "looks at the last one alone of long strings with the same ends")           \
    X(READ_ALIKE_ENDS, "takes a long string for the one with the same ends")                       \
    X(HASH_LOW_HALF, "hashes the low half of a 32-bit key")                                        \
    X(READ_HALF_MASK, "takes a growth of the same size for a doubling")                            \
    X(DELETE_KEEPS_REST, "never marks the end of a chain again")                                   \
    X(DELETE_BACK_ONE, "marks only one cell as the new end")                                       \
    X(DELETE_KEEPS_SEED, "keeps the hash seed when the last entry goes")                           \
    X(DELETE_KEEPS_SEED_GROWING, "keeps the hash seed when the last entry goes in a growth")       \
    X(CLEAR_KEEPS_SEED, "keeps the hash seed when it clears")                                      \
    X(CLEAR_DROPS_FLAGS, "forgets iterators when it clears")                                       \
    X(CLEAR_KEEPS_NOVERFLOW, "keeps noverflow when it clears")                                     \
    X(CLEAR_KEEPS_SAME_SIZE, "keeps the same-size flag when it clears")                            \
    X(CLEAR_KEEPS_OLD_LIST, "keeps the list of old overflow buckets when it clears")               \
    X(CLEAR_KEEPS_MARK, "keeps nevacuate when it clears")                                          \
    X(ITERATE_OFFSET, "starts every bucket at its first cell")                                     \
    X(ITERATE_OLD_TWICE, "takes all entries of an old bucket for each of its new ones")            \
    X(ITERATE_NEW_ONLY, "walks the new bucket although the old one was not moved")                 \
    X(ITERATE_NAN_BY_HASH, "takes a key unlike itself for a bucket by its new hash")               \
    X(ITERATE_NAN_SAME_SIZE,                                                                       \
      "takes keys unlike themselves for one half of a table that keeps its size")                  \
    X(ITERATE_STALE, "returns moved entries as they were")                                         \
    X(ITERATE_STOPS, "leaves a bucket at the end of its chain's entries")                          \
    X(ITERATE_ANNOUNCES_HALF, "does not announce itself to the old table")

#ifdef GOMAP_MUTANTS
#define GOMAP_MUTANT_NAME(name, what) GOMAP_MUTANT_##name,
enum gomap_mutant { GOMAP_MUTANT_NONE, GOMAP_MUTANTS_EACH(GOMAP_MUTANT_NAME) GOMAP_MUTANT_COUNT };
extern enum gomap_mutant gomap_mutant;
#define GOMAP_MUTATE(name, right, wrong) (gomap_mutant == GOMAP_MUTANT_##name ? (wrong) : (right))
#else
#define GOMAP_MUTATE(name, right, wrong) (right)
#endif

#endif
