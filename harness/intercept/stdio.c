/* stdio.c - printing by code under test, and flockfile.
 *
 * A task that printed inside libc cannot be preempted there: libc is not instrumented. But between
 * flockfile and funlockfile it can, and another task that prints would then wait inside libc, with the
 * whole process. So the explicit lock is ours, and whoever prints waits for it first. Reached through
 * --wrap as in heap.c.
 */
#include <stdarg.h>
#include <stdio.h>

#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"

#define LOCKS_MAX 1024

/* Streams that are locked explicitly, their holders, and how many times. */
static struct {
    uint32_t count;
    FILE *stream[LOCKS_MAX];
    uint32_t holder[LOCKS_MAX];
    uint32_t depth[LOCKS_MAX];
} locked;

void hd_stdio_reset(void) {
    locked.count = 0;
}

static uint32_t find(const FILE *stream) {
    uint32_t at = 0;
    while (at < locked.count && locked.stream[at] != stream)
        at++;
    return at;
}

static bool ready(const struct hd_pending *pending, uint32_t task) {
    uint32_t at = find(pending->object);
    return at == locked.count || locked.holder[at] == task;
}

static uint32_t owner(const struct hd_pending *pending) {
    uint32_t at = find(pending->object);
    return at == locked.count ? UINT32_MAX : locked.holder[at];
}

static void wait_for(FILE *stream, const void *pc) {
    struct hd_pending pending = {.object = stream,
                                 .ready = ready,
                                 .owner = owner,
                                 .deadline = HD_NO_DEADLINE,
                                 .what = HD_WHAT(HD_ACQUIRE, 0),
                                 .purpose = "a stream's lock"};
    if (hd_running)
        hd_wait_for(&pending, pc);
}

static void take(FILE *stream) {
    uint32_t at = find(stream);
    if (at == locked.count) {
        if (locked.count == LOCKS_MAX)
            hd_fault(HD_FAULT_MISUSE, "more than %u streams locked", LOCKS_MAX);
        locked.stream[at] = stream;
        locked.holder[at] = hd_task_self();
        locked.depth[at] = 0;
        locked.count++;
    }
    locked.depth[at]++;
    hd_changed(stream);
}

void __wrap_flockfile(FILE *stream);
void __wrap_flockfile(FILE *stream) {
    if (!hd_running) {
        flockfile(stream);
        return;
    }
    wait_for(stream, CALLER);
    take(stream);
}

int __wrap_ftrylockfile(FILE *stream);
int __wrap_ftrylockfile(FILE *stream) {
    if (!hd_running)
        return ftrylockfile(stream);
    hd_point(stream, HD_WHAT(HD_TRY_ACQUIRE, 0), CALLER);
    uint32_t at = find(stream);
    if (at < locked.count && locked.holder[at] != hd_task_self())
        return -1;
    take(stream);
    return 0;
}

void __wrap_funlockfile(FILE *stream);
void __wrap_funlockfile(FILE *stream) {
    if (!hd_running) {
        funlockfile(stream);
        return;
    }
    hd_point(stream, HD_WHAT(HD_RELEASE, 0), CALLER);
    uint32_t at = find(stream);
    if (at == locked.count || locked.holder[at] != hd_task_self())
        hd_fault(HD_FAULT_MISUSE, "unlock of a stream that this task has not locked");
    if (--locked.depth[at] > 0)
        return;
    locked.count--;
    locked.stream[at] = locked.stream[locked.count];
    locked.holder[at] = locked.holder[locked.count];
    locked.depth[at] = locked.depth[locked.count];
    hd_changed(stream);
}

#define FORMAT(at) __attribute__((format(printf, at, (at) + 1)))

FORMAT(1) int __wrap_printf(const char *format, ...);
FORMAT(1) int __wrap_printf(const char *format, ...) {
    va_list arguments;
    wait_for(stdout, CALLER);
    va_start(arguments, format);
    int result = vprintf(format, arguments);
    va_end(arguments);
    return result;
}

FORMAT(2) int __wrap_fprintf(FILE *stream, const char *format, ...);
FORMAT(2) int __wrap_fprintf(FILE *stream, const char *format, ...) {
    va_list arguments;
    wait_for(stream, CALLER);
    va_start(arguments, format);
    int result = vfprintf(stream, format, arguments);
    va_end(arguments);
    return result;
}

FORMAT(2) int __wrap___printf_chk(int flag, const char *format, ...);
FORMAT(2) int __wrap___printf_chk(int flag, const char *format, ...) {
    va_list arguments;
    (void)flag;
    wait_for(stdout, CALLER);
    va_start(arguments, format);
    int result = vprintf(format, arguments);
    va_end(arguments);
    return result;
}

FORMAT(3) int __wrap___fprintf_chk(FILE *stream, int flag, const char *format, ...);
FORMAT(3) int __wrap___fprintf_chk(FILE *stream, int flag, const char *format, ...) {
    va_list arguments;
    (void)flag;
    wait_for(stream, CALLER);
    va_start(arguments, format);
    int result = vfprintf(stream, format, arguments);
    va_end(arguments);
    return result;
}

/* name(arguments) prints to `stream`. */
#define PRINTS(type, name, stream, parameters, call)                                               \
    type __wrap_##name parameters;                                                                 \
    type __wrap_##name parameters {                                                                \
        wait_for(stream, CALLER);                                                                  \
        return call;                                                                               \
    }

PRINTS(int, vprintf, stdout, (const char *format, va_list arguments), vprintf(format, arguments))
PRINTS(int, vfprintf, to, (FILE * to, const char *format, va_list arguments),
       vfprintf(to, format, arguments))
PRINTS(int, puts, stdout, (const char *text), puts(text))
PRINTS(int, fputs, to, (const char *text, FILE *to), fputs(text, to))
PRINTS(int, putchar, stdout, (int byte), putchar(byte))
PRINTS(int, putc, to, (int byte, FILE *to), putc(byte, to))
PRINTS(int, fputc, to, (int byte, FILE *to), fputc(byte, to))
PRINTS(size_t, fwrite, to, (const void *from, size_t size, size_t count, FILE *to),
       fwrite(from, size, count, to))
PRINTS(int, fflush, to == NULL ? stdout : to, (FILE * to), fflush(to))
