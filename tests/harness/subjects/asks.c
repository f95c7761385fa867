/* asks.c - what code under test may ask of chance, time and identity, and what it may leave behind of it. A
 * subject's check returns what it was told, or how many of its claims failed.
 */
#include <errno.h>
#include <fcntl.h>
#include <fenv.h>
#include <locale.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/times.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "tests/harness/subjects/subject.h"

uint32_t arc4random(void);
void arc4random_buf(void *buffer, size_t size);
uint32_t arc4random_uniform(uint32_t limit);

static volatile unsigned long told;
static volatile long failures;

UNSEEN static void tell(unsigned long value) {
    told = told * 31 + value;
}

UNSEEN static void tell_bytes(const void *buffer, size_t size) {
    const unsigned char *byte = buffer;
    for (size_t i = 0; i < size; i++)
        told = told * 31 + byte[i];
}

UNSEEN static void claim(int holds) {
    failures += !holds;
}

static long check(void) {
    return (long)(told >> 1);
}

static long check_claims(void) {
    return failures;
}

/* ---- generators ----------------------------------------------------------------------------------- */

static void generators_task(uint32_t index) {
    unsigned short own[3] = {1, 2, 3};
    unsigned seed = index;
    if (index == 1)
        srandom(7);
    for (int i = 0; i < 3; i++) {
        tell((unsigned long)rand());
        tell((unsigned long)random());
        tell((unsigned long)rand_r(&seed));
        tell((unsigned long)lrand48());
        tell((unsigned long)mrand48());
        tell((unsigned long)(drand48() * 1e9));
        tell((unsigned long)(erand48(own) * 1e9));
    }
    unsigned short parameters[7] = {1, 2, 3, 4, 5, 6, (unsigned short)index};
    lcong48(parameters);
    tell((unsigned long)nrand48(own) + (unsigned long)jrand48(own));
}
SUBJECT(generators, .tasks = 2, .task = generators_task, .check = check);

static long first_of(unsigned seed) {
    srand(seed);
    return rand();
}

/* The first numbers of glibc's generators, as its documentation's users know them. */
static void sequences_task(uint32_t index) {
    static char state[64];
    unsigned short seed[3] = {0x330e, 1, 0};
    (void)index;
    claim(rand() == 1804289383 && random() == 846930886 && rand() == 1681692777);
    claim(first_of(42) == 71876166 && first_of(1) == 1804289383 && first_of(0) == 1804289383);
    char *before = initstate(1, state, sizeof state);
    long other = random();
    claim(setstate(before) == state && random() == 846930886);
    claim(setstate(state) == before && random() != other);
    srand48(1);
    claim(lrand48() == 89400484);
    seed48(seed);
    claim(lrand48() == 89400484);
}
SUBJECT(sequences, .tasks = 1, .task = sequences_task, .check = check_claims);

/* ---- chance --------------------------------------------------------------------------------------- */

static void tell_device(const char *path) {
    unsigned char bytes[8];
    int file = open(path, O_RDONLY | O_CLOEXEC);
    tell((unsigned long)file);
    claim(read(file, bytes, sizeof bytes) == sizeof bytes);
    tell_bytes(bytes, sizeof bytes);
    close(file);
    FILE *stream = fopen(path, "rb");
    claim(fread(bytes, 1, sizeof bytes, stream) == sizeof bytes);
    tell_bytes(bytes, sizeof bytes);
    fclose(stream);
}

static void chance_task(uint32_t index) {
    unsigned char bytes[24];
    (void)index;
    claim(getrandom(bytes, sizeof bytes, 0) == sizeof bytes);
    tell_bytes(bytes, sizeof bytes);
    claim(getentropy(bytes, 16) == 0);
    tell_bytes(bytes, 16);
    claim(syscall(SYS_getrandom, bytes, 8, 0) == 8);
    tell_bytes(bytes, 8);
    tell(arc4random());
    arc4random_buf(bytes, 5);
    tell_bytes(bytes, 5);
    unsigned die = arc4random_uniform(6);
    claim(die < 6);
    tell(die);
    tell_bytes((const void *)getauxval(AT_RANDOM), 16);
    tell_device("/dev/urandom");
    tell_device("/dev/random");
}
static long chance_check(void) {
    return failures != 0 ? failures : (long)(told >> 1);
}
SUBJECT(chance, .tasks = 2, .task = chance_task, .check = chance_check);

static void chance_errors_task(uint32_t index) {
    unsigned char bytes[300];
    (void)index;
    claim(getentropy(bytes, sizeof bytes) == -1 && errno == EIO);
    claim(getrandom(bytes, 1, 0x80) == -1 && errno == EINVAL);
    claim(open("/dev/urandom/none", O_RDONLY) == -1 && errno == ENOTDIR);
    claim(arc4random_uniform(1) == 0);
}
SUBJECT(chance_errors, .tasks = 1, .task = chance_errors_task, .check = check_claims);

/* ---- time ----------------------------------------------------------------------------------------- */

static void the_time_task(uint32_t index) {
    struct timespec now;
    struct timeval day;
    struct tms used;
    struct rusage usage;
    clockid_t own;
    (void)index;
    for (clockid_t clock = 0; clock < 12; clock++) {
        int known = clock_gettime(clock, &now) == 0;
        claim(known == (clock != 10));
        tell(known ? (unsigned long)now.tv_sec * 1000000000 + (unsigned long)now.tv_nsec : 0);
        claim(clock_getres(clock, &now) == (known ? 0 : -1));
    }
    claim(clock_gettime(99, &now) == -1 && errno == EINVAL);
    claim(clock_getcpuclockid(0, &own) == 0 && clock_gettime(own, &now) == 0);
    tell((unsigned long)now.tv_nsec);
    tell((unsigned long)clock());
    tell((unsigned long)times(&used) + (unsigned long)used.tms_utime);
    claim(getrusage(RUSAGE_SELF, &usage) == 0);
    tell((unsigned long)usage.ru_utime.tv_usec + (unsigned long)usage.ru_maxrss);
    claim(timespec_get(&now, TIME_UTC) == TIME_UTC && timespec_get(&now, 77) == 0);
    tell((unsigned long)now.tv_nsec);
    gettimeofday(&day, 0);
    tell((unsigned long)day.tv_sec * 1000000 + (unsigned long)day.tv_usec);
    tell((unsigned long)time(0));
    claim(syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &now) == 0);
    tell((unsigned long)now.tv_nsec);
}
SUBJECT(the_time, .tasks = 2, .task = the_time_task, .check = chance_check);

