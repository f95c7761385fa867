/* memory.c - mem* and str* functions called by code under test are range accesses (controlled flavour).
 *
 * Reached through --wrap as in heap.c. A copy is two events, the read of its source and the write of its
 * target; each function then does its whole work at once. A name in parentheses is the function: the C
 * library may have a macro of that name that keeps const.
 */
#include <stdint.h>
#include <string.h>

#include "harness/intercept/real.h"
#include "harness/sched/task.h"

/* What clang from 15 on calls itself. */
#define ALSO(name) __typeof__(__wrap_##name) __tsan_##name __attribute__((alias("__wrap_" #name)));

static void range(const void *address, enum hd_what what, size_t size, const void *pc) {
    if (size > 0)
        hd_point(address, HD_WHAT(what, size > HD_WHAT_SIZE_MAX ? HD_WHAT_SIZE_MAX : size), pc);
}

static void copy_ranges(const void *target, const void *source, size_t size, const void *pc) {
    range(source, HD_READ, size, pc);
    range(target, HD_WRITE, size, pc);
}

void *__wrap_memcpy(void *restrict target, const void *restrict source, size_t size);
void *__wrap_memcpy(void *restrict target, const void *restrict source, size_t size) {
    copy_ranges(target, source, size, CALLER);
    return memcpy(target, source, size);
}
ALSO(memcpy)

void *__wrap_memmove(void *target, const void *source, size_t size);
void *__wrap_memmove(void *target, const void *source, size_t size) {
    copy_ranges(target, source, size, CALLER);
    return memmove(target, source, size);
}
ALSO(memmove)

void *__wrap_memset(void *target, int byte, size_t size);
void *__wrap_memset(void *target, int byte, size_t size) {
    range(target, HD_WRITE, size, CALLER);
    return memset(target, byte, size);
}
ALSO(memset)

int __wrap_memcmp(const void *left, const void *right, size_t size);
int __wrap_memcmp(const void *left, const void *right, size_t size) {
    range(left, HD_READ, size, CALLER);
    range(right, HD_READ, size, CALLER);
    return memcmp(left, right, size);
}

void *__wrap_memchr(const void *text, int byte, size_t size);
void *__wrap_memchr(const void *text, int byte, size_t size) {
    range(text, HD_READ, size, CALLER);
    return (memchr)(text, byte, size);
}

size_t __wrap_strlen(const char *text);
size_t __wrap_strlen(const char *text) {
    range(text, HD_READ, 1, CALLER);
    return strlen(text);
}

int __wrap_strcmp(const char *left, const char *right);
int __wrap_strcmp(const char *left, const char *right) {
    range(left, HD_READ, 1, CALLER);
    range(right, HD_READ, 1, CALLER);
    return strcmp(left, right);
}

int __wrap_strncmp(const char *left, const char *right, size_t size);
int __wrap_strncmp(const char *left, const char *right, size_t size) {
    range(left, HD_READ, size > 0, CALLER);
    range(right, HD_READ, size > 0, CALLER);
    return strncmp(left, right, size);
}

char *__wrap_strcpy(char *restrict target, const char *restrict source);
char *__wrap_strcpy(char *restrict target, const char *restrict source) {
    copy_ranges(target, source, strlen(source) + 1, CALLER);
    return strcpy(target, source);
}

char *__wrap_strncpy(char *restrict target, const char *restrict source, size_t size);
char *__wrap_strncpy(char *restrict target, const char *restrict source, size_t size) {
    range(source, HD_READ, strnlen(source, size), CALLER);
    range(target, HD_WRITE, size, CALLER);
    return strncpy(target, source, size);
}

char *__wrap_strchr(const char *text, int byte);
char *__wrap_strchr(const char *text, int byte) {
    range(text, HD_READ, 1, CALLER);
    return (strchr)(text, byte);
}
