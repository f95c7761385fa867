/* test_object.c - what is read of a file before it is loaded: which ones are refused, in which words, and
 * what the others call. The files are made here, byte by byte, in memory.
 */
#include <criterion/criterion.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/intercept/object.h"

#if defined(__x86_64__)
#define MACHINE EM_X86_64
#define OTHER   EM_AARCH64
#else
#define MACHINE EM_AARCH64
#define OTHER   EM_X86_64
#endif

enum { NAMES, SYMBOLS, DYNAMIC, SECTIONS, NEEDS = 3, CALLS = 3 };

/* A shared object without code. What lies behind its tables is not of them. */
struct image {
    Elf64_Ehdr elf;
    Elf64_Phdr program[2];
    Elf64_Phdr no_program;
    Elf64_Shdr section[SECTIONS];
    Elf64_Shdr no_section[2];
    Elf64_Dyn dynamic[NEEDS];
    Elf64_Dyn no_dynamic;
    Elf64_Sym symbol[CALLS];
    Elf64_Sym no_symbol;
    char names[128];
    char no_names[128]; /* of one symbol, and of one library */
};

static char path[64];
static int file;
static struct hd_object object;
static char error[256];

#define AT(member) ((uint64_t)offsetof(struct image, member))

static void fill_tables(struct image *image) {
    image->section[NAMES] =
        (Elf64_Shdr){.sh_type = SHT_STRTAB, .sh_offset = AT(names), .sh_size = sizeof image->names};
    image->section[SYMBOLS] = (Elf64_Shdr){.sh_type = SHT_DYNSYM,
                                           .sh_offset = AT(symbol),
                                           .sh_size = sizeof image->symbol,
                                           .sh_link = NAMES};
    image->section[DYNAMIC] = (Elf64_Shdr){.sh_type = SHT_DYNAMIC,
                                           .sh_offset = AT(dynamic),
                                           .sh_size = sizeof image->dynamic,
                                           .sh_link = NAMES};
    for (int i = 0; i < NEEDS; i++)
        image->dynamic[i].d_tag = DT_NEEDED;
    image->no_section[0] = image->section[NAMES];
    image->no_section[0].sh_offset = AT(no_names);
    image->no_section[1] = image->section[SYMBOLS];
    image->no_symbol.st_name = sizeof image->names;
    image->no_dynamic.d_un.d_val = sizeof image->names;
    image->no_dynamic.d_tag = DT_NEEDED;
    strcpy(image->no_names, "malloc");
}

static struct image sound(void) {
    struct image image = {
        .elf = {.e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB},
                .e_type = ET_DYN,
                .e_machine = MACHINE,
                .e_phoff = AT(program),
                .e_phnum = 2,
                .e_shoff = AT(section),
                .e_shnum = SECTIONS},
        .program = {{.p_type = PT_LOAD, .p_filesz = sizeof image},
                    {.p_type = PT_LOAD, .p_offset = sizeof image}},
        .no_program = {.p_type = PT_LOAD, .p_offset = UINT64_MAX}};
    fill_tables(&image);
    return image;
}

/* Adds names, which stand one behind the other from byte 1 on, and returns where the first is. */
static uint32_t add_name(struct image *image, const char *name) {
    uint32_t at = 1;
    while (image->names[at] != '\0')
        at += (uint32_t)strlen(image->names + at) + 1;
    cr_assert_lt(at + strlen(name), sizeof image->names - 1);
    strcpy(image->names + at, name);
    return at;
}

static int read_bytes(const void *bytes, size_t size) {
    cr_assert_eq(pwrite(file, bytes, size, 0), (ssize_t)size);
    cr_assert_eq(ftruncate(file, (off_t)size), 0);
    memset(&object, 0xff, sizeof object);
    memset(error, 0, sizeof error);
    return hd_object_read(path, &object, error, sizeof error);
}

static int read_image(const struct image *image) {
    return read_bytes(image, sizeof *image);
}

static void expect_line(const char *reason) {
    char line[sizeof error];
    snprintf(line, sizeof line, "%s: %s", path, reason);
    cr_expect_str_eq(error, line);
}

static void expect_refused(const struct image *image, const char *reason) {
    cr_expect_eq(read_image(image), -ENOEXEC, "%s", reason);
    expect_line(reason);
}

static void expect_read(const struct image *image, const char *what) {
    cr_expect_eq(read_image(image), 0, "%s: %s", what, error);
    cr_expect_str_empty(error);
}

