/* line.c - the line that shows a fault again.
 */
#include "cli/line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/start.h"

#define PLAIN "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-+./:,@%="

/* Appends a word, quoted when a shell would see more in it. Returns the new length; at or above
 * HD_LINE_SIZE it did not fit. */
static size_t append_word(char *line, size_t used, const char *word) {
    bool plain = word[0] != '\0' && word[strspn(word, PLAIN)] == '\0';
    const char *quote = plain ? "" : "'";
    char piece[HD_LINE_SIZE * 4];
    size_t length = 0;
    for (; *word != '\0' && length + 5 < sizeof(piece); word++) {
        const char *written = *word == '\'' ? "'\\''" : (char[]){*word, '\0'};
        length += (size_t)snprintf(piece + length, sizeof(piece) - length, "%s", written);
    }
    piece[length] = '\0';
    if (used < HD_LINE_SIZE) {
        used += (size_t)snprintf(line + used, HD_LINE_SIZE - used, "%s%s%s", quote, piece, quote);
    }
    return used;
}

static size_t append(char *line, size_t used, const char *text) {
    return used < HD_LINE_SIZE
               ? used + (size_t)snprintf(line + used, HD_LINE_SIZE - used, "%s", text)
               : used;
}

void cli_line_build(const char *scenario, const char *map, const char *build,
                    struct hd_fault_record *record) {
    char *line = record->replay;
    char text[64];
    size_t used = append(line, 0, "heddle replay --scenario ");
    used = append_word(line, used, scenario);
    used = append(line, used, " --map ");
    used = append_word(line, used, map);
    used = append(line, used, " --strategy ");
    used = append_word(line, used, record->strategy);
    snprintf(text, sizeof(text), " --seed 0x%016" PRIx64, record->seed);
    used = append(line, used, text);
    if (strcmp(cli_flavour, "controlled") != 0) {
        used = append(line, used, " --flavour ");
        used = append(line, used, cli_flavour);
    }
    used = append(line, used, " --build ");
    used = append_word(line, used, build);
    snprintf(text, sizeof(text), " --expect 0x%016" PRIx64, record->digest);
    used = append(line, used, text);
    if (used >= HD_LINE_SIZE) {
        line[0] = '\0';
    }
}
