/* describe.c - what a task is doing, and what the map looks like, in words. Only reads. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "scenarios/program_internal.h"

void sn_operation_text(const struct sn_program *program, const struct sn_operation *operation,
                       char *text, size_t size) {
    const char *name = sn_operation_names[operation->kind];
    if (operation->key == SN_NO_KEY) {
        snprintf(text, size, "%s", name);
        return;
    }
    unsigned long long key = program->universe.key[operation->key];
    const char *before = program->texts != NULL ? "\"key-" : "";
    const char *behind = program->texts != NULL ? "\"" : "";
    if (operation->kind == SN_PUT)
        snprintf(text, size, "%s(%s%llu%s, %llu)", name, before, key, behind,
                 (unsigned long long)operation->value);
    else
        snprintf(text, size, "%s(%s%llu%s)", name, before, key, behind);
}

/* The part a preempted writer plays: it is inside the map. */
static void task_note(const struct sn_program *program, uint32_t task, char *note) {
    note[0] = '\0';
    if (program->note_task == task && program->note[0] != '\0')
        snprintf(note, HD_MESSAGE_SIZE, "%s", program->note);
}

void sn_describe(void *context, uint32_t task, char operation[HD_NAME_SIZE],
                 char note[HD_MESSAGE_SIZE]) {
    const struct sn_program *program = context;
    operation[0] = '\0';
    task_note(program, task, note);
    if (task == 0 || task > program->tasks || !program->planned)
        return;
    const struct sn_task *of = &program->task[task - 1];
    if (of->now == 0 || of->now > of->count)
        return;
    sn_operation_text(program, &program->operation[of->first + of->now - 1], operation,
                      HD_NAME_SIZE);
}

uint32_t sn_begun(void *context, uint32_t task) {
    const struct sn_program *program = context;
    return task == 0 || task > program->tasks ? 0 : program->task[task - 1].now;
}

/* ---- the state ------------------------------------------------------------------------------- */

/* Text that grows until it is full. */
struct page {
    char *text;
    size_t size;
    size_t used;
    bool old;        /* of the cell that came last ... */
    uint64_t bucket; /* ... and its bucket */
    uint32_t depth;
    bool any;
    bool strings;
    const struct sn_part *track;
};

static void print(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void print(struct page *page, const char *format, ...) {
    va_list list;
    va_start(list, format);
    int length = vsnprintf(page->text + page->used, page->size - page->used, format, list);
    va_end(list);
    if (length > 0)
        page->used += (size_t)length;
    if (page->used >= page->size)
        page->used = page->size - 1;
}

static void print_bucket(struct page *page, const struct map_cell *cell) {
    page->old = cell->old;
    page->bucket = cell->bucket;
    page->depth = cell->depth;
    page->any = true;
    const char *remark = "";
    if (cell->old)
        remark = sn_part_moving(page->track, cell->bucket) ? " (being moved)"
                 : cell->evacuated                         ? " (moved)"
                                                           : "";
    print(page, "\n  %s[%llu]%s%s ", cell->old ? "old" : "new", (unsigned long long)cell->bucket,
          cell->depth > 0 ? "+" : "", remark);
}

static bool print_cell(void *context, const struct map_cell *cell) {
    struct page *page = context;
    if (!page->any || cell->old != page->old || cell->bucket != page->bucket ||
        cell->depth != page->depth)
        print_bucket(page, cell);
    switch (cell->state) {
    case MAP_CELL_LIVE:
        print(page, " %llu",
              (unsigned long long)(page->strings ? sn_text_number(&cell->text) : cell->key));
        break;
    case MAP_CELL_EVACUATED_X:
        print(page, " X");
        break;
    case MAP_CELL_EVACUATED_Y:
        print(page, " Y");
        break;
    case MAP_CELL_EVACUATED_EMPTY:
    case MAP_CELL_EMPTY_ONE:
    case MAP_CELL_EMPTY_REST:
        print(page, " .");
        break;
    }
    return page->used + 1 < page->size;
}

static void print_part(const struct sn_program *program, uint32_t part, struct page *page) {
    struct map_view view;
    program->inspector->view(program->map, part, &view);
    page->track = &program->track.part[part];
    page->any = false;
    if (program->track.parts > 1)
        print(page, "table %u: ", part);
    print(page, "count %llu, B %u", (unsigned long long)view.count, view.log2_buckets);
    if (view.growing)
        print(page, " (growing%s, %llu of %llu old buckets moved)",
              view.same_size ? " at the same size" : "", (unsigned long long)view.evacuated,
              (unsigned long long)view.old_buckets);
    print(page, "%s, writes inside %u", view.writing ? ", hashWriting set" : "",
          page->track->writers);
    if (page->track->unsure || sn_within_step(page->track, &view))
        print(page, "\n  (a growth is half begun: its buckets cannot be shown)");
    else
        program->inspector->walk(program->map, part, print_cell, page);
    print(page, "\n");
}

void sn_render(void *context, char *text, size_t size) {
    const struct sn_program *program = context;
    struct page page = {.text = text, .size = size, .strings = program->texts != NULL};
    text[0] = '\0';
    if (program->judged)
        page.used = sn_v10_render(&program->v10, program->universe.key, text, size);
    if (program->inspector == NULL || program->map == NULL || size < 2)
        return;
    for (uint32_t part = 0; part < program->track.parts; part++) {
        const struct sn_part *track = &program->track.part[part];
        if (program->track.parts == 1 || track->writers > 0 || track->window)
            print_part(program, part, &page);
    }
}
