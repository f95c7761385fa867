/* mutate.c - small changes to a C source, each a mistake a developer could make:
 *
 * mutate list FILE            a line each: NUMBER, line, function, before, after, between tabs
 * mutate apply FILE NUMBER    the changed source
 *
 * Changed are: a comparison at its bound or turned round, && and ||, + and - and their like, a
 * number by one, a truth value, a condition of if, while, for and ?:, what is returned, a negation
 * left out, break and continue, and a statement left out. Not changed are assertions, attributes,
 * declarations and what stands in square brackets of these.
 *
 * After "the operators of Mothra": R. A. DeMillo, R. J. Lipton, F. G. Sayward, "Hints on test data
 * selection: help for the practicing programmer", Computer 11(4), 1978, and A. J. Offutt et al., "An
 * experimental determination of sufficient mutant operators", ACM TOSEM 5(2), 1996.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/mutation/lexer.h"

#define EDITS_MAX 2u

/* From `at` on `length` bytes are `text`. */
struct edit {
    const char *at;
    size_t length;
    const char *text;
};

struct mutation {
    struct edit edit[EDITS_MAX];
    uint32_t edits;
    uint32_t token;
};

struct job {
    struct lexer lexer;
    const char *file;
    uint32_t wanted; /* LEXER_NONE: list all */
    uint32_t number; /* of the next */
    bool done;
};

/* ---- what comes of one ---------------------------------------------------------------------------- */

/* Squeezed, each run of blanks is one, and none is at the start. */
static void print_character(char c, bool squeeze) {
    static char last = '\t';
    c = squeeze && isspace((unsigned char)c) ? ' ' : c;
    if (!squeeze || c != ' ' || (last != ' ' && last != '\t'))
        putchar(c);
    last = c;
}

/* What stands below keeps its line; that of a macro goes on. */
static void keep_line(const char *gone, bool squeeze) {
    if (squeeze || *gone != '\n')
        return;
    if (gone[-1] == '\\')
        print_character('\\', false);
    print_character('\n', false);
}

static void print_changed(const struct mutation *mutation, const char *from, const char *end,
                          bool squeeze) {
    if (squeeze)
        print_character('\t', false);
    for (const char *at = from; at <= end; at++) {
        for (uint32_t i = 0; i < mutation->edits; i++) {
            const struct edit *edit = &mutation->edit[i];
            if (edit->at != at)
                continue;
            for (const char *c = edit->text; *c != '\0'; c++)
                print_character(*c, squeeze);
            for (; at < edit->at + edit->length; at++)
                keep_line(at, squeeze);
        }
        if (at < end)
            print_character(*at, squeeze);
    }
}

static uint32_t line_of(const struct job *job, const char *at) {
    uint32_t line = 1;
    for (const char *c = job->lexer.source; c < at; c++)
        line += *c == '\n';
    return line;
}

static void print_line(const struct job *job, const struct mutation *mutation) {
    static const struct mutation nothing;
    const struct edit *first = &mutation->edit[0], *last = &mutation->edit[mutation->edits - 1];
    const char *from = first->at, *end = last->at + last->length;
    uint32_t function = job->lexer.token[mutation->token].function;
    while (from > job->lexer.source && from[-1] != '\n')
        from--;
    while (*end != '\0' && *end != '\n')
        end++;
    printf("%u\t%u\t", job->number, line_of(job, first->at));
    if (function == LEXER_NONE)
        putchar('-');
    else
        printf("%.*s", (int)job->lexer.token[function].length, job->lexer.token[function].at);
    print_changed(&nothing, from, end, true);
    print_changed(mutation, from, end, true);
    putchar('\n');
}

static void offer(struct job *job, const struct mutation *mutation) {
    if (job->wanted == LEXER_NONE) {
        print_line(job, mutation);
    } else if (job->wanted == job->number) {
        const char *source = job->lexer.source;
        print_changed(mutation, source, source + strlen(source), false);
        job->done = true;
    }
    job->number++;
}

