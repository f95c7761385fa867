/* assert.h - assertions for our own bugs: on in every build, they end the process with status 70.
 *
 * Never for what the world or the code under test does wrong.
 */
#ifndef HEDDLE_HARNESS_BASE_ASSERT_H
#define HEDDLE_HARNESS_BASE_ASSERT_H

#define HD_EXIT_INTERNAL 70

#define HD_ASSERT(condition)                                                                       \
    (__builtin_expect(!(condition), 0) ? hd_assert_failed(__FILE__, __LINE__, #condition) : (void)0)

/* Prints one line on standard error without allocating and ends the process. Any thread or task. */
_Noreturn void hd_assert_failed(const char *file, int line, const char *condition);

/* Ends the process at once, past every handler and interceptor: ThreadSanitizer's would change the status.
 * Async-signal-safe. */
_Noreturn void hd_exit_now(int status);

/* Where the line goes; standard error unless that has been given away. */
extern int hd_assert_file;

#endif
