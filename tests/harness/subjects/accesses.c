/* accesses.c - accesses of every kind and size, as a compiler announces them: `called` calls the
 * callbacks themselves, all that clang and gcc know; `emitted` leaves it to the compiler.
 */
#include <sanitizer/tsan_interface.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/harness/subjects/subject.h"

__extension__ typedef unsigned __int128 uint128_t;

static _Alignas(64) unsigned char area[256];
static long failures;

/* The compiler must not know where that is, nor what is there. */
UNSEEN static void *at(size_t offset) {
    return hidden(area + offset);
}

UNSEEN static void claim(int holds) {
    failures += !holds;
}

UNSEEN static void use(uint64_t value) {
    __asm__ volatile("" : : "r"(value));
}

static long check(void) {
    return failures;
}

#if defined(__GNUC__) && !defined(__clang__) /* which knows these names, with less exact types */
#pragma GCC diagnostic ignored "-Wbuiltin-declaration-mismatch"
#pragma GCC diagnostic ignored "-Wtsan" /* of fences */
#endif

/* ---- the callbacks themselves --------------------------------------------------------------------- */

#define SIZES(call, name) call(name##1) call(name##2) call(name##4) call(name##8) call(name##16)
#define PLAIN(call)                                                                                \
    SIZES(call, read)                                                                              \
    SIZES(call, write)                                                                             \
    SIZES(call, read_write)                                                                        \
    SIZES(call, unaligned_read)                                                                    \
    SIZES(call, unaligned_write)                                                                   \
    SIZES(call, unaligned_read_write)                                                              \
    SIZES(call, volatile_read)                                                                     \
    SIZES(call, volatile_write)                                                                    \
    SIZES(call, unaligned_volatile_read)                                                           \
    SIZES(call, unaligned_volatile_write)                                                          \
    call(vptr_read)

#define DECLARE(name) void __tsan_##name(void *address);
PLAIN(DECLARE)
void __tsan_vptr_update(void **address, void *value);
void __tsan_read_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size);
void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_signal_fence(int order);
void __tsan_init(void);
void __tsan_func_entry(void *caller);
void __tsan_func_exit(void);

#define CALL(name) __tsan_##name(at(64));

UNSEEN static void called_task(uint32_t index) {
    (void)index;
    PLAIN(CALL)
    __tsan_vptr_update(at(64), at(0));
    __tsan_read_range(at(0), 100);
    __tsan_write_range(at(0), 100);
    __tsan_atomic_thread_fence(memory_order_seq_cst);
    /* none of these is a point */
    __tsan_vptr_update(at(64), 0);
    __tsan_read_range(at(0), 0);
    __tsan_write_range(at(0), 0);
    __tsan_atomic_signal_fence(memory_order_seq_cst);
    __tsan_init();
    __tsan_func_entry(0);
    __tsan_func_exit();
}
SUBJECT(called, .tasks = 1, .task = called_task, .check = check);

void *__tsan_memcpy(void *target, const void *source, size_t size);
void *__tsan_memmove(void *target, const void *source, size_t size);
void *__tsan_memset(void *target, int byte, size_t size);

UNSEEN static void called_memory_task(uint32_t index) {
    (void)index;
    claim(__tsan_memset(at(64), 5, 32) == at(64) && area[64] == 5 && area[95] == 5);
    claim(__tsan_memcpy(at(0), at(64), 16) == at(0) && area[15] == 5);
    area[0] = 6;
    claim(__tsan_memmove(at(1), at(0), 8) == at(1) && area[1] == 6 && area[8] == 5);
}
SUBJECT(called_memory, .tasks = 1, .task = called_memory_task, .check = check);

void AnnotateHappensBefore(const char *file, int line, const volatile void *object);
void AnnotateHappensAfter(const char *file, int line, const volatile void *object);
void AnnotateBenignRaceSized(const char *file, int line, const volatile void *at, size_t size,
                             const char *why);

UNSEEN static void annotated_task(uint32_t index) {
    (void)index;
    __tsan_mutex_create(at(0), 0);
    __tsan_mutex_pre_lock(at(0), 0);
    __tsan_mutex_post_lock(at(0), 0, 1);
    claim(__tsan_mutex_pre_unlock(at(0), 0) == 1);
    __tsan_mutex_post_unlock(at(0), 0);
    __tsan_mutex_destroy(at(0), 0);
    __tsan_release(at(0));
    __tsan_acquire(at(0));
    AnnotateHappensBefore(__FILE__, __LINE__, at(0));
    AnnotateHappensAfter(__FILE__, __LINE__, at(0));
    AnnotateBenignRaceSized(__FILE__, __LINE__, at(0), 8, "");
    /* these alone are points */
    void *tag = __tsan_external_register_tag("thing");
    __tsan_external_read(at(0), at(0), tag);
    __tsan_external_write(at(0), at(0), tag);
}
SUBJECT(annotated, .tasks = 1, .task = annotated_task, .check = check);

