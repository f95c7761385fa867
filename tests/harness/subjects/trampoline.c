/* trampoline.c - code on a task's stack, as gcc puts it there for a nested function whose address is
 * taken. The module is linked with an executable stack.
 */
#undef NDEBUG
#include <assert.h>
#include <string.h>

#include "tests/harness/subjects/subject.h"

#if defined(__x86_64__)
static const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov $42, %eax; ret */
#else
static const unsigned char code[] = {0x40, 0x05, 0x80, 0x52,
                                     0xc0, 0x03, 0x5f, 0xd6}; /* mov w0, 42; ret */
#endif

static volatile long sum;

/* Also far below the start of the stack, in memory that is opened when it is touched. */
static int call(int depth) {
    unsigned char place[4096];
    int (*function)(void);
    void *start = place;
    memset(place, 0, sizeof place);
    if (depth > 0)
        return call(depth - 1) + place[depth];
    memcpy(place, code, sizeof code);
    __builtin___clear_cache((char *)place, (char *)place + sizeof code);
    memcpy(&function, &start, sizeof function);
    return function();
}

static void trampoline_task(uint32_t index) {
    sum = sum + call(index == 0 ? 0 : 20);
}

static long trampoline_check(void) {
    assert(sum == 84 || sum == 42);
    return sum;
}

SUBJECT(trampoline, .tasks = 2, .task = trampoline_task, .check = trampoline_check);
