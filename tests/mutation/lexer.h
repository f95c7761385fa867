/* lexer.h - a C source as tokens, each with its place and with what encloses it.
 *
 * Enough of C to change a formatted source in one place: comments are left out, of the preprocessor's lines
 * only the bodies of macros are seen. It relies on the formatter: a binary operator has a blank on both
 * sides, a unary one has none behind it.
 */
#ifndef HEDDLE_TESTS_MUTATION_LEXER_H
#define HEDDLE_TESTS_MUTATION_LEXER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LEXER_NONE UINT32_MAX

enum lexer_kind { LEXER_NAME, LEXER_NUMBER, LEXER_TEXT, LEXER_SIGN };

/* What a pair of braces holds. */
enum lexer_scope { LEXER_FILE, LEXER_CODE, LEXER_VALUES, LEXER_FIELDS, LEXER_MACRO };

struct lexer_token {
    const char *at; /* in the source */
    size_t length;
    enum lexer_kind kind;
    enum lexer_scope scope; /* that it is in */
    uint32_t match;         /* of a bracket, brace or parenthesis: the other one; else itself */
    uint32_t inside;        /* which one it is in; LEXER_NONE */
    uint32_t function;      /* the token that names the function or macro it is in; LEXER_NONE */
};

struct lexer {
    const char *source; /* ends with a zero */
    struct lexer_token *token;
    uint32_t count;
};

/* Reads a source, which must stay. Returns 0, -ENOMEM, or -EINVAL when brackets do not match. */
int lexer_read(const char *source, struct lexer *lexer);
void lexer_free(struct lexer *lexer);

bool lexer_is(const struct lexer *lexer, uint32_t index, const char *text);
/* Whether there are blanks on both sides. */
bool lexer_is_binary(const struct lexer *lexer, uint32_t index);

#endif
