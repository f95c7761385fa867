/* arena.h - the heap of code under test: at a fixed address, one part a task, forgotten in O(tasks).
 *
 * Each task allocates upwards in a part of its own, so that the address and the name of a block, (task, its
 * n-th allocation), do not depend on the interleaving. Address space is used again only when a part is used
 * up: freed blocks of that part then, from the lowest up, going round. Fresh memory holds a pattern that
 * follows from the execution's fill key, freed memory another one, so that whoever still uses it sees no
 * old content. Of a large block only the first HD_ARENA_FILL bytes are filled, the rest is zero, as memory
 * that the kernel gives; freed, its whole pages are closed: who uses it crashes.
 *
 * Invariant A1: a part is a gapless sequence of blocks, each behind its header, unless code under test
 * has written over one.
 * Invariant A2: no byte above a part's top was handed out in this execution; all of them are zero,
 * unless code under test wrote beyond its blocks in an execution that nobody called suspect.
 *
 * Threads: the one thread that runs the tasks. One arena a process, since its address is fixed.
 */
#ifndef HEDDLE_HARNESS_BASE_ARENA_H
#define HEDDLE_HARNESS_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HD_ARENA_SIZE ((248ull << 30) + (128ull << 20)) /* bytes of address space, not of memory */

/* The part of what is allocated while a module is loaded, in place of a task's number. */
#define HD_ARENA_LOADED 1024u
#define HD_ARENA_LARGE  (256u << 10) /* a block of so many bytes is a large one */
#define HD_ARENA_FILL   (4u << 10)

/* The words of freed memory: no address, also for a processor. */
#define HD_ARENA_FREED 0xdfdfdfdfdfdfdfdfull

enum hd_block_state {
    HD_BLOCK_LIVE = 0x4c495645,
    HD_BLOCK_FREED = 0x46524545,
    HD_BLOCK_GAP = 0x47415021,
    HD_BLOCK_DAMAGED = 0 /* no header has it: what should be one has been written over */
};

struct hd_block {
    uint32_t task;   /* that allocated it */
    uint32_t number; /* 0-based among that task's allocations */
    uint64_t size;   /* bytes as asked for */
    void *start;
    enum hd_block_state state;
};

/* Reserves the address range. Returns 0 or -errno (-EEXIST: something else lies there). Once a process;
 * later calls return 0. */
int hd_arena_open(void);
/* Whether a process forked from this one could: 0 or -errno. In a process that has not. */
int hd_arena_possible(void);
/* Keeps a copy of what has been allocated in HD_ARENA_LOADED by now: every execution begins with it.
 * Returns 0 or -ENOMEM. */
int hd_arena_keep(void);
/* Forgets every block that is not kept; `key` decides what fresh memory holds from now on. */
void hd_arena_reset(uint64_t key);
/* This execution may have written beyond its blocks (it ended in a fault, or two writes met in a map
 * that does not allow that): the next reset gives back all memory behind them. */
void hd_arena_suspect(void);
/* A block of `size` bytes for `task`, aligned to `alignment` (a power of two, 16 or more); its bytes are
 * zero or the pattern. NULL when the task's part is full, or too small altogether. */
void *hd_arena_allocate(uint32_t task, size_t size, size_t alignment, bool zero);
/* Bytes of the part of `task`: no more than these can live at a time. */
uint64_t hd_arena_part(uint32_t task);
/* Whether an address lies in the arena's range. */
bool hd_arena_owns(const void *address);
/* The block that starts exactly at `address`. False when none does. It may be HD_BLOCK_DAMAGED: nothing
 * else is then known of it. */
bool hd_arena_block(const void *address, struct hd_block *block);
/* The block that contains `address`, looked for from the start of the part: slow. False behind a header
 * that has been written over. */
bool hd_arena_find(const void *address, struct hd_block *block);
/* Marks the block at `address`, which must be live as hd_arena_block says, as freed; its bytes are
 * HD_ARENA_FREED, or of a large block closed. */
void hd_arena_free(void *address);
/* Bytes handed out in this execution, headers included. */
uint64_t hd_arena_used(void);

/* The word that fills fresh memory under `key`. */
static inline uint64_t hd_fill_word(uint64_t key) {
    return key | 0x0100000000000001ull; /* neither zero nor an address a program could use */
}

#endif
