/* test_outside.c - outside of executions every interposed call is libc's: what the harness itself, its
 * tests and the modules' own code call then is not modelled.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <locale.h>
#include <pthread.h>
#include <semaphore.h>
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
#include <sys/timeb.h>
#include <sys/times.h>
#include <sys/uio.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <threads.h>
#include <unistd.h>

#include "tests/harness/support.h"

uint32_t arc4random(void);
void arc4random_buf(void *buffer, size_t size);
uint32_t arc4random_uniform(uint32_t limit);
#pragma GCC diagnostic ignored "-Wredundant-decls"
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
int ftime(struct timeb *time);
int timespec_getres(struct timespec *resolution, int base);

TestSuite(outside, .timeout = 60);

/* ---- redirected calls ----------------------------------------------------------------------------- */

static void expect_sound(const char *name) {
    struct bench bench;
    bench_open(&bench, "outside", name);
    bench.subject->task(0);
    cr_expect_eq(bench.subject->check(), 0, "%s: line %ld", name, bench.subject->check());
}

Test(outside, redirected_calls_do_what_they_do) {
    int file = memfd_create("out", MFD_CLOEXEC);
    char text[64] = "";
    dup2(file, 1);
    expect_sound("heap");
    expect_sound("texts");
    expect_sound("streams");
    cr_expect_eq(pread(file, text, sizeof text - 1, 0), 19);
    cr_expect_str_eq(text, "abc1d2eef\nghijkkllm");
}

/* ---- time ----------------------------------------------------------------------------------------- */

static long real_ns(clockid_t clock) {
    struct timespec time = {0};
    cr_assert(syscall(SYS_clock_gettime, clock, &time) == 0);
    return time.tv_sec * 1000000000 + time.tv_nsec;
}

static long ns_of(long seconds, long ns) {
    return seconds * 1000000000 + ns;
}

/* No earlier than `from` and no later than now: to two seconds, one that the coarsest of them cut off, and
 * the tick by which they may be late. */
static int between(long from, long ns) {
    return ns >= from - 2000000000 && ns <= real_ns(CLOCK_REALTIME) + 1000000000;
}

Test(outside, the_time_is_the_real_one) {
    struct timespec fine = {0};
    struct timeval day = {0};
    struct timeb old = {0};
    time_t kept = 0;
    long from = real_ns(CLOCK_REALTIME);
    cr_expect(clock_gettime(CLOCK_REALTIME, &fine) == 0 && between(from, ns_of(fine.tv_sec, 0)));
    cr_expect(gettimeofday(&day, NULL) == 0 && between(from, ns_of(day.tv_sec, 0)));
    cr_expect(between(from, ns_of(time(&kept), 0)) && between(from, ns_of(kept, 0)));
    cr_expect(timespec_get(&fine, TIME_UTC) == TIME_UTC && between(from, ns_of(fine.tv_sec, 0)));
    cr_expect(ftime(&old) == 0 && between(from, ns_of(old.time, 0)));
    cr_expect_eq(timespec_get(&fine, 77), 0);
    fine.tv_nsec = 0;
    cr_expect(timespec_getres(&fine, TIME_UTC) == TIME_UTC && fine.tv_nsec > 0);
    cr_expect(clock_getres(CLOCK_MONOTONIC, &fine) == 0 && clock_getres(77, &fine) == -1);
    cr_expect_eq(clock_gettime(77, &fine), -1);
}

Test(outside, processor_time_is_the_real_one) {
    clockid_t process = 0, thread = 0;
    struct timespec used = {0};
    struct rusage usage = {0};
    struct tms ticks;
    cr_expect(clock_getcpuclockid(0, &process) == 0 && process < 0);
    cr_expect(clock_getcpuclockid(getpid(), &process) == 0 && clock_gettime(process, &used) == 0);
    cr_expect(pthread_getcpuclockid(pthread_self(), &thread) == 0 && thread < 0);
    cr_expect(getrusage(RUSAGE_SELF, &usage) == 0 && usage.ru_maxrss > 0);
    cr_expect(clock() > 0 && times(&ticks) > 0 && times(&ticks) != 100000);
    cr_expect(getrusage((__rusage_who_t)77, &usage) == -1);
}

