/* told.c - what code under test is told of process, user and machine, by name and by number; and what it
 * may change of its surroundings, which every execution finds as the first one did.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tests/harness/subjects/claims.h"

enum { PROCESS = 5000000, USER = 1000, PROCESSORS = 4 };
#define MEMORY (4ul << 30)

/* ---- process and user ----------------------------------------------------------------------------- */

static void process_task(uint32_t index) {
    claim(getpid() == PROCESS && getppid() == 1 && gettid() == PROCESS + (int)index + 1);
    claim(getpgrp() == PROCESS && getpgid(0) == PROCESS && getsid(0) == PROCESS);
    claim(getuid() == USER && geteuid() == USER && getgid() == USER && getegid() == USER);
    claim(syscall(SYS_getpid) == PROCESS && syscall(SYS_getppid) == 1);
    claim(syscall(SYS_gettid) == gettid() && syscall(SYS_getpgid, 0) == PROCESS);
    claim(syscall(SYS_getsid, 0) == PROCESS && syscall(SYS_getuid) == USER);
    claim(syscall(SYS_geteuid) == USER && syscall(SYS_getgid) == USER);
    claim(syscall(SYS_getegid) == USER);
#ifdef SYS_getpgrp
    claim(syscall(SYS_getpgrp) == PROCESS);
#endif
}
SUBJECT(process, .tasks = 2, .task = process_task, .check = check);

/* ---- machine -------------------------------------------------------------------------------------- */

static void names_task(uint32_t index) {
    struct utsname machine;
    char name[16] = "0123456789abcde";
    (void)index;
    claim(gethostname(name, 7) == 0 && strcmp(name, "heddle") == 0 && name[7] == '7');
    errno = 0;
    claim(gethostname(name, 6) == -1 && errno == ENAMETOOLONG && strcmp(name, "heddl") == 0);
    errno = 7;
    claim(gethostname(name, sizeof name) == 0 && errno == 7);
    memset(&machine, 0, sizeof machine);
    claim(uname(&machine) == 0 && strcmp(machine.nodename, "heddle") == 0);
    claim(strcmp(machine.sysname, "Linux") == 0 && machine.release[0] != 0);
    memset(&machine, 0, sizeof machine);
    claim(syscall(SYS_uname, &machine) == 0 && strcmp(machine.nodename, "heddle") == 0);
    claim(gethostid() == 0x68646c);
}
SUBJECT(names, .tasks = 1, .task = names_task, .check = check);

static void memory_task(uint32_t index) {
    struct sysinfo memory;
    double load[4] = {7, 7, 7, 7};
    long page = sysconf(_SC_PAGESIZE);
    (void)index;
    claim(page == getpagesize() && sysconf(_SC_PHYS_PAGES) == (long)MEMORY / page);
    claim(sysconf(_SC_AVPHYS_PAGES) == (long)MEMORY / page / 2 && sysconf(_SC_CLK_TCK) == 100);
    claim(get_phys_pages() == (long)MEMORY / page && get_avphys_pages() == get_phys_pages() / 2);
    memset(&memory, 0xff, sizeof memory);
    claim(sysinfo(&memory) == 0 && memory.uptime == 1000 && memory.totalram == MEMORY);
    claim(memory.freeram == MEMORY / 2 && memory.procs == PROCESSORS && memory.mem_unit == 1);
    claim(memory.loads[0] == 0 && memory.totalswap == 0);
    memset(&memory, 0xff, sizeof memory);
    claim(syscall(SYS_sysinfo, &memory) == 0 && memory.totalram == MEMORY);
    claim(getloadavg(load, 2) == 2 && load[0] == 0 && load[1] == 0 && load[2] == 7);
    claim(getloadavg(load, 4) == 3 && load[2] == 0 && load[3] == 7 && getloadavg(load, 0) == 0);
}
SUBJECT(memory, .tasks = 1, .task = memory_task, .check = check);

static int four(const cpu_set_t *set) {
    return CPU_COUNT(set) == PROCESSORS && CPU_ISSET(0, set) && CPU_ISSET(PROCESSORS - 1, set);
}