/* Of a sound file: p, t, h, r when it has points, tsan's, heap calls, redirected ones. */
static void expect_calls(const struct image *image, const char *letters, const char *what) {
    expect_read(image, what);
    char seen[5] = "", *at = seen;
    if (object.points)
        *at++ = 'p';
    if (object.tsan_points)
        *at++ = 't';
    if (object.heap)
        *at++ = 'h';
    if (object.heap_redirected)
        *at++ = 'r';
    cr_expect_str_eq(seen, letters, "%s", what);
}

static void set_up(void) {
    file = memfd_create("an-object", MFD_CLOEXEC);
    snprintf(path, sizeof path, "/proc/self/fd/%d", file);
}

TestSuite(object, .init = set_up, .timeout = 20);

/* ---- the file ------------------------------------------------------------------------------------- */

static int read_path(const char *other) {
    snprintf(path, sizeof path, "%s", other);
    return hd_object_read(path, &object, error, sizeof error);
}

Test(object, what_cannot_be_opened_or_is_no_file_is_refused_with_its_error) {
    char name[] = "an-object-XXXXXX";
    cr_assert_not_null(mkdtemp(name));
    cr_assert_eq(chdir(name), 0);
    cr_assert_eq(mkfifo("fifo", 0600) | symlink("loop", "loop"), 0);
    cr_expect_eq(read_path("none"), -ENOENT);
    expect_line("no such file");
    cr_expect_eq(read_path("fifo/none"), -ENOTDIR);
    expect_line("Not a directory");
    cr_expect_eq(read_path("loop"), -ELOOP);
    expect_line(strerror(ELOOP));
    cr_expect_eq(read_path("."), -EISDIR);
    expect_line("is a directory");
    cr_expect_eq(read_path("fifo"), -ENOEXEC);
    expect_line("is no file");
    cr_assert_eq(unlink("fifo") | unlink("loop") | chdir("..") | rmdir(name), 0);
}

Test(object, an_empty_file_and_one_that_no_memory_holds_are_refused) {
    cr_expect_eq(read_bytes("", 0), -ENOEXEC);
    expect_line("is empty");
    cr_assert_eq(ftruncate(file, (off_t)1 << 60), 0);
    cr_expect_eq(hd_object_read(path, &object, error, sizeof error), -ENOMEM);
    expect_line(strerror(ENOMEM));
}

static int maps_of_it(void) {
    char line[512];
    int found = 0;
    FILE *maps = fopen("/proc/self/maps", "r");
    while (fgets(line, sizeof line, maps) != NULL)
        found += strstr(line, "an-object") != NULL;
    fclose(maps);
    return found;
}

Test(object, reading_leaves_neither_a_descriptor_nor_a_mapping) {
    struct image image = sound();
    int before = dup(0);
    close(before);
    expect_read(&image, "sound");
    image.elf.e_type = ET_REL;
    cr_expect_eq(read_image(&image), -ENOEXEC);
    cr_expect_eq(read_bytes("", 0), -ENOEXEC);
    cr_expect_eq(dup(0), before);
    cr_expect_eq(maps_of_it(), 0);
}

Test(object, the_line_is_cut_to_the_callers_size) {
    char small[8] = "1234567";
    snprintf(path, sizeof path, "none");
    cr_expect_eq(hd_object_read(path, &object, small, 5), -ENOENT);
    cr_expect_arr_eq(small,
                     "none\0"
                     "67",
                     8);
}

/* ---- headers -------------------------------------------------------------------------------------- */

Test(object, a_file_with_another_beginning_is_no_elf_file) {
    for (int i = 0; i < SELFMAG; i++) {
        struct image image = sound();
        image.elf.e_ident[i]++;
        expect_refused(&image, "is not an ELF file");
    }
    struct image image = sound();
    cr_expect_eq(read_bytes(&image, sizeof image.elf - 1), -ENOEXEC);
    expect_line("is not an ELF file");
    cr_expect_eq(read_bytes(&image, sizeof image.elf), -ENOEXEC);
    expect_line("is cut short");
}

