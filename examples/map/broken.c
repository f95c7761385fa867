/* broken.c - stripes.c with one count for all stripes: each writer holds a lock, and no two the same. */
#define ONE_COUNT
#include "stripes.c"
