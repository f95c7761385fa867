/* identity.c - see identity.h. */
#include "harness/intercept/identity.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "harness/intercept/real.h"
#include "harness/intercept/reset.h"
#include "harness/sched/task.h"

#define USER_ID     1000
#define HOST_NAME   "heddle"
#define HOST_ID     0x68646c
#define MEMORY_SIZE (4ull << 30)

/* ---- process and user ----------------------------------------------------------------------------- */

pid_t gettid(void) {
    return hd_ours() ? hd_thread_id(hd_task_self()) : REAL_NEXT(gettid)();
}

/* name() is the same everywhere. */
#define SAME(type, name, answer)                                                                   \
    type name(void) {                                                                              \
        return hd_ours() ? (type)(answer) : REAL_NEXT(name)();                                     \
    }

SAME(pid_t, getpid, HD_PROCESS_ID)
SAME(pid_t, getppid, 1)
SAME(pid_t, getpgrp, HD_PROCESS_ID)
SAME(uid_t, getuid, USER_ID)
SAME(uid_t, geteuid, USER_ID)
SAME(gid_t, getgid, USER_ID)
SAME(gid_t, getegid, USER_ID)

pid_t getpgid(pid_t process) {
    return hd_ours() ? HD_PROCESS_ID : REAL_NEXT(getpgid)(process);
}

pid_t getsid(pid_t process) {
    return hd_ours() ? HD_PROCESS_ID : REAL_NEXT(getsid)(process);
}

/* ---- machine -------------------------------------------------------------------------------------- */

SAME(long, gethostid, HOST_ID)
SAME(int, sched_getcpu, 0)
SAME(int, get_nprocs, HD_PROCESSORS)
SAME(int, get_nprocs_conf, HD_PROCESSORS)
SAME(long, get_phys_pages, MEMORY_SIZE / (uint64_t)REAL_NEXT(sysconf)(_SC_PAGESIZE))
SAME(long, get_avphys_pages, MEMORY_SIZE / 2 / (uint64_t)REAL_NEXT(sysconf)(_SC_PAGESIZE))

int gethostname(char *name, size_t size) {
    if (!hd_ours())
        return REAL_NEXT(gethostname)(name, size);
    snprintf(name, size, "%s", HOST_NAME);
    errno = size < sizeof HOST_NAME ? ENAMETOOLONG : errno;
    return size < sizeof HOST_NAME ? -1 : 0;
}

int uname(struct utsname *machine) {
    int result = REAL_NEXT(uname)(machine);
    if (hd_ours() && result == 0)
        snprintf(machine->nodename, sizeof machine->nodename, "%s", HOST_NAME);
    return result;
}

int getcpu(unsigned *processor, unsigned *node) {
    if (!hd_ours())
        return REAL_NEXT(getcpu)(processor, node);
    if (processor != NULL)
        *processor = 0;
    if (node != NULL)
        *node = 0;
    return 0;
}

long sysconf(int name) {
    if (!hd_ours())
        return REAL_NEXT(sysconf)(name);
    switch (name) {
    case _SC_NPROCESSORS_CONF:
    case _SC_NPROCESSORS_ONLN:
        return HD_PROCESSORS;
    case _SC_PHYS_PAGES:
        return get_phys_pages();
    case _SC_AVPHYS_PAGES:
        return get_avphys_pages();
    default:
        return REAL_NEXT(sysconf)(name);
    }
}

int sysinfo(struct sysinfo *machine) {
    if (!hd_ours())
        return REAL_NEXT(sysinfo)(machine);
    *machine = (struct sysinfo){.uptime = 1000,
                                .totalram = MEMORY_SIZE,
                                .freeram = MEMORY_SIZE / 2,
                                .procs = HD_PROCESSORS,
                                .mem_unit = 1};
    return 0;
}

int getloadavg(double load[], int count) {
    if (!hd_ours())
        return REAL_NEXT(getloadavg)(load, count);
    int given = count < 3 ? count : 3;
    for (int i = 0; i < given; i++)
        load[i] = 0;
    return given;
}

static void fill_set(size_t size, cpu_set_t *set) {
    memset(set, 0, size);
    for (size_t processor = 0; processor < HD_PROCESSORS; processor++)
        CPU_SET_S(processor, size, set);
}

int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *set) {
    if (!hd_ours())
        return REAL_NEXT(sched_getaffinity)(thread, size, set);
    fill_set(size, set);
    return 0;
}

int pthread_getaffinity_np(pthread_t thread, size_t size, cpu_set_t *set) {
    if (!hd_ours())
        return REAL_NEXT(pthread_getaffinity_np)(thread, size, set);
    fill_set(size, set);
    return 0;
}

/* Only one task runs at a time: where is of no importance. */
int sched_setaffinity(pid_t thread, size_t size, const cpu_set_t *set) {
    return hd_ours() ? 0 : REAL_NEXT(sched_setaffinity)(thread, size, set);
}

int pthread_setaffinity_np(pthread_t thread, size_t size, const cpu_set_t *set) {
    return hd_ours() ? 0 : REAL_NEXT(pthread_setaffinity_np)(thread, size, set);
}
