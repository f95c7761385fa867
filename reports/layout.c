/* layout.c - see layout.h: widths and paragraphs. Tables are in grid.c. */
#include "reports/layout.h"

#include <locale.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <wchar.h>

#include "reports/layout_internal.h"
#include "reports/text.h"

#define DOTS "..."

unsigned rp_terminal_width(int descriptor) {
    struct winsize size = {0};
    return ioctl(descriptor, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

unsigned rp_width(int descriptor) {
    const char *text = getenv("COLUMNS");
    size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
    if (digits > 0 && digits <= 4 && text[digits] == '\0' && atoi(text) > 0) {
        return (unsigned)atoi(text);
    }
    return rp_terminal_width(descriptor);
}

/* ---- columns --------------------------------------------------------------------------------- */

/* Text is UTF-8 whatever the locale of the process says, so another one is asked how wide it is. */
static size_t character_columns(wchar_t character) {
    static locale_t utf8;
    static bool asked;
    if (character < 0x80) {
        return 1;
    }
    if (!asked) {
        utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
        asked = true;
    }
    if (utf8 == (locale_t)0) {
        return 1;
    }
    locale_t before = uselocale(utf8);
    int columns = wcwidth(character);
    uselocale(before);
    return columns < 0 ? 1 : (size_t)columns;
}

/* Reads one character of valid UTF-8. Returns its bytes. */
static size_t next_character(const char *text, wchar_t *character) {
    const unsigned char *byte = (const unsigned char *)text;
    size_t length = byte[0] < 0x80 ? 1 : byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    uint32_t code = length == 1 ? byte[0] : byte[0] & (0xffu >> (length + 1));
    for (size_t index = 1; index < length; index++) {
        code = code << 6 | (byte[index] & 0x3fu);
    }
    *character = (wchar_t)code;
    return length;
}

/* Of the first `bytes` of a text. */
static size_t columns_of(const char *text, size_t bytes) {
    size_t columns = 0;
    for (const char *at = text; at < text + bytes;) {
        wchar_t character;
        at += next_character(at, &character);
        columns += character_columns(character);
    }
    return columns;
}

size_t rp_columns(const char *text) {
    return columns_of(text, strlen(text));
}

/* How many bytes of a text take `columns` at most. */
static size_t bytes_within(const char *text, size_t columns) {
    size_t used = 0;
    const char *at = text;
    while (*at != '\0') {
        wchar_t character;
        size_t length = next_character(at, &character);
        used += character_columns(character);
        if (used > columns) {
            break;
        }
        at += length;
    }
    return (size_t)(at - text);
}

bool rp_cut(char *text, size_t columns) {
    if (rp_columns(text) <= columns) {
        return false;
    }
    const size_t dots = columns < sizeof(DOTS) - 1 ? columns : sizeof(DOTS) - 1;
    size_t bytes = bytes_within(text, columns - dots);
    size_t word = bytes;
    while (word > 0 && text[word] != ' ') {
        word--;
    }
    bytes = word > bytes / 2 ? word : bytes;
    while (bytes > 0 && text[bytes - 1] == ' ') {
        bytes--;
    }
    memcpy(text + bytes, DOTS, dots); /* more than so many bytes are cut away */
    text[bytes + dots] = '\0';
    return true;
}

/* ---- paragraphs ------------------------------------------------------------------------------ */

/* Whether a line may end at the blanks of `at`. */
static bool breaks_at(const char *text, const char *at) {
    const char *next = at + strspn(at, " ");
    bool beside = (at > text && at[-1] == '/') || *next == '/' || *next == '%';
    return !beside;
}

size_t rp_piece(const char *text) {
    const char *at = text + strspn(text, " ");
    while (*at != '\0' && (*at != ' ' || !breaks_at(text, at))) {
        at++;
    }
    return (size_t)(at - text);
}

size_t rp_piece_columns(const char *text, size_t bytes) {
    return columns_of(text, bytes);
}

char *rp_line(const char *text) {
    char *clean = rp_text_clean(text);
    for (char *letter = clean; letter != NULL && *letter != '\0'; letter++) {
        *letter = *letter == '\n' || *letter == '\t' ? ' ' : *letter;
    }
    return clean;
}

size_t rp_line_end(const char *text, size_t columns) {
    size_t end = rp_piece(text);
    while (text[end] != '\0') { /* ends with the text: each turn takes a piece */
        size_t next = end + rp_piece(text + end);
        if (columns > 0 && columns_of(text, next) > columns) {
            break;
        }
        end = next;
    }
    return end;
}

void rp_text_fold(FILE *stream, unsigned width, const char *first, const char *rest,
                  const char *text) {
    char *line = rp_line(text);
    const char *at = line != NULL ? line : "?";
    const char *margin = first;
    do { /* ends with the text: each line takes a piece */
        at += strspn(at, " ");
        size_t used = rp_columns(margin);
        size_t place = width == 0 ? 0 : width > used ? width - used : 1;
        size_t end = rp_line_end(at, place);
        fprintf(stream, "%s%.*s\n", margin, (int)end, at);
        at += end;
        margin = rest;
    } while (at[strspn(at, " ")] != '\0');
    free(line);
}
