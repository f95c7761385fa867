/* library.c - functions of the C library that subjects are linked to through --wrap: the heap's, those of
 * strings, the locks of streams.
 */
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

static void *volatile block;

/* ---- heap ----------------------------------------------------------------------------------------- */

static void *volatile old;
ALONE(realloc_moved, old = malloc(8), block = realloc(old, 64), free(old));

UNSEEN static int all_are(const unsigned char *at, size_t size, unsigned char byte) {
    for (size_t i = 0; i < size; i++)
        if (at[i] != byte)
            return 0;
    return 1;
}

static void resizes_task(uint32_t index) {
    volatile size_t half = (size_t)1 << 63, five = 5;
    unsigned char *volatile bytes = malloc(10); /* gcc follows a pointer that it knows */
    (void)index;
    memset(bytes, 7, 10);
    bytes = hidden(reallocarray(bytes, five, 20));
    claim(malloc_usable_size(bytes) >= 100 && all_are(bytes, 10, 7));
    claim(hidden(reallocarray(bytes, half, 2)) == 0 && errno == ENOMEM);
    claim(all_are(bytes, 10, 7));
    bytes = hidden(realloc(bytes, five));
    claim(malloc_usable_size(bytes) >= 5 && all_are(bytes, 5, 7));
    free(bytes);
    claim(malloc_usable_size(0) == 0);
    claim(hidden(calloc(half, 2)) == 0 && errno == ENOMEM);
    bytes = hidden(calloc(five, 9));
    claim(malloc_usable_size(bytes) >= 45 && all_are(bytes, 45, 0));
    free(bytes);
}
SUBJECT(resizes, .tasks = 2, .task = resizes_task, .check = check);

static void *more_room;
static void aligned_task(uint32_t index) {
    volatile size_t most = (size_t)1 << 62;
    (void)index;
    errno = 77; /* it returns its error, and leaves errno alone */
    claim(posix_memalign(&more_room, 16, most) == ENOMEM && errno == 77 && more_room == 0);
    claim(posix_memalign(&more_room, 64, 10) == 0 && errno == 77);
    claim((uintptr_t)hidden(more_room) % 64 == 0);
    free(more_room);
}
SUBJECT(aligned, .tasks = 1, .task = aligned_task, .check = check);

static void duplicates_task(uint32_t index) {
    const char *text = hidden((char *)(uintptr_t) "heddle");
    char *whole = strdup(text), *part = strndup(text, 3), *more = strndup(text, 9);
    (void)index;
    claim(strcmp(whole, "heddle") == 0 && strcmp(part, "hed") == 0 && strcmp(more, "heddle") == 0);
    claim(malloc_usable_size(part) >= 4);
    free(whole);
    free(part);
    free(more);
}
SUBJECT(duplicates, .tasks = 2, .task = duplicates_task, .check = check);

/* ---- strings -------------------------------------------------------------------------------------- */

/* What a function of strings returns and leaves. */
static void strings_task(uint32_t index) {
    char text[16], *at = hidden(text);
    volatile size_t none = 0, two = 2, size = sizeof text;
    (void)index;
    claim(memset(at, 'x', size) == at && at[15] == 'x');
    claim(strncpy(at, "heddle", size) == at && strcmp(at, "heddle") == 0 && at[15] == 0);
    claim(strncpy(at + 8, "abc", two) == at + 8 && at[9] == 'b' && at[10] == 0);
    claim(memchr(at, 'd', size) == at + 2 && memchr(at, 'z', size) == 0);
    claim(memchr(at, 'd', two) == 0 && memchr(at, 'h', none) == 0);
    claim(strchr(at, 'd') == at + 2 && strchr(at, 'z') == 0 && strchr(at, 0) == at + 6);
    claim(strlen(at) == 6 && strncmp(at, "hexxx", two) == 0 && strncmp(at, "hexxx", 3) < 0);
    claim(strncmp(at, "z", none) == 0 && strcmp(at, "hedd") > 0);
    claim(strcpy(at, "ab") == at && at[2] == 0 && at[3] == 'd');
    claim(memcpy(at + 4, at, two) == at + 4 && at[5] == 'b');
    claim(memmove(at + 1, at, two) == at + 1 && at[1] == 'a' && at[2] == 'b');
    claim(memcmp(at, "aab", 3) == 0 && memcmp(at, "aac", 3) < 0 && memcmp(at, "z", none) == 0);
}
SUBJECT(strings, .tasks = 1, .task = strings_task, .check = check);

/* One announced access after the other, by function: a free is a mark between two. */
static char area[64];
static void ranges_task(uint32_t index) {
    char *at = hidden(area);
    volatile size_t none = 0, five = 5, nine = 9;
    (void)index;
    block = hidden(strncpy(at, "heddle", nine)); /* reads six, writes nine */
    block = hidden(strncpy(at, "heddle", five));
    block = hidden(memchr(at, 'e', nine));
    block = hidden(strchr(at, 'e'));
    block = hidden(strcpy(at + 32, at));
    claim(strncmp(at, at + 32, five) == 0);
    claim(strncmp(at, at + 32, none) == 0 && memchr(at, 'e', none) == 0);
}
SUBJECT(ranges, .tasks = 1, .task = ranges_task, .check = check);

/* ---- streams -------------------------------------------------------------------------------------- */

static volatile int inside;

/* Never two at once; who holds the lock gets it again, and gives it back as often. */
static void trylocks_task(uint32_t index) {
    if (index == 0)
        sleep(1);
    if (ftrylockfile(stdout) != 0) {
        flockfile(stdout);
    }
    claim(inside == 0);
    inside = 1;
    claim(ftrylockfile(stdout) == 0);
    fflush(stdout);
    funlockfile(stdout);
    inside = 0;
    funlockfile(stdout);
}
SUBJECT(trylocks, .tasks = 3, .task = trylocks_task, .check = check);

static void refused_task(uint32_t index) {
    if (index == 0) {
        flockfile(stderr);
        sleep(5);
        funlockfile(stderr);
        return;
    }
    sleep(1);
    claim(ftrylockfile(stderr) != 0);
    claim(ftrylockfile(stdout) == 0);
    funlockfile(stdout);
    sleep(10);
    claim(ftrylockfile(stderr) == 0);
    funlockfile(stderr);
}
SUBJECT(held_stream, .tasks = 2, .task = refused_task, .check = check);

/* More often than streams may be locked at a time. */
static void locks_again_task(uint32_t index) {
    (void)index;
    for (int i = 0; i < 20; i++) {
        flockfile(stdout);
        funlockfile(stdout);
    }
}
SUBJECT(locks_again, .tasks = 2, .task = locks_again_task, .check = check);

ALONE(unlocked_stream, funlockfile(stdout));
