/* chance.c - what code under test asks for chance: answers are the execution's own.
 *
 * rand, random, drand48 and their like are generators with a hidden state: the sequences are glibc's, and
 * the state is ours, as new in each execution. The rest (getrandom, arc4random, std::random_device,
 * /dev/urandom in files.c) is drawn from the execution's seed.
 *
 * A call from a library that is not instrumented (libstdc++) gets the same answers: it is made on a task,
 * so on behalf of code under test.
 */
#include "harness/intercept/chance.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>

#include "harness/base/random.h"
#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"

#define ENTROPY_MAX  256u /* bytes that getentropy gives at a time */
#define STATE_SIZE   128u /* as glibc's own state of random() */
#define LOADING_KEY  0x68656464ull
#define RANDOM_BYTES 16u /* at AT_RANDOM */

static struct {
    uint64_t key;
    uint32_t tasks;               /* those below have a count of this execution */
    uint64_t drawn[HD_TASKS_MAX]; /* words, by task */
    bool seeded;                  /* `random` is of this execution */
    struct random_data random;    /* of rand and random */
    char state[STATE_SIZE];       /* unless code under test has set one of its own */
    struct drand48_data drand48;  /* zero: as new */
    bool drand48_used;
    unsigned char given[RANDOM_BYTES]; /* at AT_RANDOM; a function of the key */
} chance;

void hd_chance_reset(uint64_t key) {
    chance.key = key;
    chance.tasks = 0;
    chance.seeded = false;
    if (chance.drand48_used)
        memset(&chance.drand48, 0, sizeof chance.drand48);
    chance.drand48_used = false;
}

void hd_chance_loading(void) {
    hd_chance_reset(LOADING_KEY);
}

uint64_t hd_chance_word(void) {
    uint32_t self = hd_task_self();
    while (chance.tasks <= self)
        chance.drawn[chance.tasks++] = 0;
    return hd_draw(hd_stream_key(chance.key, self), chance.drawn[self]++);
}

void hd_chance_fill(void *buffer, size_t size) {
    unsigned char *at = buffer;
    while (size > 0) {
        uint64_t word = hd_chance_word();
        size_t part = size < sizeof word ? size : sizeof word;
        memcpy(at, &word, part);
        at += part;
        size -= part;
    }
}

/* ---- drawn from the seed -------------------------------------------------------------------------- */

ssize_t getrandom(void *buffer, size_t size, unsigned flags) {
    if (!hd_ours())
        return REAL_NEXT(getrandom)(buffer, size, flags);
    bool both = (flags & GRND_RANDOM) != 0 && (flags & GRND_INSECURE) != 0;
    if (both || (flags & ~(unsigned)(GRND_NONBLOCK | GRND_RANDOM | GRND_INSECURE)) != 0) {
        errno = EINVAL;
        return -1;
    }
    size = size > INT_MAX ? INT_MAX : size;
    hd_chance_fill(buffer, size);
    return (ssize_t)size;
}

int getentropy(void *buffer, size_t size) {
    if (!hd_ours())
        return REAL_NEXT(getentropy)(buffer, size);
    if (size > ENTROPY_MAX) {
        errno = EIO;
        return -1;
    }
    hd_chance_fill(buffer, size);
    return 0;
}

/* Of glibc 2.36 and newer: an older one's header does not name them, and nobody calls them. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wredundant-decls"
uint32_t arc4random(void);
void arc4random_buf(void *buffer, size_t size);
uint32_t arc4random_uniform(uint32_t limit);
#pragma GCC diagnostic pop

uint32_t arc4random(void) {
    return hd_ours() ? (uint32_t)hd_chance_word() : REAL_NEXT(arc4random)();
}

void arc4random_buf(void *buffer, size_t size) {
    if (hd_ours())
        hd_chance_fill(buffer, size);
    else
        REAL_NEXT(arc4random_buf)(buffer, size);
}

/* Two words may be unequal by 2^-32 of a chance: nobody can tell. */
uint32_t arc4random_uniform(uint32_t limit) {
    if (!hd_ours())
        return REAL_NEXT(arc4random_uniform)(limit);
    return (uint32_t)((unsigned __int128)hd_chance_word() * limit >> 64);
}