Test(object, another_kind_of_elf_file_is_refused_by_what_it_is) {
    struct image image = sound();
    image.elf.e_ident[EI_CLASS] = ELFCLASS32;
    expect_refused(&image, "is a 32-bit file, this is a 64-bit program");
    for (int i = 0; i < 2; i++) {
        image = sound();
        if (i == 0)
            image.elf.e_ident[EI_DATA] = ELFDATA2MSB;
        else
            image.elf.e_machine = OTHER;
        cr_expect_eq(read_image(&image), -ENOEXEC);
        cr_expect_not_null(strstr(error, ": is made for another processor, this is "));
    }
    image = sound();
    image.elf.e_type = ET_REL;
    expect_refused(&image, "is an object file: link it with -shared");
    image.elf.e_type = ET_EXEC;
    expect_refused(&image, "is no shared object: link it with -shared");
    image.elf.e_type = ET_CORE;
    expect_refused(&image, "is no shared object: link it with -shared");
}

static void expect_cut(const struct image *image) {
    expect_refused(image, "is cut short");
}

Test(object, a_file_that_ends_before_what_is_to_be_loaded_is_cut_short) {
    struct image image = sound();
    expect_read(&image, "all segments in the file");
    image.program[0].p_filesz++;
    expect_cut(&image);
    image = sound();
    image.program[0].p_offset = 1;
    expect_cut(&image);
    image = sound();
    image.program[1].p_offset++;
    expect_cut(&image);
    image = sound();
    image.program[1].p_filesz = 1;
    expect_cut(&image);
    image = sound();
    image.elf.e_phnum = 3;
    expect_cut(&image);
    image.elf.e_phnum = 0;
    expect_cut(&image);
    image = sound();
    image.elf.e_phoff = sizeof image - sizeof image.program + 1;
    expect_cut(&image);
    image.elf.e_phoff = UINT64_MAX;
    expect_cut(&image);
}

Test(object, the_headers_of_segments_may_be_the_last_of_the_file) {
    struct image image = sound();
    image.elf.e_shnum = 0;
    image.elf.e_phoff = sizeof image - sizeof image.program;
    memcpy((char *)&image + image.elf.e_phoff, image.program, sizeof image.program);
    expect_read(&image, "at the end");
    image.elf.e_phoff += sizeof(uint64_t);
    expect_cut(&image);
}

/* ---- what it needs -------------------------------------------------------------------------------- */

#define SANITIZER                                                                                  \
    "brings a sanitizer's own runtime with it: link it with the flags of `heddle doctor --flags`"

static struct image needing(const char *library, int place) {
    struct image image = sound();
    image.dynamic[place].d_un.d_val = add_name(&image, library);
    return image;
}

Test(object, one_that_needs_the_runtime_of_a_sanitizer_is_refused) {
    static const char *const runtimes[] = {"libtsan.so.2", "libasan.so.8",
                                           "libclang_rt.tsan-x86_64.so"};
    for (int i = 0; i < 3; i++)
        for (int place = 0; place < NEEDS; place++) {
            struct image image = needing(runtimes[i], place);
            expect_refused(&image, SANITIZER);
            image.dynamic[place].d_tag = DT_SONAME;
            expect_read(&image, "not one that it needs");
        }
}

Test(object, one_that_needs_others_is_not_refused) {
    static const char *const others[] = {"libtsax.so", "libasax.so",    "libclang_rx.so",
                                         "libtsa",     "libclang_r.so", "libc.so.6"};
    for (int i = 0; i < 6; i++) {
        struct image image = needing(others[i], 1);
        expect_read(&image, others[i]);
    }
}

Test(object, what_lies_behind_the_tables_is_not_of_them) {
    struct image image = sound();
    strcpy(image.no_names, "libtsan.so.2");
    expect_read(&image, "an entry behind the last");
    image.dynamic[0].d_un.d_val = sizeof image.names;
    expect_read(&image, "a name behind the last");
    image.section[DYNAMIC].sh_size++;
    expect_read(&image, "a part of an entry");
    image = needing("libtsan.so.2", 0);
    image.section[DYNAMIC].sh_offset = sizeof image - 15;
    expect_read(&image, "a table that is not in the file");
    image = needing("libtsan.so.2", 0);
    image.section[NAMES].sh_offset = sizeof image - 127;
    expect_read(&image, "names that are not in the file");
}

Test(object, a_sound_list_does_not_make_up_for_one_that_is_refused) {
    struct image image = needing("libtsan.so.2", 0);
    image.section[SYMBOLS] = image.section[DYNAMIC];
    image.section[DYNAMIC].sh_offset = AT(symbol);
    memset(image.symbol, 0, sizeof image.symbol);
    expect_refused(&image, SANITIZER);
}

/* ---- what it calls -------------------------------------------------------------------------------- */

