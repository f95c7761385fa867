/* queue.h - tasks that wait until another one wakes them: on a condition variable, on a futex.
 *
 * Invariant Q1: a task waits on at most one object. Objects are told apart by their addresses.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_QUEUE_H
#define HEDDLE_HARNESS_INTERCEPT_QUEUE_H

#include <stdbool.h>
#include <stdint.h>

/* `task` begins to wait on `object`; it has not been woken. */
void hd_queue_enter(uint32_t task, const void *object);
void hd_queue_leave(uint32_t task);
bool hd_queue_woken(uint32_t task);
/* Tasks that wait on the object and have not been woken. */
uint32_t hd_queue_waiting(const void *object);
/* Wakes up to `count` of them, drawn from the execution's choice stream when not all are woken. Returns
 * how many. The caller then calls hd_changed. */
uint32_t hd_queue_wake(const void *object, uint32_t count);

#endif