Test(outside, a_sleep_takes_real_time) {
    struct timespec nap = {.tv_nsec = 2000000}, wrong = {.tv_nsec = -1};
    long from = real_ns(CLOCK_MONOTONIC);
    cr_expect_eq(nanosleep(&nap, NULL), 0);
    cr_expect_eq(usleep(2000), 0);
    cr_expect_eq(clock_nanosleep(CLOCK_MONOTONIC, 0, &nap, NULL), 0);
    cr_expect_eq(thrd_sleep(&nap, NULL), 0);
    cr_expect_geq(real_ns(CLOCK_MONOTONIC), from + 8000000);
    cr_expect(nanosleep(&wrong, NULL) == -1 && errno == EINVAL);
    cr_expect_eq(clock_nanosleep(CLOCK_MONOTONIC, 0, &wrong, NULL), EINVAL);
    cr_expect_eq(thrd_sleep(&wrong, NULL), -2);
    cr_expect(sleep(0) == 0 && sched_yield() == 0);
    thrd_yield();
}

/* ---- identity ------------------------------------------------------------------------------------- */

Test(outside, process_and_user_are_the_real_ones) {
    cr_expect_eq(getpid(), syscall(SYS_getpid));
    cr_expect_eq(getppid(), syscall(SYS_getppid));
    cr_expect_eq(gettid(), syscall(SYS_gettid));
    cr_expect_eq(getpid(), gettid());
    cr_expect_lt(getpid(), 4194305);
    cr_expect_eq(getpgrp(), getpgid(0));
    cr_expect_eq(getpgid(0), syscall(SYS_getpgid, 0));
    cr_expect_eq(getsid(0), syscall(SYS_getsid, 0));
    cr_expect_eq(getsid(-1), -1);
    cr_expect_eq(getpgid(-1), -1);
    cr_expect_eq(getuid(), syscall(SYS_getuid));
    cr_expect_eq(geteuid(), syscall(SYS_geteuid));
    cr_expect_eq(getgid(), syscall(SYS_getgid));
    cr_expect_eq(getegid(), syscall(SYS_getegid));
    cr_assert(getuid() != 0 || (setregid(77, 78) == 0 && setreuid(79, 80) == 0));
    cr_expect(syscall(SYS_getuid) == getuid() && syscall(SYS_getgid) == getgid());
    cr_expect(syscall(SYS_geteuid) == geteuid() && syscall(SYS_getegid) == getegid());
    cr_expect(getuid() != 79 || (geteuid() == 80 && getgid() == 77 && getegid() == 78));
}

