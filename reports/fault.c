/* fault.c - one fault on one screen: what, where, how to see it again, who did what, the state.
 *
 * Invariant S: without `whole` a report has at most 60 lines, whatever the record holds, and
 * another 40 of a foreign report.
 */
#include "reports/fault.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "reports/first_bad.h"
#include "reports/text.h"

#define TASKS_MAX   4u  /* tasks shown */
#define FRAMES_MAX  6u  /* frames shown of the first two of them: usually those that met */
#define OTHERS_MAX  3u  /* frames shown of the others */
#define STATE_MAX   24u /* lines shown of a state */
#define FOREIGN_MAX 39u /* lines shown of a foreign report */
_Static_assert(RP_FIRST_BAD_LINES + 1 < STATE_MAX,
               "a state is still shown beside its first bad point");
#define NOTE_AT 46 /* column at which a task's remark starts */

#define RED   "\033[1;31m"
#define BOLD  "\033[1m"
#define PLAIN "\033[0m"

struct page {
    FILE *stream;
    bool color;
    bool whole;
    bool replayed;
};

static const char *shade(const struct page *page, const char *code) {
    return page->color ? code : "";
}

/* Foreign text of many lines, cut after `most`. */
static void put_block(const struct page *page, const char *text, unsigned most) {
    char *clean = rp_text_clean(text);
    char *line = clean;
    unsigned count = 0;
    while (line != NULL && *line != '\0' && (page->whole || count < most)) {
        char *end = strchrnul(line, '\n');
        fprintf(page->stream, "%.*s\n", (int)(end - line), line);
        line = *end == '\0' ? end : end + 1;
        count++;
    }
    if (line != NULL && *line != '\0') {
        fputs("  ...\n", page->stream);
    }
    free(clean);
}

static void put_head(const struct page *page, const struct rp_place *place,
                     const struct hd_fault_record *record) {
    char headline[HD_LINE_SIZE];
    rp_fault_headline(record, headline);
    fputs(shade(page, RED), page->stream);
    rp_text_print(page->stream, headline);
    fprintf(page->stream, "%s\n\n", shade(page, PLAIN));
    fprintf(page->stream, "scenario  %s   map %s   strategy %s\n", place->scenario, place->map,
            record->strategy);
    fprintf(page->stream, "seed      0x%016" PRIx64 "   ", record->seed);
    if (!page->replayed) {
        fprintf(page->stream, "execution %" PRIu64 ", ", record->execution);
    }
    fprintf(page->stream, "point %" PRIu64 "   digest 0x%016" PRIx64 "\n", record->point,
            record->digest);
    if (record->replay[0] != '\0') {
        fprintf(page->stream, "replay    %s%s%s\n", shade(page, BOLD), record->replay,
                shade(page, PLAIN));
    }
    if (strcmp(record->strategy, "free") == 0) {
        fputs("replay    none: real threads follow no seed\n", page->stream);
    }
    if (record->file[0] != '\0') {
        fprintf(page->stream, "saved     %s\n", record->file);
    }
}

static void put_frames(const struct page *page, const struct hd_fault_task *task, uint32_t most) {
    uint32_t held = task->frames < HD_STACK_FRAMES_MAX ? task->frames : HD_STACK_FRAMES_MAX;
    uint32_t shown = page->whole || held < most ? held : most;
    int width = 0;
    for (uint32_t index = 0; index < shown; index++) {
        int length = (int)strnlen(task->frame[index].function, 32);
        width = length > width ? length : width;
    }
    for (uint32_t index = 0; index < shown; index++) {
        const struct hd_frame *frame = &task->frame[index];
        fprintf(page->stream, "    %-*s  ", width, frame->function);
        if (frame->line > 0) {
            fprintf(page->stream, "%s:%" PRIu32 "\n", frame->file, frame->line);
        } else {
            fprintf(page->stream, "%s\n", frame->file[0] != '\0' ? frame->file : "?");
        }
    }
    if (held > shown) {
        fprintf(page->stream, "    ... %" PRIu32 " more\n", held - shown);
    }
}

static void put_task(const struct page *page, const struct hd_fault_task *task, uint32_t frames) {
    char line[HD_LINE_SIZE];
    bool preempted = strcmp(task->state, "preempted") == 0;
    int length = snprintf(line, sizeof(line), "task %" PRIu32 " [%s", task->task, task->state);
    if (preempted && length < (int)sizeof(line)) {
        length += snprintf(line + length, sizeof(line) - (size_t)length, " at point %" PRIu64,
                           task->point);
    }
    if (length < (int)sizeof(line)) {
        snprintf(line + length, sizeof(line) - (size_t)length, "]%s%s",
                 task->operation[0] != '\0' ? ": " : "", task->operation);
    }
    fputs(shade(page, BOLD), page->stream);
    rp_text_print(page->stream, line);
    fputs(shade(page, PLAIN), page->stream);
    if (task->note[0] != '\0') {
        int gap = NOTE_AT - (int)strlen(line);
        fprintf(page->stream, "%*s <- ", gap > 0 ? gap : 0, "");
        rp_text_print(page->stream, task->note);
    }
    fputc('\n', page->stream);
    put_frames(page, task, frames);
}

static void put_tasks(const struct page *page, const struct hd_fault_record *record) {
    uint32_t held = record->tasks < HD_FAULT_TASKS_MAX ? record->tasks : HD_FAULT_TASKS_MAX;
    uint32_t shown = page->whole || held < TASKS_MAX ? held : TASKS_MAX;
    if (shown > 0) {
        fputc('\n', page->stream);
    }
    for (uint32_t index = 0; index < shown; index++) {
        put_task(page, &record->task[index], index < 2 ? FRAMES_MAX : OTHERS_MAX);
    }
    if (held > shown) {
        fprintf(page->stream, "... %" PRIu32 " more task%s\n", held - shown,
                held - shown == 1 ? "" : "s");
    }
}

int rp_fault_print(FILE *stream, const struct rp_place *place, const struct hd_fault_record *record,
                   const struct rp_fault_options *options) {
    struct page page = {.stream = stream,
                        .color = options->color,
                        .whole = options->whole,
                        .replayed = options->replayed};
    put_head(&page, place, record);
    put_tasks(&page, record);
    fputs(record->first_bad.told ? "\n" : "", stream);
    unsigned lines = rp_first_bad_print(stream, &record->first_bad, page.whole);
    unsigned most = page.whole || lines == 0 ? STATE_MAX : STATE_MAX - 1 - lines;
    if (record->state != NULL && record->state[0] != '\0') {
        fputc('\n', stream);
        put_block(&page, record->state, most);
    }
    if (record->report != NULL && record->report[0] != '\0') {
        fputc('\n', stream);
        put_block(&page, record->report, FOREIGN_MAX);
    }
    if (record->replays > 0) {
        fprintf(stream, "confirmed %" PRIu32 "/%" PRIu32 " replays\n", record->confirmed,
                record->replays);
    }
    return rp_stream_flush(stream);
}
