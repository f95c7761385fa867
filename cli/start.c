/* start.c - what the process arranges before and after any command. The one file of the command
 * that reads a clock.
 */
#include "cli/start.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "cli/diag.h"
#include "cli/status.h"
#include "harness/explore/campaign.h"
#include "reports/text.h"

#define GUARD     "HEDDLE_RESTARTED"
#define STACK_KIB 512u

static volatile sig_atomic_t caught;
static pid_t own_process;
static char **own_arguments;

/* ---- descriptors ----------------------------------------------------------------------------- */

int cli_output_failed(int status) {
    static bool told;
    if (status == -EPIPE) {
        return CLI_SIGNAL + SIGPIPE;
    }
    if (status == -EINTR && caught != 0) {
        return CLI_SIGNAL + (int)caught;
    }
    if (!told) {
        cli_note("standard output: %s", strerror(-status));
        told = true;
    }
    return CLI_CANNOT_WRITE;
}

static bool was_caught(void) {
    return caught != 0;
}

/* Standard output that remembers why it failed; by lines on a terminal, as stdio has it. */
static void open_output(void) {
    FILE *output = rp_stream_open(STDOUT_FILENO, false);
    if (output == NULL) {
        _exit(CLI_SYSTEM);
    }
    setvbuf(output, NULL, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF, BUFSIZ);
    stdout = output;
    rp_stream_stop(was_caught);
}

/* Children that leave through exit must not report for the parent. */
static void flush_output(void) {
    if (getpid() != own_process) {
        return;
    }
    int status = rp_stream_flush(stdout);
    if (status != 0) {
        _exit(cli_output_failed(status));
    }
}

/* What the command needs of the main stack; a limit that may be raised is. */
static void need_stack(void) {
    const rlim_t needed = STACK_KIB << 10;
    struct rlimit limit;
    if (getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= needed) {
        return;
    }
    rlim_t hard = limit.rlim_max;
    limit.rlim_cur = hard < needed ? hard : needed;
    if (hard < needed || setrlimit(RLIMIT_STACK, &limit) != 0) {
        cli_note("the stack may have %llu KiB and not %u: see ulimit -s",
                 (unsigned long long)hard >> 10, STACK_KIB);
        _exit(CLI_SYSTEM);
    }
}

void cli_start(char **arguments) {
    static const int modes[] = {O_RDONLY, O_RDONLY, O_WRONLY};
    for (int descriptor = 0; descriptor < 3; descriptor++) {
        if (fcntl(descriptor, F_GETFD) < 0 && open("/dev/null", modes[descriptor]) != descriptor) {
            _exit(CLI_INTERNAL);
        }
    }
    need_stack();
    own_process = getpid();
    own_arguments = arguments;
    open_output();
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGCHLD, SIG_DFL); /* inherited as ignored, it would take the children's statuses away */
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of its writing, too */
    if (atexit(flush_output) != 0) {
        _exit(CLI_INTERNAL);
    }
}

/* ---- starting again -------------------------------------------------------------------------- */

bool cli_start_fixed(void) {
    bool restarted = getenv(GUARD) != NULL;
    unsetenv(GUARD);
    int now = personality(0xffffffff);
    if (now != -1 && (now & ADDR_NO_RANDOMIZE) != 0) {
        return true;
    }
    bool allowed =
        now != -1 && !restarted && personality((unsigned long)now | ADDR_NO_RANDOMIZE) != -1;
    if (allowed && setenv(GUARD, "1", 1) == 0) {
        execv("/proc/self/exe", own_arguments);
        unsetenv(GUARD);
    }
    return false;
}

/* The directory of the executable. Returns 0 or -errno. */
static int own_directory(char *path, size_t size) {
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    if (length < 0) {
        return -errno;
    }
    path[length] = '\0';
    char *slash = strrchr(path, '/');
    *(slash != NULL ? slash : path) = '\0';
    return 0;
}

int cli_share_path(const char *name, char *path, size_t size) {
    static const char *const places[] = {"share/heddle", "../share/heddle"};
    char own[HD_LINE_SIZE];
    int status = own_directory(own, sizeof(own));
    for (size_t place = 0; place < 2 && status == 0; place++) {
        int used = snprintf(path, size, "%s/%s/%s", own, places[place], name);
        if (used >= 0 && (size_t)used < size && access(path, R_OK) == 0) {
            return 0;
        }
    }
    return status != 0 ? status : -ENOENT;
}

int cli_flavour_path(const char *flavour, char *path, size_t size) {
    char own[HD_LINE_SIZE];
    int status = own_directory(own, sizeof(own));
    if (status != 0) {
        return status;
    }
    bool plain = strcmp(flavour, "controlled") == 0;
    int used = snprintf(path, size, "%s/heddle%s%s", own, plain ? "" : "-", plain ? "" : flavour);
    return used < 0 || (size_t)used >= size ? -ENAMETOOLONG : 0;
}

/* ThreadSanitizer ends without a word of ours where it cannot reserve its shadow. Returns 0 or an exit
 * status after one line. */
static int check_shadow(void) {
    struct rlimit space, data;
    if (getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY) {
        return cli_fail(CLI_SYSTEM, "the tsan flavour needs all of the address space: ulimit -v "
                                    "must be unlimited");
    }
    if (getrlimit(RLIMIT_DATA, &data) == 0 && data.rlim_cur != RLIM_INFINITY) {
        return cli_fail(CLI_SYSTEM,
                        "the tsan flavour needs much memory: ulimit -d must be unlimited");
    }
    return 0;
}

int cli_proc_check(void) {
    char path[1];
    if (readlink("/proc/self/exe", path, sizeof(path)) >= 0) {
        return 0;
    }
    return cli_fail(CLI_SYSTEM, "/proc/self/exe: %s: is /proc mounted?", strerror(errno));
}

int cli_start_flavour(const char *flavour) {
    char path[2 * HD_LINE_SIZE] = "heddle";
    int status = strcmp(flavour, "tsan") == 0 ? check_shadow() : 0;
    status = status != 0 ? status : cli_proc_check();
    if (status != 0) {
        return status;
    }
    status = cli_flavour_path(flavour, path, sizeof(path));
    if (status == 0) {
        execv(path, own_arguments);
        status = -errno;
    }
    return cli_fail(CLI_INTERNAL, "%s: cannot be started: %s", path, strerror(-status));
}

int cli_start_program(char *const *arguments) {
    signal(SIGPIPE, SIG_DFL);
    signal(SIGXFSZ, SIG_DFL);
    execvp(arguments[0], arguments);
    int status = -errno;
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return status;
}

/* ---- signals --------------------------------------------------------------------------------- */

/* A second signal, of either kind, ends the process. */
static void on_signal(int number) {
    caught = number;
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    hd_campaign_interrupt();
}

void cli_catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int cli_caught_signal(void) {
    return (int)caught;
}

/* ---- clocks ---------------------------------------------------------------------------------- */

double cli_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

long long cli_date(void) {
    const char *fixed = getenv("SOURCE_DATE_EPOCH");
    size_t digits = fixed != NULL ? strspn(fixed, "0123456789") : 0;
    if (digits > 0 && digits < 12 && fixed[digits] == '\0') {
        return atoll(fixed);
    }
    return (long long)time(NULL);
}
