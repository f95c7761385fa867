/* nearest.h - the name that a mistyped one may have been meant to be. */
#ifndef HEDDLE_HARNESS_BASE_NEAREST_H
#define HEDDLE_HARNESS_BASE_NEAREST_H

#include <stddef.h>

#define HD_NEAREST_SIZE 96u /* bytes of hd_nearest_text, for names of up to 63 */

/* The one of `count` names that is nearest to `name`, whatever the case of its letters; the first of
 * several. A name is near when a third of the typed letters is wrong at most, and never more than
 * three; else when it begins with what was typed, if that has three letters or more. NULL when none is
 * near, or `name` is one of them. */
const char *hd_nearest(const char *name, const char *const *names, size_t count);

/* "; did you mean 'NAME'?", or "" when none is near: the end of an error's line. */
void hd_nearest_text(const char *name, const char *const *names, size_t count,
                     char text[HD_NEAREST_SIZE]);

#endif
