/* lexer.c - see lexer.h. */
#include "tests/mutation/lexer.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 64u

/* ---- tokens --------------------------------------------------------------------------------------- */

struct reading {
    struct lexer *lexer;
    uint32_t room;
    bool macro;     /* in the body of one */
    uint32_t named; /* the token that names it */
};

static bool joins(const char *text, size_t length) {
    static const char *const signs[] = {"<<=", ">>=", "...", "->", "++", "--", "<<", ">>",
                                        "<=",  ">=",  "==",  "!=", "&&", "||", "+=", "-=",
                                        "*=",  "/=",  "%=",  "&=", "|=", "^=", "##"};
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strlen(signs[i]) == length && strncmp(text, signs[i], length) == 0)
            return true;
    return false;
}

static size_t length_of_text(const char *at) {
    size_t length = 1;
    while (at[length] != at[0] && at[length] != '\0')
        length += at[length] == '\\' && at[length + 1] != '\0' ? 2 : 1;
    return length + (at[length] != '\0');
}

static size_t length_of_number(const char *at) {
    size_t length = 1;
    while (isalnum((unsigned char)at[length]) || at[length] == '.' ||
           ((at[length] == '-' || at[length] == '+') && tolower(at[length - 1]) == 'e' &&
            tolower(at[1]) != 'x'))
        length++;
    return length;
}

static enum lexer_kind kind_of(const char *at, size_t *length) {
    *length = 1;
    if (*at == '"' || *at == '\'') {
        *length = length_of_text(at);
        return LEXER_TEXT;
    }
    if (isdigit((unsigned char)*at)) {
        *length = length_of_number(at);
        return LEXER_NUMBER;
    }
    if (isalpha((unsigned char)*at) || *at == '_') {
        while (isalnum((unsigned char)at[*length]) || at[*length] == '_')
            ++*length;
        return LEXER_NAME;
    }
    *length = joins(at, 3) ? 3 : joins(at, 2) ? 2 : 1;
    return LEXER_SIGN;
}

static int add(struct reading *reading, const char *at, size_t length, enum lexer_kind kind) {
    struct lexer *lexer = reading->lexer;
    if (lexer->count == reading->room) {
        uint32_t room = reading->room * 2 + 1024;
        struct lexer_token *more = realloc(lexer->token, room * sizeof *more);
        if (more == NULL)
            return -ENOMEM;
        lexer->token = more;
        reading->room = room;
    }
    lexer->token[lexer->count] =
        (struct lexer_token){.at = at,
                             .length = length,
                             .kind = kind,
                             .scope = reading->macro ? LEXER_MACRO : LEXER_FILE,
                             .match = lexer->count,
                             .inside = LEXER_NONE,
                             .function = reading->macro ? reading->named : LEXER_NONE};
    lexer->count++;
    return 0;
}

static const char *end_of_line(const char *at) {
    while (*at != '\0' && (*at != '\n' || at[-1] == '\\'))
        at++;
    return at;
}

static const char *end_of_comment(const char *at) {
    const char *end = at[1] == '/' ? end_of_line(at) : strstr(at + 2, "*/");
    return end == NULL ? at + strlen(at) : at[1] == '/' ? end : end + 2;
}

/* Of a macro's line its name and its parameters are passed over; of another line all. */
static const char *directive(struct reading *reading, const char *at) {
    const char *name = at + 1 + strspn(at + 1, " ");
    size_t length;
    if (strncmp(name, "define ", 7) != 0)
        return end_of_line(at);
    name += 7 + strspn(name + 7, " ");
    kind_of(name, &length);
    if (add(reading, name, length, LEXER_NAME) != 0)
        return NULL;
    reading->named = reading->lexer->count - 1;
    reading->macro = true;
    return name[length] == '(' ? strchr(name, ')') + 1 : name + length;
}

static int read_tokens(struct reading *reading, const char *at) {
    bool fresh = true; /* nothing but blanks on this line */
    while (*at != '\0') {
        size_t length = 1;
        if (*at == '\n' && (at == reading->lexer->source || at[-1] != '\\')) {
            fresh = true;
            reading->macro = false;
        } else if (at[0] == '/' && (at[1] == '/' || at[1] == '*')) {
            length = (size_t)(end_of_comment(at) - at);
        } else if (*at == '#' && fresh) {
            const char *end = directive(reading, at);
            if (end == NULL)
                return -ENOMEM;
            length = (size_t)(end - at);
        } else if (!isspace((unsigned char)*at) && *at != '\\') {
            enum lexer_kind kind = kind_of(at, &length);
            if (add(reading, at, length, kind) != 0)
                return -ENOMEM;
            fresh = false;
        }
        at += length;
    }
    return 0;
}

/* ---- what encloses what --------------------------------------------------------------------------- */

