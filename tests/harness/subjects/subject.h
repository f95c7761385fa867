/* subject.h - a small program under test: an instrumented shared object that exports `subject`. */
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

__attribute__((visibility("default"))) extern const struct subject subject;

#endif
