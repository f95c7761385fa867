/* test_module.c - modules: what is told of them, that their data is put back, whose code and data is
 * whose; and those that cannot be put under test are refused when they are opened.
 */
#include <criterion/criterion.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "harness/intercept/modules.h"

#define FOLDER HEDDLE_BUILD_DIR "/lib/heddle/controlled/subjects/"

TestSuite(module, .timeout = 60);

/* What is opened and not closed lives until the test's process ends: it is no leak. */
static struct hd_module *kept[16];

static struct hd_module *open_path(const char *path) {
    static uint32_t count;
    char error[512] = "";
    struct hd_module *module = NULL;
    cr_assert_eq(hd_module_open(path, &module, error, sizeof error), 0, "%s", error);
    cr_assert_not_null(module);
    cr_expect_str_empty(error);
    kept[count++ % (sizeof kept / sizeof kept[0])] = module;
    return module;
}

static void expect_refused(const char *path, int status, const char *reason) {
    char error[512] = "", line[512];
    struct hd_module *module = NULL;
    snprintf(line, sizeof line, "%s: %s", path, reason);
    cr_expect_eq(hd_module_open(path, &module, error, sizeof error), status, "%s", error);
    cr_expect_str_eq(error, line);
    cr_expect_null(module);
    cr_expect_null(dlopen(path, RTLD_NOLOAD | RTLD_NOW), "%s: still loaded", path);
}

/* ---- refused -------------------------------------------------------------------------------------- */

/* With the one that every module has it is five. */
Test(module, data_or_code_in_more_segments_than_can_be_put_back_is_refused) {
    static const char reason[] = "has more than 4 segments of code or of data";
    expect_refused(FOLDER "segments.so", -ENOEXEC, reason);
    expect_refused(FOLDER "odd_code.so", -ENOEXEC, reason);
    hd_module_close(open_path(FOLDER "odd_data.so")); /* four of data */
}

Test(module, one_that_the_loader_refuses_is_refused_with_its_reason) {
    expect_refused(FOLDER "odd_lost.so", -ENOEXEC, "undefined symbol: nowhere");
    expect_refused(FOLDER "odd_needs.so", -ENOEXEC,
                   "libneeded.so.7: cannot open shared object file: No such file or directory");
}

Test(module, one_that_is_no_file_or_of_another_flavour_is_refused_before_it_is_loaded) {
    expect_refused("./none.so", -ENOENT, "no such file");
    expect_refused(FOLDER, -EISDIR, "is a directory");
    expect_refused(
        FOLDER "odd_tsan.so", -ENOEXEC,
        "built for --flavour tsan (`heddle doctor --flags` tells how to build it for the "
        "default one)");
}

/* What the system refuses is not the file's fault. Reading the file takes a descriptor and gives it back;
 * one is then kept for our output, and the loader wants another. */
Test(module, too_many_open_files_are_told_as_such) {
    char error[512];
    struct hd_module *module = NULL;
    struct rlimit limit;
    int last = dup(0);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)last + 1;
    setrlimit(RLIMIT_NOFILE, &limit);
    close(last);
    cr_expect_eq(hd_module_open(FOLDER "odd_plain.so", &module, error, sizeof error), -EMFILE);
    cr_expect_str_eq(error, FOLDER "odd_plain.so: cannot open shared object file: Too many open "
                                   "files");
}

/* ---- what is told --------------------------------------------------------------------------------- */

Test(module, a_name_is_that_of_the_file_without_its_folder) {
    cr_expect_str_eq(hd_module_name(open_path(FOLDER "odd_plain.so")), "odd_plain.so");
    cr_assert_eq(chdir(FOLDER), 0);
    cr_expect_str_eq(hd_module_name(open_path("odd_heap.so")), "odd_heap.so");
}

Test(module, symbols_are_found_with_their_size) {
    struct hd_module *module = open_path(FOLDER "odd_plain.so");
    const long *number = hd_module_symbol(module, "number");
    cr_assert_not_null(number);
    cr_expect_eq(*number, 7);
    cr_expect_eq(hd_module_symbol_size(module, "number"), sizeof(long));
    cr_expect_eq(hd_module_symbol_size(module, "sums"), 5 * sizeof(long));
    cr_expect_null(hd_module_symbol(module, "none"));
    cr_expect_eq(hd_module_symbol_size(module, "none"), 0);
}

Test(module, the_base_is_where_it_is_loaded) {
    struct hd_module *module = open_path(FOLDER "odd_plain.so");
    Dl_info info;
    cr_assert_neq(dladdr(hd_module_symbol(module, "answer"), &info), 0);
    cr_expect_eq(hd_module_base(module), (uint64_t)info.dli_fbase);
}

Test(module, a_look_at_the_file_tells_whether_it_calls_us) {
    struct hd_module *module = open_path(FOLDER "odd_plain.so");
    cr_expect_not(hd_module_instrumented(module));
    cr_expect(hd_module_redirected(module), "there are no calls");
    module = open_path(FOLDER "odd_heap.so");
    cr_expect_not(hd_module_instrumented(module));
    cr_expect_not(hd_module_redirected(module));
    module = open_path(FOLDER "state.so");
    cr_expect(hd_module_instrumented(module));
    cr_expect(hd_module_redirected(module));
}

