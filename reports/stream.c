/* stream.c - see stream.h.
 *
 * Before each write it is asked whether there is room, and never more is written than fits then: so the
 * process waits in poll alone, which a signal always ends.
 */
#include "reports/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#define LAST_WAIT_MS 1000

struct stream {
    FILE *file;
    int descriptor;
    int error; /* errno of the first write that failed, or 0 */
    bool owned;
    struct stream *next;
};

static struct stream *streams;
static bool (*stop_asked)(void);

static struct stream *find(const FILE *file) {
    struct stream *stream = streams;
    while (stream != NULL && stream->file != file) {
        stream = stream->next;
    }
    return stream;
}

static bool stopping(void) {
    return stop_asked != NULL && stop_asked();
}

/* Returns 0 when something can be written, or errno. */
static int wait_for_room(int descriptor) {
    for (;;) { /* ends: with room, or an error, or a signal */
        struct pollfd ready = {.fd = descriptor, .events = POLLOUT};
        bool last = stopping();
        int count = poll(&ready, 1, last ? LAST_WAIT_MS : -1);
        if (count > 0) {
            return 0;
        }
        if (count < 0 && errno != EINTR) {
            return errno;
        }
        if (count == 0 || (!last && stopping())) {
            return EINTR;
        }
    }
}

/* Returns how much was written, or 0 with the stream's error set, as fopencookie wants it. */
static ssize_t put(void *cookie, const char *bytes, size_t size) {
    struct stream *stream = cookie;
    size_t done = 0;
    while (done < size && stream->error == 0) { /* ends: each turn writes something or fails */
        stream->error = wait_for_room(stream->descriptor);
        size_t part = size - done < PIPE_BUF ? size - done : PIPE_BUF;
        ssize_t written = stream->error == 0 ? write(stream->descriptor, bytes + done, part) : 0;
        if (written > 0) {
            done += (size_t)written;
        } else if (written < 0 && errno != EINTR && errno != EAGAIN) {
            stream->error = errno;
        }
    }
    return stream->error == 0 ? (ssize_t)done : 0;
}

static int release(void *cookie) {
    struct stream *stream = cookie;
    struct stream **link = &streams;
    while (*link != stream) { /* ends: it is one of them */
        link = &(*link)->next;
    }
    *link = stream->next;
    int failed = stream->owned ? close(stream->descriptor) : 0;
    free(stream);
    return failed;
}

FILE *rp_stream_open(int descriptor, bool owned) {
    struct stream *stream = calloc(1, sizeof(*stream));
    if (stream == NULL) {
        return NULL;
    }
    *stream = (struct stream){.descriptor = descriptor, .owned = owned, .next = streams};
    stream->file =
        fopencookie(stream, "w", (cookie_io_functions_t){.write = put, .close = release});
    if (stream->file == NULL) {
        free(stream);
        return NULL;
    }
    streams = stream;
    return stream->file;
}

void rp_stream_stop(bool (*stop)(void)) {
    stop_asked = stop;
}

int rp_stream_descriptor(FILE *stream) {
    const struct stream *known = find(stream);
    return known != NULL ? known->descriptor : fileno(stream);
}

int rp_stream_flush(FILE *stream) {
    const struct stream *known = find(stream);
    errno = 0;
    int failed = fflush(stream) != 0 ? errno : 0;
    if (known != NULL && known->error != 0) {
        return -known->error;
    }
    return failed != 0 ? -failed : ferror(stream) ? -EIO : 0;
}

int rp_stream_close(FILE *stream) {
    int flushed = rp_stream_flush(stream);
    int closed = fclose(stream) == 0 ? 0 : -errno;
    return flushed != 0 ? flushed : closed;
}