static void processors_task(uint32_t index) {
    cpu_set_t set;
    unsigned cpu = 9, node = 9;
    (void)index;
    claim(sysconf(_SC_NPROCESSORS_ONLN) == PROCESSORS && get_nprocs() == PROCESSORS);
    claim(sysconf(_SC_NPROCESSORS_CONF) == PROCESSORS && get_nprocs_conf() == PROCESSORS);
    memset(&set, 0xff, sizeof set);
    claim(sched_getaffinity(0, sizeof set, &set) == 0 && four(&set));
    memset(&set, 0xff, sizeof set);
    claim(pthread_getaffinity_np(pthread_self(), sizeof set, &set) == 0 && four(&set));
    memset(&set, 0, sizeof set);
    claim(syscall(SYS_sched_getaffinity, 0, sizeof set, &set) == sizeof(long) && four(&set));
    CPU_ZERO(&set);
    CPU_SET(900, &set); /* there is no such processor, and that is of no importance */
    claim(sched_setaffinity(0, sizeof set, &set) == 0);
    claim(pthread_setaffinity_np(pthread_self(), sizeof set, &set) == 0 && sched_getcpu() == 0);
    claim(getcpu(&cpu, &node) == 0 && cpu == 0 && node == 0 && getcpu(NULL, NULL) == 0);
    cpu = node = 9;
    claim(syscall(SYS_getcpu, &cpu, &node, NULL) == 0 && cpu == 0 && node == 0);
}
SUBJECT(processors, .tasks = 1, .task = processors_task, .check = check);

static int folder_is(const char *path) {
    char folder[4096] = "";
    return getcwd(folder, sizeof folder) != NULL && strcmp(folder, path) == 0;
}

/* ---- by number ------------------------------------------------------------------------------------ */

/* A call that has no model is passed on with its six arguments. */
static void numbers_task(uint32_t index) {
    char text[8] = "";
    int file = (int)syscall(SYS_memfd_create, "it", 0);
    (void)index;
    claim(file == 100 && syscall(SYS_pwrite64, file, "heddle", 6, 2) == 6);
    claim(syscall(SYS_pread64, file, text, 3, 4) == 3 && strcmp(text, "ddl") == 0);
    claim(syscall(SYS_copy_file_range, file, &(loff_t){2}, file, &(loff_t){20}, 4, 0) == 4);
    claim(syscall(SYS_pread64, file, text, 7, 19) == 5 && strcmp(text + 1, "hedd") == 0);
    claim(syscall(SYS_sched_yield) == 0 && syscall(9999) == -1 && errno == ENOSYS);
    errno = 5;
    claim(syscall(SYS_sched_yield) == 0 && errno == 5);
#ifdef SYS_time
    time_t seconds = 0;
    claim(syscall(SYS_time, &seconds) == 1700000000 && seconds == 1700000000);
#endif
}
SUBJECT(by_number, .tasks = 1, .task = numbers_task, .check = check);

/* Files get the numbers that they get by name. */
static void files_by_number_task(uint32_t index) {
    int two[2], null = (int)syscall(SYS_openat, AT_FDCWD, "/dev/null", O_RDWR, 0);
    (void)index;
    claim(null == 100 && syscall(SYS_dup, null) == 101 && syscall(SYS_close, 101) == 0);
    claim(syscall(SYS_pipe2, two, O_CLOEXEC) == 0 && two[0] == 101 && two[1] == 102);
    claim(syscall(SYS_socket, AF_UNIX, SOCK_STREAM, 0) == 103);
    claim(syscall(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, two) == 0 && two[1] == 105);
    claim(syscall(SYS_eventfd2, 1, EFD_CLOEXEC) == 106 && syscall(SYS_epoll_create1, 0) == 107);
    claim((fcntl(106, F_GETFD) & FD_CLOEXEC) != 0 && syscall(SYS_dup3, null, 300, 0) == 300);
    int chance = open("/dev/urandom", O_RDONLY);
    long bytes = 0;
    claim(syscall(SYS_pread64, chance, &bytes, sizeof bytes, 0) == sizeof bytes && bytes != 0);
#ifdef SYS_open
    claim(syscall(SYS_open, "/dev/null", O_RDWR, 0) == 109 && syscall(SYS_dup2, 109, 301) == 301);
    claim(syscall(SYS_pipe, two) == 0 && two[0] == 110 && two[1] == 111);
#endif
}
SUBJECT(files_by_number, .tasks = 1, .task = files_by_number_task, .check = check);

