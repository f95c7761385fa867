/* layout_internal.h - what layout.c has for grid.c. Texts are clean and of one line. */
#ifndef HEDDLE_REPORTS_LAYOUT_INTERNAL_H
#define HEDDLE_REPORTS_LAYOUT_INTERNAL_H

#include <stddef.h>

/* A copy that is clean and of one line, on the heap; NULL without memory. */
char *rp_line(const char *text);
/* Bytes of the first piece, which no line break may part, with the blanks before it. */
size_t rp_piece(const char *text);
/* Bytes of the pieces that fit into `columns`: one at least; all of them for 0. */
size_t rp_line_end(const char *text, size_t columns);
/* Columns of the first `bytes`. */
size_t rp_piece_columns(const char *text, size_t bytes);

#endif
