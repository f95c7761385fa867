/* allocations.c - see allocations.h. */
#include "tests/harness/allocations.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define HEAD  16u /* before a block: its size */
#define FENCE 64u
#define FILL  0xa5

uint32_t allocations_fail_at, allocations_live, allocations_damaged;

extern void *__real_malloc(size_t size);
extern void __real_free(void *block);
extern void *__wrap_malloc(size_t size);
extern void *__wrap_calloc(size_t count, size_t size);
extern void __wrap_free(void *block);

void *__wrap_malloc(size_t size) {
    if (allocations_fail_at > 0 && --allocations_fail_at == 0)
        return NULL;
    unsigned char *block = __real_malloc(HEAD + size + FENCE);
    if (block == NULL)
        return NULL;
    memcpy(block, &size, sizeof size);
    memset(block + HEAD, FILL, size + FENCE);
    allocations_live++;
    return block + HEAD;
}

void *__wrap_calloc(size_t count, size_t size) {
    void *block = __wrap_malloc(count * size);
    return block == NULL ? NULL : memset(block, 0, count * size);
}

void __wrap_free(void *block) {
    if (block == NULL)
        return;
    unsigned char *start = (unsigned char *)block - HEAD, fence[FENCE];
    size_t size;
    memcpy(&size, start, sizeof size);
    memset(fence, FILL, FENCE);
    allocations_damaged += memcmp(start + HEAD + size, fence, FENCE) != 0;
    allocations_live--;
    __real_free(start);
}