/* What std::random_device::operator() calls. libstdc++'s own asks the processor, by an instruction. */
unsigned hd_random_device(void *device) __asm__("_ZNSt13random_device9_M_getvalEv");
unsigned hd_random_device(void *device) {
    (void)device;
    return (unsigned)hd_chance_word();
}

unsigned long getauxval(unsigned long type) {
    if (!hd_ours() || type != AT_RANDOM)
        return REAL_NEXT(getauxval)(type);
    for (uint64_t i = 0; i < RANDOM_BYTES; i++)
        chance.given[i] = (unsigned char)hd_draw(~chance.key, i);
    return (unsigned long)(uintptr_t)chance.given;
}

/* ---- rand and random ------------------------------------------------------------------------------ */

/* With the seed that C gives a program that has called no srand. */
static struct random_data *generator(void) {
    if (!chance.seeded) {
        memset(&chance.random, 0, sizeof chance.random);
        initstate_r(1, chance.state, sizeof chance.state, &chance.random);
        chance.seeded = true;
    }
    return &chance.random;
}

static int32_t next_random(void) {
    int32_t value = 0;
    random_r(generator(), &value);
    return value;
}

int rand(void) {
    return hd_ours() ? next_random() : REAL_NEXT(rand)();
}

long random(void) {
    return hd_ours() ? next_random() : REAL_NEXT(random)();
}

void srand(unsigned seed) {
    if (hd_ours())
        srandom_r(seed, generator());
    else
        REAL_NEXT(srand)(seed);
}

void srandom(unsigned seed) {
    if (hd_ours())
        srandom_r(seed, generator());
    else
        REAL_NEXT(srandom)(seed);
}

/* The state in use, as its owner knows it: behind its first word. */
static char *state_of(const struct random_data *data) {
    return (char *)(data->state - 1);
}

char *initstate(unsigned seed, char *state, size_t size) {
    if (!hd_ours())
        return REAL_NEXT(initstate)(seed, state, size);
    char *before = state_of(generator());
    return initstate_r(seed, state, size, generator()) == 0 ? before : NULL;
}

char *setstate(char *state) {
    if (!hd_ours())
        return REAL_NEXT(setstate)(state);
    char *before = state_of(generator());
    return setstate_r(state, generator()) == 0 ? before : NULL;
}

/* ---- drand48 -------------------------------------------------------------------------------------- */

static struct drand48_data *drand48_state(void) {
    chance.drand48_used = true;
    return &chance.drand48;
}

/* name(): the next of the hidden state. */
#define HIDDEN(type, name)                                                                         \
    type name(void) {                                                                              \
        type value = 0;                                                                            \
        if (!hd_ours())                                                                            \
            return REAL_NEXT(name)();                                                              \
        name##_r(drand48_state(), &value);                                                         \
        return value;                                                                              \
    }

HIDDEN(double, drand48)
HIDDEN(long, lrand48)
HIDDEN(long, mrand48)

/* name(state): the next of the caller's state, by hidden parameters. */
#define OPEN(type, name)                                                                           \
    type name(unsigned short state[3]) {                                                           \
        type value = 0;                                                                            \
        if (!hd_ours())                                                                            \
            return REAL_NEXT(name)(state);                                                         \
        name##_r(state, drand48_state(), &value);                                                  \
        return value;                                                                              \
    }

OPEN(double, erand48)
OPEN(long, nrand48)
OPEN(long, jrand48)

void srand48(long seed) {
    if (hd_ours())
        srand48_r(seed, drand48_state());
    else
        REAL_NEXT(srand48)(seed);
}

unsigned short *seed48(unsigned short seed[3]) {
    if (!hd_ours())
        return REAL_NEXT(seed48)(seed);
    seed48_r(seed, drand48_state());
    return chance.drand48.__old_x;
}

void lcong48(unsigned short parameters[7]) {
    if (hd_ours())
        lcong48_r(parameters, drand48_state());
    else
        REAL_NEXT(lcong48)(parameters);
}
