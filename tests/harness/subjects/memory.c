/* memory.c - memory of code under test: the heap, what libc allocates for its caller, mappings; handlers
 * and destructors at the end of a task.
 */
#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

int __printf_chk(int flag, const char *format, ...);
int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
int __asprintf_chk(char **out, int flag, const char *format, ...);
int __vasprintf_chk(char **out, int flag, const char *format, va_list arguments);
ssize_t __getdelim(char **line, size_t *size, int end, FILE *stream);

/* Whether a block is of the execution: which each one is that code under test gets and may free. */
extern _Bool hd_arena_owns(const void *address);
UNSEEN static int ours(const void *block) {
    return block != NULL && hd_arena_owns(block);
}

/* ---- heap ----------------------------------------------------------------------------------------- */

UNSEEN static int zero(const char *at, size_t size) {
    for (size_t i = 0; i < size; i++)
        if (at[i] != 0)
            return 0;
    return 1;
}

static void heap_task(uint32_t index) {
    volatile size_t half = (size_t)1 << 63, size = 40;
    void *out = NULL;
    (void)index;
    char *block = hidden(malloc(size));
    claim(ours(block) && (uintptr_t)block % 16 == 0 && !zero(block, 40)); /* filled */
    strcpy(block, "heddle");
    char *moved = hidden(realloc(block, size * 10));
    claim(ours(moved) && strcmp(moved, "heddle") == 0 && malloc_usable_size(moved) >= 400);
    claim(!zero(moved + 100, 300));
    moved = hidden(realloc(moved, 3));
    claim(ours(moved) && memcmp(moved, "hed", 3) == 0 && malloc_usable_size(moved) >= 3);
    free(moved);
    block = hidden(calloc(size, 3));
    claim(ours(block) && zero(block, 120) && malloc_usable_size(block) >= 120);
    errno = 0;
    char *kept = hidden(block); /* gcc follows a pointer that it knows */
    claim(hidden(realloc(block, half)) == NULL && errno == ENOMEM && zero(kept, 120));
    free(kept);
    errno = 0;
    claim(hidden(malloc(half)) == NULL && errno == ENOMEM);
    errno = 0;
    claim(hidden(calloc(half, 2)) == NULL && errno == ENOMEM);
    errno = 0;
    claim(hidden(reallocarray(NULL, half, 2)) == NULL && errno == ENOMEM);
    for (size_t alignment = 1; alignment <= 4096; alignment *= 2) {
        block = hidden(aligned_alloc(alignment, size));
        claim(ours(block) && (uintptr_t)block % alignment == 0 && (uintptr_t)block % 16 == 0);
        free(block);
        block = hidden(memalign(alignment, size));
        claim(ours(block) && (uintptr_t)block % alignment == 0 && (uintptr_t)block % 16 == 0);
        free(block);
        if (alignment < sizeof(void *))
            claim(posix_memalign(&out, alignment, size) == EINVAL);
        else
            claim(posix_memalign(&out, alignment, size) == 0 && (uintptr_t)out % alignment == 0);
    }
    errno = 0;
    claim(hidden(aligned_alloc(size, 8)) == NULL && errno == EINVAL);
    errno = 0;
    claim(hidden(aligned_alloc(size - 40, 8)) == NULL && errno == EINVAL);
    claim(ours(hidden(memalign(size - 7, 8))) &&
          (uintptr_t)hidden(memalign(size - 7, 8)) % 64 == 0);
    claim(ours(hidden(malloc(size - 40))));
}
SUBJECT(heap, .tasks = 2, .task = heap_task, .check = check);

/* Half of what a task may have is had; what is more than all of it is simply too large. */
static void all_of_it_task(uint32_t index) {
    volatile size_t large = 20ul << 20;
    (void)index;
    for (int i = 0; i < 100000; i++)
        if (hidden(malloc(large)) == NULL)
            return;
}
SUBJECT(all_of_it, .tasks = 1, .task = all_of_it_task, .check = check);

/* ---- texts ---------------------------------------------------------------------------------------- */

static int print(char **out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(out, format, arguments);
    va_end(arguments);
    return length;
}

static int print_checked(char **out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = __vasprintf_chk(out, 1, format, arguments);
    va_end(arguments);
    return length;
}

