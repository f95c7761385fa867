/* session.h - the commands of a page, run as one shell session. */
#ifndef HEDDLE_TESTS_DOCS_SESSION_H
#define HEDDLE_TESTS_DOCS_SESSION_H

#include "tests/docs/document.h"

/* Runs all commands of the page at `path`, read as `document`, in `directory` after the lines of
 * `prologue`, and expects each to end as stated. */
void session_check(const char *path, const struct document *document, const char *directory,
                   const char *prologue);

/* Whether the page allows this exit status. */
bool session_allows(const struct document_command *command, int status);

#endif