static void offer_text(struct job *job, uint32_t token, const char *text) {
    const struct lexer_token *at = &job->lexer.token[token];
    offer(job,
          &(struct mutation){.edit = {{at->at, at->length, text}}, .edits = 1, .token = token});
}

/* Tokens `from` to `to` get something before and something behind them. */
static void offer_around(struct job *job, uint32_t from, uint32_t to, const char *before,
                         const char *behind) {
    const struct lexer_token *first = &job->lexer.token[from], *last = &job->lexer.token[to];
    offer(job,
          &(struct mutation){.edit = {{first->at, 0, before}, {last->at + last->length, 0, behind}},
                             .edits = 2,
                             .token = from});
}

/* Tokens `from` to `to` are `text`. */
static void offer_instead(struct job *job, uint32_t from, uint32_t to, const char *text) {
    const struct lexer_token *first = &job->lexer.token[from], *last = &job->lexer.token[to];
    size_t length = (size_t)(last->at - first->at) + last->length;
    offer(job, &(struct mutation){.edit = {{first->at, length, text}}, .edits = 1, .token = from});
}

/* ---- single tokens -------------------------------------------------------------------------------- */

static bool is(const struct job *job, uint32_t token, const char *text) {
    return lexer_is(&job->lexer, token, text);
}

static bool is_any(const struct job *job, uint32_t token, const char *const *texts) {
    for (; *texts != NULL; texts++)
        if (is(job, token, *texts))
            return true;
    return false;
}

static void change_sign(struct job *job, uint32_t token) {
    static const char *const pairs[][2] = {
        {"<", "<="},  {"<=", "<"},    {">", ">="},  {">=", ">"},  {"==", "!="}, {"!=", "=="},
        {"&&", "||"}, {"||", "&&"},   {"+", "-"},   {"-", "+"},   {"*", "+"},   {"/", "*"},
        {"%", "/"},   {"<<", ">>"},   {">>", "<<"}, {"&", "|"},   {"|", "&"},   {"^", "|"},
        {"+=", "-="}, {"-=", "+="},   {"*=", "+="}, {"/=", "*="}, {"&=", "|="}, {"|=", "&="},
        {"^=", "|="}, {"?", "== 0 ?"}};
    if (!lexer_is_binary(&job->lexer, token))
        return;
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (is(job, token, pairs[i][0]))
            offer_text(job, token, pairs[i][1]);
}

static void change_count(struct job *job, uint32_t token) {
    if (is(job, token, "++"))
        offer_text(job, token, "--");
    if (is(job, token, "--"))
        offer_text(job, token, "++");
    if (is(job, token, "!"))
        offer_text(job, token, "");
}

