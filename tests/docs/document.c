/* document.c - see document.h. */
#include "tests/docs/document.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX (1u << 20)

/* ---- lines ----------------------------------------------------------------------------------- */

/* A walk over the lines of a page that knows which of them are code. */
struct walk {
    const char *next;
    unsigned line;
    char text[DOCUMENT_LINE_SIZE]; /* without its end */
    bool code;                     /* inside of a fence, the fence's own lines not included */
    bool fence;                    /* the line that opens or closes one */
    char info[DOCUMENT_LINE_SIZE]; /* of the fence that is or was open: "sh", "c mymap.c" */
};

static bool walk_line(struct walk *walk) {
    if (*walk->next == '\0')
        return false;
    size_t length = strcspn(walk->next, "\n");
    snprintf(walk->text, sizeof(walk->text), "%.*s", (int)length, walk->next);
    walk->next += length + (walk->next[length] == '\n');
    walk->line++;
    bool open = walk->code || (walk->fence && walk->info[0] != '\0');
    walk->fence = strncmp(walk->text, "```", 3) == 0;
    walk->code = open && !walk->fence;
    if (walk->fence)
        snprintf(walk->info, sizeof(walk->info), "%s", open ? "" : walk->text + 3);
    return true;
}

/* ---- commands -------------------------------------------------------------------------------- */

static void take_statuses(struct document_command *command) {
    const char *exit = strstr(command->text, "# exit ");
    command->exempt = strstr(command->text, "# not run") != NULL;
    for (const char *at = exit; at != NULL && *at != '\0'; at++) {
        if (!isdigit((unsigned char)*at) || command->statuses == DOCUMENT_STATUSES_MAX)
            continue;
        char *end;
        command->status[command->statuses++] = (int)strtol(at, &end, 10);
        at = end - 1;
    }
    if (command->statuses == 0)
        command->status[command->statuses++] = 0;
}

static void take_command(struct document *document, const struct walk *walk) {
    bool fits = document->commands < DOCUMENT_COMMANDS_MAX && strlen(walk->text) < 1000;
    if (strncmp(walk->text, "$ ", 2) != 0 || !fits) {
        if (document->wrong[0] == '\0')
            snprintf(document->wrong, sizeof(document->wrong), "line %u: %.900s", walk->line,
                     walk->text);
        return;
    }
    struct document_command *command = &document->command[document->commands++];
    *command = (struct document_command){.line = walk->line};
    snprintf(command->text, sizeof(command->text), "%s", walk->text + 2);
    take_statuses(command);
}

bool document_open(const char *path, struct document *document) {
    *document = (struct document){.text = calloc(1, FILE_SIZE_MAX)};
    FILE *stream = document->text != NULL ? fopen(path, "r") : NULL;
    if (stream == NULL) {
        document_close(document);
        return false;
    }
    size_t size = fread(document->text, 1, FILE_SIZE_MAX - 1, stream);
    document->text[size] = '\0';
    fclose(stream);
    struct walk walk = {.next = document->text};
    while (walk_line(&walk)) { /* ends with the text */
        if (walk.code && strcmp(walk.info, "sh") == 0)
            take_command(document, &walk);
    }
    return true;
}

void document_close(struct document *document) {
    free(document->text);
    document->text = NULL;
}

/* ---- files ----------------------------------------------------------------------------------- */

int document_files(const struct document *document, const char *directory) {
    struct walk walk = {.next = document->text};
    FILE *stream = NULL;
    int files = 0;
    while (walk_line(&walk)) {
        if (walk.code && stream != NULL)
            fprintf(stream, "%s\n", walk.text);
        if (!walk.fence)
            continue;
        if (stream != NULL && fclose(stream) != 0)
            return -1;
        stream = NULL;
        const char *name = strchr(walk.info, ' ');
        if (name == NULL)
            continue;
        char path[2 * DOCUMENT_LINE_SIZE];
        snprintf(path, sizeof(path), "%s/%s", directory, name + 1);
        stream = fopen(path, "w");
        if (stream == NULL)
            return -1;
        files++;
    }
    return files;
}

/* ---- links ----------------------------------------------------------------------------------- */

void document_links(const struct document *document,
                    bool (*link)(void *context, const char *target), void *context) {
    struct walk walk = {.next = document->text};
    while (walk_line(&walk)) {
        const char *at = walk.code || walk.fence ? NULL : strstr(walk.text, "](");
        for (; at != NULL; at = strstr(at + 2, "](")) {
            char target[DOCUMENT_LINE_SIZE];
            snprintf(target, sizeof(target), "%.*s", (int)strcspn(at + 2, ")"), at + 2);
            if (strstr(target, "://") == NULL && !link(context, target))
                return;
        }
    }
}

static void anchor_of(const char *heading, char *anchor, size_t size) {
    size_t used = 0;
    for (const char *at = heading; *at != '\0' && used + 1 < size; at++) {
        if (isalnum((unsigned char)*at) || *at == '-' || *at == '_')
            anchor[used++] = (char)tolower((unsigned char)*at);
        else if (*at == ' ')
            anchor[used++] = '-';
    }
    anchor[used] = '\0';
}

bool document_anchor(const struct document *document, const char *anchor) {
    struct walk walk = {.next = document->text};
    while (walk_line(&walk)) {
        size_t level = strspn(walk.text, "#");
        if (walk.code || walk.fence || level == 0 || walk.text[level] != ' ')
            continue;
        char own[DOCUMENT_LINE_SIZE];
        anchor_of(walk.text + level + 1, own, sizeof(own));
        if (strcmp(own, anchor) == 0)
            return true;
    }
    return false;
}
