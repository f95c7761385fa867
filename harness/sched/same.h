/* same.h - when two faults are one: the rules that the campaign's key, by addresses, and the signature, by
 * names, have in common.
 *
 * A fault is told by its kind, its words, and the parts and stacks of its core, each counted once: so
 * neither the numbers of tasks, keys and slots make another one, nor how many tasks stand at the same
 * place, nor in which order.
 */
#ifndef HEDDLE_HARNESS_SCHED_SAME_H
#define HEDDLE_HARNESS_SCHED_SAME_H

#include "harness/sched/outcome.h"

/* The words of a message that count. None of a deadlock's and of a race's, which say who and in which order
 * and so are told by the core; of a misuse's all but who holds the lock; never a digit. */
void hd_fault_words(enum hd_fault_kind kind, const char *message, char words[HD_MESSAGE_SIZE]);
/* The first frame that counts of so many: where an endless loop is interrupted is chance, and only the
 * outermost function tells it. */
uint32_t hd_fault_first_frame(enum hd_fault_kind kind, uint32_t frames);
/* What `key` adds to a sum over the core: 0 when it is among the `*count` seen, where it is put. */
uint64_t hd_fault_once(uint64_t seen[HD_FAULT_TASKS_MAX], uint32_t *count, uint64_t key);

#endif
