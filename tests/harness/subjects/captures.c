/* captures.c - faults with stacks and messages of known shape. */
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>

#include "harness/sched/outcome.h"
#include "harness/task/pool.h"
#include "tests/harness/subjects/subject.h"

#define EXPORT   __attribute__((visibility("default")))
#define NOINLINE __attribute__((noinline))

extern _Noreturn void hd_fault_of(enum hd_fault_kind kind, const char *message,
                                  const struct hd_raw_task *task, uint32_t tasks);

static pthread_mutex_t unheld = PTHREAD_MUTEX_INITIALIZER;
static sem_t never; /* nobody posts it */
static volatile int shared;

#define FAULTS(symbol, count, ...)                                                                 \
    static void symbol##_task(uint32_t index) {                                                    \
        (void)index;                                                                               \
        __VA_ARGS__;                                                                               \
        shared = 1; /* no call is the last one: each has a frame */                                \
    }                                                                                              \
    SUBJECT(symbol, .tasks = count, .task = symbol##_task)

FAULTS(captures_many, 12, shared = 1, pthread_mutex_unlock(&unheld));

FAULTS(captures_all_wait, 12, sem_wait(&never));

/* ---- deep ------------------------------------------------------------------------------------------ */

EXPORT extern uint32_t captures_depth;
EXPORT extern void captures_descend(uint32_t depth);

uint32_t captures_depth;

NOINLINE void captures_descend(uint32_t depth) {
    if (depth == 0)
        pthread_mutex_unlock(&unheld);
    else
        captures_descend(depth - 1);
    shared = 1;
}

FAULTS(captures_deep, 1, captures_descend(captures_depth));

/* ---- damaged --------------------------------------------------------------------------------------- */

enum damage { CYCLE, LOW, HIGH, SKEWED, NOWHERE, AT_END };

/* Where the frame of its caller would be there is what was asked for; it never returns to it. */
UNSEEN static void damage(enum damage kind) {
    volatile uint64_t *frame = hidden(__builtin_frame_address(0));
    uint64_t low, high;
    hd_pool_stack(hd_task_self(), &low, &high);
    const uint64_t wrong[] = {[CYCLE] = (uint64_t)frame,
                              [LOW] = low - 4096,
                              [HIGH] = high,
                              [SKEWED] = (uint64_t)frame + 33,
                              [NOWHERE] = 0x4141414141414140,
                              [AT_END] = high - 8};
    frame[0] = wrong[kind];
    pthread_mutex_unlock(&unheld);
}

FAULTS(captures_cycle, 1, damage(CYCLE));
FAULTS(captures_low, 1, damage(LOW));
FAULTS(captures_high, 1, damage(HIGH));
FAULTS(captures_skewed, 1, damage(SKEWED));
FAULTS(captures_nowhere, 1, damage(NOWHERE));
FAULTS(captures_at_end, 1, damage(AT_END));

/* ---- said ------------------------------------------------------------------------------------------ */

EXPORT extern int captures_saying;

int captures_saying;

/* All faults of the same stack. */
NOINLINE static void say(int what) {
    static const char *const messages[] = {"slot 17 of 3", "slot 8 of 1234", "slot 17 in 3",
                                           "slot 17 of 3"};
    static char much[2 * HD_MESSAGE_SIZE];
    memset(much, 'm', sizeof much - 1);
    hd_fault(what == 3 ? HD_FAULT_FATAL : HD_FAULT_ASSERT, "%s", what == 4 ? much : messages[what]);
}

FAULTS(captures_says, 1, say(captures_saying));
FAULTS(captures_says_elsewhere, 1, hd_fault(HD_FAULT_ASSERT, "slot 17 of 3"));
FAULTS(captures_crashes, 1, *(volatile int *)hidden(0) = 1);

/* What one task finds that others have done. */
UNSEEN static void tell(void) {
    static const struct hd_raw_task raw[] = {
        {.task = 10, .frames = 1, .point = 20, .state = "other"},
        {.task = 11, .frames = 1, .point = 21, .state = "other"},
        {.task = 12, .frames = 1, .point = 22, .state = "third"},
    };
    hd_fault_of(HD_FAULT_INVARIANT, "told", raw, 3);
}

FAULTS(captures_of_others, 1, shared = 1, tell());

/* ---- left behind ----------------------------------------------------------------------------------- */

static volatile uint64_t found;

UNSEEN static void overrun(uint64_t *block) {
    for (uint32_t i = 0; i < 256; i++)
        block[i] = 0x7777777777777777;
}

UNSEEN static void look_at(const uint64_t *block) {
    for (uint32_t i = 0; i < 256; i++)
        found = found * 3 + block[i];
}

static long found_check(void) {
    return (long)found;
}

/* Writes beyond its block; and what a fresh one holds. */
FAULTS(captures_overrun, 1, overrun(hidden(malloc(16))), pthread_mutex_unlock(&unheld));

static void fresh_task(uint32_t index) {
    (void)index;
    look_at(hidden(malloc(2048)));
}
SUBJECT(captures_fresh, .tasks = 1, .task = fresh_task, .check = found_check);

/* ---- used after it was freed ----------------------------------------------------------------------- */

struct node {
    struct node *next;
    uint64_t value;
};

static struct node *volatile top;
static volatile int ready;

static void list_setup(void) {
    struct node *node = hidden(malloc(sizeof *node));
    node->next = NULL;
    top = node;
}

/* The second frees what the first still reads. */
static void freed_task(uint32_t index) {
    if (index == 1) {
        free(hidden(top));
        ready = 1;
        return;
    }
    struct node *node = top;
    while (!ready)
        sched_yield();
    node = node->next;   /* what lies in freed memory */
    found = node->value; /* is no address */
    shared = 1;
}
SUBJECT(captures_freed, .tasks = 2, .setup = list_setup, .task = freed_task);

/* Read, and used for a claim of its own. */
static void claims_task(uint32_t index) {
    if (index == 1) {
        free(hidden(top));
        ready = 1;
        return;
    }
    while (!ready)
        sched_yield();
    found = top->value;
    hd_fault(HD_FAULT_LINEARIZABILITY, "it cannot be %d", (int)found);
}
SUBJECT(captures_freed_and_read, .tasks = 2, .setup = list_setup, .task = claims_task);

/* Freed a second time, by another. */
static void frees_task(uint32_t index) {
    while (index == 0 && !ready)
        sched_yield();
    free(hidden(top));
    ready = 1;
    shared = 1;
}
SUBJECT(captures_freed_twice, .tasks = 2, .setup = list_setup, .task = frees_task);

/* It was freed, and is another block now, which may be used. */
static void sound_task(uint32_t index) {
    (void)index;
    free(hidden(malloc(64)));
    uint64_t *block = hidden(malloc(64));
    block[0] = 3;
    found = block[0];
    hd_fault(HD_FAULT_ASSERT, "nothing of this");
}
SUBJECT(captures_not_freed, .tasks = 1, .task = sound_task);

/* ---- in code that is not under test ---------------------------------------------------------------- */

NOINLINE static void call_nowhere(void) {
    void (*nowhere)(void) = (void (*)(void))(uintptr_t)hidden(0);
    nowhere();
    shared = 1;
}
FAULTS(captures_calls_nowhere, 1, call_nowhere());

/* A libc that keeps no frames. */
NOINLINE static void read_number(void) {
    found = strtoull(hidden((void *)8), NULL, 10);
    shared = 1;
}
FAULTS(captures_crashes_in_libc, 1, read_number());

static long read_check(void) {
    read_number();
    shared = 1;
    return 0;
}
static void idle_task(uint32_t index) {
    (void)index;
    shared = 1;
}
SUBJECT(captures_crashes_at_the_end, .tasks = 1, .task = idle_task, .check = read_check);
