/* document.h - what a Markdown page of this project promises: commands, files, links.
 *
 * Conventions of README.md and docs/:
 *   ```sh          every line is "$ COMMAND" and is run. A comment behind it says what is not plain:
 *                  "# exit 1; 2 in another build" (statuses allowed instead of 0), or "# not run".
 *   ```c NAME      the text of a file NAME that commands may use; any language.
 */
#ifndef HEDDLE_TESTS_DOCS_DOCUMENT_H
#define HEDDLE_TESTS_DOCS_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>

#define DOCUMENT_COMMANDS_MAX 64u
#define DOCUMENT_STATUSES_MAX 4u
#define DOCUMENT_LINE_SIZE    1024u

struct document_command {
    char text[DOCUMENT_LINE_SIZE]; /* with its comment */
    unsigned line;                 /* 1-based */
    bool exempt;                   /* "# not run" */
    unsigned statuses;
    int status[DOCUMENT_STATUSES_MAX];
};

struct document {
    char *text; /* heap */
    unsigned commands;
    struct document_command command[DOCUMENT_COMMANDS_MAX];
    char wrong[DOCUMENT_LINE_SIZE]; /* the first line that breaks the conventions, or "" */
};

/* Reads a page. False when it cannot be read. */
bool document_open(const char *path, struct document *document);
void document_close(struct document *document);

/* Writes the page's files into a directory. Returns how many, or -1. */
int document_files(const struct document *document, const char *directory);

/* Calls `link` for each target of a link that does not lead to another site, until it returns
 * false. */
void document_links(const struct document *document,
                    bool (*link)(void *context, const char *target), void *context);

/* Whether a heading of the page has this anchor: its words in lower case, joined by '-'. */
bool document_anchor(const struct document *document, const char *anchor);

#endif
