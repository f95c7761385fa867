/* odd.c - a module that no instrumentation has seen, in several makes: ODD_... says what is special. */
#include <stdio.h>
#include <stdlib.h>

#define EXPORTED __attribute__((visibility("default")))

EXPORTED extern long number, sums[5];
EXPORTED extern const long constant;
EXPORTED extern const void *const table[2];
EXPORTED long answer(void);

long number = 7, sums[5];
const long constant = 8;
const void *const table[2] = {&number, &constant}; /* relocated: read-only after that */

long answer(void) {
    return number + sums[0];
}

#ifdef ODD_HEAP
EXPORTED void *allocate(void);
void *allocate(void) {
    return malloc(8);
}
#endif

#ifdef ODD_CALLS
extern void ODD_CALLS(void *);
EXPORTED void call(void);
void call(void) {
    ODD_CALLS(&number);
}
#endif

#ifdef ODD_TALKS
__attribute__((constructor)) static void begin(void) {
    printf("loaded ");
}
__attribute__((destructor)) static void end(void) {
    printf("unloaded ");
}
#endif

#ifdef ODD_THREAD_LOCAL
EXPORTED extern _Thread_local long own;
_Thread_local long own = 9;
#endif

#define FAR(n)                                                                                     \
    __attribute__((section(".far" #n), noinline, used)) static void far##n(void) {                 \
    }
#ifdef ODD_CODE
FAR(1)
FAR(2)
FAR(3)
FAR(4)
#endif

#ifdef ODD_DATA
__attribute__((section(".far1"), used)) static long far1 = 1;
__attribute__((section(".far2"), used)) static long far2 = 2;
__attribute__((section(".far3"), used)) static long far3 = 3;
#endif
