/* increments.c - two tasks, five unprotected increments each: 184,756 schedules of 20 events. */
#include <stdint.h>

#include "tests/harness/subjects/subject.h"

#define ROUNDS 5

static volatile long counter;

static void setup(void) {
    counter = 0;
}

static void task(uint32_t index) {
    (void)index;
    for (int round = 0; round < ROUNDS; round++)
        counter = counter + 1;
}

static long check(void) {
    return counter;
}

SUBJECT(subject, .tasks = 2, .setup = setup, .task = task, .check = check);
