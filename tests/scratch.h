/* scratch.h - a folder for one test, and words for the shell commands of tests.
 *
 * The tree may lie in any path: with blanks, quotes, where only root may go. So a command names
 * places by variables, in double quotes, and never by text: "$SOURCE" is the root of the sources,
 * "$BUILD" the build directory. ctest gives each program a TMPDIR of its own inside the build
 * directory (cmake/test.cmake), and ci/test.sh says what was left there.
 */
#ifndef HEDDLE_TESTS_SCRATCH_H
#define HEDDLE_TESTS_SCRATCH_H

/* Makes an empty folder below TMPDIR (/tmp without one), goes there, sets SOURCE and BUILD, and returns the
 * folder's absolute path, valid until scratch_end. A test has one at a time. */
const char *scratch_begin(void);

/* Removes it with all that is in it, if there is one. A test that skips itself is not followed by what its
 * suite does at the end, and calls this first. */
void scratch_end(void);

#endif