/* One processor of those that there are, so that every call has something of its own to tell. */
Test(outside, the_machine_is_the_real_one) {
    struct utsname machine;
    struct sysinfo memory = {0};
    double load[3] = {-1, -1, -1};
    char name[128] = "";
    unsigned processor = 9999, node = 9999;
    cpu_set_t set, one;
    cr_expect(uname(&machine) == 0 && gethostname(name, sizeof name) == 0);
    cr_expect_str_eq(name, machine.nodename);
    cr_expect(strlen(machine.sysname) > 0 && strlen(machine.release) > 0);
    cr_expect(sysinfo(&memory) == 0 && memory.totalram > 0 && memory.procs > 4);
    cr_expect_neq(memory.uptime, 1000);
    cr_expect_eq(sysconf(_SC_PAGESIZE), (long)getauxval(AT_PAGESZ));
    cr_expect_eq(sysconf(_SC_PHYS_PAGES), get_phys_pages());
    cr_expect_lt(get_avphys_pages(), get_phys_pages());
    cr_expect_leq(get_phys_pages(), (long)(memory.totalram * memory.mem_unit) / getpagesize() + 1);
    cr_expect_geq(get_phys_pages(), (long)(memory.totalram * memory.mem_unit) / getpagesize() - 1);
    cr_expect_gt(sysconf(_SC_AVPHYS_PAGES), 0);
    cr_expect(getloadavg(load, 3) == 3 && load[0] >= 0 && load[2] >= 0);
    cr_assert_eq(sched_getaffinity(0, sizeof set, &set), 0);
    cr_expect_leq(CPU_COUNT(&set), get_nprocs_conf());
    cr_expect_eq(get_nprocs(), sysconf(_SC_NPROCESSORS_ONLN));
    cr_expect_eq(get_nprocs_conf(), sysconf(_SC_NPROCESSORS_CONF));
    size_t last = CPU_SETSIZE - 1;
    while (!CPU_ISSET(last, &set)) /* ends: there is one */
        last--;
    CPU_ZERO(&one);
    CPU_SET(last, &one);
    cr_expect_eq(sched_setaffinity(0, sizeof one, &one), 0);
    cr_expect_eq((size_t)sched_getcpu(), last);
    cr_expect(getcpu(&processor, &node) == 0 && processor == last && node < 9999);
    cr_expect(sched_getaffinity(0, sizeof set, &set) == 0 && CPU_EQUAL(&set, &one));
    cr_expect(pthread_getaffinity_np(pthread_self(), sizeof set, &set) == 0);
    cr_expect(CPU_EQUAL(&set, &one));
    CPU_ZERO(&one);
    cr_expect_eq(sched_setaffinity(0, sizeof one, &one), -1);
    cr_expect_eq(pthread_setaffinity_np(pthread_self(), sizeof one, &one), EINVAL);
    cr_expect_eq(gethostid(), gethostid());
}

/* ---- chance --------------------------------------------------------------------------------------- */

static char own_state[64];

static void use_generators(long told[12]) {
    unsigned short own[3] = {1, 2, 3}, parameters[7] = {1, 2, 3, 4, 5, 6, 7};
    srand(5);
    told[0] = rand();
    srandom(5);
    told[1] = random();
    char *before = initstate(6, own_state, sizeof own_state);
    told[2] = random();
    told[3] = setstate(before) == own_state;
    srand48(7);
    told[4] = lrand48();
    told[5] = mrand48();
    told[6] = (long)(drand48() * 1e9);
    told[7] = (long)(erand48(own) * 1e9);
    told[8] = nrand48(own);
    told[9] = jrand48(own);
    seed48(own);
    told[10] = lrand48();
    lcong48(parameters);
    told[11] = lrand48();
}

/* Seeded, they tell the same again; those of an execution go on where they were. */
Test(outside, generators_are_the_processes_own) {
    long first[12], again[12];
    use_generators(first);
    use_generators(again);
    cr_expect_arr_eq(first, again, sizeof first);
    cr_expect_eq(first[0], first[1]);
    cr_expect_neq(first[2], first[1]);
    cr_expect_eq(first[3], 1);
    for (int i = 4; i < 12; i++)
        for (int k = 4; k < i; k++)
            cr_expect_neq(first[i], first[k], "%d and %d", i, k);
}

Test(outside, chance_is_the_systems) {
    unsigned char bytes[2][64] = {{0}}, large[257];
    uint32_t faces = 0;
    cr_expect(getrandom(bytes[0], 64, 0) == 64 && getrandom(bytes[1], 64, 0) == 64);
    cr_expect_arr_neq(bytes[0], bytes[1], 64);
    cr_expect_eq(getrandom(bytes[0], 64, 0x80), -1);
    cr_expect_eq(getentropy(bytes[0], 64), 0);
    cr_expect_arr_neq(bytes[0], bytes[1], 64);
    cr_expect_eq(getentropy(large, sizeof large), -1);
    arc4random_buf(bytes[1], 64);
    cr_expect_arr_neq(bytes[0], bytes[1], 64);
    cr_expect_neq(arc4random() | arc4random() << 1 | arc4random() << 2, 0);
    for (int i = 0; i < 200; i++)
        faces |= 1u << arc4random_uniform(6);
    cr_expect_eq(faces, 63);
    const void *given = (const void *)getauxval(AT_RANDOM);
    cr_expect_eq(given, (const void *)getauxval(AT_RANDOM));
    cr_expect_eq((long)getauxval(AT_PAGESZ), sysconf(_SC_PAGESIZE));
}