/* Every atomic callback of one width: what it returns and what it leaves. */
#define ATOMICS(bits, type)                                                                        \
    type __tsan_atomic##bits##_load(const volatile type *, int);                                   \
    void __tsan_atomic##bits##_store(volatile type *, type, int);                                  \
    type __tsan_atomic##bits##_exchange(volatile type *, type, int);                               \
    type __tsan_atomic##bits##_fetch_add(volatile type *, type, int);                              \
    type __tsan_atomic##bits##_fetch_sub(volatile type *, type, int);                              \
    type __tsan_atomic##bits##_fetch_and(volatile type *, type, int);                              \
    type __tsan_atomic##bits##_fetch_or(volatile type *, type, int);                               \
    type __tsan_atomic##bits##_fetch_xor(volatile type *, type, int);                              \
    type __tsan_atomic##bits##_fetch_nand(volatile type *, type, int);                             \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type *, type *, type, int, int);    \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile type *, type *, type, int, int);      \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *, type, type, int, int);        \
    UNSEEN static void atomics##bits(void) {                                                       \
        const type high = (type)((type)1 << (bits - 1));                                           \
        volatile type *cell = at(128);                                                             \
        type expected = 5;                                                                         \
        __tsan_atomic##bits##_store(cell, high, 5);                                                \
        claim(__tsan_atomic##bits##_load(cell, 5) == high);                                        \
        claim(__tsan_atomic##bits##_exchange(cell, 7, 5) == high);                                 \
        claim(__tsan_atomic##bits##_fetch_add(cell, 5, 5) == 7 && *cell == 12);                    \
        claim(__tsan_atomic##bits##_fetch_sub(cell, 2, 5) == 12 && *cell == 10);                   \
        claim(__tsan_atomic##bits##_fetch_and(cell, 6, 5) == 10 && *cell == 2);                    \
        claim(__tsan_atomic##bits##_fetch_or(cell, 5, 5) == 2 && *cell == 7);                      \
        claim(__tsan_atomic##bits##_fetch_xor(cell, 2, 5) == 7 && *cell == 5);                     \
        claim(__tsan_atomic##bits##_fetch_nand(cell, 4, 5) == 5 && *cell == (type) ~(type)4);      \
        *cell = 6;                                                                                 \
        claim(!__tsan_atomic##bits##_compare_exchange_strong(cell, &expected, 8, 5, 5));           \
        claim(expected == 6 && *cell == 6);                                                        \
        claim(__tsan_atomic##bits##_compare_exchange_weak(cell, &expected, 8, 5, 5));              \
        claim(*cell == 8);                                                                         \
        claim(__tsan_atomic##bits##_compare_exchange_val(cell, 9, 1, 5, 5) == 8 && *cell == 8);    \
        claim(__tsan_atomic##bits##_compare_exchange_val(cell, 8, 1, 5, 5) == 8 && *cell == 1);    \
    }

ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
ATOMICS(128, uint128_t)

UNSEEN static void atomics_task(uint32_t index) {
    (void)index;
    atomics8();
    atomics16();
    atomics32();
    atomics64();
    atomics128();
}
SUBJECT(called_atomics, .tasks = 1, .task = atomics_task, .check = check);

/* ---- what the compiler emits; a yield stands between two lines of the expected list --------------- */

struct __attribute__((packed)) packed {
    char first;
    uint16_t two;
    uint32_t four;
    uint64_t eight;
};

struct large {
    uint64_t word[8];
};

static void plain(void) {
    *(uint8_t *)at(0) = 1;
    *(uint16_t *)at(0) = 1;
    *(uint32_t *)at(0) = 1;
    *(uint64_t *)at(0) = 1;
    sched_yield();
    use(*(uint8_t *)at(0));
    use(*(uint16_t *)at(0));
    use(*(uint32_t *)at(0));
    use(*(uint64_t *)at(0));
    sched_yield();
    struct packed *packed = at(1);
    packed->two = 1;
    packed->four = 1;
    packed->eight = 1;
    packed = at(1);
    use(packed->two);
    use(packed->four);
    use(packed->eight);
    sched_yield();
    *(volatile uint32_t *)at(8) = 1;
    use(*(volatile uint32_t *)at(8));
    sched_yield();
    ++*(uint32_t *)at(8); /* the load is a point of its own */
    sched_yield();
}

static void ranges(void) {
    size_t size = (size_t)(uintptr_t)at(33) - (uintptr_t)at(0);
    memset(at(0), 'x', size);
    memcpy(at(64), at(0), size);
    memmove(at(65), at(64), size);
    use((uint64_t)memcmp(at(0), at(64), size));
    sched_yield();
    *(struct large *)at(64) = *(struct large *)at(0);
    sched_yield();
    use(strlen(at(0)) + (uint64_t)strcmp(at(0), at(64)));
    sched_yield();
}

static void atomics(void) {
    uint32_t expected = 3;
    _Atomic uint32_t *cell = at(0);
    atomic_store(cell, 1);
    use(atomic_load(cell));
    use(atomic_fetch_add(cell, 1));
    use(atomic_exchange(cell, 2));
    use(atomic_compare_exchange_strong(cell, &expected, 4));
    atomic_thread_fence(memory_order_seq_cst);
    sched_yield();
    atomic_store_explicit((_Atomic uint8_t *)at(0), 1, memory_order_relaxed);
    atomic_store_explicit((_Atomic uint16_t *)at(0), 1, memory_order_release);
    use(atomic_load_explicit((_Atomic uint64_t *)at(0), memory_order_acquire));
}

static void emitted_task(uint32_t index) {
    (void)index;
    plain();
    ranges();
    atomics();
}
SUBJECT(emitted, .tasks = 1, .task = emitted_task, .check = check);