static int is(char *text, const char *expected) {
    int same = ours(text) && strcmp(text, expected) == 0;
    free(text);
    return same;
}

static void texts_task(uint32_t index) {
    char *text = NULL, own[4200];
    (void)index;
    claim(asprintf(&text, "%d.", 12) == 3 && is(text, "12."));
    claim(__asprintf_chk(&text, 1, "%d-", 12) == 3 && is(text, "12-"));
    claim(print(&text, "%s", "heddle") == 6 && is(text, "heddle"));
    claim(print_checked(&text, "%s", "loom") == 4 && is(text, "loom"));
    claim(asprintf(&text, "%s", "") == 0 && is(text, ""));
    claim(is(strdup(hidden((void *)(uintptr_t) "heddle")), "heddle"));
    claim(is(strndup(hidden((void *)(uintptr_t) "heddle"), 3), "hed"));
    claim(is(realpath("/proc/../dev/null", NULL), "/dev/null"));
    claim(realpath("/proc/../dev/null", own) == own && strcmp(own, "/dev/null") == 0);
    errno = 0;
    claim(realpath("/none", NULL) == NULL && errno == ENOENT);
}
SUBJECT(texts, .tasks = 2, .task = texts_task, .check = check);

static FILE *stream_of(const char *text) {
    int two[2];
    claim(pipe(two) == 0 && write(two[1], text, strlen(text)) == (ssize_t)strlen(text));
    close(two[1]);
    return fdopen(two[0], "r");
}

/* A line goes where the caller's buffer is when it is large enough, and else to a larger one. */
static void lines_task(uint32_t index) {
    FILE *stream = stream_of("one\nlonger\nabc:def:\nend");
    size_t room = 0;
    char *line = NULL;
    (void)index;
    claim(getline(&line, &room, stream) == 4 && strcmp(line, "one\n") == 0 && room >= 5);
    claim(ours(line));
    free(line);
    line = malloc(7);
    room = 7; /* "longer\n" has seven, and an end */
    claim(getline(&line, &room, stream) == 7 && strcmp(line, "longer\n") == 0 && room >= 8);
    claim(ours(line));
    free(line);
    char *kept = line = malloc(5);
    room = 5;
    claim(getdelim(&line, &room, ':', stream) == 4 && line == kept && room == 5);
    claim(strcmp(line, "abc:") == 0);
    claim(__getdelim(&line, &room, ':', stream) == 4 && line == kept && strcmp(line, "def:") == 0);
    claim(getline(&line, &room, stream) == 1 && line == kept && strcmp(line, "\n") == 0);
    claim(getline(&line, &room, stream) == 3 && line == kept && strcmp(line, "end") == 0);
    errno = 0;
    claim(getline(&line, &room, stream) == -1 && line == kept && room == 5 && errno == 0);
    free(line);
    line = NULL;
    room = 100; /* of nothing */
    FILE *other = stream_of("more\n");
    claim(getline(&line, &room, other) == 5 && strcmp(line, "more\n") == 0 && ours(line));
    claim(fclose(stream) == 0 && fclose(other) == 0);
}
SUBJECT(lines, .tasks = 1, .task = lines_task, .check = check);

static char *unlucky;
ALONE(line_of_a_freed_buffer, unlucky = malloc(2); free(hidden(unlucky)); size_t room = 2;
      getline(&unlucky, &room, stream_of("too long\n")));

/* ---- printing ------------------------------------------------------------------------------------- */

static int print_all(FILE *stream, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vprintf(format, arguments) * 10 + vfprintf(stream, format, again);
    va_end(arguments);
    va_end(again);
    return length;
}

