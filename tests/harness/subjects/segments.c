/* segments.c - a module whose data is scattered: the linker gives each of these a segment. */
#include "tests/harness/subjects/subject.h"

#define FAR(number) __attribute__((section(".far" #number)))

static volatile long far1 FAR(1) = 1, far2 FAR(2) = 2, far3 FAR(3) = 3, far4 FAR(4) = 4;

static long check(void) {
    return far1 + far2 + far3 + far4;
}

static void task(uint32_t index) {
    far1 = far2 = far3 = far4 = (long)index;
}
SUBJECT(scattered, .tasks = 1, .task = task, .check = check);
