/* operations.h - what the blocking calls do on a task, for those that have two names: pthread's and
 * C11's. Results and errors are those of the pthread function; `pc` is where the caller called it.
 *
 * Mutexes: mutex.h.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_OPERATIONS_H
#define HEDDLE_HARNESS_INTERCEPT_OPERATIONS_H

#include <pthread.h>
#include <stdint.h>
#include <time.h>

int hd_condition_wait(pthread_cond_t *condition, pthread_mutex_t *mutex, uint64_t deadline,
                      const void *pc);
/* Wakes up to `count` waiters. */
void hd_condition_wake(pthread_cond_t *condition, uint32_t count, const void *pc);

void hd_once(pthread_once_t *control, void (*function)(void), const void *pc);

/* Returns the new task, which has not run yet, or UINT32_MAX when there are too many. */
uint32_t hd_thread_create(pthread_t *thread, void *(*entry)(void *), void *argument,
                          const void *pc);
int hd_thread_join(pthread_t thread, void **result, uint64_t deadline, const void *pc);

/* 0 or EINVAL. */
int hd_sleep(const struct timespec *time, const void *pc);

#endif
