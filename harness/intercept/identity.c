/* identity.c - see identity.h. */
#include "harness/intercept/identity.h"

#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "harness/intercept/real.h"
#include "harness/sched/task.h"

int hd_identity_real(int id) {
    bool ours = id >= HD_PROCESS_ID && id < hd_thread_id(HD_TASKS_MAX);
    return ours ? REAL_NEXT(getpid)() : id;
}

pid_t getpid(void) {
    return hd_running ? HD_PROCESS_ID : REAL_NEXT(getpid)();
}

pid_t getppid(void) {
    return hd_running ? 1 : REAL_NEXT(getppid)();
}

pid_t gettid(void) {
    return hd_running ? hd_thread_id(hd_task_self()) : REAL_NEXT(gettid)();
}

int kill(pid_t process, int signal) {
    return REAL(kill)(hd_running ? hd_identity_real(process) : process, signal);
}

int sched_getcpu(void) {
    return hd_running ? 0 : REAL_NEXT(sched_getcpu)();
}

int getcpu(unsigned *processor, unsigned *node) {
    if (!hd_running)
        return REAL_NEXT(getcpu)(processor, node);
    if (processor != NULL)
        *processor = 0;
    if (node != NULL)
        *node = 0;
    return 0;
}

long sysconf(int name) {
    if (hd_running && (name == _SC_NPROCESSORS_CONF || name == _SC_NPROCESSORS_ONLN))
        return HD_PROCESSORS;
    return REAL_NEXT(sysconf)(name);
}

int get_nprocs(void) {
    return hd_running ? HD_PROCESSORS : REAL_NEXT(get_nprocs)();
}

int get_nprocs_conf(void) {
    return hd_running ? HD_PROCESSORS : REAL_NEXT(get_nprocs_conf)();
}

int sched_getaffinity(pid_t thread, size_t size, cpu_set_t *set) {
    if (!hd_running)
        return REAL_NEXT(sched_getaffinity)(thread, size, set);
    memset(set, 0, size);
    for (size_t processor = 0; processor < HD_PROCESSORS; processor++)
        CPU_SET_S(processor, size, set);
    return 0;
}