static void change_word(struct job *job, uint32_t token) {
    static const char *const pairs[][2] = {
        {"true", "false"}, {"false", "true"}, {"continue", "break"}, {"break", "continue"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        if (is(job, token, pairs[i][0]))
            offer_text(job, token, pairs[i][1]);
}

/* 0 is 1, 1 is 0, any other number one more. */
static void change_number(struct job *job, uint32_t token) {
    const struct lexer_token *number = &job->lexer.token[token];
    bool bit = (*number->at == '0' || *number->at == '1') &&
               (number->length == 1 || isalpha((unsigned char)number->at[1])) &&
               tolower(number->at[1]) != 'x';
    if (bit)
        offer(job, &(struct mutation){.edit = {{number->at, 1, *number->at == '0' ? "1" : "0"}},
                                      .edits = 1,
                                      .token = token});
    else
        offer_around(job, token, token, "(", " + 1)");
}

/* ---- statements ----------------------------------------------------------------------------------- */

/* The parenthesis that closes a head of a statement ends nothing. */
static bool ends_head(const struct job *job, uint32_t token) {
    static const char *const heads[] = {"if", "for", "while", "switch", NULL};
    uint32_t open = job->lexer.token[token].match;
    return is(job, token, ")") && open > 0 && is_any(job, open - 1, heads);
}

static bool begins_statement(const struct job *job, uint32_t token) {
    static const char *const before[] = {";", "{", "}", "else", "do", NULL};
    uint32_t inside = job->lexer.token[token].inside;
    enum lexer_scope scope = job->lexer.token[token].scope;
    if (token == 0 || (scope != LEXER_CODE && scope != LEXER_MACRO) || inside == LEXER_NONE ||
        !is(job, inside, "{"))
        return false;
    if (is(job, token - 1, ":")) /* of ?: it stands between blanks */
        return !lexer_is_binary(&job->lexer, token - 1);
    return ends_head(job, token - 1) || is_any(job, token - 1, before);
}

/* The semicolon that ends the statement, or LEXER_NONE. */
static uint32_t end_of_statement(const struct job *job, uint32_t token) {
    for (; token < job->lexer.count; token++) {
        if (is(job, token, ";"))
            return token;
        if (is(job, token, "(") || is(job, token, "[") || is(job, token, "{"))
            token = job->lexer.token[token].match;
        else if (is(job, token, "}"))
            return LEXER_NONE;
    }
    return LEXER_NONE;
}

/* A name and then another one, or a star that leans on one, declare. */
static bool declares(const struct job *job, uint32_t token) {
    static const char *const words[] = {"struct",   "static",        "const",          "enum",
                                        "union",    "extern",        "_Alignas",       "typedef",
                                        "volatile", "_Thread_local", "_Static_assert", "_Atomic",
                                        "register", "unsigned",      "__extension__",  NULL};
    if (is_any(job, token, words))
        return true;
    if (token + 1 >= job->lexer.count || job->lexer.token[token].kind != LEXER_NAME)
        return false;
    return job->lexer.token[token + 1].kind == LEXER_NAME ||
           (is(job, token + 1, "*") && !lexer_is_binary(&job->lexer, token + 1));
}

static bool controls(const struct job *job, uint32_t token) {
    static const char *const words[] = {"if",    "for",      "while", "switch",  "return", "goto",
                                        "break", "continue", "case",  "default", "else",   "do",
                                        "asm",   "__asm__",  "{",     "}",       ";",      NULL};
    return is_any(job, token, words) || is(job, token + 1, ":") ||
           (is(job, token, "(") && is(job, token + 1, "void"));
}

static bool asserts(const struct job *job, uint32_t token) {
    static const char *const words[] = {
        "HD_ASSERT",     "_Static_assert",   "__attribute__",
        "__asm__",       "_Alignas",         "__builtin_unreachable",
        "__has_feature", "__builtin_expect", NULL};
    return is_any(job, token, words);
}

static void drop_statement(struct job *job, uint32_t token) {
    uint32_t end;
    if (!begins_statement(job, token) || controls(job, token) || declares(job, token))
        return;
    end = end_of_statement(job, token);
    if (end != LEXER_NONE)
        offer_instead(job, token, end, ";");
}

/* The condition in the head of a for lies between its semicolons. */
static void change_for(struct job *job, uint32_t token) {
    uint32_t close = job->lexer.token[token + 1].match, from = end_of_statement(job, token + 2);
    uint32_t end = from == LEXER_NONE ? LEXER_NONE : end_of_statement(job, from + 1);
    if (end != LEXER_NONE && end < close && end > from + 1)
        offer_instead(job, from + 1, end - 1, "0");
}

/* Turned round in any case, by another change. */
static bool is_one_test(const struct job *job, uint32_t from, uint32_t to) {
    static const char *const joints[] = {"&&", "||", "?", NULL}, *const tests[] = {"==", "!=", "!",
                                                                                   NULL};
    bool any = false;
    for (uint32_t token = from; token <= to; token++) {
        if (is_any(job, token, joints))
            return false;
        any |= is_any(job, token, tests);
    }
    return any;
}

static void change_condition(struct job *job, uint32_t token) {
    if (!is(job, token + 1, "("))
        return;
    if ((is(job, token, "if") || is(job, token, "while")) &&
        !is_one_test(job, token + 2, job->lexer.token[token + 1].match - 1))
        offer_around(job, token + 2, job->lexer.token[token + 1].match - 1, "!(", ")");
    if (is(job, token, "for"))
        change_for(job, token);
}

static bool returns_bool(const struct job *job, uint32_t token) {
    uint32_t name = job->lexer.token[token].function;
    return name != LEXER_NONE && name > 0 && is(job, name - 1, "bool");
}

static void change_return(struct job *job, uint32_t token) {
    static const char *const words[] = {"0", "1", "true", "false", "NULL", ";", NULL};
    uint32_t end = end_of_statement(job, token);
    if (!is(job, token, "return") || end == LEXER_NONE || is(job, token + 1, ";") ||
        (end == token + 2 && is_any(job, token + 1, words)))
        return;
    offer_instead(job, token + 1, end - 1, "0");
    if (returns_bool(job, token))
        offer_instead(job, token + 1, end - 1, "true");
}

/* ---- all ------------------------------------------------------------------------------------------ */

/* In the square brackets of a declaration, or in what declares nothing but fields. */
static bool is_size(const struct job *job, uint32_t token) {
    const struct lexer *lexer = &job->lexer;
    uint32_t bracket = lexer->token[token].inside;
    if (lexer->token[token].scope == LEXER_FIELDS)
        return true;
    while (bracket != LEXER_NONE && is(job, bracket, "(")) /* outwards */
        bracket = lexer->token[bracket].inside;
    if (bracket == LEXER_NONE || !is(job, bracket, "["))
        return false;
    if (lexer->token[bracket].scope == LEXER_FILE)
        return true;
    for (uint32_t at = bracket - 1; at > 0 && !is(job, at, "="); at--)
        if (begins_statement(job, at))
            return declares(job, at);
    return false;
}

static void change(struct job *job, uint32_t token) {
    switch (job->lexer.token[token].kind) {
    case LEXER_NAME:
        change_word(job, token);
        change_condition(job, token);
        change_return(job, token);
        break;
    case LEXER_NUMBER:
        if (!is_size(job, token))
            change_number(job, token);
        break;
    case LEXER_SIGN:
        change_sign(job, token);
        change_count(job, token);
        break;
    case LEXER_TEXT:
        break;
    }
}

static void change_all(struct job *job) {
    for (uint32_t token = 0; token < job->lexer.count && !job->done; token++) {
        if (asserts(job, token) && is(job, token + 1, "(") &&
            job->lexer.token[token + 1].match > token + 1) {
            token = job->lexer.token[token + 1].match;
            continue;
        }
        drop_statement(job, token);
        change(job, token);
    }
}

static char *content(const char *path) {
    FILE *stream = fopen(path, "r");
    char *text = NULL;
    size_t size = 0, room = 0;
    if (stream == NULL)
        return NULL;
    do {
        room = room * 2 + 65536;
        char *more = realloc(text, room);
        if (more == NULL)
            break;
        text = more;
        size += fread(text + size, 1, room - size - 1, stream);
    } while (size == room - 1); /* to the end of the file */
    fclose(stream);
    if (text != NULL)
        text[size] = '\0';
    return text;
}

int main(int count, char **argument) {
    bool lists = count == 3 && strcmp(argument[1], "list") == 0;
    if (!lists && !(count == 4 && strcmp(argument[1], "apply") == 0)) {
        fputs("usage: mutate list FILE | mutate apply FILE NUMBER\n", stderr);
        return 64;
    }
    char *source = content(argument[2]);
    struct job job = {.file = argument[2],
                      .wanted = lists ? LEXER_NONE : (uint32_t)strtoul(argument[3], NULL, 10)};
    if (source == NULL || lexer_read(source, &job.lexer) != 0) {
        fprintf(stderr, "mutate: %s: cannot be read as C\n", argument[2]);
        free(source);
        return 65;
    }
    change_all(&job);
    lexer_free(&job.lexer);
    free(source);
    return lists || job.done ? 0 : 65;
}
