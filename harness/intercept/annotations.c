/* annotations.c - what code under ThreadSanitizer may tell it by hand (controlled flavour).
 *
 * A module compiled with heddle's flags has __has_feature(thread_sanitizer), so code that carries such
 * annotations calls them. They say what orders what, or what not to report; the controlled flavour looks
 * for no races, so there is nothing to do, but for accesses that no compiler has seen: they are points.
 * Shapes: sanitizer/tsan_interface.h of LLVM 14; the older Annotate* of its dynamic annotations.
 */
#include <stddef.h>

#include "harness/sched/point.h"

#pragma GCC diagnostic ignored "-Wunused-parameter"
/* NOLINTBEGIN(misc-unused-parameters) */

#define CALLER __builtin_return_address(0)

#define NOTHING(name, ...)                                                                         \
    void name(__VA_ARGS__);                                                                        \
    void name(__VA_ARGS__) {                                                                       \
    }

NOTHING(__tsan_acquire, void *object)
NOTHING(__tsan_release, void *object)
NOTHING(__tsan_flush_memory, void)

NOTHING(__tsan_mutex_create, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_destroy, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_pre_lock, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_post_lock, void *mutex, unsigned flags, int recursion)
NOTHING(__tsan_mutex_post_unlock, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_pre_signal, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_post_signal, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_pre_divert, void *mutex, unsigned flags)
NOTHING(__tsan_mutex_post_divert, void *mutex, unsigned flags)

/* Returns how deep a recursive mutex was locked, which only who asks to unlock it whole looks at. */
int __tsan_mutex_pre_unlock(void *mutex, unsigned flags);
int __tsan_mutex_pre_unlock(void *mutex, unsigned flags) {
    return 1;
}

void *__tsan_external_register_tag(const char *type);
void *__tsan_external_register_tag(const char *type) {
    return NULL;
}
NOTHING(__tsan_external_register_header, void *tag, const char *header)
NOTHING(__tsan_external_assign_tag, void *object, void *tag)

void __tsan_external_read(void *object, void *caller, void *tag);
void __tsan_external_read(void *object, void *caller, void *tag) {
    hd_point(object, HD_WHAT(HD_READ, 1), CALLER);
}

void __tsan_external_write(void *object, void *caller, void *tag);
void __tsan_external_write(void *object, void *caller, void *tag) {
    hd_point(object, HD_WHAT(HD_WRITE, 1), CALLER);
}

NOTHING(AnnotateHappensBefore, const char *file, int line, const volatile void *object)
NOTHING(AnnotateHappensAfter, const char *file, int line, const volatile void *object)
NOTHING(AnnotateRWLockCreate, const char *file, int line, const volatile void *lock)
NOTHING(AnnotateRWLockCreateStatic, const char *file, int line, const volatile void *lock)
NOTHING(AnnotateRWLockDestroy, const char *file, int line, const volatile void *lock)
NOTHING(AnnotateRWLockAcquired, const char *file, int line, const volatile void *lock, long writer)
NOTHING(AnnotateRWLockReleased, const char *file, int line, const volatile void *lock, long writer)
NOTHING(AnnotateBenignRace, const char *file, int line, const volatile void *at, const char *why)
NOTHING(AnnotateBenignRaceSized, const char *file, int line, const volatile void *at, size_t size,
        const char *why)
NOTHING(AnnotateNewMemory, const char *file, int line, const volatile void *at, size_t size)
NOTHING(AnnotateIgnoreReadsBegin, const char *file, int line)
NOTHING(AnnotateIgnoreReadsEnd, const char *file, int line)
NOTHING(AnnotateIgnoreWritesBegin, const char *file, int line)
NOTHING(AnnotateIgnoreWritesEnd, const char *file, int line)
NOTHING(AnnotateIgnoreSyncBegin, const char *file, int line)
NOTHING(AnnotateIgnoreSyncEnd, const char *file, int line)
NOTHING(AnnotateEnableRaceDetection, const char *file, int line, int enable)
NOTHING(AnnotateThreadName, const char *file, int line, const char *name)
/* NOLINTEND(misc-unused-parameters) */