static struct image calling(const char *first, const char *second) {
    struct image image = sound();
    image.symbol[0].st_name = add_name(&image, "puts");
    image.symbol[1].st_name = add_name(&image, first);
    image.symbol[2].st_name = add_name(&image, second);
    return image;
}

struct calls {
    const char *name;
    const char *letters;
};

Test(object, it_is_told_what_is_called) {
    static const struct calls calls[] = {
        {"malloc", "h"},
        {"calloc", "h"},
        {"realloc", "h"},
        {"aligned_alloc", "h"},
        {"posix_memalign", "h"},
        {"__wrap_malloc", "hr"},
        {"__wrap_realloc", "hr"},
        {"__tsan_read4", "p"},
        {"__tsan_write8", "p"},
        {"__tsan_unaligned_read2", "p"},
        {"__tsan_volatile_write4", "p"},
        {"__tsan_atomic64_load", "p"},
        {"__wrap___tsan_read1", "pt"},
        {"__wrap___tsan_atomic8_store", "pt"},
        {"mallox", ""},
        {"malloc_usable_size", ""},
        {"__wrapXmalloc", ""},
        {"__wrap_puts", ""},
        {"__tsan_reax", ""},
        {"__tsan_writx4", ""},
        {"__tsan_unalignex4", ""},
        {"__tsan_volatilx4", ""},
        {"__tsan_atomix4", ""},
        {"__tsan_func_entry", ""},
        {"free", ""},
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct image image = calling(calls[i].name, "puts");
        expect_calls(&image, calls[i].letters, calls[i].name);
        image = calling("strlen", calls[i].name);
        expect_calls(&image, calls[i].letters, calls[i].name);
        image.symbol[2].st_shndx = 1;
        expect_calls(&image, "", "it defines that itself");
    }
}

Test(object, all_calls_together_are_told) {
    static const char *const calls[][3] = {
        {"malloc", "__tsan_read4", "ph"},
        {"__tsan_read4", "malloc", "ph"},
        {"__wrap_calloc", "__wrap___tsan_write1", "pthr"},
        {"__wrap___tsan_write1", "__wrap_calloc", "pthr"},
        {"__wrap___tsan_write1", "malloc", "pth"},
        {"malloc", "__wrap___tsan_write1", "pth"},
    };
    for (int i = 0; i < 6; i++) {
        struct image image = calling(calls[i][0], calls[i][1]);
        expect_calls(&image, calls[i][2], calls[i][0]);
    }
}

Test(object, calls_behind_the_tables_are_not_its) {
    struct image image = calling("strlen", "puts");
    expect_calls(&image, "", "a symbol behind the last");
    image.symbol[0].st_name = sizeof image.names;
    expect_calls(&image, "", "a name behind the last");
    image = calling("malloc", "puts");
    image.section[SYMBOLS].sh_type = SHT_SYMTAB;
    expect_calls(&image, "", "a table that is not for the loader");
    image = calling("malloc", "puts");
    image.section[SYMBOLS].sh_offset = sizeof image - 71;
    expect_calls(&image, "", "a table that is not in the file");
    image = calling("malloc", "puts");
    image.section[NAMES].sh_offset = sizeof image - 127;
    expect_calls(&image, "", "names that are not in the file");
    image.section[NAMES].sh_size = 0;
    expect_calls(&image, "", "no names");
    image = calling("malloc", "puts");
    image.section[NAMES].sh_size = image.symbol[2].st_name + 3;
    expect_calls(&image, "", "names without an end");
    image.section[NAMES].sh_size += 2;
    expect_calls(&image, "h", "names that end with the last");
}

Test(object, a_table_of_sections_that_is_not_there_tells_nothing) {
    struct image image = calling("malloc", "puts");
    image.elf.e_shoff = sizeof image + 1;
    expect_calls(&image, "", "behind the file");
    image.elf.e_shoff = sizeof image - sizeof image.section + 1;
    expect_calls(&image, "", "cut short");
    image = calling("malloc", "puts");
    image.elf.e_shnum = 0;
    expect_calls(&image, "", "no sections");
    image = calling("malloc", "puts");
    image.section[SYMBOLS].sh_link = SECTIONS; /* the section behind the last has names, too */
    image.symbol[1].st_name = 0;
    expect_calls(&image, "", "names of no section");
    image.section[SYMBOLS].sh_link = UINT32_MAX;
    expect_calls(&image, "", "names of no section at all");
    image = calling("malloc", "puts");
    image.elf.e_shnum = SYMBOLS;
    expect_calls(&image, "", "the table stands behind the last section");
}
