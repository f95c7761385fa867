/* switch.c - what the switch needs beside its assembly: see switch.h. */
#include "harness/task/switch.h"

#include <string.h>
#include <sys/auxv.h>

#include "harness/base/assert.h"

uint8_t hd_switch_direct;

#if defined(__x86_64__)

#define MXCSR_NEW   0x1f80u
#define CONTROL_NEW 0x37fu
#define FLAGS       0x3fu /* of the x87 status word */

#define GUARD_OFFSET 0x28                  /* in the thread control block */
#define GUARD        0x70726f7465637400ull /* as glibc's: its first byte ends a text */

void hd_switch_settle_guard(uint64_t tls) {
    *(uint64_t *)(tls + GUARD_OFFSET) = GUARD;
}

/* Looks first: writing takes many times as long. */
void hd_switch_reset_float(void) {
    uint16_t control, status;
    __asm__ volatile("fnstcw %0\n\tfnstsw %1" : "=m"(control), "=m"(status));
    if (control != CONTROL_NEW || (status & FLAGS) != 0)
        __asm__ volatile("fninit");
    if (__builtin_ia32_stmxcsr() != MXCSR_NEW)
        __builtin_ia32_ldmxcsr(MXCSR_NEW);
}

#define HWCAP2_FSGSBASE (1ul << 1)
#define SAVED_WORDS     6 /* r15 r14 r13 r12 rbx rbp, then the return address */
#define FRAME_WORD      5

void hd_switch_detect(void) {
    hd_switch_direct = (getauxval(AT_HWCAP2) & HWCAP2_FSGSBASE) != 0;
}

#elif defined(__aarch64__)

#define SAVED_WORDS 20 /* d8-d15, x19-x28, x29, then x30 */
#define ENTRY_WORD  8  /* x19 */
#define FRAME_WORD  18

void hd_switch_begin(void);

void hd_switch_settle_guard(uint64_t tls) {
    (void)tls; /* one value for all threads of the process, which the loader has chosen */
}

void hd_switch_reset_float(void) {
    __asm__ volatile("msr fpcr, xzr\n\tmsr fpsr, xzr");
}

void hd_switch_detect(void) {
    hd_switch_direct = 1;
}

#else
#error "no task switch for this architecture: add harness/task/switch_<architecture>.S"
#endif

void *hd_switch_prepare(void *top, void (*entry)(void)) {
    uint64_t *word = top;
    HD_ASSERT((uint64_t)top % 16 == 0);
    _Static_assert((SAVED_WORDS + 2) * sizeof *word <= HD_SWITCH_FRAME, "the frame has room");
#if defined(__x86_64__)
    *--word = 0; /* end of the call chain; leaves the stack as a call instruction would */
    *--word = (uint64_t)(uintptr_t)entry;
    word -= SAVED_WORDS;
    memset(word, 0, SAVED_WORDS * sizeof *word);
#else
    word -= SAVED_WORDS;
    memset(word, 0, SAVED_WORDS * sizeof *word);
    word[ENTRY_WORD] = (uint64_t)(uintptr_t)entry;
    word[FRAME_WORD + 1] = (uint64_t)(uintptr_t)hd_switch_begin;
#endif
    return word;
}

struct hd_switch_frame hd_switch_saved(const void *stack_pointer) {
    const uint64_t *word = stack_pointer;
    return (struct hd_switch_frame){.frame = word[FRAME_WORD], .pc = word[FRAME_WORD + 1]};
}
