/* adaptive.h - a mutex for short sections: who waits spins a little before he sleeps.
 *
 * A plain pthread mutex in every other respect. Going to sleep and being woken costs some microseconds, a
 * section of a map some tens of nanoseconds.
 */
#ifndef HEDDLE_MAPIMPL_ADAPTIVE_H
#define HEDDLE_MAPIMPL_ADAPTIVE_H

#include <pthread.h>

/* Returns 0 or -errno, as pthread_mutex_init does. */
static inline int map_adaptive_init(pthread_mutex_t *mutex) {
    pthread_mutexattr_t attributes;
    int error = pthread_mutexattr_init(&attributes);
    if (error == 0) {
        error = pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_ADAPTIVE_NP);
        error = error == 0 ? pthread_mutex_init(mutex, &attributes) : error;
        pthread_mutexattr_destroy(&attributes);
    }
    return -error;
}

#endif
