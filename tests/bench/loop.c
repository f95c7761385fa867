/* loop.c - long loops of accesses: what one scheduling point costs. */
#include <stdint.h>

#include "tests/harness/subjects/subject.h"

#define ACCESSES 40000

static volatile long shared;

/* Half reads, half writes. */
static void accesses(uint32_t index) {
    (void)index;
    for (int i = 0; i < ACCESSES / 2; i++)
        shared = shared + 1;
}

SUBJECT(one, .tasks = 1, .task = accesses);
SUBJECT(two, .tasks = 2, .task = accesses);

/* The same loop without points, for comparison. */
static volatile long plain;

UNSEEN static void plain_accesses(uint32_t index) {
    (void)index;
    for (int i = 0; i < ACCESSES / 2; i++)
        plain = plain + 1;
}

SUBJECT(none, .tasks = 1, .task = plain_accesses);