/* ---- opening and closing -------------------------------------------------------------------------- */

/* What stdout and stderr have got, in that order. */
static const char *written_to(int descriptor, const int two[2]) {
    static char text[256];
    fflush(NULL);
    ssize_t size = pread(two[descriptor - 1], text, sizeof text - 1, 0);
    text[size > 0 ? size : 0] = '\0';
    return text;
}

Test(module, what_its_constructors_and_destructors_print_goes_to_standard_error) {
    int two[2] = {memfd_create("out", MFD_CLOEXEC), memfd_create("errors", MFD_CLOEXEC)};
    dup2(two[0], 1);
    dup2(two[1], 2);
    int free_one = dup(0);
    close(free_one);
    printf("before ");
    struct hd_module *module = open_path(FOLDER "odd_talks.so");
    printf("between ");
    hd_module_close(module);
    printf("after");
    cr_expect_str_eq(written_to(1, two), "before between after");
    cr_expect_str_eq(written_to(2, two), "loaded unloaded ");
    cr_expect_eq(dup(0), free_one, "a descriptor is left open");
}

Test(module, without_a_standard_output_it_is_loaded_all_the_same) {
    close(1);
    hd_module_close(open_path(FOLDER "odd_talks.so"));
    cr_expect_eq(fcntl(1, F_GETFD), -1, "something else is standard output now");
}

static size_t heap_after_a_cycle(const char *path) {
    struct hd_module *module = open_path(path);
    cr_assert_eq(hd_modules_use(&module, 1), 0);
    hd_module_close(module);
    cr_expect_null(dlopen(path, RTLD_NOLOAD | RTLD_NOW), "%s: still loaded", path);
    return mallinfo2().uordblks;
}

Test(module, one_that_is_closed_leaves_nothing) {
    heap_after_a_cycle(FOLDER "odd_cxx.so");
    size_t before = heap_after_a_cycle(FOLDER "odd_cxx.so");
    cr_expect_eq(heap_after_a_cycle(FOLDER "odd_cxx.so"), before);
    hd_module_close(NULL);
}

static size_t heap_after_refusal(const char *path) {
    char error[512];
    struct hd_module *module;
    cr_assert_eq(hd_module_open(path, &module, error, sizeof error), -ENOEXEC);
    return mallinfo2().uordblks;
}

Test(module, one_that_is_refused_leaves_nothing) {
    heap_after_refusal(FOLDER "segments.so");
    size_t before = heap_after_refusal(FOLDER "segments.so");
    cr_expect_eq(heap_after_refusal(FOLDER "segments.so"), before);
    heap_after_refusal(FOLDER "odd_lost.so");
    before = heap_after_refusal(FOLDER "odd_lost.so");
    cr_expect_eq(heap_after_refusal(FOLDER "odd_lost.so"), before);
}

/* ---- data is put back ----------------------------------------------------------------------------- */

static long *symbol(const struct hd_module *module, const char *name) {
    long *at = hd_module_symbol(module, name);
    cr_assert_not_null(at, "%s", name);
    return at;
}

Test(module, data_is_put_back_as_it_was_when_it_was_first_named) {
    struct hd_module *module[2] = {open_path(FOLDER "odd_plain.so"),
                                   open_path(FOLDER "odd_heap.so")};
    *symbol(module[0], "number") = 70;
    cr_assert_eq(hd_modules_use(module, 2), 0);
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < 2; i++) {
            *symbol(module[i], "number") = 1;
            symbol(module[i], "sums")[4] = 2;
        }
        if (round == 1)
            cr_assert_eq(hd_modules_use(module, 2), 0);
        hd_modules_restore();
        cr_expect_eq(*symbol(module[0], "number"), 70);
        cr_expect_eq(*symbol(module[1], "number"), 7);
        cr_expect_eq(symbol(module[0], "sums")[4] + symbol(module[1], "sums")[4], 0);
    }
}

Test(module, data_of_one_that_is_not_in_use_is_left_alone) {
    struct hd_module *module[2] = {open_path(FOLDER "odd_plain.so"),
                                   open_path(FOLDER "odd_heap.so")};
    cr_assert_eq(hd_modules_use(module, 2), 0);
    cr_assert_eq(hd_modules_use(module + 1, 1), 0);
    *symbol(module[0], "number") = *symbol(module[1], "number") = 1;
    hd_modules_restore();
    cr_expect_eq(*symbol(module[0], "number"), 1);
    cr_expect_eq(*symbol(module[1], "number"), 7);
}

