/* doctor.c - `heddle doctor`: what this machine allows, what is lost without it, what heddle cannot
 * see.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/personality.h>
#include <unistd.h>

#include "cli/command.h"
#include "cli/diag.h"
#include "cli/flags.h"
#include "cli/options.h"
#include "cli/settings.h"
#include "cli/start.h"
#include "cli/status.h"
#include "cli/version.h"
#include "reports/layout.h"
#include "reports/text.h"
#include "scenarios/scenario.h"

static const char documentation[] =
    "Tells what this machine allows, what is lost without it, and what heddle cannot see."
    "\v"
    "Examples:\n"
    "  heddle doctor\n"
    "  cc $(heddle doctor --flags) -o mymap.so mymap.c\n"
    "  clang $(heddle doctor --flags --compiler=clang) -o mymap.so mymap.c\n"
    "  gcc $(heddle doctor --flags --flavour=tsan --compiler=gcc) -o mymap-tsan.so mymap.c\n";

#define PARTS    "compile|link"
#define FLAVOURS CLI_FLAVOURS "|native"

enum { OPTION_FLAVOUR = 256, OPTION_COMPILER };

static const struct argp_option options[] = {
    {"flags", 'f', PARTS, OPTION_ARG_OPTIONAL,
     "print the flags that a map of one's own is built with", 0},
    {"flavour", OPTION_FLAVOUR, FLAVOURS, 0, "flags for this flavour (default: this executable's)",
     0},
    {"compiler", OPTION_COMPILER, "COMMAND", 0, "flags for this compiler (default: $CC, else cc)",
     0},
    {0},
};

struct request {
    bool flags;
    struct cli_flags which;
    int status;
};

static error_t parse_part(struct request *request, const char *text) {
    int part = text != NULL ? cli_options_word("--flags", PARTS, text) : 0;
    request->flags = true;
    request->which.compile = text == NULL || part == 0;
    request->which.link = text == NULL || part == 1;
    request->status = part < 0 ? CLI_USAGE : 0;
    return part < 0 ? EINVAL : 0;
}

static error_t parse_flavour(struct request *request, const char *text) {
    request->which.flavour = text;
    request->status = cli_options_word("--flavour", FLAVOURS, text) < 0 ? CLI_USAGE : 0;
    return request->status != 0 ? EINVAL : 0;
}

static error_t parse_option(int key, char *text, struct argp_state *state) {
    struct request *request = state->input;
    switch (key) {
    case 'f':
        return parse_part(request, text);
    case OPTION_FLAVOUR:
        return parse_flavour(request, text);
    case OPTION_COMPILER:
        request->which.compiler = text;
        return 0;
    case ARGP_KEY_ARG:
        request->status = cli_fail(CLI_USAGE, "unexpected argument '%.100s'", text);
        return EINVAL;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* ---- this machine ---------------------------------------------------------------------------- */

static void tell(bool good, const char *what, const char *lost) {
    char text[2 * HD_LINE_SIZE];
    snprintf(text, sizeof(text), "%s%s%s", what, good ? "" : ": ", good ? "" : lost);
    rp_text_fold(stdout, rp_width(STDOUT_FILENO), good ? "ok    " : "LACK  ", "      ", text);
}

/* Looks for a program in PATH. */
static bool program_present(const char *name) {
    const char *path = getenv("PATH");
    while (path != NULL && *path != '\0') {
        char place[2 * HD_LINE_SIZE];
        size_t length = strcspn(path, ":");
        snprintf(place, sizeof(place), "%.*s/%s", (int)length, path, name);
        if (length > 0 && access(place, X_OK) == 0) {
            return true;
        }
        path += path[length] == ':' ? length + 1 : length;
    }
    return false;
}

static void tell_switch(void) {
#if defined(__x86_64__)
    bool direct = (getauxval(AT_HWCAP2) & 2) != 0; /* HWCAP2_FSGSBASE */
    tell(direct, "FSGSBASE: a task switch changes the thread pointer in user space",
         "each task switch makes a system call, about ten times slower; results are the same");
#elif defined(__aarch64__)
    tell(true, "the thread pointer can be written in user space", "");
#else
    tell(false, "processor", "only x86-64 and arm64 are known");
#endif
}

