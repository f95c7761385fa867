/* object.h - what the file of a shared object says of itself, before any of it is loaded.
 *
 * The loader runs code of a file that it takes, and its own messages name the wrong reason for some that
 * it does not (a file for another processor is "no such file").
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_OBJECT_H
#define HEDDLE_HARNESS_INTERCEPT_OBJECT_H

#include <stdbool.h>
#include <stddef.h>

/* What its code calls by name. */
struct hd_object {
    bool points;          /* the callbacks of the instrumentation */
    bool tsan_points;     /* the same as the tsan flavour wraps them */
    bool heap;            /* malloc and its like */
    bool heap_redirected; /* the same through the list of wrapped calls */
};

/* Reads a shared object for this processor. Returns 0, or -errno with one line "FILE: reason" in `error`
 * (`size` bytes): -ENOENT, -EACCES, another error of reading, or -ENOEXEC for a file of any other kind,
 * one that is cut short, and one that brings the runtime of a sanitizer with it. */
int hd_object_read(const char *path, struct hd_object *object, char *error, size_t size);

#endif