/* Time goes on between readings, whichever clock shows it. */
static void time_passes_task(uint32_t index) {
    struct timespec nap = {.tv_sec = 2};
    (void)index;
    clock_t processor = clock();
    struct tms used;
    clock_t ticks = times(&used);
    nanosleep(&nap, 0);
    claim(clock() - processor >= 2 * CLOCKS_PER_SEC);
    claim(times(&used) - ticks >= 2 * sysconf(_SC_CLK_TCK));
}
SUBJECT(time_passes, .tasks = 1, .task = time_passes_task, .check = check_claims);

/* ---- identity ------------------------------------------------------------------------------------- */

static void identity_task(uint32_t index) {
    struct utsname machine;
    struct sysinfo memory;
    double load[3];
    char name[64] = "";
    (void)index;
    tell((unsigned long)getpid() + (unsigned long)getppid() + (unsigned long)gettid());
    tell(getuid() + geteuid() + getgid() + getegid());
    tell((unsigned long)getpgrp() + (unsigned long)getsid(0) + (unsigned long)gethostid());
    tell((unsigned long)sched_getcpu() + (unsigned long)get_nprocs());
    tell((unsigned long)sysconf(_SC_AVPHYS_PAGES) + (unsigned long)sysconf(_SC_PHYS_PAGES));
    claim(uname(&machine) == 0 && gethostname(name, sizeof name) == 0);
    claim(strcmp(name, machine.nodename) == 0);
    tell_bytes(name, sizeof name);
    claim(sysinfo(&memory) == 0 && getloadavg(load, 3) == 3);
    tell_bytes(&memory, sizeof memory);
    tell_bytes(load, sizeof load);
    claim(syscall(SYS_getuid) == (long)getuid());
}
SUBJECT(identity, .tasks = 2, .task = identity_task, .check = chance_check);

/* ---- the stack protector -------------------------------------------------------------------------- */

static void stack_guard_task(uint32_t index) {
    unsigned long guard = 0;
    (void)index;
#if defined(__x86_64__)
    __asm__("movq %%fs:0x28, %0" : "=r"(guard));
#endif
    tell(guard);
}
SUBJECT(stack_guard, .tasks = 2, .task = stack_guard_task, .check = check);

/* ---- left behind ---------------------------------------------------------------------------------- */

static void files_left_task(uint32_t index) {
    int two[2];
    tell((unsigned long)open("/dev/null", O_RDONLY));
    FILE *stream = fopen("/dev/null", "r");
    tell(stream != 0 && fgetc(stream) == EOF);
    tell(pipe(two) == 0 ? (unsigned long)(two[0] + 2 * two[1]) : 0);
    tell((unsigned long)dup(two[0]) + index);
    tell((unsigned long)memfd_create("left", MFD_CLOEXEC));
}
SUBJECT(files_left, .tasks = 2, .task = files_left_task, .check = check);

static void surroundings_left_task(uint32_t index) {
    char directory[256] = "";
    const char *variable = getenv("HEDDLE_TEST_LEFT");
    tell((unsigned long)umask(index == 0 ? 0777 : 0123));
    tell(getcwd(directory, sizeof directory) != 0 ? strlen(directory) : 0);
    claim(chdir("/") == 0);
    tell_bytes(setlocale(LC_ALL, 0), 2);
    setlocale(LC_ALL, "C.UTF-8");
    tell(variable != 0 ? (unsigned char)variable[0] : 0);
    setenv("HEDDLE_TEST_LEFT", index == 0 ? "x" : "y", 1);
}
SUBJECT(surroundings_left, .tasks = 2, .task = surroundings_left_task, .check = check);

/* The rounding mode and the flags of exceptions, in both units of the processor. */
static void rounding_left_task(uint32_t index) {
    volatile double one = 1, three = 3, third = one / three;
    tell((unsigned long)fegetround() + (unsigned long)fetestexcept(FE_DIVBYZERO | FE_OVERFLOW));
    tell_bytes((const void *)&third, sizeof third);
    fesetround(index == 0 ? FE_UPWARD : FE_DOWNWARD);
    feraiseexcept(FE_DIVBYZERO);
}
SUBJECT(rounding_left, .tasks = 2, .task = rounding_left_task, .check = check);

/* ---- while the module is loaded ------------------------------------------------------------------- */

static unsigned long loaded_with;

__attribute__((constructor)) static void ask_while_loaded(void) {
    struct timespec now;
    unsigned long bytes = 0;
    clock_gettime(CLOCK_REALTIME, &now);
    if (getrandom(&bytes, sizeof bytes, 0) != sizeof bytes)
        bytes = 0;
    loaded_with = bytes ^ (unsigned long)now.tv_nsec ^ (unsigned long)getpid() << 32 ^
                  (unsigned long)rand() ^ (unsigned long)time(0) << 8;
}

static void while_loaded_task(uint32_t index) {
    tell(loaded_with + index);
}
SUBJECT(while_loaded, .tasks = 2, .task = while_loaded_task, .check = check);