static void tell_addresses(void) {
    int now = personality(0xffffffff);
    bool off = now != -1 && (now & ADDR_NO_RANDOMIZE) != 0;
    bool allowed = off || (now != -1 && personality((unsigned long)now | ADDR_NO_RANDOMIZE) != -1);
    if (allowed && !off) {
        personality((unsigned long)now);
    }
    tell(allowed, "address randomisation can be switched off",
         "addresses in a debugger differ between runs, and ThreadSanitizer may refuse to start; "
         "results are the same");
}

static void tell_tools(void) {
    char path[2 * HD_LINE_SIZE];
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    tell(processors >= 2, "two or more processors", "--jobs cannot speed a run up");
    tell(program_present("gdb"), "gdb", "no `heddle replay --gdb`");
    tell(program_present("clang") || program_present("gcc"), "a C compiler",
         "no map of one's own can be built here");
    tell(cli_share_path("wrap-controlled.options", path, sizeof(path)) == 0 &&
             cli_share_path("../../include/heddle/map.h", path, sizeof(path)) == 0,
         "the header and the flags for a map of one's own",
         "none can be built here, and one built without them is vacuous");
    bool tsan = cli_flavour_path("tsan", path, sizeof(path)) == 0 && access(path, X_OK) == 0;
    tell(tsan, "the ThreadSanitizer flavour (heddle-tsan)",
         "no `--flavour tsan`: data races are found by heddle's own checks only, if at all");
    tell(cli_share_path("replay.gdb", path, sizeof(path)) == 0,
         "the shared files of heddle for gdb", "no `heddle replay --gdb`");
}

static void tell_modules(void) {
    char error[HD_LINE_SIZE] = "";
    uint32_t count = 0;
    bool found = sn_paths_init(cli_flavour, error) == 0;
    const char *const *names = found ? sn_map_names(&count) : NULL;
    for (uint32_t index = 0; index < count; index++) {
        struct sn_map *map = NULL;
        char what[HD_LINE_SIZE];
        int status = sn_map_open(names[index], &map, error);
        snprintf(what, sizeof(what), "map %.60s: loads and is instrumented", names[index]);
        bool good = status == 0 && hd_module_instrumented(sn_map_module(map));
        tell(good, what, status != 0 ? error : "not instrumented, every row of it is vacuous");
        if (status == 0) {
            sn_map_close(map);
        }
    }
    if (!found) {
        tell(false, "built-in maps and scenarios", error);
    }
}

static void tell_blind(void) {
    static const char *const blind[] = {
        "memory orders weaker than sequential consistency: it explores interleavings; a missing "
        "release shows as a data race (--flavour tsan), not as the behaviour it allows",
        "code that was not built with the flags of `heddle doctor --flags`: it runs as one step, "
        "and a map that contributes no point of its own is vacuous, never ok",
        "inline assembly (rdtsc, rdrand, rdseed give each run other values), and system calls made "
        "without libc",
        "bugs that need real time: time is virtual, sleeping costs nothing",
        "more than a run's budget: an ok says what was explored, not that nothing is there",
    };
    puts("\nwhat heddle cannot see:");
    for (size_t index = 0; index < sizeof(blind) / sizeof(blind[0]); index++) {
        rp_text_fold(stdout, rp_width(STDOUT_FILENO), "  - ", "    ", blind[index]);
    }
}

int cli_doctor(int count, char **arguments) {
    struct request request = {.which.flavour = cli_flavour};
    const struct argp parser = {.options = options, .parser = parse_option, .doc = documentation};
    int status = cli_options_parse(&parser, count, arguments, &request, &request.status);
    if (status != 0) {
        return status;
    }
    if (request.flags) {
        return cli_flags_print(&request.which);
    }
    cli_version_print(stdout);
    tell_switch();
    tell_addresses();
    tell_tools();
    tell_modules();
    tell_blind();
    int written = rp_stream_flush(stdout);
    return written == 0 ? 0 : cli_output_failed(written);
}
