/* crash.c - see crash.h. The handler runs on its own stack with the identity of the task that crashed.
 *
 * First use of closed stack memory is not a crash: the pool opens it and the access is made again.
 * After a crash the process ends: code under test may have died inside libc, with its locks held.
 */
#include "harness/sched/crash.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/assert.h"
#include "harness/intercept/modules.h"
#include "harness/sched/frees.h"
#include "harness/sched/state.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define CALLER_WITHIN      4096u /* bytes of the stack in which a caller is looked for */
#define HANDLER_STACK_SIZE (256u << 10)

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGSEGV, "SIGSEGV: invalid memory reference"},
    {SIGBUS, "SIGBUS: bus error"},
    {SIGFPE, "SIGFPE: arithmetic exception"},
    {SIGILL, "SIGILL: illegal instruction"},
    {SIGABRT, "SIGABRT: aborted"},
    {SIGTRAP, "SIGTRAP: trap"},
    {SIGSYS, "SIGSYS: bad system call"},
    {HD_SIGNAL_STALL, ""},
};
#define SIGNALS (sizeof signals / sizeof signals[0])

static const char *name_of(int number) {
    for (size_t i = 0; i < SIGNALS; i++)
        if (signals[i].number == number)
            return signals[i].name;
    return "?";
}

static void registers(const ucontext_t *context, uint64_t *frame, uint64_t *pc, uint64_t *pointer) {
#if defined(__x86_64__)
    *frame = (uint64_t)context->uc_mcontext.gregs[REG_RBP];
    *pc = (uint64_t)context->uc_mcontext.gregs[REG_RIP];
    *pointer = (uint64_t)context->uc_mcontext.gregs[REG_RSP];
#else
    *frame = context->uc_mcontext.regs[29];
    *pc = context->uc_mcontext.pc;
    *pointer = context->uc_mcontext.sp;
    if (!hd_modules_own(*pc) && hd_modules_own(context->uc_mcontext.regs[30] - 1))
        *pc = context->uc_mcontext.regs[30] - 1; /* called from there, and nothing called since */
#endif
}

static uint64_t position(const struct hd_scheduler *s) {
    uint64_t granted = s->quiet > 0 ? s->quiet_granted : s->granted;
    uint64_t left = s->quiet > 0 ? s->quiet_countdown : hd_countdown;
    return (uint64_t)s->choice.phase << 60 | (s->events + granted - left);
}

/* Whether a call instruction stands in front of the address. */
static bool follows_call(uint64_t address) {
    if (!hd_modules_own(address - 1) || !hd_modules_own(address - 7))
        return false;
#if defined(__x86_64__)
    static const int lengths[] = {2, 3, 6, 7}; /* of calls through a register or memory */
    const unsigned char *behind = (const unsigned char *)address;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++)
        if (behind[-lengths[i]] == 0xff && (behind[1 - lengths[i]] & 0x38) == 0x10)
            return true;
    return behind[-5] == 0xe8;
#else
    uint32_t before = *(const uint32_t *)(address - 4);
    return before >> 26 == 0x25 || (before & 0xfffffc1fu) == 0xd63f0000u;
#endif
}

/* It reads others' frames, which have red zones. */
#define OVER_RED_ZONES __attribute__((no_sanitize("address")))

/* Code outside of the modules has no frame record, nor has a call of an address that is none: then the
 * return address into code under test lies between the stack's end and the last record. */
OVER_RED_ZONES static uint64_t caller(uint64_t pc, uint64_t pointer, uint64_t frame) {
    uint32_t owner;
    uint64_t low, high;
    hd_pool_stack(hd_scheduler.current, &low, &high);
    if (hd_modules_own(pc) || pointer < low || pointer >= high || pointer % 8 != 0 ||
        hd_pool_touched(pointer, &owner) == HD_POOL_OVERFLOW)
        return pc;
    uint64_t end = frame > pointer && frame < high ? frame : high;
    end = end - pointer < CALLER_WITHIN ? end : pointer + CALLER_WITHIN;
    for (uint64_t at = pointer; at < end; at += 8) {
        uint64_t address = hd_switch_strip(*(const uint64_t *)at);
        if (follows_call(address))
            return address - 1;
    }
    return pc;
}

