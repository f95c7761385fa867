/* outside.c - what a module calls outside of executions is libc's: redirected calls of the heap, of
 * strings, of streams. The test calls the task itself.
 */
#include <malloc.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

int __printf_chk(int flag, const char *format, ...);
int __fprintf_chk(FILE *stream, int flag, const char *format, ...);
int __asprintf_chk(char **out, int flag, const char *format, ...);

static void heap_task(uint32_t index) {
    volatile size_t ten = 10;
    void *out = NULL;
    (void)index;
    char *block = hidden(malloc(ten));
    claim(malloc_usable_size(block) >= 10 && malloc_usable_size(NULL) == 0);
    strcpy(block, "heddle");
    block = hidden(realloc(block, 5000));
    claim(strcmp(block, "heddle") == 0 && malloc_usable_size(block) >= 5000);
    block = hidden(reallocarray(block, 3, 3000));
    claim(strcmp(block, "heddle") == 0 && malloc_usable_size(block) >= 9000);
    free(block);
    block = hidden(calloc(ten, 7));
    claim(block[0] == 0 && block[69] == 0 && malloc_usable_size(block) >= 70);
    free(block);
    block = hidden(aligned_alloc(256, 512));
    claim(block != NULL && (uintptr_t)block % 256 == 0);
    free(block);
    block = hidden(memalign(512, 5));
    claim(block != NULL && (uintptr_t)block % 512 == 0);
    free(block);
    claim(posix_memalign(&out, 1024, 5) == 0 && (uintptr_t)hidden(out) % 1024 == 0);
    free(out);
    block = hidden(strdup("heddle"));
    claim(strcmp(block, "heddle") == 0);
    free(block);
    block = hidden(strndup("heddle", 3));
    claim(strcmp(block, "hed") == 0);
    free(block);
}
SUBJECT(heap, .tasks = 1, .task = heap_task, .check = check);

static int print(char **out, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(out, format, arguments);
    va_end(arguments);
    return length;
}

static void texts_task(uint32_t index) {
    char *text = NULL;
    size_t room = 0;
    int two[2];
    (void)index;
    claim(asprintf(&text, "%d.", 12) == 3 && strcmp(text, "12.") == 0);
    free(text);
    claim(print(&text, "%s", "heddle") == 6 && strcmp(text, "heddle") == 0);
    free(text);
    claim(__asprintf_chk(&text, 1, "%d", 345) == 3 && strcmp(text, "345") == 0);
    free(text);
    text = NULL;
    claim(pipe(two) == 0 && write(two[1], "one\ntwo:three", 13) == 13 && close(two[1]) == 0);
    FILE *stream = fdopen(two[0], "r");
    claim(getline(&text, &room, stream) == 4 && strcmp(text, "one\n") == 0 && room >= 5);
    claim(getdelim(&text, &room, ':', stream) == 4 && strcmp(text, "two:") == 0);
    claim(getline(&text, &room, stream) == 5 && strcmp(text, "three") == 0);
    claim(getline(&text, &room, stream) == -1);
    free(text);
    fclose(stream);
    text = realpath("/proc/../dev/null", NULL);
    claim(text != NULL && strcmp(text, "/dev/null") == 0);
    free(text);
}
SUBJECT(texts, .tasks = 1, .task = texts_task, .check = check);

static int print_all(FILE *stream, const char *format, ...) {
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vprintf(format, arguments);
    length += vfprintf(stream, format, again);
    va_end(arguments);
    va_end(again);
    return length;
}

/* Fifteen ways to print a text: the last line of each is in what the test has made of standard output. */
static void streams_task(uint32_t index) {
    (void)index;
    claim(printf("%s", "a") == 1 && fprintf(stdout, "%s", "b") == 1);
    claim(__printf_chk(1, "%s%d", "c", 1) == 2 && __fprintf_chk(stdout, 1, "%s%d", "d", 2) == 2);
    claim(print_all(stdout, "%s", "e") == 2 && puts("f") >= 0 && fputs("g", stdout) >= 0);
    claim(putchar('h') == 'h' && putc('i', stdout) == 'i' && fputc('j', stdout) == 'j');
    claim(fwrite("kkll", 2, 2, stdout) == 2);
    flockfile(stdout);
    claim(ftrylockfile(stdout) == 0 && putchar('m') == 'm');
    funlockfile(stdout);
    funlockfile(stdout);
    claim(fflush(stdout) == 0 && fflush(NULL) == 0);
}
SUBJECT(streams, .tasks = 1, .task = streams_task, .check = check);
