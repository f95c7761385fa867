/* arena.c - bump allocation at a fixed base: see arena.h. */
#include "harness/base/arena.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/assert.h"

/* Where clang's and gcc's sanitizers and the plain flavour all accept a mapping. */
#define ARENA_BASE 0x7e8000000000ull
#define PARTS      (HD_ARENA_LOADED + 1)
#define WIDE_PARTS 64u /* of the first tasks, the others have narrow ones */
#define WIDE       (2ull << 30)
#define NARROW     (128ull << 20)
#define ARENA_SIZE HD_ARENA_SIZE
_Static_assert(WIDE_PARTS *WIDE + (PARTS - WIDE_PARTS) * NARROW == ARENA_SIZE, "a part for each");
#define KEEP_SIZE  (8ull << 20) /* touched memory above this is given back at reset */
#define CLOSED_MAX 8192u        /* blocks; the kernel allows about eight times as many changes */

struct header {
    uint32_t state;
    uint32_t number;
    uint64_t size;
};
_Static_assert(sizeof(struct header) == 16, "blocks stay aligned to 16");

static struct {
    bool open;
    bool suspect; /* bytes above the tops may have been written */
    uint64_t page_size;
    uint64_t fill;
    uint32_t parts_used;    /* parts at and above it are untouched in this execution */
    uint64_t top[PARTS];    /* bytes in use */
    uint32_t number[PARTS]; /* blocks handed out, gaps not counted */
    uint64_t turn[PARTS];   /* where the search for free blocks goes on, the start of one */
    bool closes[PARTS];     /* pages of it are closed */
    uint32_t closed;        /* blocks, in all parts */
} arena;

/* Of the part HD_ARENA_LOADED. */
static struct {
    unsigned char *copy;
    uint64_t size;
    uint32_t number;
} loaded;