bool lexer_is(const struct lexer *lexer, uint32_t index, const char *text) {
    return index < lexer->count && lexer->token[index].length == strlen(text) &&
           strncmp(lexer->token[index].at, text, strlen(text)) == 0;
}

bool lexer_is_binary(const struct lexer *lexer, uint32_t index) {
    const struct lexer_token *token = &lexer->token[index];
    return token->at > lexer->source && isspace((unsigned char)token->at[-1]) &&
           isspace((unsigned char)token->at[token->length]);
}

static bool opens(char sign) {
    return sign == '(' || sign == '[' || sign == '{';
}

static bool closes(char sign) {
    return sign == ')' || sign == ']' || sign == '}';
}

/* The scope that the brace at `index` begins, which is in `around`. */
static enum lexer_scope scope_of(const struct lexer *lexer, uint32_t index,
                                 enum lexer_scope around) {
    static const char *const heads[] = {"if", "for", "while", "switch"};
    if (around == LEXER_VALUES || around == LEXER_FIELDS)
        return around;
    if (index == 0)
        return LEXER_CODE;
    uint32_t before = index - 1;
    if (lexer_is(lexer, before, ")")) {
        uint32_t head = lexer->token[before].match;
        if (around == LEXER_FILE)
            return LEXER_CODE;
        for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++)
            if (head > 0 && lexer_is(lexer, head - 1, heads[i]))
                return LEXER_CODE;
        return LEXER_VALUES; /* a compound literal */
    }
    if (lexer_is(lexer, before, "=") || lexer_is(lexer, before, ",") ||
        lexer_is(lexer, before, "("))
        return LEXER_VALUES;
    if (lexer_is(lexer, before, "struct") || lexer_is(lexer, before, "union") ||
        lexer_is(lexer, before, "enum"))
        return LEXER_FIELDS;
    if (before > 0 && (lexer_is(lexer, before - 1, "struct") ||
                       lexer_is(lexer, before - 1, "union") || lexer_is(lexer, before - 1, "enum")))
        return LEXER_FIELDS;
    return LEXER_CODE;
}

struct nesting {
    uint32_t open[DEPTH_MAX];
    enum lexer_scope scope[DEPTH_MAX + 1];
    uint32_t depth;
};

/* Goes past a token. Returns false where brackets do not match. */
static bool nest(struct lexer *lexer, struct nesting *nesting, uint32_t index) {
    struct lexer_token *token = &lexer->token[index];
    char sign = token->kind == LEXER_SIGN && token->length == 1 ? *token->at : '\0';
    if (closes(sign)) {
        if (nesting->depth == 0)
            return false;
        token->match = nesting->open[--nesting->depth];
        lexer->token[token->match].match = index;
    }
    enum lexer_scope around = nesting->scope[nesting->depth];
    token->inside = nesting->depth > 0 ? nesting->open[nesting->depth - 1] : LEXER_NONE;
    token->scope = around;
    if (opens(sign)) {
        if (nesting->depth == DEPTH_MAX)
            return false;
        nesting->open[nesting->depth++] = index;
        nesting->scope[nesting->depth] = sign == '{' ? scope_of(lexer, index, around) : around;
    }
    return true;
}

static int match(struct lexer *lexer) {
    struct nesting nesting = {.scope = {LEXER_FILE}};
    uint32_t function = LEXER_NONE;
    for (uint32_t i = 0; i < lexer->count; i++) {
        struct lexer_token *token = &lexer->token[i];
        if (token->scope == LEXER_MACRO)
            continue;
        token->function = nesting.depth > 0 ? function : LEXER_NONE;
        if (nesting.depth == 0 && token->kind == LEXER_NAME && lexer_is(lexer, i + 1, "("))
            function = i;
        if (!nest(lexer, &nesting, i))
            return -EINVAL;
    }
    return nesting.depth == 0 ? 0 : -EINVAL;
}

/* The same within each macro's body, where a bracket may stay open. */
static void match_macros(struct lexer *lexer) {
    struct nesting nesting = {.depth = 0};
    uint32_t named = LEXER_NONE;
    for (uint32_t i = 0; i < lexer->count; i++) {
        if (lexer->token[i].scope != LEXER_MACRO)
            continue;
        if (lexer->token[i].function != named)
            nesting = (struct nesting){.scope = {LEXER_MACRO}};
        named = lexer->token[i].function;
        nest(lexer, &nesting, i);
        lexer->token[i].scope = LEXER_MACRO;
    }
}

int lexer_read(const char *source, struct lexer *lexer) {
    *lexer = (struct lexer){.source = source};
    struct reading reading = {.lexer = lexer};
    int error = read_tokens(&reading, source);
    if (error == 0)
        error = match(lexer);
    if (error == 0)
        match_macros(lexer);
    if (error != 0)
        lexer_free(lexer);
    return error;
}

void lexer_free(struct lexer *lexer) {
    free(lexer->token);
    *lexer = (struct lexer){0};
}
