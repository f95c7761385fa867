/* access.c - the callbacks that clang and gcc emit for plain memory accesses (controlled flavour).
 *
 * Each is a point before the access it announces. Names and shapes are those of the interface of
 * ThreadSanitizer's instrumentation: compiler-rt/lib/tsan/rtl/tsan_interface.h of LLVM 14, and
 * sanitizer.def of GCC 12.
 */
#include <stddef.h>

#include "harness/sched/point.h"

#define CALLER __builtin_return_address(0)

#define ACCESS(name, what, size)                                                                   \
    void __tsan_##name(void *address);                                                             \
    void __tsan_##name(void *address) {                                                            \
        hd_point(address, HD_WHAT(what, size), CALLER);                                            \
    }

#define ACCESSES(prefix, what, infix)                                                              \
    ACCESS(prefix##infix##1, what, 1)                                                              \
    ACCESS(prefix##infix##2, what, 2)                                                              \
    ACCESS(prefix##infix##4, what, 4)                                                              \
    ACCESS(prefix##infix##8, what, 8)                                                              \
    ACCESS(prefix##infix##16, what, 16)

ACCESSES(, HD_READ, read)
ACCESSES(, HD_WRITE, write)
ACCESSES(, HD_WRITE, read_write) /* a load and a store in one callback */
ACCESSES(unaligned_, HD_READ, read)
ACCESSES(unaligned_, HD_WRITE, write)
ACCESSES(unaligned_, HD_WRITE, read_write)
ACCESSES(volatile_, HD_READ, read)
ACCESSES(volatile_, HD_WRITE, write)
ACCESSES(unaligned_volatile_, HD_READ, read)
ACCESSES(unaligned_volatile_, HD_WRITE, write)
ACCESS(vptr_read, HD_READ, sizeof(void *))

void __tsan_vptr_update(void **address, void *value);
void __tsan_vptr_update(void **address, void *value) {
    if (*address != value)
        hd_point(address, HD_WHAT(HD_WRITE, sizeof *address), CALLER);
}

static uint32_t range_size(size_t size) {
    return size > HD_WHAT_SIZE_MAX ? HD_WHAT_SIZE_MAX : (uint32_t)size;
}

void __tsan_read_range(void *address, size_t size);
void __tsan_read_range(void *address, size_t size) {
    if (size > 0)
        hd_point(address, HD_WHAT(HD_READ, range_size(size)), CALLER);
}

void __tsan_write_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size) {
    if (size > 0)
        hd_point(address, HD_WHAT(HD_WRITE, range_size(size)), CALLER);
}

/* Nothing to do: heddle reads stacks by frame pointers. */
void __tsan_init(void);
void __tsan_init(void) {
}

void __tsan_func_entry(void *caller);
void __tsan_func_entry(void *caller) {
    (void)caller;
}

void __tsan_func_exit(void);
void __tsan_func_exit(void) {
}

void __tsan_ignore_thread_begin(void);
void __tsan_ignore_thread_begin(void) {
}

void __tsan_ignore_thread_end(void);
void __tsan_ignore_thread_end(void) {
}
