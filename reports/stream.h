/* stream.h - output streams that know why they failed, and that a signal can end.
 *
 * A stream of stdio forgets the reason when it is met in the middle, and a write to a pipe that nobody
 * empties goes on for ever. Threads: one at a time.
 */
#ifndef HEDDLE_REPORTS_STREAM_H
#define HEDDLE_REPORTS_STREAM_H

#include <stdbool.h>
#include <stdio.h>

/* A stream that writes to `descriptor`; closing it closes that, too, when it is `owned`. NULL with errno,
 * the descriptor untouched. */
FILE *rp_stream_open(int descriptor, bool owned);

/* From now on `stop` is asked whether to give up, where a write has to wait: once a signal came in, or a
 * second after it said so. The stream's error then is EINTR. */
void rp_stream_stop(bool (*stop)(void));

/* Where it writes to, also of streams of stdio. */
int rp_stream_descriptor(FILE *stream);

/* Flushes any stream. Returns 0 or -errno of the first write that failed, as far as that is known. */
int rp_stream_flush(FILE *stream);

/* Flushes and closes. Returns likewise. */
int rp_stream_close(FILE *stream);

#endif