/* ---- files and memory ----------------------------------------------------------------------------- */

/* The lowest free number, which is below those of code under test. */
static void expect_lowest(int descriptor, int expected) {
    cr_expect_eq(descriptor, expected);
    cr_expect_eq(close(descriptor), 0);
    cr_expect_eq(fcntl(descriptor, F_GETFD), -1);
}

Test(outside, files_are_the_processes_own) {
    char bytes[8] = {1, 1, 1, 1, 1, 1, 1, 1};
    int two[2], low = dup(0);
    struct iovec part = {.iov_base = bytes, .iov_len = 4};
    expect_lowest(low, low);
    expect_lowest(open("/dev/urandom", O_RDONLY), low);
    expect_lowest(open64("/dev/null", O_RDONLY), low);
    expect_lowest(openat(AT_FDCWD, "/dev/null", O_RDONLY), low);
    expect_lowest(openat64(AT_FDCWD, "/dev/null", O_RDONLY), low);
    expect_lowest(creat("/dev/null", 0600), low);
    expect_lowest(memfd_create("it", 0), low);
    expect_lowest((int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDONLY), low);
    cr_expect(pipe(two) == 0 && two[0] == low && two[1] == low + 1);
    cr_expect(write(two[1], "abcdefgh", 8) == 8 && read(two[0], bytes, 2) == 2 && bytes[1] == 'b');
    cr_expect(readv(two[0], &part, 1) == 4 && bytes[3] == 'f');
    cr_expect_eq(dup2(two[0], 300), 300);
    cr_expect(close(300) == 0 && close(two[0]) == 0 && close(two[1]) == 0);
    cr_expect(close(300) == -1 && errno == EBADF);
    FILE *stream = fopen("/dev/zero", "r");
    cr_expect(stream != NULL && fileno(stream) == low && fread(bytes, 1, 8, stream) == 8);
    cr_expect(bytes[0] == 0 && fclose(stream) == 0 && fcntl(low, F_GETFD) == -1);
    cr_expect_null(fopen("/dev/none", "r"));
    int zero = open("/dev/zero", O_RDONLY);
    stream = fdopen(zero, "r");
    cr_expect(pread(zero, bytes, 8, 0) == 8 && fileno(stream) == zero && fclose(stream) == 0);
    stream = fopen64("/dev/urandom", "r");
    cr_expect(fileno(stream) == low && fgetc(stream) != EOF && fclose(stream) == 0);
}

Test(outside, mappings_are_where_the_system_puts_them) {
    unsigned char *at =
        mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    cr_assert_neq(at, MAP_FAILED);
    at[8191] = 7;
    cr_expect_eq(mmap64(at, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0), at);
    unsigned char *moved = mremap(at + 4096, 4096, 1 << 20, MREMAP_MAYMOVE);
    cr_expect(moved != MAP_FAILED && moved[4095] == 7);
    cr_expect_eq(mremap(moved, 1 << 20, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, at), at);
    cr_expect(at[4095] == 7 && munmap(at, 4096) == 0 && munmap(at + 1, 1) == -1);
    cr_expect_eq(mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), MAP_FAILED);
}

