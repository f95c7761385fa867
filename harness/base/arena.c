/* arena.c - bump allocation at a fixed base: see arena.h. */
#include "harness/base/arena.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/base/assert.h"

/* Where clang's and gcc's sanitizers and the plain flavour all accept a mapping. */
#define ARENA_BASE 0x7e8000000000ull
#define PARTS      1024u
#define PART_SIZE  (128ull << 20)
#define ARENA_SIZE HD_ARENA_SIZE
_Static_assert(PARTS *PART_SIZE == ARENA_SIZE, "a part for each task");
#define KEEP_SIZE (8ull << 20) /* touched memory above this is given back at reset */

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
} arena;

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
    int error = hd_arena_open();
    if (error == 0) {
        munmap((void *)ARENA_BASE, ARENA_SIZE);
        arena.open = false;
    }
    return error;
}

static unsigned char *part_base(uint32_t task) {
    return (unsigned char *)(ARENA_BASE + task * PART_SIZE);
}

void hd_arena_suspect(void) {
    arena.suspect = true;
}

/* Memory that was never handed out reads as zero: code under test may look beyond its blocks, and
 * must see there what it would see in a fresh process. */
static void wipe(uint32_t task) {
    unsigned char *base = part_base(task);
    uint64_t kept = arena.top[task] < KEEP_SIZE ? arena.top[task] : KEEP_SIZE;
    memset(base, 0, kept);
    if (arena.suspect || arena.top[task] > KEEP_SIZE) {
        uint64_t from = (kept + arena.page_size - 1) & ~(arena.page_size - 1);
        memset(base + kept, 0, from - kept);
        if (madvise(base + from, PART_SIZE - from, MADV_DONTNEED) != 0) /* locked in memory */
            memset(base + from, 0, PART_SIZE - from);
    }
    arena.top[task] = 0;
    arena.number[task] = 0;
}

void hd_arena_reset(uint64_t key) {
    for (uint32_t task = 0; task < arena.parts_used; task++)
        wipe(task);
    arena.suspect = false;
    arena.parts_used = 0;
    arena.fill = hd_fill_word(key);
}

static void fill_words(unsigned char *start, size_t size, uint64_t word) {
    size_t at = 0;
    for (; at + sizeof word <= size; at += sizeof word)
        memcpy(start + at, &word, sizeof word);
    memcpy(start + at, &word, size - at);
}

static void fill_block(unsigned char *start, size_t size, bool zero) {
    if (zero)
        memset(start, 0, size);
    else
        fill_words(start, size, arena.fill);
}

static struct header *header_at(uint32_t task, uint64_t offset) {
    return (struct header *)(void *)(part_base(task) + offset);
}

void *hd_arena_allocate(uint32_t task, size_t size, size_t alignment, bool zero) {
    HD_ASSERT(arena.open && task < PARTS);
    HD_ASSERT(alignment >= 16 && (alignment & (alignment - 1)) == 0);
    if (size > PART_SIZE || alignment > PART_SIZE)
        return NULL;
    uint64_t header = arena.top[task];
    uint64_t start = (header + sizeof(struct header) + alignment - 1) & ~(uint64_t)(alignment - 1);
    uint64_t end = start + ((size + 15) & ~(size_t)15);
    if (end > PART_SIZE)
        return NULL;
    if (start - sizeof(struct header) > header) {
        uint64_t gap = start - header - 2 * sizeof(struct header);
        *header_at(task, header) = (struct header){.state = HD_BLOCK_GAP, .size = gap};
        header = start - sizeof(struct header);
    }
    *header_at(task, header) =
        (struct header){.state = HD_BLOCK_LIVE, .number = arena.number[task]++, .size = size};
    arena.top[task] = end;
    if (task >= arena.parts_used)
        arena.parts_used = task + 1;
    fill_block(part_base(task) + start, size, zero);
    return part_base(task) + start;
}

bool hd_arena_owns(const void *address) {
    return (uint64_t)address - ARENA_BASE < ARENA_SIZE;
}

/* Whether the block of this header, at `offset` in the part, ends within what was handed out. If not, code
 * under test has written over the header. */
static bool fits(uint32_t task, uint64_t offset, const struct header *header) {
    return header->size <= arena.top[task] - offset - sizeof *header;
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
    uint64_t offset = (uint64_t)address - ARENA_BASE;
    uint32_t task = (uint32_t)(offset / PART_SIZE);
    offset %= PART_SIZE;
    uint64_t at = 0;
    while (at < arena.top[task]) { /* each block moves `at` up by 16 or more */
        const struct header *header = header_at(task, at);
        if (!fits(task, at, header))
            return false;
        uint64_t end = at + sizeof *header + ((header->size + 15) & ~15ull);
        if (offset >= at && offset < end) {
            describe(task, header, block);
            return header->state != HD_BLOCK_GAP;
        }
        at = end;
    }
    return false;
}

bool hd_arena_block(const void *address, struct hd_block *block) {
    uint64_t offset = ((uint64_t)address - ARENA_BASE) % PART_SIZE;
    if (!arena.open || !hd_arena_owns(address) || offset < 16 || offset % 16 != 0)
        return false;
    uint32_t task = (uint32_t)(((uint64_t)address - ARENA_BASE) / PART_SIZE);
    if (offset > arena.top[task])
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

void hd_arena_free(void *address) {
    struct header *header = (struct header *)address - 1;
    HD_ASSERT(hd_arena_owns(address) && header->state == HD_BLOCK_LIVE);
    HD_ASSERT(header->size <= PART_SIZE);
    header->state = HD_BLOCK_FREED;
    fill_words(address, header->size, HD_ARENA_FREED);
}

uint64_t hd_arena_used(void) {
    uint64_t used = 0;
    for (uint32_t task = 0; task < arena.parts_used; task++)
        used += arena.top[task];
    return used;
}
