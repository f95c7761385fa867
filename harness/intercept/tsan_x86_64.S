/* tsan_x86_64.S - points in front of the callbacks of the real ThreadSanitizer (tsan flavour).
 *
 * Modules are linked with --wrap for these names. Each wrapper is the countdown of point.h and then a
 * jump, so that ThreadSanitizer finds the caller's return address on the stack as if it had been called
 * directly. The slow path keeps all registers that carry arguments.
 */
#if defined(__x86_64__)

/* enum hd_what and HD_WHAT of harness/sched/point.h; a test compares them. */
#define WHAT_SHIFT 26
#define WHAT_READ 1
#define WHAT_WRITE 2
#define WHAT_ATOMIC_LOAD 3
#define WHAT_ATOMIC_STORE 4
#define WHAT_ATOMIC_UPDATE 5
#define WHAT_ATOMIC_COMPARE 6
#define WHAT_FENCE 7

        .text

        .macro  wrapper name, callback, what, size
        .globl  __wrap_\name
        .type   __wrap_\name, @function
        .p2align 4
__wrap_\name:
        subq    $1, hd_countdown(%rip)
        je      1f
2:      jmp     \callback@PLT
1:      pushq   %rbp
        movq    %rsp, %rbp
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %rcx
        pushq   %r8
        pushq   %r9
        movl    $((\what << WHAT_SHIFT) | \size), %esi
        movq    8(%rbp), %rdx
        call    hd_point_slow
        popq    %r9
        popq    %r8
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %rbp
        jmp     2b
        .size   __wrap_\name, . - __wrap_\name
        .endm

        .macro  access name, what, size
        wrapper __tsan_\name, __tsan_\name, \what, \size
        .endm

        .macro  accesses name, what
        access  \name\()1, \what, 1
        .irp    size, 2, 4, 8, 16
        access  \name\size, \what, \size
        access  unaligned_\name\size, \what, \size
        .endr
        .endm

        accesses read, WHAT_READ
        accesses write, WHAT_WRITE
        access  vptr_read, WHAT_READ, 8
        access  vptr_update, WHAT_WRITE, 8
        access  read_range, WHAT_READ, 1
        access  write_range, WHAT_WRITE, 1

        .macro  atomics bits, size
        access  atomic\bits\()_load, WHAT_ATOMIC_LOAD, \size
        access  atomic\bits\()_store, WHAT_ATOMIC_STORE, \size
        .irp    name, exchange, fetch_add, fetch_sub, fetch_and, fetch_or, fetch_xor, fetch_nand
        access  atomic\bits\()_\name, WHAT_ATOMIC_UPDATE, \size
        .endr
        .irp    name, strong, weak, val
        access  atomic\bits\()_compare_exchange_\name, WHAT_ATOMIC_COMPARE, \size
        .endr
        .endm

        atomics 8, 1
        atomics 16, 2
        atomics 32, 4
        atomics 64, 8
        atomics 128, 16
        access  atomic_thread_fence, WHAT_FENCE, 0

/* Calls of mem* and str* functions: a point, then ThreadSanitizer's interceptor, which checks the ranges
 * and must see the caller's return address. The second group reads the range in its second argument. */
        .irp    name, memset, memcmp, memchr, strlen, strcmp, strncmp, strchr
        wrapper \name, \name, WHAT_READ, 1
        .endr
        .irp    name, memcpy, memmove, strcpy, strncpy
        wrapper \name, \name, WHAT_WRITE, 1
        .endr
#endif
        .section .note.GNU-stack,"",@progbits
