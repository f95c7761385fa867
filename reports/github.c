/* github.c - faults as annotations of a GitHub Actions job.
 *
 * Source: "Workflow commands for GitHub Actions". In a message %, CR and LF are written %25, %0D,
 * %0A; in a property also : and ,.
 */
#include "reports/github.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "reports/text.h"

static void put_escaped(FILE *stream, const char *text, bool property) {
    char *clean = rp_text_clean(text);
    for (const char *letter = clean; letter != NULL && *letter != '\0'; letter++) {
        bool special = strchr("%\r\n", *letter) != NULL || (property && strchr(":,", *letter));
        if (special) {
            fprintf(stream, "%%%02X", (unsigned)*letter);
        } else {
            fputc(*letter, stream);
        }
    }
    free(clean);
}

static void put_fault(FILE *stream, const struct hd_row *row, const struct hd_fault_record *fault) {
    char text[HD_LINE_SIZE];
    const struct hd_fault_task *task = &fault->task[0];
    fputs("::error ", stream);
    if (fault->tasks > 0 && task->frames > 0 && task->frame[0].line > 0) {
        fputs("file=", stream);
        put_escaped(stream, task->frame[0].file, true);
        fprintf(stream, ",line=%u,", (unsigned)task->frame[0].line);
    }
    snprintf(text, sizeof(text), "%s %s", row->scenario, row->map);
    fputs("title=", stream);
    put_escaped(stream, text, true);
    fputs("::", stream);
    rp_fault_headline(fault, text);
    put_escaped(stream, text, false);
    fputs("%0A", stream);
    put_escaped(stream, fault->replay, false);
    fputc('\n', stream);
}

static void put_row(FILE *stream, const struct hd_row *row) {
    char text[HD_LINE_SIZE];
    snprintf(text, sizeof(text), "%s %s", row->scenario, row->map);
    fputs("::error title=", stream);
    put_escaped(stream, text, true);
    fputs("::", stream);
    rp_verdict(row, text);
    put_escaped(stream, text, false);
    fputs(", expected ", stream);
    put_escaped(stream, row->expected, false);
    fputc('\n', stream);
}

int rp_github_errors(FILE *stream, const struct hd_report *report) {
    for (uint32_t index = 0; index < report->rows; index++) {
        const struct hd_row *row = &report->row[index];
        for (uint32_t fault = 0; !row->as_expected && fault < row->faults; fault++) {
            put_fault(stream, row, &row->fault[fault]);
        }
        if (!row->as_expected && row->faults == 0) {
            put_row(stream, row);
        }
    }
    return rp_stream_flush(stream);
}
