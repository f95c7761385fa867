/* cxx.c - operator new and delete of C++, by their names in the Itanium ABI.
 *
 * They are defined by the executable and so stand before those of any C++ library: code under test
 * that was inlined from its headers, and the library on its behalf, take memory from the heap of the
 * execution. What a library itself calls for is no point, since it may hold a lock of its own. An
 * operator that the code under test defines is not used.
 */
#include <dlfcn.h>
#include <stdlib.h>

#include "harness/intercept/heap.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"

#define ALIGNMENT 16u

static const void *own(const void *pc) {
    return hd_running && hd_modules_own((uint64_t)pc - 1) ? pc : NULL;
}

static void *allocate(size_t size, size_t alignment, const void *pc) {
    if (hd_ours())
        return hd_heap_allocate(size, alignment, own(pc));
    return alignment > ALIGNMENT ? aligned_alloc(alignment, (size + alignment - 1) & -alignment)
                                 : malloc(size > 0 ? size : 1);
}

/* std::bad_alloc, from the library that catches it. */
static _Noreturn void throw_bad_alloc(void) {
    static const char *const libraries[] = {"libstdc++.so.6", "libc++.so.1"};
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        void *library = dlopen(libraries[i], RTLD_NOLOAD | RTLD_LAZY);
        void (*throws)(void) = NULL;
        if (library != NULL)
            *(void **)&throws = dlsym(library, "_ZSt17__throw_bad_allocv");
        if (throws != NULL)
            throws();
    }
    hd_fault(HD_FAULT_CRASH, "operator new: there is no memory, and no library to throw that");
}

static void *allocate_or_throw(size_t size, size_t alignment, const void *pc) {
    void *block = allocate(size, alignment, pc);
    if (block == NULL)
        throw_bad_alloc();
    return block;
}

static void release(void *address, const void *pc) {
    if (address != NULL)
        hd_heap_free(address, "operator delete", own(pc));
}

#define NEW(name, alignment, allocates, ...)                                                       \
    void *name(size_t size, ##__VA_ARGS__);                                                        \
    void *name(size_t size, ##__VA_ARGS__) {                                                       \
        return allocates(size, alignment, CALLER);                                                 \
    }

/* The second parameter of these is std::nothrow. */
#define NOTHROW const void *nothrow __attribute__((unused))

NEW(_Znwm, ALIGNMENT, allocate_or_throw)
NEW(_Znam, ALIGNMENT, allocate_or_throw)
NEW(_ZnwmRKSt9nothrow_t, ALIGNMENT, allocate, NOTHROW)
NEW(_ZnamRKSt9nothrow_t, ALIGNMENT, allocate, NOTHROW)
NEW(_ZnwmSt11align_val_t, alignment, allocate_or_throw, size_t alignment)
NEW(_ZnamSt11align_val_t, alignment, allocate_or_throw, size_t alignment)
NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, alignment, allocate, size_t alignment, NOTHROW)
NEW(_ZnamSt11align_val_tRKSt9nothrow_t, alignment, allocate, size_t alignment, NOTHROW)

#define DELETE(name, ...)                                                                          \
    void name(void *address, ##__VA_ARGS__);                                                       \
    void name(void *address, ##__VA_ARGS__) {                                                      \
        release(address, CALLER);                                                                  \
    }

#define SIZE    size_t size __attribute__((unused))
#define ALIGNED size_t alignment __attribute__((unused))

DELETE(_ZdlPv)
DELETE(_ZdaPv)
DELETE(_ZdlPvm, SIZE)
DELETE(_ZdaPvm, SIZE)
DELETE(_ZdlPvRKSt9nothrow_t, NOTHROW)
DELETE(_ZdaPvRKSt9nothrow_t, NOTHROW)
DELETE(_ZdlPvSt11align_val_t, ALIGNED)
DELETE(_ZdaPvSt11align_val_t, ALIGNED)
DELETE(_ZdlPvmSt11align_val_t, SIZE, ALIGNED)
DELETE(_ZdaPvmSt11align_val_t, SIZE, ALIGNED)
DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, ALIGNED, NOTHROW)
DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, ALIGNED, NOTHROW)
