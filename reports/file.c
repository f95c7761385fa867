/* file.c - whole files: written beside their place and renamed into it, so that a full disk or a
 * signal never costs what was already there.
 */
#include "reports/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/text.h"

static int fail(int status, const char *path, char *error) {
    snprintf(error, HD_LINE_SIZE, "%.400s: %s", path, strerror(-status));
    return status;
}

/* Everything but a regular file, or nothing at all, must keep its identity. */
static bool written_in_place(const char *path) {
    struct stat status;
    return lstat(path, &status) == 0 && !S_ISREG(status.st_mode);
}

/* Writes and closes; the first error counts. */
static int fill(FILE *stream, int (*write)(FILE *, const void *), const void *context) {
    int status = write(stream, context);
    int flushed = rp_stream_flush(stream); /* tells more than what `write` could know */
    int closed = rp_stream_close(stream);
    return flushed != 0 ? flushed : status != 0 ? status : closed;
}

/* A new file that no other run writes, with the permissions that open gives. NULL with errno set. */
static FILE *open_beside(char *name) {
    int descriptor = mkostemp(name, O_CLOEXEC);
    if (descriptor < 0) {
        return NULL;
    }
    mode_t mask = umask(0);
    umask(mask);
    FILE *stream = fchmod(descriptor, 0666 & ~mask) == 0 ? rp_stream_open(descriptor, true) : NULL;
    if (stream == NULL) {
        int error = errno;
        close(descriptor);
        unlink(name);
        errno = error;
    }
    return stream;
}

/* Returns 0 or -errno. */
static int replace(const char *path, int (*write)(FILE *, const void *), const void *context) {
    char *beside = NULL;
    if (asprintf(&beside, "%s.XXXXXX", path) < 0) {
        return -ENOMEM;
    }
    FILE *stream = open_beside(beside);
    int status = stream != NULL ? fill(stream, write, context) : -errno;
    if (status == 0 && rename(beside, path) != 0) {
        status = -errno;
    }
    if (status != 0 && stream != NULL) {
        unlink(beside);
    }
    free(beside);
    return status;
}

/* A pipe without a reader is refused, as a full disk is. Returns 0 or -errno. */
static int rewrite(const char *path, int (*write)(FILE *, const void *), const void *context) {
    int descriptor = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    return descriptor < 0 ? -errno : rp_file_fill(descriptor, write, context);
}

int rp_file_fill(int descriptor, int (*write)(FILE *stream, const void *context),
                 const void *context) {
    FILE *stream = rp_stream_open(descriptor, true);
    if (stream == NULL) {
        close(descriptor);
        return -ENOMEM;
    }
    return fill(stream, write, context);
}

int rp_file_write(const char *path, int (*write)(FILE *stream, const void *context),
                  const void *context, char *error) {
    int status;
    if (written_in_place(path)) {
        status = rewrite(path, write, context);
    } else {
        status = replace(path, write, context);
    }
    return status != 0 ? fail(status, path, error) : 0;
}

/* Ends at the end of the file, one byte over `size_max`, or behind a NUL: text has none. */
static int read_all(FILE *stream, size_t size_max, char **text, size_t *size) {
    size_t room = 4096;
    size_t used = 0;
    char *block = malloc(room);
    while (block != NULL && used <= size_max) {
        size_t got = fread(block + used, 1, room - used - 1, stream);
        bool over = got == 0 || memchr(block + used, '\0', got) != NULL;
        used += got;
        if (over) {
            break;
        }
        if (room - used == 1) {
            char *grown = realloc(block, room *= 2);
            if (grown == NULL) {
                free(block);
            }
            block = grown;
        }
    }
    int status = block == NULL ? -ENOMEM : ferror(stream) ? -errno : used > size_max ? -EFBIG : 0;
    if (status != 0) {
        free(block);
        return status;
    }
    block[used] = '\0';
    *text = block;
    *size = used;
    return 0;
}

static int read_stream(FILE *stream, size_t size_max, char **text, size_t *size) {
    struct stat about;
    bool known = fstat(fileno(stream), &about) == 0 && S_ISREG(about.st_mode);
    if (known && (uint64_t)about.st_size > size_max) {
        return -EFBIG;
    }
    return read_all(stream, size_max, text, size);
}

int rp_file_read(const char *path, size_t size_max, char **text, size_t *size, char *error) {
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        return fail(-errno, path, error);
    }
    int status = read_stream(stream, size_max, text, size);
    fclose(stream);
    if (status == -EFBIG) {
        snprintf(error, HD_LINE_SIZE, "%.400s: has more than %zu bytes", path, size_max);
        return status;
    }
    return status != 0 ? fail(status, path, error) : 0;
}