Test(outside, surroundings_are_changed_for_good) {
    char folder[512] = "";
    char variable[] = "HEDDLE_TEST_OUTSIDE=c";
    int root = open("/", O_RDONLY);
    umask(0123);
    cr_expect_eq(umask(0321), 0123);
    cr_expect_eq(umask(0), 0321);
    cr_expect(chdir("/proc") == 0 && strcmp(getcwd(folder, sizeof folder), "/proc") == 0);
    cr_expect(fchdir(root) == 0 && strcmp(getcwd(folder, sizeof folder), "/") == 0);
    cr_expect(chdir("/none") == -1 && fchdir(-1) == -1);
    cr_expect(setlocale(LC_ALL, "C.UTF-8") != NULL && setlocale(LC_ALL, "none") == NULL);
    cr_expect_str_eq(setlocale(LC_ALL, NULL), "C.UTF-8");
    cr_expect(setenv("HEDDLE_TEST_OUTSIDE", "a", 1) == 0);
    cr_expect(setenv("HEDDLE_TEST_OUTSIDE", "b", 0) == 0 && setenv("", "", 1) == -1);
    cr_expect_str_eq(getenv("HEDDLE_TEST_OUTSIDE"), "a");
    cr_expect(unsetenv("HEDDLE_TEST_OUTSIDE") == 0 && getenv("HEDDLE_TEST_OUTSIDE") == NULL);
    cr_expect(putenv(variable) == 0 && getenv("HEDDLE_TEST_OUTSIDE") == variable + 20);
    cr_expect(unsetenv("a=b") == -1 && clearenv() == 0 && getenv("PATH") == NULL);
}

/* ---- locks ---------------------------------------------------------------------------------------- */

static const struct timespec past = {.tv_sec = 1};