/* Mappings lie where those lie that are made by name; what is changed is put back. */
static void process_by_number_task(uint32_t index) {
    char *first = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    char *at = (char *)syscall(SYS_mmap, NULL, 4096L, (long)PROT_READ, (long)MAP_PRIVATE,
                               (long)memfd_create("it", 0), 0L);
    cpu_set_t set;
    (void)index;
    claim(at > first && at < first + (1 << 20) && syscall(SYS_munmap, at, 4096L) == 0);
    at = (char *)syscall(SYS_mremap, first, 4096L, 8192L, (long)MREMAP_MAYMOVE, 0L);
    claim(at > first && at < first + (1 << 20));
    claim(syscall(SYS_mmap, NULL, 0L, 0L, (long)MAP_PRIVATE, -1L, 0L) == -1 && errno == EINVAL);
    claim(syscall(SYS_umask, 0777) != 0777 && umask(0) == 0777);
    int root = open("/", O_RDONLY);
    claim(!folder_is("/") && syscall(SYS_chdir, "/proc") == 0 && folder_is("/proc"));
    claim(syscall(SYS_fchdir, root) == 0 && folder_is("/") && syscall(SYS_chdir, "/none") == -1);
    CPU_ZERO(&set);
    CPU_SET(900, &set);
    claim(syscall(SYS_sched_setaffinity, 0, sizeof set, &set) == 0);
}
SUBJECT(process_by_number, .tasks = 1, .task = process_by_number_task, .check = check);

/* ---- surroundings --------------------------------------------------------------------------------- */

/* Twice each, so that what comes back is what was there first. */
static void surroundings_task(uint32_t index) {
    static char put[] = "HEDDLE_TEST_PUT=1";
    int root = open("/", O_RDONLY | O_DIRECTORY);
    mode_t before = umask(0777);
    (void)index;
    claim(before != 0777 && umask(0707) == 0777 && umask(0707) == 0707);
    claim(!folder_is("/") && !folder_is("/proc"));
    claim(chdir("/proc") == 0 && folder_is("/proc") && fchdir(root) == 0 && folder_is("/"));
    claim(chdir("/none") == -1 && errno == ENOENT && fchdir(-1) == -1 && errno == EBADF);
    claim(strcmp(setlocale(LC_ALL, NULL), "C.UTF-8") != 0);
    claim(setlocale(LC_ALL, "none") == NULL && setlocale(LC_CTYPE, "C.UTF-8") != NULL);
    claim(setlocale(LC_ALL, "C.UTF-8") != NULL && getenv("HEDDLE_TEST_SET") == NULL);
    claim(strcmp(setlocale(LC_ALL, NULL), "C.UTF-8") == 0);
    claim(getenv("PATH") != NULL && getenv("HEDDLE_TEST_PUT") == NULL);
    claim(setenv("HEDDLE_TEST_SET", "1", 1) == 0 && setenv("HEDDLE_TEST_SET", "2", 0) == 0);
    claim(strcmp(getenv("HEDDLE_TEST_SET"), "1") == 0 && putenv(put) == 0);
    claim(strcmp(getenv("HEDDLE_TEST_PUT"), "1") == 0 && unsetenv("PATH") == 0);
    claim(getenv("PATH") == NULL && setenv("", "", 1) == -1 && unsetenv("") == -1);
    claim(clearenv() == 0 && getenv("HEDDLE_TEST_SET") == NULL);
}
SUBJECT(surroundings, .tasks = 1, .task = surroundings_task, .check = check);

/* Each alone: whichever is changed first is put back. */
ALONE(only_mask, claim(umask(0777) != 0777));
ALONE(only_folder, claim(!folder_is("/") && chdir("/") == 0));
ALONE(only_folder_by_number, int root = open("/", O_RDONLY); claim(!folder_is("/"));
      claim(fchdir(root) == 0));
ALONE(only_locale, claim(strcmp(setlocale(LC_ALL, NULL), "C.UTF-8") != 0);
      claim(setlocale(LC_ALL, "C.UTF-8") != NULL));
ALONE(only_set, claim(getenv("HEDDLE_TEST_SET") == NULL); setenv("HEDDLE_TEST_SET", "1", 1));
ALONE(only_unset, claim(getenv("PATH") != NULL); unsetenv("PATH"));
ALONE(only_put, claim(getenv("HEDDLE_TEST_PUT") == NULL);
      putenv((char *)(uintptr_t) "HEDDLE_TEST_PUT=1"));
ALONE(only_cleared, claim(getenv("PATH") != NULL); clearenv());

/* ---- thread-specific data ------------------------------------------------------------------------- */

static pthread_key_t kept, made, gone, plain;
static volatile int rounds, kept_destroyed, made_destroyed, order;