/* std::cout, of the library that is behind its headers. */
Test(module, data_of_the_library_behind_cxx_is_put_back_where_it_is_needed) {
    struct hd_module *module = open_path(FOLDER "odd_cxx.so");
    unsigned char *cout = dlsym(dlopen("libstdc++.so.6", RTLD_NOLOAD | RTLD_NOW), "_ZSt4cout");
    unsigned char before = cout[20];
    cr_assert_eq(hd_modules_use(&module, 1), 0);
    cout[20] = (unsigned char)(before + 1);
    hd_modules_restore();
    cr_expect_eq(cout[20], before);
    module = open_path(FOLDER "odd_plain.so");
    cr_assert_eq(hd_modules_use(&module, 1), 0);
    cout[20] = (unsigned char)(before + 1);
    hd_modules_restore();
    cr_expect_eq(cout[20], (unsigned char)(before + 1));
}

Test(module, it_is_told_whether_any_has_thread_local_data) {
    struct hd_module *module[2] = {open_path(FOLDER "odd_local.so"),
                                   open_path(FOLDER "odd_plain.so")};
    cr_assert_eq(hd_modules_use(module, 2), 0);
    cr_expect(hd_modules_have_tls);
    cr_assert_eq(hd_modules_use(module + 1, 1), 0);
    cr_expect_not(hd_modules_have_tls);
}

/* ---- whose code, whose data ----------------------------------------------------------------------- */

static struct hd_module *pair[2];

static void open_pair(void) {
    pair[0] = open_path(FOLDER "odd_plain.so");
    pair[1] = open_path(FOLDER "odd_heap.so");
    cr_assert_eq(hd_modules_use(pair, 2), 0);
}

static bool is_data(uint64_t address) {
    uint32_t number;
    uint64_t offset;
    return hd_modules_data(address, &number, &offset);
}

/* As the kernel knows it: what may be run is code, what may be written is data. */
Test(module, code_and_data_are_told_apart_as_they_are_mapped) {
    char line[512], mode[8], path[256];
    unsigned long start, end;
    int seen = 0;
    open_pair();
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps) != NULL) {
        if (strstr(line, "odd_heap.so") == NULL ||
            sscanf(line, "%lx-%lx %7s %*s %*s %*s %255s", &start, &end, mode, path) != 4)
            continue;
        cr_expect_eq(hd_modules_own(start), mode[2] == 'x', "%s", line);
        cr_expect_eq(is_data(start), mode[1] == 'w', "%s", line);
        cr_expect(mode[1] == 'w' || !is_data(end - 1), "%s", line);
        seen |= mode[2] == 'x' ? 1 : mode[1] == 'w' ? 2 : 4;
    }
    fclose(maps);
    cr_expect_eq(seen, 7);
}

/* A segment of the second of the pair that has these flags. */
struct segment {
    unsigned flags;
    uint64_t start, end;
};

static int find_segment(struct dl_phdr_info *info, size_t size, void *context) {
    struct segment *segment = context;
    (void)size;
    if (info->dlpi_addr != hd_module_base(pair[1]))
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_LOAD || (header->p_flags & segment->flags) == 0)
            continue;
        segment->start = info->dlpi_addr + header->p_vaddr;
        segment->end = segment->start + header->p_memsz;
    }
    return 1;
}

Test(module, code_and_data_end_where_they_end) {
    struct segment code = {.flags = PF_X}, data = {.flags = PF_W};
    open_pair();
    cr_assert_eq(dl_iterate_phdr(find_segment, &code) + dl_iterate_phdr(find_segment, &data), 2);
    cr_expect(hd_modules_own(code.start) && hd_modules_own(code.end - 1));
    cr_expect_not(hd_modules_own(code.start - 1) || hd_modules_own(code.end));
    cr_expect_eq(hd_modules_offset(code.end), 0);
    cr_expect(is_data(data.end - 1));
    cr_expect_not(is_data(data.end));
}

Test(module, a_place_in_code_is_told_by_module_and_offset) {
    open_pair();
    for (uint64_t i = 0; i < 2; i++) {
        uint64_t pc = (uint64_t)symbol(pair[i], "answer") + 1;
        cr_expect(hd_modules_own(pc));
        cr_expect_eq(hd_modules_offset(pc), i << 48 | (pc - hd_module_base(pair[i])));
    }
    cr_expect_not(hd_modules_own((uint64_t)open_pair));
    cr_expect_eq(hd_modules_offset((uint64_t)open_pair), 0);
}

Test(module, a_place_in_data_is_told_by_module_and_offset) {
    open_pair();
    for (uint32_t i = 0; i < 2; i++) {
        uint32_t number = 9;
        uint64_t offset = 0, at = (uint64_t)symbol(pair[i], "number") + 3;
        cr_expect(hd_modules_data(at, &number, &offset));
        cr_expect_eq(number, i);
        cr_expect_eq(offset, at - hd_module_base(pair[i]));
        cr_expect_not(is_data((uint64_t)symbol(pair[i], "constant")));
        cr_expect_not(is_data((uint64_t)symbol(pair[i], "table")));
    }
}

Test(module, none_is_in_use_when_one_of_them_is_closed) {
    open_pair();
    uint64_t pc = (uint64_t)symbol(pair[0], "answer");
    hd_module_close(pair[1]);
    cr_expect_not(hd_modules_own(pc));
    cr_expect_not(is_data((uint64_t)symbol(pair[0], "number")));
}
