/* switch.h - from one stack and thread pointer to another. One assembly file an architecture.
 *
 * Callee-saved registers travel on the stack. The floating-point environment is not switched: tasks
 * share rounding mode and exception masks.
 */
#ifndef HEDDLE_HARNESS_TASK_SWITCH_H
#define HEDDLE_HARNESS_TASK_SWITCH_H

#include <stddef.h>
#include <stdint.h>

/* Saves the caller's state on its stack and its stack pointer in *save, then continues where `to` was
 * saved, with thread pointer `tls`. Returns when somebody switches back. */
void hd_switch(void **save, void *to, uint64_t tls);

/* The thread pointer of the calling thread. */
uint64_t hd_switch_thread_pointer(void);
/* Borrows another thread's identity without leaving the stack. */
void hd_switch_set_thread_pointer(uint64_t tls);

/* Prepares a stack so that switching to the result calls `entry` with an empty call chain behind it.
 * `top` is the first byte above the stack, aligned to 16. Uses HD_SWITCH_FRAME bytes. */
void *hd_switch_prepare(void *top, void (*entry)(void));
#define HD_SWITCH_FRAME 192u

/* Frame pointer and return address at which a switched-away stack continues, for walking it. */
struct hd_switch_frame {
    uint64_t frame; /* frame pointer */
    uint64_t pc;
};
struct hd_switch_frame hd_switch_saved(const void *stack_pointer);
/* A return address read from a stack, without the signature that arm64 may have put into it. */
uint64_t hd_switch_strip(uint64_t pc);

/* Gives a thread that will run no more code of its own the stack protector's value that all such threads
 * have: tasks leave it in frames that others may read. */
void hd_switch_settle_guard(uint64_t tls);

/* Gives the floating-point environment the state that a new process has: rounding to nearest, no exception
 * trapped or flagged. */
void hd_switch_reset_float(void);

/* 1 when user space may write the thread pointer itself (x86-64: FSGSBASE), else 0: the switch then
 * makes a system call. Set by hd_switch_detect. */
extern uint8_t hd_switch_direct;
void hd_switch_detect(void);

#endif
