/* files.c - files of code under test: those that it leaves open are closed with the execution, and the
 * devices of chance give bytes of the execution.
 *
 * A descriptor gets the lowest free number from FIRST up, whatever the harness itself has open. A device
 * of chance is known by its descriptor; the file behind it is /dev/zero, for whoever reads it by a way
 * that is not interposed. A stream over one calls us back.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "harness/intercept/chance.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"

#define STANDARD  3
#define FIRST     100 /* beyond what the harness and its test programs have open */
#define FILES_MAX 4096

struct file {
    bool made;    /* by this execution */
    bool chance;  /* a device of chance */
    FILE *stream; /* over it, made by this execution */
};

static struct {
    int end; /* none at and above it is made by this execution */
    struct file file[FILES_MAX];
    int standard
        [STANDARD]; /* a copy of one that this execution has closed or replaced, plus 1; or 0 */
} files;

static struct file *file_of(int descriptor) {
    return descriptor >= 0 && descriptor < FILES_MAX ? &files.file[descriptor] : NULL;
}

static void note(int descriptor, bool chance, FILE *stream) {
    struct file *file = file_of(descriptor);
    if (file == NULL)
        return;
    *file = (struct file){.made = hd_running, .chance = chance, .stream = stream};
    if (hd_running && descriptor >= files.end)
        files.end = descriptor + 1;
}

static void forget(int descriptor) {
    struct file *file = file_of(descriptor);
    if (file != NULL)
        *file = (struct file){0};
}

/* Moves a descriptor that code under test has been given. One below 3 was free on purpose. */
static int adopt(int descriptor, bool chance) {
    int moved = descriptor;
    if (descriptor >= 3 && descriptor < FIRST) {
        bool closes = (fcntl(descriptor, F_GETFD) & FD_CLOEXEC) != 0;
        moved = fcntl(descriptor, closes ? F_DUPFD_CLOEXEC : F_DUPFD, FIRST);
        if (moved < 0) /* a low limit of open files */
            moved = descriptor;
        else
            REAL(close)(descriptor);
    }
    if (moved >= 0)
        note(moved, chance, NULL);
    return moved;
}

/* Standard input, output and error are no longer what they were: the next execution finds them again. */
static void leave_standard(int descriptor) {
    if (!hd_running || descriptor < 0 || descriptor >= STANDARD ||
        files.standard[descriptor] != 0 || files.file[descriptor].made)
        return;
    files.standard[descriptor] = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST - STANDARD) + 1;
}

static void return_standard(int descriptor) {
    int kept = files.standard[descriptor] - 1;
    files.standard[descriptor] = 0;
    if (kept < 0)
        return;
    REAL(dup2)(kept, descriptor);
    REAL(close)(kept);
}

void hd_files_reset(void) {
    for (int descriptor = 0; descriptor < files.end; descriptor++) {
        struct file *file = &files.file[descriptor];
        if (!file->made)
            continue;
        if (file->stream != NULL)
            REAL(fclose)(file->stream);
        else
            REAL(close)(descriptor);
        *file = (struct file){0};
    }
    files.end = 0;
    for (int descriptor = 0; descriptor < STANDARD; descriptor++)
        return_standard(descriptor);
}

/* ---- opening -------------------------------------------------------------------------------------- */

static bool is_chance(const char *path) {
    return hd_ours() && path != NULL &&
           (strcmp(path, "/dev/urandom") == 0 || strcmp(path, "/dev/random") == 0);
}

static const char *real_path(const char *path) {
    return is_chance(path) ? "/dev/zero" : path;
}

static int opened(int descriptor, const char *path) {
    return hd_ours() && descriptor >= 0 ? adopt(descriptor, is_chance(path)) : descriptor;
}

/* The mode is there when a file may be made, and else whatever is there. */
#define MODE(flags)                                                                                \
    ({                                                                                             \
        mode_t mode_ = 0;                                                                          \
        if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {                                              \
            va_list arguments_;                                                                    \
            va_start(arguments_, flags);                                                           \
            mode_ = va_arg(arguments_, mode_t);                                                    \
            va_end(arguments_);                                                                    \
        }                                                                                          \
        mode_;                                                                                     \
    })

int open(const char *path, int flags, ...) {
    return opened(REAL(open)(real_path(path), flags, MODE(flags)), path);
}

int open64(const char *path, int flags, ...) {
    return opened(REAL(open)(real_path(path), flags, MODE(flags)), path);
}

int openat(int directory, const char *path, int flags, ...) {
    return opened(REAL_NEXT(openat)(directory, real_path(path), flags, MODE(flags)), path);
}

int openat64(int directory, const char *path, int flags, ...) {
    return opened(REAL_NEXT(openat)(directory, real_path(path), flags, MODE(flags)), path);
}

/* What the headers make of them where _FORTIFY_SOURCE asks for checks. */
int __open_2(const char *path, int flags);
int __open_2(const char *path, int flags) {
    return open(path, flags);
}

int __open64_2(const char *path, int flags);
int __open64_2(const char *path, int flags) {
    return open(path, flags);
}

int __openat_2(int directory, const char *path, int flags);
int __openat_2(int directory, const char *path, int flags) {
    return openat(directory, path, flags);
}

