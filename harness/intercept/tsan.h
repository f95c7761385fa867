/* tsan.h - what the engine does about ThreadSanitizer. In the other flavours all of it is nothing. */
#ifndef HEDDLE_HARNESS_INTERCEPT_TSAN_H
#define HEDDLE_HARNESS_INTERCEPT_TSAN_H

#include <stdbool.h>

#ifdef HD_TSAN_FLAVOUR
#define HD_TSAN true
/* Raises the fault of a race that was reported since the last call, if there is one. */
void hd_tsan_check(void);
/* Accesses by the calling task are not looked at between the two (they nest). */
void hd_tsan_ignore_begin(void);
void hd_tsan_ignore_end(void);
#else
#define HD_TSAN false
static inline void hd_tsan_check(void) {
}
static inline void hd_tsan_ignore_begin(void) {
}
static inline void hd_tsan_ignore_end(void) {
}
#endif

#endif
