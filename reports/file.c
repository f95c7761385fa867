/* file.c - whole files: written beside their place and renamed into it, so that a full disk or a
 * signal never costs what was already there.
 */
#include "reports/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
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
static int fill(const char *path, int (*write)(FILE *, const void *), const void *context) {
    FILE *stream = fopen(path, "we");
    if (stream == NULL) {
        return -errno;
    }
    int status = write(stream, context);
    int flushed = rp_stream_flush(stream);
    int closed = fclose(stream) == 0 ? 0 : -errno;
    return status != 0 ? status : flushed != 0 ? flushed : closed;
}

int rp_file_write(const char *path, int (*write)(FILE *stream, const void *context),
                  const void *context, char *error) {
    if (written_in_place(path)) {
        int status = fill(path, write, context);
        return status != 0 ? fail(status, path, error) : 0;
    }
    char *beside = NULL;
    if (asprintf(&beside, "%s.part", path) < 0) {
        return fail(-ENOMEM, path, error);
    }
    int status = fill(beside, write, context);
    if (status == 0 && rename(beside, path) != 0) {
        status = -errno;
    }
    if (status != 0) {
        unlink(beside);
        fail(status, path, error);
    }
    free(beside);
    return status;
}

/* Ends at the end of the file or one byte over `size_max`. */
static int read_all(FILE *stream, size_t size_max, char **text, size_t *size) {
    size_t room = 4096;
    size_t used = 0;
    char *block = malloc(room);
    while (block != NULL && used <= size_max) {
        size_t got = fread(block + used, 1, room - used - 1, stream);
        used += got;
        if (got == 0) {
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

int rp_file_read(const char *path, size_t size_max, char **text, size_t *size, char *error) {
    FILE *stream = fopen(path, "re");
    if (stream == NULL) {
        return fail(-errno, path, error);
    }
    int status = read_all(stream, size_max, text, size);
    fclose(stream);
    return status != 0 ? fail(status, path, error) : 0;
}