int creat(const char *path, mode_t mode) {
    return opened(REAL(creat)(path, mode), path);
}

/* name(parameters) returns a descriptor. */
#define MAKES(real, name, parameters, arguments)                                                   \
    int name parameters {                                                                          \
        return opened(real(name) arguments, NULL);                                                 \
    }

MAKES(REAL, socket, (int domain, int type, int protocol), (domain, type, protocol))
MAKES(REAL, eventfd, (unsigned value, int flags), (value, flags))
MAKES(REAL, epoll_create, (int size), (size))
MAKES(REAL, epoll_create1, (int flags), (flags))
MAKES(REAL_NEXT, memfd_create, (const char *name, unsigned flags), (name, flags))

int dup(int descriptor) {
    const struct file *file = file_of(descriptor);
    bool chance = file != NULL && file->chance;
    int copy = REAL(dup)(descriptor);
    return hd_ours() && copy >= 0 ? adopt(copy, chance) : copy;
}

/* Code under test asks for a number: a free one, one of its own that it replaces, or one of the harness. */
static bool may_take(int copy) {
    const struct file *file = file_of(copy);
    leave_standard(copy);
    return hd_ours() && ((file != NULL && file->made) || fcntl(copy, F_GETFD) < 0);
}

static int copied(int copy, int descriptor, bool taken) {
    const struct file *file = file_of(descriptor);
    if (taken && copy >= 0)
        note(copy, file != NULL && file->chance, NULL);
    return copy;
}

int dup2(int descriptor, int copy) {
    bool taken = may_take(copy);
    return copied(REAL(dup2)(descriptor, copy), descriptor, taken);
}

int dup3(int descriptor, int copy, int flags) {
    bool taken = may_take(copy);
    return copied(REAL(dup3)(descriptor, copy, flags), descriptor, taken);
}

static int made_two(int result, int two[2]) {
    if (hd_ours() && result == 0) {
        two[0] = adopt(two[0], false);
        two[1] = adopt(two[1], false);
    }
    return result;
}

int pipe(int two[2]) {
    return made_two(REAL(pipe)(two), two);
}

int pipe2(int two[2], int flags) {
    return made_two(REAL(pipe2)(two, flags), two);
}

int socketpair(int domain, int type, int protocol, int two[2]) {
    return made_two(REAL(socketpair)(domain, type, protocol, two), two);
}

int close(int descriptor) {
    leave_standard(descriptor);
    if (hd_ours())
        forget(descriptor);
    return REAL(close)(descriptor);
}

/* ---- reading -------------------------------------------------------------------------------------- */

static bool gives_chance(int descriptor) {
    const struct file *file = file_of(descriptor);
    return hd_ours() && file != NULL && file->chance;
}

ssize_t read(int descriptor, void *buffer, size_t size) {
    if (!gives_chance(descriptor))
        return REAL(read)(descriptor, buffer, size);
    hd_chance_fill(buffer, size);
    return (ssize_t)size;
}

ssize_t __read_chk(int descriptor, void *buffer, size_t size, size_t room);
ssize_t __read_chk(int descriptor, void *buffer, size_t size, size_t room) {
    if (!gives_chance(descriptor))
        return REAL_NEXT(__read_chk)(descriptor, buffer, size, room);
    hd_chance_fill(buffer, size < room ? size : room);
    return (ssize_t)size;
}

ssize_t pread(int descriptor, void *buffer, size_t size, off_t offset) {
    if (!gives_chance(descriptor))
        return REAL(pread)(descriptor, buffer, size, offset);
    hd_chance_fill(buffer, size);
    return (ssize_t)size;
}

ssize_t readv(int descriptor, const struct iovec *part, int count) {
    ssize_t size = 0;
    if (!gives_chance(descriptor))
        return REAL(readv)(descriptor, part, count);
    for (int i = 0; i < count; i++) {
        hd_chance_fill(part[i].iov_base, part[i].iov_len);
        size += (ssize_t)part[i].iov_len;
    }
    return size;
}

/* ---- streams -------------------------------------------------------------------------------------- */

static ssize_t read_chance(void *cookie, char *buffer, size_t size) {
    (void)cookie;
    hd_chance_fill(buffer, size);
    return (ssize_t)size;
}

static FILE *chance_stream(const char *mode) {
    return fopencookie(NULL, mode, (cookie_io_functions_t){.read = read_chance});
}

/* A stream of chance has no file: it is not noted, and a few hundred bytes of libc's heap are lost if it
 * is never closed. */
static FILE *opened_stream(FILE *stream) {
    if (hd_running && stream != NULL)
        note(fileno(stream), false, stream);
    return stream;
}

FILE *fopen(const char *path, const char *mode) {
    return is_chance(path) ? chance_stream(mode) : opened_stream(REAL(fopen)(path, mode));
}

FILE *fopen64(const char *path, const char *mode) {
    return fopen(path, mode);
}

FILE *fdopen(int descriptor, const char *mode) {
    if (gives_chance(descriptor))
        return chance_stream(mode);
    return opened_stream(REAL(fdopen)(descriptor, mode));
}

int fclose(FILE *stream) {
    if (hd_ours())
        forget(fileno(stream));
    return REAL(fclose)(stream);
}
