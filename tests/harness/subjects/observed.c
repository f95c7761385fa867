/* observed.c - accesses whose place, kind and value are known. */
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/harness/subjects/subject.h"

#define EXPORT __attribute__((visibility("default")))

EXPORT extern uint64_t observed_cell;
EXPORT extern uint16_t observed_half;

uint64_t observed_cell;
uint16_t observed_half;

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void places_task(uint32_t index) {
    (void)index;
    volatile uint64_t local;
    volatile uint64_t *on_stack = hidden((void *)(uintptr_t)&local);
    free(hidden(malloc(24)));
    volatile uint64_t *block = hidden(malloc(32));
    block[2] = 11;
    *on_stack = 12;
    observed_cell = 13;
    (void)*(volatile uint64_t *)hidden((char *)(uintptr_t)&observed_cell);
}
SUBJECT(observed_places, .tasks = 1, .task = places_task);

static void values_task(uint32_t index) {
    (void)index;
    volatile uint64_t *cell = hidden(&observed_cell);
    volatile uint16_t *half = hidden(&observed_half);
    *cell = 0x1122334455667788;
    *half = 0xabcd;
    (void)*half;
    __atomic_fetch_add(cell, 1, __ATOMIC_SEQ_CST);
    uint64_t expected = 5;
    __atomic_compare_exchange_n(cell, &expected, 6, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
    __atomic_store_n(half, 7, __ATOMIC_SEQ_CST);
    (void)__atomic_load_n(half, __ATOMIC_SEQ_CST);
}
SUBJECT(observed_values, .tasks = 1, .task = values_task);

/* A write whose value another operation, of this task or of another, is the first to see. */
#define LAST(symbol, count, ...)                                                                   \
    static void symbol##_task(uint32_t index) {                                                    \
        volatile uint64_t *cell = hidden(&observed_cell);                                          \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
    }                                                                                              \
    SUBJECT(symbol, .tasks = count, .task = symbol##_task)

LAST(observed_before_write, 1, *cell = 21, *cell = 22);
LAST(observed_before_end, 1, *cell = 21);
LAST(observed_before_yield, 1, *cell = 21, sched_yield(), *cell = 22);
LAST(observed_before_lock, 1, *cell = 21, pthread_mutex_lock(&mutex), *cell = 22,
     pthread_mutex_unlock(&mutex));
LAST(observed_before_wait, 1, pthread_mutex_lock(&mutex), *cell = 21, pthread_mutex_lock(&mutex));
LAST(observed_before_fault, 1, *cell = 21, pthread_mutex_unlock(&mutex));
LAST(observed_before_others, 2, *cell = 21 + index);