/* Standard output is a file of the execution: what each way to print returns and leaves there. */
static void printing_task(uint32_t index) {
    char text[64] = "";
    int file = memfd_create("it", 0);
    (void)index;
    fflush(stdout);
    claim(dup2(file, 1) == 1);
    claim(printf("%s", "a") == 1 && fprintf(stdout, "%s", "bb") == 2);
    claim(__printf_chk(1, "%s%d", "c", 1) == 2 && __fprintf_chk(stdout, 1, "%s%d", "dd", 2) == 3);
    claim(print_all(stdout, "%s", "e") == 11 && puts("f") >= 0 && fputs("g", stdout) >= 0);
    claim(putchar('h') == 'h' && putc('i', stdout) == 'i' && fputc('j', stdout) == 'j');
    claim(fwrite("kkll", 2, 2, stdout) == 2 && fflush(stdout) == 0);
    claim(pread(file, text, 63, 0) == 20 && strcmp(text, "abbc1dd2eef\nghijkkll") == 0);
    claim(putchar('m') == 'm' && fflush(NULL) == 0 && pread(file, text, 63, 20) == 1);
}
SUBJECT(printing, .tasks = 1, .task = printing_task, .check = check);

/* ---- mappings ------------------------------------------------------------------------------------- */

enum { ANONYMOUS = MAP_PRIVATE | MAP_ANONYMOUS, BOTH = PROT_READ | PROT_WRITE };

static char *map(size_t size) {
    return mmap(NULL, size, BOTH, ANONYMOUS, -1, 0);
}

