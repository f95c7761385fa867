/* report.c - see report.h. The shape of the text: compiler-rt/lib/tsan/rtl/tsan_report.cpp of LLVM 14,
 * without symbols; GCC 12 prints the same. */
#include "harness/explore/report.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "harness/base/arena.h"
#include "harness/explore/symbol.h"
#include "harness/intercept/module.h"

struct cleaned {
    const struct hd_subject *subject;
    char *out;
    size_t size;
    size_t used;
    unsigned frame; /* of the stack that is being printed */
    bool skipping;  /* to the next empty line */
};

__attribute__((format(printf, 2, 3))) static void put(struct cleaned *to, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(to->out + to->used, to->size - to->used, format, arguments);
    va_end(arguments);
    size_t room = to->size - to->used - 1;
    if (length > 0)
        to->used += (size_t)length < room ? (size_t)length : room;
}

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

static const struct hd_module *module_named(const struct hd_subject *subject, const char *name,
                                            size_t length) {
    for (uint32_t i = 0; i < subject->modules; i++) {
        const char *known = hd_module_name(subject->module[i]);
        if (strlen(known) == length && strncmp(known, name, length) == 0)
            return subject->module[i];
    }
    return NULL;
}

/* "    #0 <null> <null> (gomap.so+0x1597) ...". False when the line is no frame. */
static bool put_frame(struct cleaned *to, const char *line) {
    const char *at = line + strspn(line, " ");
    if (*at != '#' || !isdigit((unsigned char)at[1]))
        return false;
    const char *open = strstr(line, " ("), *plus = open != NULL ? strstr(open, "+0x") : NULL;
    if (at[1] == '0' && at[2] == ' ')
        to->frame = 0;
    if (plus == NULL)
        return true;
    const struct hd_module *module = module_named(to->subject, open + 2, (size_t)(plus - open - 2));
    if (module == NULL)
        return true;
    struct hd_frame frame;
    hd_symbol_resolve(hd_module_base(module) + strtoull(plus + 1, NULL, 16), &frame);
    put(to, "    #%u %s %s:%u\n", to->frame++, frame.function, frame.file, frame.line);
    return true;
}

/* An address that is not the same in every run, in front of `at`: its length, or 0. */
static size_t passing_address(const char *at) {
    size_t before = begins(at, " at 0x") ? 4 : begins(at, " (0x") ? 2 : 0;
    if (before == 0)
        return 0;
    char *end;
    uint64_t address = strtoull(at + before, &end, 16);
    if (hd_arena_owns((const void *)(uintptr_t)address))
        return 0;
    return (size_t)(end - at) + (*end == ')');
}

/* ThreadSanitizer's thread T1 is the main task. */
static void put_text(struct cleaned *to, const char *line) {
    static const char thread[] = "thread T";
    for (const char *at = line; *at != '\0';) {
        size_t dropped = passing_address(at);
        if (dropped > 0) {
            at += dropped;
        } else if (begins(at, thread) && isdigit((unsigned char)at[sizeof thread - 1])) {
            char *end;
            put(to, "task %lu", strtoul(at + sizeof thread - 1, &end, 10) - 1);
            at = end;
        } else {
            put(to, "%c", *at++);
        }
    }
    put(to, "\n");
}

static void put_line(struct cleaned *to, char *line) {
    static const char warning[] = "WARNING: ThreadSanitizer: ";
    if (*line == '\0')
        to->skipping = false;
    if (begins(line, "  Thread T")) /* where the engine has created a task: says nothing */
        to->skipping = true;
    if (to->skipping || begins(line, "====") || begins(line, "SUMMARY:"))
        return;
    if (begins(line, warning)) {
        char *process = strstr(line, " (pid=");
        if (process != NULL)
            *process = '\0';
        line += sizeof warning - 1;
    }
    if (!put_frame(to, line))
        put_text(to, line);
}

void hd_report_clean(const struct hd_subject *subject, const char *text, char *out, size_t size) {
    struct cleaned to = {.subject = subject, .out = out, .size = size};
    char *copy = strdup(text), *rest = copy;
    out[0] = '\0';
    for (char *line; (line = strsep(&rest, "\n")) != NULL;)
        put_line(&to, line);
    while (to.used > 0 && out[to.used - 1] == '\n')
        to.used--;
    snprintf(out + to.used, size - to.used, to.used > 0 && to.used + 1 < size ? "\n" : "");
    free(copy);
}
