/* chance.c - generators and sources of chance: every execution begins with new ones, which give what
 * glibc's own give to a program that has just begun; glibc's reentrant ones, which are nobody else's,
 * tell what that is.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

uint32_t arc4random(void);
void arc4random_buf(void *buffer, size_t size);
uint32_t arc4random_uniform(uint32_t limit);

/* ---- rand and random ------------------------------------------------------------------------------ */

static struct random_data expected;
static char expected_state[128];

UNSEEN static void expect_seed(unsigned seed) {
    expected = (struct random_data){0};
    initstate_r(seed, expected_state, sizeof expected_state, &expected);
}

UNSEEN static long next(void) {
    int32_t value = -1;
    random_r(&expected, &value);
    return value;
}

static void random_task(uint32_t index) {
    static char own[64], wrong[8] = {-1, -1, -1, -1};
    (void)index;
    expect_seed(1);
    for (int i = 0; i < 40; i++)
        claim(i % 2 == 0 ? rand() == next() : random() == next());
    for (unsigned seed = 0; seed < 3; seed++) {
        srand(seed);
        expect_seed(seed);
        claim(rand() == next() && random() == next());
        srandom(seed + 7);
        expect_seed(seed + 7);
        claim(random() == next() && rand() == next());
    }
    char *before = initstate(9, own, sizeof own);
    claim(before != NULL);
    long of_own = random();
    claim(setstate(before) == own && random() == next());
    claim(setstate(own) == before && random() != of_own);
    claim(initstate(9, own, sizeof own) == own && random() == of_own);
    claim(initstate(9, own, 7) == NULL && random() >= 0);
    claim(setstate(wrong) == NULL);
}
SUBJECT(rand_and_random, .tasks = 1, .task = random_task, .check = check);

/* Whichever call is the first of an execution. */
ALONE(first_is_rand, expect_seed(1); claim(rand() == next()));
ALONE(first_is_random, expect_seed(1); claim(random() == next()); srandom(5));
ALONE(first_is_srand, expect_seed(3); srand(3); claim(rand() == next()));

/* ---- drand48 -------------------------------------------------------------------------------------- */

static struct drand48_data expected48;

#define SAME(type, call, reentrant)                                                                \
    do {                                                                                           \
        type value_ = 0;                                                                           \
        reentrant;                                                                                 \
        claim(call == value_);                                                                     \
    } while (0)

static void expect_next48(void) {
    unsigned short own[3] = {1, 2, 3}, other[3] = {1, 2, 3};
    SAME(double, drand48(), drand48_r(&expected48, &value_));
    SAME(long, lrand48(), lrand48_r(&expected48, &value_));
    SAME(long, mrand48(), mrand48_r(&expected48, &value_));
    SAME(double, erand48(own), erand48_r(other, &expected48, &value_));
    SAME(long, nrand48(own), nrand48_r(other, &expected48, &value_));
    SAME(long, jrand48(own), jrand48_r(other, &expected48, &value_));
    claim(memcmp(own, other, sizeof own) == 0 && own[0] != 1);
}

static void drand48_task(uint32_t index) {
    unsigned short seed[3] = {4, 5, 6}, parameters[7] = {1, 2, 3, 4, 5, 6, 7}, before[3];
    (void)index;
    memset(&expected48, 0, sizeof expected48);
    expect_next48();
    srand48(11);
    srand48_r(11, &expected48);
    expect_next48();
    memcpy(before, expected48.__x, sizeof before);
    unsigned short *old = seed48(seed);
    claim(memcmp(old, before, sizeof before) == 0);
    seed48_r(seed, &expected48);
    expect_next48();
    lcong48(parameters);
    lcong48_r(parameters, &expected48);
    expect_next48();
}
SUBJECT(drand48_and_its_like, .tasks = 1, .task = drand48_task, .check = check);

/* Each leaves the hidden state changed for nobody. */
#define FIRST48(symbol, call, change)                                                              \
    ALONE(symbol, memset(&expected48, 0, sizeof expected48); expect_next48(); call; change)
FIRST48(leaves_a_seed, srand48(3), lrand48());
FIRST48(leaves_parameters, lcong48((unsigned short[7]){1, 2, 3, 4, 5, 6, 7}), drand48());

/* ---- drawn from the seed -------------------------------------------------------------------------- */

enum { BYTES = 300 };
static unsigned char bytes[BYTES + 8], other[BYTES + 8];

