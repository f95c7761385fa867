/* pool.h - parked threads whose stack and thread pointer the tasks borrow.
 *
 * Task k runs on the stack of a real pthread that was created once, on a stack at a fixed address, and
 * parked for ever by a raw system call near the top of it. So pthread_self(), errno, _Thread_local and
 * the sanitizers' idea of the stack are right, and the same in every run.
 *
 * Invariant P1: below the start of a task's stack every byte it can read and has not written in this
 * execution holds the execution's fill word. Memory that an earlier execution touched is filled again;
 * the rest is closed (no access) and filled when it is first touched. In the tsan flavour nothing is
 * closed, and it holds for the 16 KiB below the start alone.
 *
 * Threads: everything here is for the one thread that runs the tasks. After fork a child must not use
 * the pool of its parent: fork first, open the pool then.
 */
#ifndef HEDDLE_HARNESS_TASK_POOL_H
#define HEDDLE_HARNESS_TASK_POOL_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#define HD_POOL_MAX 1024u

/* Makes sure that `count` threads (HD_POOL_MAX at most) are parked. Returns 0 or -errno. */
int hd_pool_open(uint32_t count);

/* Threads that are parked. */
uint32_t hd_pool_count(void);

uint64_t hd_pool_tls(uint32_t task);
pthread_t hd_pool_handle(uint32_t task);
/* What gettid() was in the parked thread: the owner that glibc writes into a lock. */
int hd_pool_tid(uint32_t task);
/* The task with that thread id, or UINT32_MAX. */
uint32_t hd_pool_task_with_tid(int tid);
/* The task whose handle this is, or UINT32_MAX. */
uint32_t hd_pool_task_of(pthread_t handle);

/* Fills the stack of `task` with `word`, sets its errno to 0 and prepares it to start at `entry`. Returns
 * what hd_switch takes. */
void *hd_pool_prepare(uint32_t task, uint64_t word, void (*entry)(void));

/* The part of the stack that belongs to the task: [*low, *high). */
void hd_pool_stack(uint32_t task, uint64_t *low, uint64_t *high);

enum hd_pool_touch { HD_POOL_ELSEWHERE, HD_POOL_OPENED, HD_POOL_OVERFLOW };
/* For the handler of SIGSEGV: what a fault at `address` means. HD_POOL_OPENED: closed stack memory was
 * touched and is now open, the access can be made again. HD_POOL_OVERFLOW: the stack is used up; *task
 * says whose. */
enum hd_pool_touch hd_pool_touched(uint64_t address, uint32_t *task);

/* Closes again what deep calls have opened: bounds memory and filling. Between batches. */
void hd_pool_settle(void);

#endif
