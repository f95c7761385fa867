/* mappings.c - memory that code under test maps: at addresses of the execution, and gone with it.
 *
 * Each task has a part of the address space, in which its mappings lie one behind the other, whatever the
 * interleaving; nothing is used again within an execution. A hint is not followed. A fixed address may only
 * be one within what the execution has mapped.
 */
#include <errno.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <unistd.h>

#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/task/pool.h"

#define BASE      0x7ee000000000ull /* behind the stacks of the tasks */
#define PART_SIZE (256ull << 20)
#define GAP       (64ull << 10) /* between two mappings: a page of any size, which nobody may touch */
_Static_assert(BASE + PART_SIZE * HD_POOL_MAX <= 0x7f2000000000ull, "below what the kernel maps");

static uint64_t used[HD_POOL_MAX]; /* bytes of each part */
static uint32_t parts_used;        /* parts at and above it are empty */

static uint64_t part_base(uint32_t task) {
    return BASE + task * PART_SIZE;
}

void hd_mappings_reset(void) {
    for (uint32_t task = 0; task < parts_used; task++) {
        if (used[task] > 0)
            REAL(munmap)((void *)part_base(task), used[task]);
        used[task] = 0;
    }
    parts_used = 0;
}

static bool owns(const void *address, size_t size) {
    uint64_t offset = (uint64_t)address - BASE;
    uint64_t task = offset / PART_SIZE;
    return offset < PART_SIZE * HD_POOL_MAX && offset % PART_SIZE + size <= used[task];
}

/* The next place of `size` bytes of the running task, or NULL when its part is full. */
static void *next_place(size_t size) {
    uint32_t task = hd_task_self();
    uint64_t start = used[task] > 0 ? used[task] + GAP : 0;
    uint64_t rounded = (size + GAP - 1) & ~(GAP - 1);
    if (size > PART_SIZE || start + rounded > PART_SIZE)
        return NULL;
    used[task] = start + rounded;
    if (task >= parts_used)
        parts_used = task + 1;
    return (void *)(part_base(task) + start);
}

static void *map(void *address, size_t size, int protection, int flags, int file, off_t offset,
                 const void *pc) {
    bool fixed = (flags & (MAP_FIXED | MAP_FIXED_NOREPLACE)) != 0;
    if (fixed && !owns(address, size))
        hd_fault(HD_FAULT_MISUSE, "mmap() at an address of its own is not modelled");
    hd_point(NULL, HD_WHAT(HD_ALLOCATE, 0), pc);
    if (!fixed) {
        address = size > 0 ? next_place(size) : NULL;
        flags |= MAP_FIXED;
    }
    if (address == NULL) {
        errno = size > 0 ? ENOMEM : EINVAL;
        return MAP_FAILED;
    }
    void *mapped = REAL(mmap)(address, size, protection, flags, file, offset);
    if (mapped != MAP_FAILED)
        hd_block_given(size);
    return mapped;
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset) {
    return hd_running ? map(address, size, protection, flags, file, offset, CALLER)
                      : REAL(mmap)(address, size, protection, flags, file, offset);
}

void *mmap64(void *address, size_t size, int protection, int flags, int file, off_t offset) {
    return hd_running ? map(address, size, protection, flags, file, offset, CALLER)
                      : REAL(mmap)(address, size, protection, flags, file, offset);
}

int munmap(void *address, size_t size) {
    if (hd_running)
        hd_point(NULL, HD_WHAT(HD_FREE, 0), CALLER);
    return REAL(munmap)(address, size);
}

static void *move(void *address, size_t before, size_t size, int flags, const void *pc) {
    if ((flags & MREMAP_FIXED) != 0)
        hd_fault(HD_FAULT_MISUSE, "mremap() to an address of its own is not modelled");
    hd_point(NULL, HD_WHAT(HD_ALLOCATE, 0), pc);
    if (size <= before || (flags & MREMAP_MAYMOVE) == 0)
        return REAL_NEXT(mremap)(address, before, size, flags);
    void *place = next_place(size);
    if (place == NULL) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    hd_block_given(size);
    return REAL_NEXT(mremap)(address, before, size, flags | MREMAP_FIXED, place);
}

void *mremap(void *address, size_t before, size_t size, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    void *place = (flags & MREMAP_FIXED) != 0 ? va_arg(arguments, void *) : NULL;
    va_end(arguments);
    return hd_running ? move(address, before, size, flags, CALLER)
                      : REAL_NEXT(mremap)(address, before, size, flags, place);
}