/* Whether all of `size` bytes have been written and the eight behind them not. Odds that `size` random
 * bytes are all the filler in one of their eighths: below 1e-14 for 64 and more. */
UNSEEN static int filled(const unsigned char *at, int size) {
    int written = 0;
    for (int part = 0; part < 8; part++) {
        int changed = 0;
        for (int i = part * size / 8; i < (part + 1) * size / 8; i++)
            changed |= at[i] != 0xa5;
        written += changed;
    }
    for (int i = size; i < size + 8; i++)
        written -= at[i] != 0xa5;
    return written == 8;
}

UNSEEN static void clear(void) {
    memset(bytes, 0xa5, sizeof bytes);
}

/* Bytes of the execution lead to the same points again, in whatever kind of run; others do not. */
static void go_by(const void *at) {
    const unsigned char *byte = at;
    for (int i = 0; i < 16; i++)
        if (byte[i] & 1)
            sched_yield();
}

static void repeated_task(uint32_t index) {
    (void)index;
    claim(getrandom(bytes, 16, 0) == 16);
    go_by(bytes);
    claim(syscall(SYS_getrandom, bytes, 16, 0) == 16);
    go_by(bytes);
    claim(getentropy(bytes, 16) == 0);
    go_by(bytes);
    arc4random_buf(bytes, 16);
    go_by(bytes);
    for (int i = 0; i < 16; i++)
        bytes[i] = (unsigned char)(arc4random() ^ arc4random_uniform(256));
    go_by(bytes);
    go_by((const void *)getauxval(AT_RANDOM));
    claim(read(open("/dev/urandom", O_RDONLY), bytes, 16) == 16);
    go_by(bytes);
}
SUBJECT(repeated, .tasks = 1, .task = repeated_task, .check = check);

static void sources_task(uint32_t index) {
    (void)index;
    clear();
    claim(getrandom(bytes, 299, 0) == 299 && filled(bytes, 299));
    memcpy(other, bytes, sizeof other);
    clear();
    claim(getrandom(bytes, 299, GRND_NONBLOCK) == 299 && memcmp(bytes, other, 299) != 0);
    claim(getrandom(bytes, 0, 0) == 0 && getrandom(bytes, 8, GRND_RANDOM) == 8);
    claim(getrandom(bytes, 8, GRND_INSECURE | GRND_NONBLOCK) == 8);
    errno = 0;
    claim(getrandom(bytes, 8, GRND_INSECURE | GRND_RANDOM) == -1 && errno == EINVAL);
    errno = 0;
    claim(getrandom(bytes, 8, 8) == -1 && errno == EINVAL);
    clear();
    claim(getentropy(bytes, 256) == 0 && filled(bytes, 256));
    errno = 0;
    claim(getentropy(bytes, 257) == -1 && errno == EIO);
    clear();
    claim(syscall(SYS_getrandom, bytes, 77, GRND_NONBLOCK) == 77 && filled(bytes, 77));
    errno = 0;
    claim(syscall(SYS_getrandom, bytes, 77, 8) == -1 && errno == EINVAL);
    clear();
    arc4random_buf(bytes, 101);
    claim(filled(bytes, 101));
    uint32_t all = 0;
    for (int i = 0; i < 40; i++) /* no bit stays 0: odds of 3e-11 a run */
        all |= arc4random();
    claim(all == UINT32_MAX);
}
SUBJECT(sources, .tasks = 1, .task = sources_task, .check = check);

/* Every face of a die comes, and none that it has not: a missing face of 200 throws has odds of 9e-16. */
static void dice_task(uint32_t index) {
    unsigned faces = 0;
    (void)index;
    for (int i = 0; i < 200; i++) {
        unsigned face = arc4random_uniform(6);
        claim(face < 6);
        faces |= 1u << face;
    }
    claim(faces == 63 && arc4random_uniform(0) == 0 && arc4random_uniform(1) == 0);
}
SUBJECT(dice, .tasks = 1, .task = dice_task, .check = check);

/* The bytes at AT_RANDOM stay the same in an execution; all else of the vector is the system's. */
static void auxiliary_task(uint32_t index) {
    const unsigned char *at = (const unsigned char *)getauxval(AT_RANDOM);
    int different = 0;
    (void)index;
    memcpy(bytes, at, 16);
    for (int i = 1; i < 16; i++)
        different += at[i] != at[i - 1];
    claim(different > 4 && at[15] + at[14] + at[13] != 0);
    claim(memcmp(bytes, (const void *)getauxval(AT_RANDOM), 16) == 0);
    claim(getauxval(AT_PAGESZ) == 4096 || getauxval(AT_PAGESZ) > 4096);
}
SUBJECT(auxiliary, .tasks = 2, .task = auxiliary_task, .check = check);

