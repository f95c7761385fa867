/* atomic.c - the callbacks that clang and gcc emit for atomic operations (controlled flavour).
 *
 * Each is a point, then the operation. All tasks run on one OS thread and are switched only at points,
 * so a plain operation behind the point is atomic and sequentially consistent; the memory order asked
 * for is not weakened to less.
 */
#include <stdint.h>

#include "harness/sched/point.h"

#define CALLER __builtin_return_address(0)

__extension__ typedef unsigned __int128 uint128_t;

#define LOAD_STORE(bits, type)                                                                     \
    type __tsan_atomic##bits##_load(const volatile type *at, int order);                           \
    type __tsan_atomic##bits##_load(const volatile type *at, int order) {                          \
        (void)order;                                                                               \
        hd_point((const void *)(uintptr_t)at, HD_WHAT(HD_ATOMIC_LOAD, sizeof(type)), CALLER);      \
        return *at;                                                                                \
    }                                                                                              \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order);                    \
    void __tsan_atomic##bits##_store(volatile type *at, type value, int order) {                   \
        (void)order;                                                                               \
        hd_point((const void *)(uintptr_t)at, HD_WHAT(HD_ATOMIC_STORE, sizeof(type)), CALLER);     \
        *at = value;                                                                               \
    }

#define UPDATE(bits, type, name, result)                                                           \
    type __tsan_atomic##bits##_##name(volatile type *at, type value, int order);                   \
    type __tsan_atomic##bits##_##name(volatile type *at, type value, int order) {                  \
        (void)order;                                                                               \
        hd_point((const void *)(uintptr_t)at, HD_WHAT(HD_ATOMIC_UPDATE, sizeof(type)), CALLER);    \
        type old = *at;                                                                            \
        *at = (type)(result);                                                                      \
        return old;                                                                                \
    }

#define COMPARE(bits, type, name)                                                                  \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *at, type *expected,           \
                                                      type value, int order, int failure);         \
    int __tsan_atomic##bits##_compare_exchange_##name(volatile type *at, type *expected,           \
                                                      type value, int order, int failure) {        \
        (void)order;                                                                               \
        (void)failure;                                                                             \
        hd_point((const void *)(uintptr_t)at, HD_WHAT(HD_ATOMIC_COMPARE, sizeof(type)), CALLER);   \
        if (*at != *expected) {                                                                    \
            *expected = *at;                                                                       \
            return 0;                                                                              \
        }                                                                                          \
        *at = value;                                                                               \
        return 1;                                                                                  \
    }

#define COMPARE_VALUE(bits, type)                                                                  \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *at, type expected, type value,  \
                                                    int order, int failure);                       \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type *at, type expected, type value,  \
                                                    int order, int failure) {                      \
        (void)order;                                                                               \
        (void)failure;                                                                             \
        hd_point((const void *)(uintptr_t)at, HD_WHAT(HD_ATOMIC_COMPARE, sizeof(type)), CALLER);   \
        type old = *at;                                                                            \
        if (old == expected)                                                                       \
            *at = value;                                                                           \
        return old;                                                                                \
    }

#define ATOMICS(bits, type)                                                                        \
    LOAD_STORE(bits, type)                                                                         \
    UPDATE(bits, type, exchange, value)                                                            \
    UPDATE(bits, type, fetch_add, old + value)                                                     \
    UPDATE(bits, type, fetch_sub, old - value)                                                     \
    UPDATE(bits, type, fetch_and, old &value)                                                      \
    UPDATE(bits, type, fetch_or, old | value)                                                      \
    UPDATE(bits, type, fetch_xor, old ^ value)                                                     \
    UPDATE(bits, type, fetch_nand, ~(old & value))                                                 \
    COMPARE(bits, type, strong)                                                                    \
    COMPARE(bits, type, weak)                                                                      \
    COMPARE_VALUE(bits, type)

ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)
ATOMICS(128, uint128_t)

void __tsan_atomic_thread_fence(int order);
void __tsan_atomic_thread_fence(int order) {
    (void)order;
    hd_point(0, HD_WHAT(HD_FENCE, 0), CALLER);
}

/* Orders a thread against its own signal handlers: no other task can tell. */
void __tsan_atomic_signal_fence(int order);
void __tsan_atomic_signal_fence(int order) {
    (void)order;
}
