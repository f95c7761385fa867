/* futex.h - the futex operations that are modelled, for the system call as code under test makes it. */
#ifndef HEDDLE_HARNESS_INTERCEPT_FUTEX_H
#define HEDDLE_HARNESS_INTERCEPT_FUTEX_H

/* syscall(SYS_futex, argument[0], ..., argument[5]) by a task: the same results, errno included. Another
 * operation is a misuse fault that names it. */
long hd_futex(const long argument[6], const void *pc);

#endif