static void destroy_kept(void *value) {
    kept_destroyed = kept_destroyed + (int)(intptr_t)value;
    claim(pthread_getspecific(kept) == NULL);
    order = order * 10 + 1;
}

static void destroy_made(void *value) {
    made_destroyed = made_destroyed + (int)(intptr_t)value;
    claim(pthread_getspecific(made) == NULL);
    order = order * 10 + 2;
}

/* Sets its value anew: it is called again, but not for ever. */
static void destroy_again(void *value) {
    rounds = rounds + 1;
    pthread_setspecific(gone, value);
}

__attribute__((constructor)) static void make_while_loaded(void) {
    pthread_key_create(&kept, destroy_kept);
    pthread_key_create(&plain, NULL);
}

static void *use_keys(void *argument) {
    claim(pthread_getspecific(kept) == NULL && pthread_getspecific(made) == NULL);
    claim(pthread_getspecific(plain) == NULL);
    pthread_setspecific(kept, argument);
    pthread_setspecific(made, argument);
    pthread_setspecific(plain, argument);
    return argument;
}

static void keys_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    claim(pthread_getspecific(kept) == NULL && pthread_getspecific(plain) == NULL);
    claim(pthread_key_create(&made, destroy_made) == 0);
    for (intptr_t i = 1; i <= 2; i++) {
        order = 0;
        pthread_create(&thread, NULL, use_keys, (void *)i);
        pthread_join(thread, NULL);
        claim(kept_destroyed == i * (i + 1) / 2 && made_destroyed == kept_destroyed && order == 12);
    }
    pthread_setspecific(kept, (void *)1);
    claim(pthread_key_delete(made) == 0 && pthread_key_delete(made) == EINVAL);
    claim(pthread_key_delete(kept) == 0 && pthread_key_delete(kept) == EINVAL);
    claim(pthread_key_delete(9999) == EINVAL);
    pthread_create(&thread, NULL, use_keys, (void *)5);
    pthread_join(thread, NULL);
    claim(kept_destroyed == 3); /* of a key that is deleted none is called */
}
SUBJECT(keys, .tasks = 1, .task = keys_task, .check = check);

static void *set_again(void *argument) {
    pthread_setspecific(gone, argument);
    return argument;
}

static void key_rounds_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    claim(pthread_key_create(&gone, destroy_again) == 0);
    pthread_create(&thread, NULL, set_again, (void *)1);
    pthread_join(thread, NULL);
    claim(rounds == 4); /* PTHREAD_DESTRUCTOR_ITERATIONS */
    claim(pthread_getspecific(gone) == NULL && pthread_getspecific(kept) == NULL);
    pthread_setspecific(kept, (void *)7); /* left when the task ends: its destructor takes it */
}
SUBJECT(key_rounds, .tasks = 1, .task = key_rounds_task, .check = check);

/* As many as a process may have, and as many in the next execution. */
static void many_keys_task(uint32_t index) {
    static pthread_key_t all[1100];
    int count = 0;
    (void)index;
    while (count < 1100 && pthread_key_create(&all[count], NULL) == 0)
        count++;
    claim(count > 500 && count < 1024);
    claim(pthread_key_create(&all[count], NULL) == EAGAIN);
    for (int i = 0; i < count / 2; i++)
        claim(pthread_key_delete(all[i]) == 0);
    claim(pthread_key_create(&all[0], NULL) == 0);
    for (int i = count / 2; i < count; i++)
        claim(pthread_setspecific(all[i], &all[i]) == 0);
    for (int i = count / 2; i < count; i++)
        claim(pthread_getspecific(all[i]) == &all[i]);
}
SUBJECT(many_keys, .tasks = 1, .task = many_keys_task, .check = check);

/* A thousand tasks and more follow each other under the same identities: none sees the value of another. */
static void *use_made(void *argument) {
    claim(pthread_getspecific(made) == NULL && pthread_getspecific(plain) == NULL);
    pthread_setspecific(made, argument);
    pthread_setspecific(plain, argument);
    return argument;
}

static void identities_task(uint32_t index) {
    pthread_t thread;
    (void)index;
    claim(pthread_key_create(&made, NULL) == 0);
    for (int i = 0; i < 1100; i++)
        claim(pthread_create(&thread, NULL, use_made, &made) == 0 && pthread_join(thread, 0) == 0);
}
SUBJECT(identities, .tasks = 1, .task = identities_task, .check = check);
