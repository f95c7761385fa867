/* mutex.h - what other primitives need of mutexes. */
#ifndef HEDDLE_HARNESS_INTERCEPT_MUTEX_H
#define HEDDLE_HARNESS_INTERCEPT_MUTEX_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* Whether `task` could lock it now without waiting (or would be refused at once). Only reads. */
bool hd_mutex_free_for(const pthread_mutex_t *mutex, uint32_t task);
/* The task that holds it, or UINT32_MAX. */
uint32_t hd_mutex_owner(const pthread_mutex_t *mutex);
/* The operations on a task, as pthread_mutex_lock, _trylock and _unlock. */
int hd_mutex_lock(pthread_mutex_t *mutex, uint64_t deadline, const void *pc);
int hd_mutex_try(pthread_mutex_t *mutex, const void *pc);
int hd_mutex_unlock(pthread_mutex_t *mutex, const void *pc);

#endif