Test(outside, mutexes_and_conditions_are_libcs) {
    pthread_mutex_t mutex = PTHREAD_ERRORCHECK_MUTEX_INITIALIZER_NP;
    pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
    cr_expect_eq(pthread_mutex_lock(&mutex), 0);
    cr_expect_eq(pthread_mutex_lock(&mutex), EDEADLK);
    cr_expect(pthread_mutex_lock(&held) == 0 && pthread_mutex_trylock(&held) == EBUSY);
    cr_expect_eq(pthread_mutex_timedlock(&held, &past), ETIMEDOUT);
    cr_expect_eq(pthread_mutex_clocklock(&held, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    cr_expect_eq(pthread_cond_timedwait(&condition, &mutex, &past), ETIMEDOUT);
    cr_expect_eq(pthread_cond_clockwait(&condition, &mutex, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    cr_expect(pthread_cond_signal(&condition) == 0 && pthread_cond_broadcast(&condition) == 0);
    cr_expect(pthread_cond_destroy(&condition) == 0 && pthread_mutex_unlock(&mutex) == 0);
    cr_expect(pthread_mutex_unlock(&mutex) == EPERM && pthread_mutex_destroy(&held) == EBUSY);
    cr_expect(pthread_mutex_unlock(&held) == 0 && pthread_mutex_trylock(&held) == 0);
}

Test(outside, other_locks_are_libcs) {
    pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
    pthread_spinlock_t spin;
    pthread_barrier_t barrier;
    sem_t semaphore;
    int value = 9;
    cr_expect(pthread_rwlock_rdlock(&lock) == 0 && pthread_rwlock_tryrdlock(&lock) == 0);
    cr_expect(pthread_rwlock_trywrlock(&lock) == EBUSY);
    cr_expect_eq(pthread_rwlock_timedwrlock(&lock, &past), ETIMEDOUT);
    cr_expect_eq(pthread_rwlock_clockwrlock(&lock, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    cr_expect(pthread_rwlock_unlock(&lock) == 0 && pthread_rwlock_unlock(&lock) == 0);
    cr_expect(pthread_rwlock_wrlock(&lock) == 0 && pthread_rwlock_tryrdlock(&lock) == EBUSY);
    cr_expect(pthread_rwlock_wrlock(&lock) == EDEADLK && pthread_rwlock_unlock(&lock) == 0);
    cr_expect_eq(pthread_rwlock_timedrdlock(&lock, &past), 0);
    cr_expect_eq(pthread_rwlock_clockrdlock(&lock, CLOCK_MONOTONIC, &past), 0);
    cr_expect(pthread_rwlock_trywrlock(&lock) == EBUSY && pthread_rwlock_destroy(&lock) == 0);
    pthread_spin_init(&spin, 0);
    cr_expect(pthread_spin_lock(&spin) == 0 && pthread_spin_trylock(&spin) == EBUSY);
    cr_expect(pthread_spin_unlock(&spin) == 0 && pthread_spin_trylock(&spin) == 0);
    cr_expect(pthread_spin_unlock(&spin) == 0 && pthread_spin_destroy(&spin) == 0);
    cr_expect(pthread_barrier_init(&barrier, NULL, 0) == EINVAL);
    cr_expect_eq(pthread_barrier_init(&barrier, NULL, 1), 0);
    cr_expect_eq(pthread_barrier_wait(&barrier), PTHREAD_BARRIER_SERIAL_THREAD);
    cr_expect_eq(pthread_barrier_destroy(&barrier), 0);
    cr_expect(sem_init(&semaphore, 0, 1) == 0 && sem_wait(&semaphore) == 0);
    cr_expect(sem_trywait(&semaphore) == -1 && errno == EAGAIN);
    cr_expect(sem_timedwait(&semaphore, &past) == -1 && errno == ETIMEDOUT);
    cr_expect(sem_clockwait(&semaphore, CLOCK_MONOTONIC, &past) == -1 && errno == ETIMEDOUT);
    cr_expect(sem_post(&semaphore) == 0 && sem_post(&semaphore) == 0);
    cr_expect(sem_getvalue(&semaphore, &value) == 0 && value == 2 && sem_destroy(&semaphore) == 0);
}

static uint32_t word = 1;

Test(outside, a_futex_is_the_kernels) {
    cr_expect_eq(syscall(SYS_futex, &word, FUTEX_WAIT, 0, NULL, NULL, 0), -1);
    cr_expect_eq(errno, EAGAIN);
    cr_expect_eq(syscall(SYS_futex, &word, FUTEX_WAKE, 1, NULL, NULL, 0), 0);
    cr_expect_eq(syscall(SYS_futex, &word, FUTEX_CMP_REQUEUE, 0, 0L, &word, 1), 0);
}

/* ---- threads -------------------------------------------------------------------------------------- */

static pthread_key_t key;
static volatile int destroyed, cleaned, called;

static void destroy(void *value) {
    destroyed += *(int *)value;
}

static void clean(void *value) {
    cleaned = cleaned * 10 + *(int *)value;
}

static void leave(void) {
    static int two = 2;
    pthread_cleanup_push(clean, &two);
    pthread_exit(&two);
    pthread_cleanup_pop(0);
}

static void *run(void *argument) {
    static int one = 1, three = 3;
    pthread_setspecific(key, argument);
    pthread_cleanup_push(clean, &one);
    pthread_cleanup_push(clean, &three);
    pthread_cleanup_pop(0);
    leave();
    pthread_cleanup_pop(0);
    return NULL;
}

static void *return_it(void *argument) {
    return argument;
}

static void *wait_for_it(void *argument) {
    pthread_mutex_lock(argument);
    pthread_mutex_unlock(argument);
    return argument;
}

static void call(void) {
    called++;
}

Test(outside, threads_are_real_ones) {
    pthread_t thread;
    pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    void *result = NULL;
    int five = 5;
    cr_assert_eq(pthread_key_create(&key, destroy), 0);
    cr_expect_eq(pthread_create(&thread, NULL, run, &five), 0);
    cr_expect(pthread_join(thread, &result) == 0 && *(int *)result == 2);
    cr_expect_eq(destroyed, 5);
    cr_expect_eq(cleaned, 21);
    cr_expect_eq(pthread_key_delete(key), 0);
    cr_expect_eq(pthread_key_delete(key), EINVAL);
    pthread_mutex_lock(&mutex);
    cr_expect_eq(pthread_create(&thread, NULL, wait_for_it, &mutex), 0);
    cr_expect_eq(pthread_tryjoin_np(thread, &result), EBUSY);
    cr_expect_eq(pthread_timedjoin_np(thread, &result, &past), ETIMEDOUT);
    cr_expect_eq(pthread_clockjoin_np(thread, &result, CLOCK_MONOTONIC, &past), ETIMEDOUT);
    pthread_mutex_unlock(&mutex);
    cr_expect(pthread_join(thread, &result) == 0 && result == &mutex);
    cr_expect_eq(pthread_create(&thread, NULL, return_it, NULL), 0);
    cr_expect(pthread_detach(thread) == 0);
    cr_expect(pthread_once(&once, call) == 0 && pthread_once(&once, call) == 0 && called == 1);
    cr_expect_eq(pthread_join(pthread_self(), NULL), EDEADLK);
}

static tss_t tss;

static int run_c11(void *argument) {
    tss_set(tss, argument);
    if (*(int *)argument == 4)
        thrd_exit(-7);
    return *(int *)argument;
}

static void *signal_soon(void *condition) {
    usleep(20000);
    cnd_signal(condition);
    usleep(20000);
    cnd_broadcast(condition);
    return NULL;
}

Test(outside, threads_of_c11_are_libcs) {
    thrd_t thread;
    mtx_t plain, recursive;
    cnd_t condition;
    once_flag once = ONCE_FLAG_INIT;
    int result = 0, four = 4, five = 5;
    cr_assert_eq(tss_create(&tss, destroy), thrd_success);
    cr_expect_eq(thrd_create(&thread, run_c11, &four), thrd_success);
    cr_expect(thrd_join(thread, &result) == thrd_success && result == -7 && destroyed == 4);
    cr_expect_eq(thrd_create(&thread, run_c11, &five), thrd_success);
    cr_expect(thrd_join(thread, &result) == thrd_success && result == 5 && destroyed == 9);
    cr_expect_eq(thrd_create(&thread, run_c11, &five), thrd_success);
    cr_expect_eq(thrd_detach(thread), thrd_success);
    tss_delete(tss);
    cr_expect(mtx_init(&plain, mtx_timed) == thrd_success && mtx_init(&plain, 77) == thrd_error);
    cr_expect(mtx_init(&recursive, mtx_recursive) == thrd_success);
    cr_expect(mtx_lock(&plain) == thrd_success && mtx_trylock(&plain) == thrd_busy);
    cr_expect_eq(mtx_timedlock(&plain, &past), thrd_timedout);
    cr_expect(mtx_lock(&recursive) == thrd_success && mtx_trylock(&recursive) == thrd_success);
    cr_expect(mtx_unlock(&recursive) == thrd_success && mtx_unlock(&recursive) == thrd_success);
    cr_expect_eq(mtx_unlock(&recursive), thrd_error);
    cr_expect(cnd_init(&condition) == thrd_success);
    cr_expect_eq(cnd_timedwait(&condition, &plain, &past), thrd_timedout);
    cr_expect_eq(pthread_create(&thread, NULL, signal_soon, &condition), 0);
    cr_expect_eq(cnd_wait(&condition, &plain), thrd_success);
    cr_expect_eq(cnd_wait(&condition, &plain), thrd_success);
    cr_expect_eq(thrd_join(thread, NULL), thrd_success);
    cr_expect_eq(mtx_unlock(&plain), thrd_success);
    call_once(&once, call);
    call_once(&once, call);
    cr_expect_eq(called, 1);
    cnd_destroy(&condition);
    mtx_destroy(&plain);
}

/* ---- signals and processes ------------------------------------------------------------------------ */

static volatile int handled;

static void handle(int number) {
    handled = handled * 100 + number;
}

Test(outside, signals_are_the_kernels) {
    struct sigaction old, own = {.sa_handler = handle, .sa_flags = SA_RESTART};
    sigset_t set;
    stack_t stack;
    cr_expect_eq(signal(SIGUSR1, handle), SIG_DFL);
    cr_expect(sigaction(SIGUSR2, &own, &old) == 0 && old.sa_handler == SIG_DFL);
    cr_expect(raise(SIGUSR1) == 0 && kill(getpid(), SIGUSR2) == 0 && handled == 1012);
    handled = 0;
    cr_expect(pthread_kill(pthread_self(), SIGUSR1) == 0 && handled == 10);
    cr_expect(sigqueue(getpid(), SIGUSR2, (union sigval){0}) == 0 && handled == 1012);
    handled = 0;
    cr_expect(syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1) == 0 && handled == 10);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    cr_expect(sigprocmask(SIG_BLOCK, &set, NULL) == 0 && raise(SIGUSR1) == 0 && handled == 10);
    sigemptyset(&set);
    cr_expect(sigpending(&set) == 0 && sigismember(&set, SIGUSR1) == 1);
    cr_expect(pthread_sigmask(SIG_UNBLOCK, &set, NULL) == 0 && handled == 1010);
    cr_expect(raise(-1) == -1 && kill(getpid(), 99) == -1 && signal(99, handle) == SIG_ERR);
    cr_expect(sigaction(99, &own, NULL) == -1 && pthread_kill(pthread_self(), 99) == EINVAL);
    cr_expect(sigprocmask(99, &set, NULL) == -1 && pthread_sigmask(99, &set, NULL) == EINVAL);
    memset(&stack, 0xff, sizeof stack);
    cr_expect(sigaltstack(NULL, &stack) == 0 && stack.ss_flags != -1);
}

/* The status of a child that ends in this way. */
static int ended(void (*end)(int), bool by_vfork) {
    int status = 0;
    fflush(NULL);
    pid_t child = by_vfork ? vfork() : fork();
    if (child == 0) {
        end(7);
        raise(SIGKILL);
    }
    cr_expect_eq(waitpid(child, &status, 0), child);
    return status;
}

_Noreturn void __assert_fail(const char *assertion, const char *file, unsigned line,
                             const char *function);

static void fail_to_assert(int status) {
    fclose(stderr);
    __assert_fail("status", "file", (unsigned)status, "function");
}

static void at_the_end(void) {
    _exit(9);
}

static void register_and_exit(int status) {
    atexit(at_the_end);
    exit(status);
}

static void register_and_quit(int status) {
    at_quick_exit(at_the_end);
    quick_exit(status);
}

static void at_exit_with(int status, void *argument) {
    _exit(status + *(int *)argument);
}

static void register_on_exit(int status) {
    static int four = 4;
    on_exit(at_exit_with, &four);
    exit(status);
}

Test(outside, a_process_is_copied_and_ends_as_ever) {
    cr_expect_eq(WEXITSTATUS(ended(_exit, false)), 7);
    cr_expect_eq(WEXITSTATUS(ended(_exit, true)), 7);
    cr_expect_eq(WEXITSTATUS(ended(_Exit, false)), 7);
    cr_expect_eq(WEXITSTATUS(ended(quick_exit, false)), 7);
    cr_expect_eq(WEXITSTATUS(ended(register_and_exit, false)), 9);
    cr_expect_eq(WEXITSTATUS(ended(register_and_quit, false)), 9);
    cr_expect_eq(WEXITSTATUS(ended(register_on_exit, false)), 11);
    cr_expect_eq(WTERMSIG(ended(fail_to_assert, false)), SIGABRT);
    cr_expect_eq(system("exit 3"), 3 << 8);
    FILE *pipe = popen("echo x", "r");
    cr_expect(pipe != NULL && fgetc(pipe) == 'x' && pclose(pipe) == 0);
    cr_expect_eq(wait(NULL), -1);
}