int hd_arena_open(void) {
    if (arena.open)
        return 0;
    void *at = mmap((void *)ARENA_BASE, ARENA_SIZE, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    if (at == MAP_FAILED)
        return -errno;
    if ((uint64_t)at != ARENA_BASE) { /* a kernel that does not know MAP_FIXED_NOREPLACE */
        munmap(at, ARENA_SIZE);
        return -EEXIST;
    }
    arena.page_size = (uint64_t)sysconf(_SC_PAGESIZE);
    arena.open = true;
    return 0;
}

int hd_arena_possible(void) {
    if (arena.open)
        return 0;
    int error = hd_arena_open();
    if (error == 0) {
        munmap((void *)ARENA_BASE, ARENA_SIZE);
        arena.open = false;
    }
    return error;
}

static uint64_t part_offset(uint32_t task) {
    if (task < WIDE_PARTS)
        return task * WIDE;
    return WIDE_PARTS * WIDE + (task - WIDE_PARTS) * NARROW;
}

static unsigned char *part_base(uint32_t task) {
    return (unsigned char *)(ARENA_BASE + part_offset(task));
}

uint64_t hd_arena_part(uint32_t task) {
    return task < WIDE_PARTS ? WIDE : NARROW;
}

/* Of an address in the arena. */
static uint32_t part_of(const void *address) {
    uint64_t offset = (uint64_t)address - ARENA_BASE;
    if (offset < WIDE_PARTS * WIDE)
        return (uint32_t)(offset / WIDE);
    return (uint32_t)(WIDE_PARTS + (offset - WIDE_PARTS * WIDE) / NARROW);
}

/* The whole pages within [*start, *end): false when there are none. */
static bool whole_pages(uint64_t *start, uint64_t *end) {
    *start = (*start + arena.page_size - 1) & ~(arena.page_size - 1);
    *end &= ~(arena.page_size - 1);
    return *start < *end;
}

static void open_pages(const unsigned char *start, uint64_t size) {
    uint64_t from = (uint64_t)start & ~(arena.page_size - 1);
    HD_ASSERT(mprotect((void *)from, (uint64_t)start + size - from, PROT_READ | PROT_WRITE) == 0);
}

/* Zeroes memory, without touching what is large. */
static void clear(unsigned char *at, uint64_t size) {
    uint64_t start = (uint64_t)at, end = start + size;
    bool large = size >= HD_ARENA_LARGE && whole_pages(&start, &end);
    if (!large || madvise((void *)start, end - start, MADV_DONTNEED) != 0) { /* locked in memory */
        memset(at, 0, size);
        return;
    }
    memset(at, 0, start - (uint64_t)at);
    memset((void *)end, 0, (uint64_t)at + size - end);
}

void hd_arena_suspect(void) {
    arena.suspect = true;
}

/* Memory that was never handed out reads as zero: code under test may look beyond its blocks, and
 * must see there what it would see in a fresh process. */
static void wipe(uint32_t task) {
    unsigned char *base = part_base(task);
    uint64_t kept = arena.top[task] < KEEP_SIZE ? arena.top[task] : KEEP_SIZE;
    if (arena.closes[task])
        open_pages(base, hd_arena_part(task));
    memset(base, 0, kept);
    if (arena.suspect || arena.top[task] > KEEP_SIZE)
        clear(base + kept, hd_arena_part(task) - kept);
    arena.top[task] = 0;
    arena.number[task] = 0;
    arena.turn[task] = 0;
    arena.closes[task] = false;
}

int hd_arena_keep(void) {
    uint64_t size = arena.top[HD_ARENA_LOADED];
    unsigned char *copy = size > 0 ? malloc(size) : NULL;
    if (size > 0 && copy == NULL)
        return -ENOMEM;
    if (size > 0)
        memcpy(copy, part_base(HD_ARENA_LOADED), size);
    free(loaded.copy);
    loaded.copy = copy;
    loaded.size = size;
    loaded.number = arena.number[HD_ARENA_LOADED];
    return 0;
}

/* What was allocated before it was kept is as it was then. */
static void restore_kept(void) {
    if (loaded.size == 0)
        return;
    wipe(HD_ARENA_LOADED);
    memcpy(part_base(HD_ARENA_LOADED), loaded.copy, loaded.size);
    arena.top[HD_ARENA_LOADED] = loaded.size;
    arena.number[HD_ARENA_LOADED] = loaded.number;
}

void hd_arena_reset(uint64_t key) {
    for (uint32_t task = 0; task < arena.parts_used; task++)
        wipe(task);
    restore_kept();
    arena.suspect = false;
    arena.parts_used = 0;
    arena.closed = 0;
    arena.fill = hd_fill_word(key);
}

static void fill_words(unsigned char *start, size_t size, uint64_t word) {
    size_t at = 0;
    for (; at + sizeof word <= size; at += sizeof word)
        memcpy(start + at, &word, sizeof word);
    memcpy(start + at, &word, size - at);
}

/* What was in the memory of a block before. */
enum past {
    NEVER_USED, /* above the top: zero */
    LARGE_BLOCK, /* a part of one that was freed: zero but for what lies on pages of other blocks, too */
    SMALL_BLOCKS, /* anything */
};

static void fill_block(unsigned char *start, size_t size, bool zero, enum past past) {
    if (size >= HD_ARENA_LARGE) {
        if (past == SMALL_BLOCKS)
            clear(start, size);
        if (past == LARGE_BLOCK) {
            memset(start, 0, HD_ARENA_FILL > arena.page_size ? HD_ARENA_FILL : arena.page_size);
            memset(start + size - arena.page_size, 0, arena.page_size);
        }
        if (!zero)
            fill_words(start, HD_ARENA_FILL, arena.fill);
    } else if (zero) {
        memset(start, 0, size);
    } else {
        fill_words(start, size, arena.fill);
    }
}

static struct header *header_at(uint32_t task, uint64_t offset) {
    return (struct header *)(void *)(part_base(task) + offset);
}

static uint64_t rounded(uint64_t size) {
    return (size + 15) & ~15ull;
}

/* Whether the block of this header, at `offset` in the part, ends within what was handed out. If not, code
 * under test has written over the header. */
static bool fits(uint32_t task, uint64_t offset, const struct header *header) {
    return header->size <= arena.top[task] - offset - sizeof *header;
}

static uint64_t end_of(uint64_t offset, const struct header *header) {
    return offset + sizeof *header + rounded(header->size);
}

/* ---- allocation ----------------------------------------------------------------------------------- */

static void put_gap(uint32_t task, uint64_t from, uint64_t to) {
    if (from < to)
        *header_at(task, from) =
            (struct header){.state = HD_BLOCK_GAP, .size = to - from - sizeof(struct header)};
}

/* Where a block in the free room from `room` on starts. */
static uint64_t start_in(uint32_t task, uint64_t room, size_t alignment) {
    uint64_t base = (uint64_t)part_base(task);
    uint64_t start =
        (base + room + sizeof(struct header) + alignment - 1) & ~(uint64_t)(alignment - 1);
    return start - base;
}

/* Where the free blocks from `at` on end; `at` itself when there is none. */
static uint64_t end_of_free(uint32_t task, uint64_t at) {
    while (at < arena.top[task]) { /* each block moves `at` up by 16 or more */
        const struct header *header = header_at(task, at);
        bool is_free = header->state == HD_BLOCK_FREED || header->state == HD_BLOCK_GAP;
        if (!is_free || !fits(task, at, header))
            break;
        at = end_of(at, header);
    }
    return at;
}

/* Looks for room among what has been freed, from where the last search has ended, once round. Returns
 * whether there is some: [*room, *end). */
static bool find_freed(uint32_t task, size_t size, size_t alignment, uint64_t *room,
                       uint64_t *end) {
    uint64_t at = arena.turn[task], top = arena.top[task];
    for (int round = 0; round < 2; at = 0, round++)
        while (at < top) { /* as above */
            uint64_t behind = end_of_free(task, at);
            if (start_in(task, at, alignment) + rounded(size) <= behind) {
                *room = at;
                *end = behind;
                return true;
            }
            const struct header *header = header_at(task, behind);
            if (behind < top && (header->state != HD_BLOCK_LIVE || !fits(task, behind, header)))
                return false; /* it has been written over, and nobody knows what follows */
            at = behind < top ? end_of(behind, header) : top;
        }
    return false;
}

/* A block in [room, end) of the part. */
static unsigned char *put_block(uint32_t task, uint64_t room, uint64_t end, size_t size,
                                size_t alignment) {
    uint64_t start = start_in(task, room, alignment);
    put_gap(task, room, start - sizeof(struct header));
    put_gap(task, start + rounded(size), end);
    *header_at(task, start - sizeof(struct header)) =
        (struct header){.state = HD_BLOCK_LIVE, .number = arena.number[task]++, .size = size};
    return part_base(task) + start;
}

/* The pages of free blocks. */
static void open_again(uint32_t task, uint64_t room, uint64_t end) {
    for (uint64_t at = room; at < end && arena.closed > 0; at = end_of(at, header_at(task, at)))
        arena.closed -= header_at(task, at)->size >= HD_ARENA_LARGE;
    open_pages(part_base(task) + room, end - room);
}

static void *allocate_freed(uint32_t task, size_t size, size_t alignment, bool zero) {
    uint64_t room, end;
    if (!find_freed(task, size, alignment, &room, &end))
        return NULL;
    const struct header *first = header_at(task, room);
    bool large = first->state == HD_BLOCK_FREED && first->size >= HD_ARENA_LARGE &&
                 end_of(room, first) == end;
    if (arena.closes[task])
        open_again(task, room, end);
    unsigned char *block = put_block(task, room, end, size, alignment);
    arena.turn[task] = (uint64_t)(block - part_base(task)) + rounded(size);
    fill_block(block, size, zero, large ? LARGE_BLOCK : SMALL_BLOCKS);
    return block;
}

void *hd_arena_allocate(uint32_t task, size_t size, size_t alignment, bool zero) {
    HD_ASSERT(arena.open && task < PARTS);
    HD_ASSERT(alignment >= 16 && (alignment & (alignment - 1)) == 0);
    if (size > hd_arena_part(task) || alignment > hd_arena_part(task))
        return NULL;
    uint64_t room = arena.top[task];
    uint64_t end = start_in(task, room, alignment) + rounded(size);
    if (end > hd_arena_part(task))
        return allocate_freed(task, size, alignment, zero);
    arena.top[task] = end;
    if (task >= arena.parts_used && task != HD_ARENA_LOADED)
        arena.parts_used = task + 1;
    unsigned char *block = put_block(task, room, end, size, alignment);
    fill_block(block, size, zero, NEVER_USED);
    return block;
}

/* ---- blocks --------------------------------------------------------------------------------------- */

bool hd_arena_owns(const void *address) {
    return (uint64_t)address - ARENA_BASE < ARENA_SIZE;
}

static void describe(uint32_t task, const struct header *header, struct hd_block *block) {
    *block = (struct hd_block){.task = task,
                               .number = header->number,
                               .size = header->size,
                               .start = (unsigned char *)(uintptr_t)header + sizeof *header,
                               .state = (enum hd_block_state)header->state};
}

bool hd_arena_find(const void *address, struct hd_block *block) {
    if (!arena.open || !hd_arena_owns(address))
        return false;
    uint32_t task = part_of(address);
    uint64_t offset = (uint64_t)address - (uint64_t)part_base(task);
    uint64_t at = 0;
    while (at < arena.top[task]) { /* each block moves `at` up by 16 or more */
        const struct header *header = header_at(task, at);
        if (!fits(task, at, header))
            return false;
        uint64_t end = end_of(at, header);
        if (offset >= at && offset < end) {
            describe(task, header, block);
            return header->state != HD_BLOCK_GAP;
        }
        at = end;
    }
    return false;
}

bool hd_arena_block(const void *address, struct hd_block *block) {
    if (!arena.open || !hd_arena_owns(address))
        return false;
    uint32_t task = part_of(address);
    uint64_t offset = (uint64_t)address - (uint64_t)part_base(task);
    if (offset < 16 || offset % 16 != 0 || offset > arena.top[task])
        return false;
    const struct header *header = header_at(task, offset - sizeof *header);
    if (header->state != HD_BLOCK_LIVE && header->state != HD_BLOCK_FREED)
        return false;
    describe(task, header, block);
    if (!fits(task, offset - sizeof *header, header)) {
        block->state = HD_BLOCK_DAMAGED;
        block->size = 0;
    }
    return true;
}

/* Closes the whole pages of a large block that is freed, unless there are too many such. */
static void close_block(uint32_t task, unsigned char *block, uint64_t size) {
    uint64_t start = (uint64_t)block, end = start + size;
    bool whole = whole_pages(&start, &end);
    clear(block, size);
    if (!whole || arena.closed == CLOSED_MAX ||
        mprotect((void *)start, end - start, PROT_NONE) != 0) {
        fill_words(block, HD_ARENA_FILL, HD_ARENA_FREED);
        return;
    }
    fill_words(block, start - (uint64_t)block, HD_ARENA_FREED);
    fill_words((void *)end, (uint64_t)block + size - end, HD_ARENA_FREED);
    arena.closed++;
    arena.closes[task] = true;
}

void hd_arena_free(void *address) {
    struct header *header = (struct header *)address - 1;
    uint32_t task = part_of(address);
    HD_ASSERT(hd_arena_owns(address) && header->state == HD_BLOCK_LIVE);
    HD_ASSERT(header->size <= hd_arena_part(task));
    header->state = HD_BLOCK_FREED;
    if (header->size >= HD_ARENA_LARGE)
        close_block(task, address, header->size);
    else
        fill_words(address, header->size, HD_ARENA_FREED);
}

uint64_t hd_arena_used(void) {
    uint64_t used = 0;
    for (uint32_t task = 0; task < arena.parts_used; task++)
        used += arena.top[task];
    return used;
}
