/* text.c - cleaning of foreign text, the small texts that several reports share, checked output.
 *
 * Invariant U: what rp_text_clean returns is valid UTF-8 and a valid XML 1.0 character sequence.
 */
#include "reports/text.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Decodes one sequence (RFC 3629). Returns its length, or 0 when it is none. */
static size_t utf8_decode(const unsigned char *text, uint32_t *code) {
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = text[0] < 0x80   ? 1
                    : text[0] < 0xc2 ? 0
                    : text[0] < 0xe0 ? 2
                    : text[0] < 0xf0 ? 3
                    : text[0] < 0xf5 ? 4
                                     : 0;
    if (length < 2) {
        *code = text[0];
        return length;
    }
    *code = text[0] & (0xffu >> (length + 1));
    for (size_t index = 1; index < length; index++) {
        if ((text[index] & 0xc0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (text[index] & 0x3fu);
    }
    bool surrogate = *code >= 0xd800 && *code <= 0xdfff;
    return *code < least[length] || *code > 0x10ffff || surrogate ? 0 : length;
}

/* Length of the ANSI escape sequence that `text` begins with (ECMA-48: CSI, OSC and two-byte
 * forms), or 0. */
static size_t escape_length(const unsigned char *text) {
    if (text[0] != 0x1b || text[1] == '\0') {
        return 0;
    }
    size_t length = 2;
    if (text[1] == '[') {
        while (text[length] >= 0x20 && text[length] < 0x40) {
            length++;
        }
        return text[length] >= 0x40 && text[length] < 0x7f ? length + 1 : length;
    }
    if (text[1] == ']') {
        while (text[length] != '\0' && text[length] != 0x07 && text[length] != 0x1b) {
            length++;
        }
        bool terminated = text[length] == 0x1b && text[length + 1] == '\\';
        return terminated ? length + 2 : text[length] == 0x07 ? length + 1 : length;
    }
    return text[1] >= 0x40 && text[1] < 0x7f ? 2 : 0;
}

static bool printable(uint32_t code) {
    bool control = code < 0x20 ? code != '\n' && code != '\t' : code >= 0x7f && code < 0xa0;
    return !control && code != 0xfffe && code != 0xffff;
}

static char *text_copy(const char *text, bool clean) {
    const unsigned char *from = (const unsigned char *)(text != NULL ? text : "");
    char *copy = malloc(strlen((const char *)from) * 3 + 1);
    size_t used = 0;
    while (copy != NULL && *from != '\0') {
        uint32_t code = 0;
        size_t escape = clean ? escape_length(from) : 0;
        size_t length = utf8_decode(from, &code);
        if (escape > 0) {
            length = escape;
        } else if (length == 0 || (clean && !printable(code))) {
            length = length > 0 ? length : 1;
            memcpy(copy + used, REPLACEMENT, 3);
            used += 3;
        } else {
            memcpy(copy + used, from, length);
            used += length;
        }
        from += length;
    }
    if (copy != NULL) {
        copy[used] = '\0';
    }
    return copy;
}

char *rp_text_utf8(const char *text) {
    return text_copy(text, false);
}

char *rp_text_clean(const char *text) {
    return text_copy(text, true);
}

void rp_text_print(FILE *stream, const char *text) {
    char *clean = rp_text_clean(text);
    for (char *letter = clean; letter != NULL && *letter != '\0'; letter++) {
        *letter = *letter == '\n' || *letter == '\t' ? ' ' : *letter;
    }
    fputs(clean != NULL ? clean : "?", stream);
    free(clean);
}

void rp_fault_headline(const struct hd_fault_record *record, char text[HD_LINE_SIZE]) {
    const char *kind = hd_fault_kind_name(record->kind);
    bool fatal = record->kind == HD_FAULT_FATAL;
    bool told = fatal && strncmp(record->message, "fatal error: ", 13) == 0;
    snprintf(text, HD_LINE_SIZE, "%s%s%s",
             told    ? ""
             : fatal ? "fatal error"
             : kind  ? kind
                     : "fault",
             told ? "" : ": ", record->message);
}

void rp_window_share(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    if (row->window_points == 0 || row->points == 0) {
        snprintf(text, HD_LINE_SIZE, "-");
        return;
    }
    double share = 100.0 * (double)row->window_points / (double)row->points;
    if (share < 1) {
        snprintf(text, HD_LINE_SIZE, "<1 %%");
    } else {
        snprintf(text, HD_LINE_SIZE, "%.0f %%", share);
    }
}

void rp_distinct(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    snprintf(text, HD_LINE_SIZE, "%s%" PRIu64, row->distinct_estimated ? "~" : "", row->distinct);
}

void rp_verdict(const struct hd_row *row, char text[HD_LINE_SIZE]) {
    const char *name = hd_verdict_name(row->verdict);
    if (row->verdict == HD_VERDICT_FAULT && row->faults > 0) {
        const char *kind = hd_fault_kind_name(row->fault[0].kind);
        snprintf(text, HD_LINE_SIZE, "fault %s: %s", kind ? kind : "?", row->fault[0].message);
    } else {
        snprintf(text, HD_LINE_SIZE, "%s", name ? name : "?");
    }
    for (char *letter = text; !row->as_expected && *letter != '\0' && *letter != ' '; letter++) {
        *letter = (char)toupper((unsigned char)*letter);
    }
}

bool rp_color_wanted(int descriptor) {
    const char *never = getenv("NO_COLOR");
    const char *always = getenv("CLICOLOR_FORCE");
    const char *terminal = getenv("TERM");
    if (never != NULL && never[0] != '\0') {
        return false;
    }
    if (always != NULL && always[0] != '\0' && strcmp(always, "0") != 0) {
        return true;
    }
    return terminal != NULL && strcmp(terminal, "dumb") != 0 && isatty(descriptor) == 1;
}
