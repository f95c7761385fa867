/* first_bad.c - see first_bad.h.
 *
 * A state is some lines of text. A line of the one that is not a line of the other differs; the states of
 * a map name each bucket in its line, so that nothing more clever is needed.
 */
#include "reports/first_bad.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/text.h"

#define CHANGES_MAX 4u /* lines shown of each state */
#define CALLERS_MAX 1u /* callers shown of the function that broke it */

static void put_frame(FILE *stream, const struct hd_frame *frame) {
    char place[HD_LINE_SIZE];
    snprintf(place, sizeof(place), "%s  %s:%" PRIu32, frame->function, frame->file, frame->line);
    rp_text_print(stream, frame->line > 0 ? place : frame->function);
    fputc('\n', stream);
}

/* One line, and one for each caller up to `callers`. */
static unsigned put_event(FILE *stream, const char *word, const struct hd_fault_event *event,
                          uint32_t callers) {
    static const struct hd_frame unknown = {.function = "?"};
    fprintf(stream, "  %stask %" PRIu32 "  ", word, event->task);
    rp_text_print(stream, event->operation);
    fprintf(stream, "%s%s  ", event->operation[0] != '\0' ? "  " : "", event->kind);
    put_frame(stream, event->frames > 0 ? &event->frame[0] : &unknown);
    unsigned lines = 1;
    for (uint32_t index = 1; index < event->frames && index <= callers; index++, lines++) {
        fputs("    called by  ", stream);
        put_frame(stream, &event->frame[index]);
    }
    return lines;
}

/* ---- states ---------------------------------------------------------------------------------- */

static const char *line_end(const char *line) {
    return strchrnul(line, '\n');
}

static const char *next_line(const char *line) {
    const char *end = line_end(line);
    return *end == '\0' ? end : end + 1;
}

static bool has_line(const char *text, const char *line) {
    size_t length = (size_t)(line_end(line) - line);
    for (const char *at = text; *at != '\0'; at = next_line(at)) {
        if ((size_t)(line_end(at) - at) == length && memcmp(at, line, length) == 0) {
            return true;
        }
    }
    return false;
}

/* The lines of `text` that `other` has not. */
static unsigned put_changes(FILE *stream, char sign, const char *text, const char *other) {
    unsigned count = 0, hidden = 0;
    for (const char *at = text; *at != '\0'; at = next_line(at)) {
        if (has_line(other, at)) {
            continue;
        }
        if (count == CHANGES_MAX) {
            hidden++;
            continue;
        }
        fprintf(stream, "  %c %.*s\n", sign, (int)(line_end(at) - at), at);
        count++;
    }
    if (hidden > 0) {
        fprintf(stream, "  %c ... %u more\n", sign, hidden);
    }
    return count + (hidden > 0);
}

static unsigned put_whole(FILE *stream, const char *title, const char *text) {
    unsigned count = 1;
    fprintf(stream, "  %s\n", title);
    for (const char *at = text; *at != '\0'; at = next_line(at)) {
        fprintf(stream, "    %.*s\n", (int)(line_end(at) - at), at);
        count++;
    }
    return count;
}

static unsigned put_states(FILE *stream, const struct hd_first_bad *first_bad, bool whole) {
    char *before = rp_text_clean(first_bad->before);
    char *after = rp_text_clean(first_bad->after);
    unsigned lines = 0;
    if (before != NULL && after != NULL && whole) {
        lines += put_whole(stream, "before", before);
        lines += put_whole(stream, "after", after);
    } else if (before != NULL && after != NULL) {
        lines += put_changes(stream, '-', before, after);
        lines += put_changes(stream, '+', after, before);
    }
    if (lines == 0) {
        fputs("  the two states show no difference\n", stream);
        lines++;
    }
    free(before);
    free(after);
    return lines;
}

/* ---- all of it ------------------------------------------------------------------------------- */

unsigned rp_first_bad_print(FILE *stream, const struct hd_first_bad *first_bad, bool whole) {
    if (!first_bad->told) {
        return 0;
    }
    bool found = first_bad->before != NULL && first_bad->after != NULL;
    bool exact = first_bad->first.point == first_bad->last.point;
    if (!found) {
        fprintf(stream, "first bad at a point that is not known: ");
    } else if (exact) {
        fprintf(stream, "first bad by point %" PRIu64 ": ", first_bad->first.point);
    } else {
        fprintf(stream, "first bad by one of the points %" PRIu64 " to %" PRIu64 ": ",
                first_bad->first.point, first_bad->last.point);
    }
    rp_text_print(stream, first_bad->message);
    fputc('\n', stream);
    if (!found) {
        fprintf(stream, "  seen after point %" PRIu64 "; %s\n", first_bad->seen, first_bad->note);
        return 2;
    }
    unsigned lines = 1;
    if (exact) {
        lines += put_event(stream, "", &first_bad->first, whole ? UINT32_MAX : CALLERS_MAX);
    } else {
        lines += put_event(stream, "from  ", &first_bad->first, 0);
        lines += put_event(stream, "to    ", &first_bad->last, 0);
    }
    return lines + put_states(stream, first_bad, whole);
}
