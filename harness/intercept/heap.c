/* heap.c - the heap of code under test: its allocations come from the arena.
 *
 * Modules under test are linked with --wrap for these names, so only their own calls arrive here; what
 * libc allocates for itself stays in libc's heap. free and realloc decide by address. What a module's
 * constructors allocate comes from a part of its own, which every execution begins with.
 */
#include <errno.h>
#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/intercept/heap.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/intercept/tsan.h"
#include "harness/sched/frees.h"
#include "harness/sched/task.h"

#define ALIGNMENT 16u

static uint32_t size_of(size_t size) {
    return size > HD_WHAT_SIZE_MAX ? HD_WHAT_SIZE_MAX : (uint32_t)size;
}

/* Filling a block is no access of the code under test: ThreadSanitizer would remember it, and what it then
 * reports of the block would name the engine. */
static void *fresh_block(size_t size, size_t alignment, bool zero) {
    uint32_t self = hd_running ? hd_task_self() : HD_ARENA_LOADED;
    uint64_t part = hd_arena_part(self);
    hd_tsan_ignore_begin();
    void *block = hd_arena_allocate(self, size, alignment, zero);
    hd_tsan_ignore_end();
    if (block == NULL && hd_running && size < part / 2 &&
        alignment < part / 2) /* not simply too large */
        hd_fault(HD_FAULT_MISUSE,
                 "heap of the execution is used up: task %u holds nearly all of %llu MiB, and no "
                 "task may hold more",
                 self, (unsigned long long)part >> 20);
    if (block == NULL)
        errno = ENOMEM;
    else
        hd_block_given(size);
    return block;
}

static void give_back(void *block) {
    hd_freed(block);
    hd_tsan_ignore_begin();
    hd_arena_free(block);
    hd_tsan_ignore_end();
}

static void *allocate(size_t size, size_t alignment, bool zero, const void *pc) {
    hd_point(NULL, HD_WHAT(HD_ALLOCATE, size_of(size)), pc);
    return fresh_block(size, alignment, zero);
}

/* The block that is to be freed or resized. Anything else is a fault. */
static struct hd_block live_block(void *address, const char *function) {
    struct hd_block block;
    if (!hd_arena_block(address, &block))
        hd_fault(HD_FAULT_MISUSE, "%s of a pointer that no allocation returned", function);
    if (block.state == HD_BLOCK_DAMAGED)
        hd_fault(HD_FAULT_MISUSE, "%s of a block whose header has been written over", function);
    if (block.state == HD_BLOCK_FREED)
        hd_frees_touch((uint64_t)address);
    if (block.state == HD_BLOCK_FREED)
        hd_fault(HD_FAULT_DOUBLE_FREE, "%s of block %u.%u, which has been freed", function,
                 block.task, block.number);
    return block;
}

void *hd_heap_allocate(size_t size, size_t alignment, const void *pc) {
    if (pc != NULL)
        hd_point(NULL, HD_WHAT(HD_ALLOCATE, size_of(size)), pc);
    return fresh_block(size, alignment < ALIGNMENT ? ALIGNMENT : alignment, false);
}

void hd_heap_free(void *address, const char *function, const void *pc) {
    if (!hd_arena_owns(address)) {
        free(address);
        return;
    }
    if (!hd_running)
        return; /* the whole execution is forgotten */
    if (pc != NULL)
        hd_point(address, HD_WHAT(HD_FREE, 0), pc);
    live_block(address, function);
    give_back(address);
}

char *hd_heap_copy(const char *from, size_t length, const void *pc) {
    char *copy = hd_heap_allocate(length + 1, ALIGNMENT, pc);
    if (copy == NULL)
        return NULL;
    memcpy(copy, from, length);
    copy[length] = '\0';
    return copy;
}

void *__wrap_malloc(size_t size);
void *__wrap_malloc(size_t size) {
    return hd_ours() ? allocate(size, ALIGNMENT, false, CALLER) : malloc(size);
}

void *__wrap_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size) {
    size_t total;
    if (!hd_ours())
        return calloc(count, size);
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return allocate(total, ALIGNMENT, true, CALLER);
}

void __wrap_free(void *address);
void __wrap_free(void *address) {
    hd_heap_free(address, "free", CALLER);
}

static void *resize(void *address, size_t size, const void *pc) {
    if (address == NULL)
        return allocate(size, ALIGNMENT, false, pc);
    if (!hd_arena_owns(address))
        return realloc(address, size);
    hd_point(address, HD_WHAT(HD_FREE, 0), pc);
    struct hd_block block = live_block(address, "realloc");
    if (size == 0) { /* as glibc: it is freed */
        give_back(address);
        return NULL;
    }
    void *fresh = fresh_block(size, ALIGNMENT, false);
    if (fresh == NULL)
        return NULL;
    memcpy(fresh, address, block.size < size ? block.size : size);
    give_back(address);
    return fresh;
}

void *__wrap_realloc(void *address, size_t size);
void *__wrap_realloc(void *address, size_t size) {
    return hd_ours() ? resize(address, size, CALLER) : realloc(address, size);
}

void *__wrap_reallocarray(void *address, size_t count, size_t size);
void *__wrap_reallocarray(void *address, size_t count, size_t size) {
    size_t total;
    if (!hd_ours())
        return reallocarray(address, count, size);
    if (__builtin_mul_overflow(count, size, &total)) {
        errno = ENOMEM;
        return NULL;
    }
    return resize(address, total, CALLER);
}

#define ALIGNMENT_MAX (SIZE_MAX / 2 + 1) /* the largest power of two */

static bool power_of_two(size_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

static void *allocate_aligned(size_t alignment, size_t size, const void *pc) {
    return hd_heap_allocate(size, alignment, pc);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    if (!hd_ours())
        return aligned_alloc(alignment, size);
    if (!power_of_two(alignment)) {
        errno = EINVAL;
        return NULL;
    }
    return allocate_aligned(alignment, size, CALLER);
}

/* As glibc: rounds up to a power of two. */
void *__wrap_memalign(size_t alignment, size_t size);
void *__wrap_memalign(size_t alignment, size_t size) {
    size_t rounded = ALIGNMENT;
    if (!hd_ours())
        return memalign(alignment, size);
    if (alignment > ALIGNMENT_MAX) {
        errno = EINVAL;
        return NULL;
    }
    while (rounded < alignment) /* ends at ALIGNMENT_MAX */
        rounded *= 2;
    return allocate_aligned(rounded, size, CALLER);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t size);
int __wrap_posix_memalign(void **out, size_t alignment, size_t size) {
    if (!hd_ours())
        return posix_memalign(out, alignment, size);
    if (!power_of_two(alignment) || alignment % sizeof(void *) != 0)
        return EINVAL;
    int error = errno;
    void *block = allocate_aligned(alignment, size, CALLER);
    errno = error;
    if (block == NULL)
        return ENOMEM;
    *out = block;
    return 0;
}

size_t __wrap_malloc_usable_size(void *address);
size_t __wrap_malloc_usable_size(void *address) {
    struct hd_block block;
    if (!hd_arena_owns(address))
        return malloc_usable_size(address);
    return hd_arena_block(address, &block) ? block.size : 0;
}

char *__wrap_strdup(const char *text);
char *__wrap_strdup(const char *text) {
    return hd_ours() ? hd_heap_copy(text, strlen(text), CALLER) : strdup(text);
}

char *__wrap_strndup(const char *text, size_t size);
char *__wrap_strndup(const char *text, size_t size) {
    return hd_ours() ? hd_heap_copy(text, strnlen(text, size), CALLER) : strndup(text, size);
}