/* ---- devices -------------------------------------------------------------------------------------- */

/* As /dev/zero's bytes are zero, and a device's are not: eight of them have odds of 5e-20. */
UNSEEN static int given(const void *at, size_t size) {
    static const unsigned char zero[8];
    return memcmp(at, zero, size) != 0;
}

UNSEEN static void wipe(void) {
    memset(bytes, 0, sizeof bytes);
}

static void expect_device(int file, int is_one) {
    claim(file >= 100);
    wipe();
    claim(read(file, bytes, 8) == 8 && given(bytes, 8) == is_one && bytes[8] == 0);
    wipe();
    claim(pread(file, bytes, 8, 0) == 8 && given(bytes, 8) == is_one && bytes[8] == 0);
    wipe();
    struct iovec part[2] = {{.iov_base = bytes, .iov_len = 8}, {.iov_base = other, .iov_len = 8}};
    memset(other, 0, sizeof other);
    claim(readv(file, part, 2) == 16 && given(bytes, 8) == is_one && given(other, 8) == is_one);
    claim(readv(file, part, 1) == 8 && readv(file, part, 0) == 0);
    wipe();
    claim(syscall(SYS_read, file, bytes, 8) == 8 && given(bytes, 8) == is_one);
    int copy = dup(file), named = dup2(file, 200), with = dup3(file, 201, O_CLOEXEC);
    claim(copy >= 100 && named == 200 && with == 201);
    wipe();
    claim(read(copy, bytes, 8) == 8 && given(bytes, 8) == is_one);
    wipe();
    claim(read(named, bytes, 8) == 8 && given(bytes, 8) == is_one);
    wipe();
    claim(read(with, bytes, 8) == 8 && given(bytes, 8) == is_one);
    claim(close(copy) == 0 && close(named) == 0 && close(with) == 0 && close(file) == 0);
}

static void devices_task(uint32_t index) {
    (void)index;
    expect_device(open("/dev/urandom", O_RDONLY), 1);
    expect_device(open("/dev/random", O_RDONLY | O_CLOEXEC), 1);
    expect_device(open64("/dev/urandom", O_RDONLY), 1);
    expect_device(openat(AT_FDCWD, "/dev/urandom", O_RDONLY), 1);
    expect_device(openat64(AT_FDCWD, "/dev/random", O_RDONLY), 1);
    expect_device((int)syscall(SYS_openat, AT_FDCWD, "/dev/urandom", O_RDONLY, 0), 1);
    expect_device(open("/dev/zero", O_RDONLY), 0);
    expect_device(openat(AT_FDCWD, "/dev/zero", O_RDONLY), 0);
    int file = open("/dev/urandom", O_RDONLY), zero = open("/dev/zero", O_RDONLY);
    wipe();
    claim(dup2(zero, file) == file && read(file, bytes, 8) == 8 && !given(bytes, 8));
    close(file);
    file = open("/dev/zero", O_RDONLY); /* the number of a device of chance, and no more */
    wipe();
    claim(read(file, bytes, 8) == 8 && !given(bytes, 8));
}
SUBJECT(devices, .tasks = 1, .task = devices_task, .check = check);

static void expect_stream(FILE *stream, int is_one) {
    wipe();
    claim(stream != NULL && fread(bytes, 1, 8, stream) == 8 && given(bytes, 8) == is_one);
    claim(fclose(stream) == 0);
}

static void streams_task(uint32_t index) {
    (void)index;
    expect_stream(fopen("/dev/urandom", "r"), 1);
    expect_stream(fopen64("/dev/random", "rb"), 1);
    expect_stream(fopen("/dev/zero", "r"), 0);
    expect_stream(fdopen(open("/dev/urandom", O_RDONLY), "r"), 1);
    expect_stream(fdopen(open("/dev/zero", O_RDONLY), "r"), 0);
    claim(fopen("/dev/none", "r") == NULL && errno == ENOENT);
    claim(fdopen(-1, "r") == NULL && fopen("/dev/urandom", "?") == NULL);
}
SUBJECT(streams, .tasks = 1, .task = streams_task, .check = check);