static void mappings_task(uint32_t index) {
    const char *base = (const char *)(0x7ee000000000 + ((index + 1ul) << 28));
    char *first = map(1), *second = map(65536), *third = map(65537);
    claim(first == base && second == base + 2 * 65536 && third == base + 4 * 65536);
    claim(map(1) == base + 7 * 65536 && zero(third, 65537));
    memset(third, 7, 65537);
    char *fixed = mmap(third, 4096, BOTH, ANONYMOUS | MAP_FIXED, -1, 0);
    claim(fixed == third && zero(third, 4096) && third[4096] == 7);
    claim(mmap(third, 4096, BOTH, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == MAP_FAILED);
    claim(munmap(third, 4096) == 0);
    claim(mmap(third, 4096, BOTH, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == third);
    errno = 0;
    claim(map(0) == MAP_FAILED && errno == EINVAL);
    errno = 0;
    claim(map(257ul << 20) == MAP_FAILED && errno == ENOMEM);
    errno = 0;
    claim(map((size_t)-1) == MAP_FAILED && errno == ENOMEM);
    second[3] = 9;
    claim(mremap(second, 65536, 4096, MREMAP_MAYMOVE) == second && second[3] == 9);
    char *moved = mremap(second, 4096, 8192, MREMAP_MAYMOVE);
    claim(moved == base + 9 * 65536 && moved[3] == 9 && zero(moved + 4096, 4096));
    claim(mremap(moved, 8192, 8192, MREMAP_MAYMOVE) == moved);
    errno = 0;
    claim(mremap(moved, 8192, 1ul << 40, MREMAP_MAYMOVE) == MAP_FAILED && errno == ENOMEM);
    claim(mremap(moved, 8192, 4096, 0) == moved && munmap(moved, 4096) == 0);
    claim(munmap((char *)1, 1) == -1);
    claim(mmap64(NULL, 1, BOTH, ANONYMOUS, -1, 0) == base + 11 * 65536);
    claim(mmap(first + 1, 1, BOTH, ANONYMOUS, -1, 0) == base + 13 * 65536); /* a hint */
}
SUBJECT(mappings, .tasks = 3, .task = mappings_task, .check = check);

/* All of a part, and a byte more. */
static void full_part_task(uint32_t index) {
    (void)index;
    claim(map(256ul << 20) != MAP_FAILED);
    errno = 0;
    claim(map(1) == MAP_FAILED && errno == ENOMEM);
}
SUBJECT(full_part, .tasks = 2, .task = full_part_task, .check = check);

ALONE(fixed_elsewhere, mmap((void *)0x10000000, 4096, BOTH, ANONYMOUS | MAP_FIXED, -1, 0));
ALONE(fixed_behind, char *at = map(65536);
      mmap(at + 65536, 4096, BOTH, ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0));
ALONE(fixed_too_long, char *at = map(65536); mmap(at, 65537, BOTH, ANONYMOUS | MAP_FIXED, -1, 0));
ALONE(moved_to, char *at = map(65536);
      mremap(at, 4096, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at + 8192));

/* ---- the end of a task ---------------------------------------------------------------------------- */

static volatile long steps;

static void step(void *digit) {
    steps = steps * 10 + (long)(intptr_t)digit;
}

/* Where -fexceptions is not, a handler runs after pthread_exit, the newest first, also in functions that
 * were called; one that was popped does not. */
UNSEEN static void leave(void *result) {
    pthread_cleanup_push(step, (void *)3);
    pthread_cleanup_push(step, (void *)4);
    pthread_cleanup_pop(0);
    pthread_exit(result);
    pthread_cleanup_pop(0);
}

static void *exits(void *argument) {
    pthread_cleanup_push(step, (void *)1);
    pthread_cleanup_push_defer_np(step, (void *)2);
    leave(argument);
    pthread_cleanup_pop_restore_np(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void *pops(void *argument) {
    pthread_cleanup_push(step, (void *)1);
    pthread_cleanup_push_defer_np(step, (void *)2);
    pthread_cleanup_push(step, (void *)3);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop_restore_np(1);
    pthread_cleanup_pop(1);
    return argument;
}

static void exits_at_once(void *argument) {
    pthread_exit(argument);
}

static void *exits_in_a_handler(void *argument) {
    pthread_cleanup_push(step, (void *)1);
    pthread_cleanup_push(exits_at_once, hidden((void *)(uintptr_t)&steps));
    pthread_exit(argument);
    pthread_cleanup_pop(0);
    pthread_cleanup_pop(0);
    return NULL;
}

static void expect_steps(void *(*entry)(void *), const void *result, long digits) {
    pthread_t thread;
    void *value = NULL;
    steps = 0;
    claim(pthread_create(&thread, NULL, entry, &value) == 0 && pthread_join(thread, &value) == 0);
    claim(value == (result == NULL ? &value : result) && steps == digits);
}

static void *exits_plainly(void *argument) {
    pthread_exit(argument);
}

static void cleanup_task(uint32_t index) {
    (void)index;
    for (int i = 0; i < 2; i++) {
        expect_steps(exits, NULL, 321);
        expect_steps(pops, NULL, 21);
        expect_steps(exits_plainly, NULL, 0);
        expect_steps(exits_in_a_handler, (void *)&steps, 1);
    }
    pthread_cleanup_push(step, (void *)5); /* left behind by a task that ends by itself */
    if (steps == 1)
        pthread_exit(NULL);
    pthread_cleanup_pop(0);
}
SUBJECT(cleanup, .tasks = 1, .task = cleanup_task, .check = check);

int __cxa_thread_atexit_impl(void (*destructor)(void *), void *object, void *module);
int __cxa_atexit(void (*destructor)(void *), void *object, void *module);
int __cxa_at_quick_exit(void (*destructor)(void *), void *module);

static void step_and_register(void *digit) {
    step(digit);
    __cxa_thread_atexit_impl(step, (void *)9, NULL);
}

static void *registers(void *argument) {
    claim(__cxa_thread_atexit_impl(step, (void *)1, NULL) == 0);
    claim(__cxa_thread_atexit_impl(step_and_register, (void *)2, NULL) == 0);
    claim(__cxa_thread_atexit_impl(step, (void *)3, NULL) == 0);
    return argument;
}

static pthread_key_t key;

static void *registers_with_key(void *argument) {
    pthread_setspecific(key, (void *)4);
    return registers(argument);
}

static void at_process_exit(int status, void *argument) {
    (void)argument;
    step((void *)(intptr_t)status);
}

static void exit_task(uint32_t index) {
    (void)index;
    expect_steps(registers, NULL, 3291);
    expect_steps(registers, NULL, 3291);
    pthread_key_create(&key, step);
    expect_steps(registers_with_key, NULL, 32914);
    claim(__cxa_atexit(step, NULL, NULL) == 0 && __cxa_at_quick_exit(step, NULL) == 0);
    claim(on_exit(at_process_exit, NULL) == 0);
    __cxa_thread_atexit_impl(step, (void *)1, NULL);
}
SUBJECT(exit_handlers, .tasks = 1, .task = exit_task, .check = check);

/* ---- operator new and delete, by their names in the Itanium ABI ------------------------------------ */

void *_Znwm(size_t size);
void *_Znam(size_t size);
void *_ZnwmRKSt9nothrow_t(size_t size, const void *nothrow);
void *_ZnamRKSt9nothrow_t(size_t size, const void *nothrow);
void *_ZnwmSt11align_val_t(size_t size, size_t alignment);
void *_ZnamSt11align_val_t(size_t size, size_t alignment);
void *_ZnwmSt11align_val_tRKSt9nothrow_t(size_t size, size_t alignment, const void *nothrow);
void *_ZnamSt11align_val_tRKSt9nothrow_t(size_t size, size_t alignment, const void *nothrow);
void _ZdlPv(void *address);
void _ZdaPv(void *address);
void _ZdlPvm(void *address, size_t size);
void _ZdaPvm(void *address, size_t size);
void _ZdlPvRKSt9nothrow_t(void *address, const void *nothrow);
void _ZdaPvRKSt9nothrow_t(void *address, const void *nothrow);
void _ZdlPvSt11align_val_t(void *address, size_t alignment);
void _ZdaPvSt11align_val_t(void *address, size_t alignment);
void _ZdlPvmSt11align_val_t(void *address, size_t size, size_t alignment);
void _ZdaPvmSt11align_val_t(void *address, size_t size, size_t alignment);
void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *address, size_t alignment, const void *nothrow);
void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *address, size_t alignment, const void *nothrow);

static int aligned(const void *block, size_t alignment) {
    return (uintptr_t)block % alignment == 0;
}

/* In an execution blocks are its own; outside, where the test calls this, they are libc's. */
static void expect_operators(int is_ours) {
    volatile size_t size = 24, half = (size_t)1 << 63;
    char *block[8] = {_Znwm(size),
                      _Znam(size),
                      _ZnwmRKSt9nothrow_t(size, NULL),
                      _ZnamRKSt9nothrow_t(size, NULL),
                      _ZnwmSt11align_val_t(size, 64),
                      _ZnamSt11align_val_t(size, 128),
                      _ZnwmSt11align_val_tRKSt9nothrow_t(size, 256, NULL),
                      _ZnamSt11align_val_tRKSt9nothrow_t(size, 512, NULL)};
    for (int i = 0; i < 8; i++) {
        claim(block[i] != NULL && ours(block[i]) == is_ours);
        claim(aligned(block[i], i < 4 ? 16 : 16u << (i - 2)));
        memset(block[i], i, size);
    }
    if (is_ours) { /* AddressSanitizer ends a process that asks libc for so much */
        claim(hidden(_ZnwmRKSt9nothrow_t(half, NULL)) == NULL);
        claim(hidden(_ZnamRKSt9nothrow_t(half, NULL)) == NULL);
        claim(hidden(_ZnwmSt11align_val_tRKSt9nothrow_t(half, 64, NULL)) == NULL);
    }
    char *none = hidden(_Znwm(0)), *little = hidden(_ZnwmSt11align_val_t(1, 8));
    claim(none != NULL && little != NULL && none != little);
    _ZdlPv(block[0]);
    _ZdaPv(block[1]);
    _ZdlPvm(block[2], size);
    _ZdaPvm(block[3], size);
    _ZdlPvSt11align_val_t(block[4], 64);
    _ZdaPvSt11align_val_t(block[5], 128);
    _ZdlPvmSt11align_val_t(block[6], size, 256);
    _ZdaPvmSt11align_val_t(block[7], size, 512);
    _ZdlPvRKSt9nothrow_t(none, NULL);
    _ZdaPvRKSt9nothrow_t(little, NULL);
    _ZdlPvSt11align_val_tRKSt9nothrow_t(_ZnwmSt11align_val_t(1, 64), 64, NULL);
    _ZdaPvSt11align_val_tRKSt9nothrow_t(NULL, 64, NULL);
}

static void operators_task(uint32_t index) {
    (void)index;
    expect_operators(1);
}
SUBJECT(operators, .tasks = 2, .task = operators_task, .check = check);

static void operators_outside_task(uint32_t index) {
    (void)index;
    expect_operators(0);
}
SUBJECT(operators_outside, .tasks = 1, .task = operators_outside_task, .check = check);

static void *volatile twice;
ALONE(deleted_twice, twice = _Znwm(8); _ZdlPv(twice); _ZdlPv(twice));
ALONE(no_library_throws, volatile size_t half = (size_t)1 << 63; twice = _Znwm(half));
