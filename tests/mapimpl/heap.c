/* heap.c - see heap.h.
 */
#include "tests/mapimpl/heap.h"

#include <stddef.h>

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void __real_free(void *block);
void __wrap_free(void *block);

int heap_allowed = -1;
_Atomic long heap_blocks;

static void *counted(void *block) {
    heap_blocks += block != NULL;
    heap_allowed -= heap_allowed > 0;
    return block;
}

void *__wrap_calloc(size_t count, size_t size) {
    return heap_allowed == 0 ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_malloc(size_t size) {
    return heap_allowed == 0 ? NULL : counted(__real_malloc(size));
}

void *__wrap_aligned_alloc(size_t alignment, size_t size) {
    return heap_allowed == 0 ? NULL : counted(__real_aligned_alloc(alignment, size));
}

void __wrap_free(void *block) {
    heap_blocks -= block != NULL;
    __real_free(block);
}
