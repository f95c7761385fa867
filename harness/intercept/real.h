/* real.h - the functions behind the ones we interpose.
 *
 * In the controlled flavour the next definition in the search order (libc's); in the tsan flavour
 * ThreadSanitizer's interceptor, so that it sees every lock. Found at first use.
 */
#ifndef HEDDLE_HARNESS_INTERCEPT_REAL_H
#define HEDDLE_HARNESS_INTERCEPT_REAL_H

/* The next definition of `name`; ends the process when there is none. */
void *hd_real_find(const char *name);

#ifdef HD_TSAN_FLAVOUR
#define REAL(name)                                                                                 \
    ({                                                                                             \
        extern __typeof__(name) __interceptor_##name;                                              \
        &__interceptor_##name;                                                                     \
    })
#else
#define REAL(name) REAL_NEXT(name)
#endif

/* For functions that ThreadSanitizer does not intercept. */
#define REAL_NEXT(name)                                                                            \
    ({                                                                                             \
        static __typeof__(&name) found;                                                            \
        if (__builtin_expect(found == NULL, 0))                                                    \
            found = (__typeof__(found))hd_real_find(#name);                                        \
        found;                                                                                     \
    })

#define CALLER __builtin_return_address(0)

#endif
