/* switch_aarch64.S - see switch.h. AAPCS64: x19-x30 and d8-d15 belong to the callee.
 *
 * Ends in br, not ret: the return predictor would be wrong for every switch. There are no landing
 * pads (BTI), and the object does not claim any, so an executable with it runs without their check.
 */
#if defined(__aarch64__)
        .text
        .globl  hd_switch
        .type   hd_switch, %function
        .p2align 4
/* hd_switch(save = x0, to = x1, tls = x2) */
hd_switch:
        sub     sp, sp, #160
        stp     d8, d9, [sp, #0]
        stp     d10, d11, [sp, #16]
        stp     d12, d13, [sp, #32]
        stp     d14, d15, [sp, #48]
        stp     x19, x20, [sp, #64]
        stp     x21, x22, [sp, #80]
        stp     x23, x24, [sp, #96]
        stp     x25, x26, [sp, #112]
        stp     x27, x28, [sp, #128]
        stp     x29, x30, [sp, #144]
        mov     x9, sp
        str     x9, [x0]
        mov     sp, x1
        msr     tpidr_el0, x2
        ldp     d8, d9, [sp, #0]
        ldp     d10, d11, [sp, #16]
        ldp     d12, d13, [sp, #32]
        ldp     d14, d15, [sp, #48]
        ldp     x19, x20, [sp, #64]
        ldp     x21, x22, [sp, #80]
        ldp     x23, x24, [sp, #96]
        ldp     x25, x26, [sp, #112]
        ldp     x27, x28, [sp, #128]
        ldp     x29, x30, [sp, #144]
        add     sp, sp, #160
        br      x30
        .size   hd_switch, . - hd_switch

/* Where a prepared stack continues: x19 is the entry, and there is nothing to return to. */
        .globl  hd_switch_begin
        .type   hd_switch_begin, %function
hd_switch_begin:
        mov     x30, xzr
        br      x19
        .size   hd_switch_begin, . - hd_switch_begin

        .globl  hd_switch_thread_pointer
        .type   hd_switch_thread_pointer, %function
hd_switch_thread_pointer:
        mrs     x0, tpidr_el0
        ret
        .size   hd_switch_thread_pointer, . - hd_switch_thread_pointer

        .globl  hd_switch_set_thread_pointer
        .type   hd_switch_set_thread_pointer, %function
hd_switch_set_thread_pointer:
        msr     tpidr_el0, x0
        ret
        .size   hd_switch_set_thread_pointer, . - hd_switch_set_thread_pointer

        .globl  hd_switch_strip
        .type   hd_switch_strip, %function
hd_switch_strip:
        mov     x9, x30
        mov     x30, x0
        hint    #7                      /* xpaclri: nothing on processors without it */
        mov     x0, x30
        ret     x9
        .size   hd_switch_strip, . - hd_switch_strip
#endif
        .section .note.GNU-stack,"",%progbits
