/* real.c - see real.h. */
#include "harness/intercept/real.h"

#include <dlfcn.h>
#include <stddef.h>

#include "harness/base/assert.h"

void *hd_real_find(const char *name) {
    void *found = dlsym(RTLD_NEXT, name);
    HD_ASSERT(found != NULL);
    return found;
}
