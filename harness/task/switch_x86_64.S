/* switch_x86_64.S - see switch.h. System V ABI; ends in pop + jmp, not ret: the return predictor would
 * be wrong for every switch. */
#if defined(__x86_64__)
        .text
        .globl  hd_switch
        .type   hd_switch, @function
        .p2align 4
/* hd_switch(save = rdi, to = rsi, tls = rdx) */
hd_switch:
        pushq   %rbp
        pushq   %rbx
        pushq   %r12
        pushq   %r13
        pushq   %r14
        pushq   %r15
        movq    %rsp, (%rdi)
        movq    %rsi, %rsp
        cmpb    $0, hd_switch_direct(%rip)
        je      1f
        wrfsbase %rdx
2:      popq    %r15
        popq    %r14
        popq    %r13
        popq    %r12
        popq    %rbx
        popq    %rbp
        popq    %rcx
        jmp     *%rcx
1:      movl    $158, %eax              /* arch_prctl(ARCH_SET_FS, tls) */
        movl    $0x1002, %edi
        movq    %rdx, %rsi
        syscall
        jmp     2b
        .size   hd_switch, . - hd_switch

        .globl  hd_switch_thread_pointer
        .type   hd_switch_thread_pointer, @function
hd_switch_thread_pointer:
        movq    %fs:0, %rax             /* the first word of the thread control block is its address */
        ret
        .size   hd_switch_thread_pointer, . - hd_switch_thread_pointer

        .globl  hd_switch_set_thread_pointer
        .type   hd_switch_set_thread_pointer, @function
hd_switch_set_thread_pointer:
        cmpb    $0, hd_switch_direct(%rip)
        je      1f
        wrfsbase %rdi
        ret
1:      movl    $158, %eax
        movq    %rdi, %rsi
        movl    $0x1002, %edi
        syscall
        ret
        .size   hd_switch_set_thread_pointer, . - hd_switch_set_thread_pointer

        .globl  hd_switch_strip
        .type   hd_switch_strip, @function
hd_switch_strip:
        movq    %rdi, %rax
        ret
        .size   hd_switch_strip, . - hd_switch_strip
#endif
        .section .note.GNU-stack,"",@progbits
