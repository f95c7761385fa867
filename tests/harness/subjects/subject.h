/* subject.h - a small program under test: an instrumented shared object that exports one or several of
 * these.
 */
#ifndef HEDDLE_TESTS_HARNESS_SUBJECT_H
#define HEDDLE_TESTS_HARNESS_SUBJECT_H

#include <stdint.h>

struct subject {
    const char *name;
    uint32_t tasks;
    void (*setup)(void);
    void (*task)(uint32_t index);
    long (*check)(void); /* on the main task at the end; its result enters the digest */
};

/* Defines and exports one of several subjects of a module. */
#define SUBJECT(symbol, ...)                                                                       \
    __attribute__((visibility("default"))) extern const struct subject symbol;                     \
    const struct subject symbol = {.name = #symbol, __VA_ARGS__}

/* The same address; the compiler no longer knows what lies there. */
static inline void *hidden(void *address) {
    __asm__ volatile("" : "+r"(address) : : "memory");
    return address;
}

/* Code of a subject that passes no points. */
#define UNSEEN __attribute__((noinline, no_sanitize("thread")))

#endif