/* The address at fault, or where that is not told, since what was used is no address at all, what the
 * registers point to. */
static void look_at_freed(const siginfo_t *info, const ucontext_t *context) {
    if (hd_arena_owns(info->si_addr)) {
        hd_frees_touch((uint64_t)info->si_addr);
        return;
    }
#if defined(__x86_64__)
    for (int i = REG_R8; i <= REG_RCX; i++)
        hd_frees_touch((uint64_t)context->uc_mcontext.gregs[i]);
#else
    for (int i = 0; i < 29; i++)
        hd_frees_touch(context->uc_mcontext.regs[i]);
#endif
}

/* Answers a question of the parent, which may come more than once. */
static bool gets_on(const struct hd_scheduler *s, const siginfo_t *info) {
    struct hd_outcome *outcome = s->outcome;
    int question = info->si_code == SI_QUEUE ? info->si_value.sival_int : 0;
    uint64_t here = position(s);
    bool answered = question == outcome->question, moved = here != outcome->position;
    outcome->question = question;
    outcome->position = here;
    return answered || moved;
}

static void handle(int number, siginfo_t *info, void *opaque) {
    struct hd_scheduler *s = &hd_scheduler;
    uint64_t frame, pc, pointer;
    uint32_t owner = 0;
    int saved_errno = errno;
    enum hd_pool_touch touch = HD_POOL_ELSEWHERE;
    if (number == SIGSEGV)
        touch = hd_pool_touched((uint64_t)info->si_addr, &owner);
    bool question = number == HD_SIGNAL_STALL; /* of an execution; asked again when one has begun */
    if (touch == HD_POOL_OPENED || (question && (!hd_running || gets_on(s, info)))) {
        errno = saved_errno;
        return;
    }
    if (!hd_running) { /* the harness itself: die as it would have */
        signal(number, SIG_DFL);
        if (info->si_code <= 0)
            raise(number);
        return;
    }
    char message[HD_MESSAGE_SIZE];
    enum hd_fault_kind kind = HD_FAULT_CRASH;
    if (touch == HD_POOL_OVERFLOW) {
        snprintf(message, sizeof message, "stack overflow of task %u", owner);
    } else if (question) {
        kind = HD_FAULT_LIVELOCK;
        s->outcome->stalled = true;
        snprintf(
            message, sizeof message,
            "no progress: task %u does not reach its next point (an endless loop, or code without "
            "points)",
            s->current);
    } else {
        snprintf(message, sizeof message, "%s", name_of(number));
    }
    registers(opaque, &frame, &pc, &pointer);
    if (touch != HD_POOL_OVERFLOW)
        pc = caller(pc, pointer, frame);
    if (number == SIGSEGV || number == SIGBUS)
        look_at_freed(info, opaque);
    hd_crash_end(kind, message, frame, pc);
}

_Noreturn void hd_crash_end(enum hd_fault_kind kind, const char *message, uint64_t frame,
                            uint64_t pc) {
    struct hd_scheduler *s = &hd_scheduler;
    hd_capture(kind, message, frame, pc);
    hd_fault_stop();
    hd_running = false;
    hd_outcome_close(s, s->outcome);
    hd_exit_now(HD_EXIT_CRASHED);
}

static void block_none(void) {
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

void hd_crash_forget_signals(void) {
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, SIG_DFL); /* refused for those that nobody can ignore, and for libc's own */
    signal(HD_SIGNAL_STALL, SIG_IGN); /* until there is a handler for it */
    block_none();
}

int hd_crash_open(void) {
    static bool open;
    if (open)
        return 0;
    block_none();
    void *stack =
        mmap(NULL, HANDLER_STACK_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (stack == MAP_FAILED)
        return -errno;
    stack_t alternate = {.ss_sp = stack, .ss_size = HANDLER_STACK_SIZE};
    if (sigaltstack(&alternate, NULL) != 0)
        return -errno;
    struct sigaction action = {.sa_sigaction = handle,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < SIGNALS; i++)
        if (sigaction(signals[i].number, &action, NULL) != 0)
            return -errno;
    open = true;
    return 0;
}
