/* object.c - see object.h. Only the headers, the dynamic section and the dynamic symbols are read; every
 * place in the file is checked against its size.
 */
#include "harness/intercept/object.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE      EM_X86_64
#define MACHINE_NAME "x86-64"
#else
#define MACHINE      EM_AARCH64
#define MACHINE_NAME "arm64"
#endif

struct image {
    const unsigned char *data;
    uint64_t size;
    const char *path;
    char *error;
    size_t error_size;
};

static int refuse(const struct image *image, int status, const char *reason) {
    snprintf(image->error, image->error_size, "%s: %s", image->path, reason);
    return status;
}

/* `count` elements at `offset`, or NULL when not all of them lie in the file. */
static const void *look(const struct image *image, uint64_t offset, uint64_t count, uint64_t size) {
    if (offset > image->size || count > (image->size - offset) / size)
        return NULL;
    return image->data + offset;
}

/* ---- headers --------------------------------------------------------------------------------- */

static int check_kind(const struct image *image, const ElfW(Ehdr) * elf) {
    if (elf == NULL || memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0)
        return refuse(image, -ENOEXEC, "is not an ELF file");
    if (elf->e_ident[EI_CLASS] != ELFCLASS64)
        return refuse(image, -ENOEXEC, "is a 32-bit file, this is a 64-bit program");
    if (elf->e_ident[EI_DATA] != ELFDATA2LSB || elf->e_machine != MACHINE)
        return refuse(image, -ENOEXEC, "is made for another processor, this is " MACHINE_NAME);
    if (elf->e_type == ET_REL)
        return refuse(image, -ENOEXEC, "is an object file: link it with -shared");
    if (elf->e_type != ET_DYN)
        return refuse(image, -ENOEXEC, "is no shared object: link it with -shared");
    return 0;
}

/* What the loader maps must be there: it would die of a file that ends early. */
static int check_whole(const struct image *image, const ElfW(Ehdr) * elf) {
    const ElfW(Phdr) *header = look(image, elf->e_phoff, elf->e_phnum, sizeof *header);
    bool whole = header != NULL && elf->e_phnum > 0;
    for (uint32_t i = 0; whole && i < elf->e_phnum; i++)
        whole = look(image, header[i].p_offset, header[i].p_filesz, 1) != NULL;
    return whole ? 0 : refuse(image, -ENOEXEC, "is cut short");
}

/* ---- what it needs and calls ----------------------------------------------------------------- */

static bool is_runtime(const char *library) {
    return strncmp(library, "libtsan", 7) == 0 || strncmp(library, "libasan", 7) == 0 ||
           strncmp(library, "libclang_rt", 11) == 0;
}

static int check_needs(const struct image *image, const ElfW(Shdr) * section,
                       const ElfW(Shdr) * names) {
    const ElfW(Dyn) *entry = look(image, section->sh_offset, section->sh_size, 1);
    const char *text = look(image, names->sh_offset, names->sh_size, 1);
    uint64_t count = section->sh_size / sizeof *entry;
    for (uint64_t i = 0; entry != NULL && text != NULL && i < count; i++) {
        uint64_t at = entry[i].d_un.d_val;
        if (entry[i].d_tag == DT_NEEDED && at < names->sh_size && is_runtime(text + at))
            return refuse(image, -ENOEXEC,
                          "brings a sanitizer's own runtime with it: link it with the flags of "
                          "`heddle doctor --flags`");
    }
    return 0;
}

static bool is_heap(const char *name) {
    return strcmp(name, "malloc") == 0 || strcmp(name, "calloc") == 0 ||
           strcmp(name, "realloc") == 0 || strcmp(name, "aligned_alloc") == 0 ||
           strcmp(name, "posix_memalign") == 0;
}

static bool is_point(const char *name) {
    return strncmp(name, "__tsan_read", 11) == 0 || strncmp(name, "__tsan_write", 12) == 0 ||
           strncmp(name, "__tsan_unaligned", 16) == 0 ||
           strncmp(name, "__tsan_volatile", 15) == 0 || strncmp(name, "__tsan_atomic", 13) == 0;
}

static void note_call(struct hd_object *object, const char *name) {
    bool wrapped = strncmp(name, "__wrap_", 7) == 0;
    name += wrapped ? 7 : 0;
    object->heap |= is_heap(name);
    object->heap_redirected |= wrapped && is_heap(name);
    object->points |= is_point(name);
    object->tsan_points |= wrapped && is_point(name);
}

static void note_calls(const struct image *image, struct hd_object *object,
                       const ElfW(Shdr) * section, const ElfW(Shdr) * names) {
    const ElfW(Sym) *symbol = look(image, section->sh_offset, section->sh_size, 1);
    const char *text = look(image, names->sh_offset, names->sh_size, 1);
    uint64_t count = section->sh_size / sizeof *symbol;
    for (uint64_t i = 0; symbol != NULL && text != NULL && i < count; i++)
        if (symbol[i].st_shndx == SHN_UNDEF && symbol[i].st_name < names->sh_size)
            note_call(object, text + symbol[i].st_name);
}

static bool names_end(const struct image *image, const ElfW(Shdr) * names) {
    const char *text = look(image, names->sh_offset, names->sh_size, 1);
    return text != NULL && names->sh_size > 0 && text[names->sh_size - 1] == '\0';
}

/* A file without sections, which the loader does not need, tells nothing. */
static int read_sections(const struct image *image, const ElfW(Ehdr) * elf,
                         struct hd_object *object) {
    const ElfW(Shdr) *section = look(image, elf->e_shoff, elf->e_shnum, sizeof *section);
    int status = 0;
    for (uint32_t i = 0; section != NULL && i < elf->e_shnum && status == 0; i++) {
        if (section[i].sh_link >= elf->e_shnum || !names_end(image, &section[section[i].sh_link]))
            continue;
        const ElfW(Shdr) *names = &section[section[i].sh_link];
        if (section[i].sh_type == SHT_DYNAMIC)
            status = check_needs(image, &section[i], names);
        else if (section[i].sh_type == SHT_DYNSYM)
            note_calls(image, object, &section[i], names);
    }
    return status;
}

/* ---- the file -------------------------------------------------------------------------------- */

static int read_image(const struct image *image, struct hd_object *object) {
    const ElfW(Ehdr) *elf = look(image, 0, 1, sizeof *elf);
    int status = check_kind(image, elf);
    if (status == 0)
        status = check_whole(image, elf);
    if (status == 0)
        status = read_sections(image, elf, object);
    return status;
}

static int map_file(int file, struct image *image) {
    struct stat status;
    if (fstat(file, &status) != 0)
        return refuse(image, -errno, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return refuse(image, -EISDIR, "is a directory");
    if (!S_ISREG(status.st_mode))
        return refuse(image, -ENOEXEC, "is no file");
    if (status.st_size == 0)
        return refuse(image, -ENOEXEC, "is empty");
    image->size = (uint64_t)status.st_size;
    void *data = mmap(NULL, image->size, PROT_READ, MAP_PRIVATE, file, 0);
    image->data = data;
    return data != MAP_FAILED ? 0 : refuse(image, -errno, strerror(errno));
}

int hd_object_read(const char *path, struct hd_object *object, char *error, size_t size) {
    struct image image = {.path = path, .error = error, .error_size = size};
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return refuse(&image, -errno, errno == ENOENT ? "no such file" : strerror(errno));
    int status = map_file(file, &image);
    close(file);
    if (status != 0)
        return status;
    *object = (struct hd_object){0};
    status = read_image(&image, object);
    munmap((void *)(uintptr_t)image.data, image.size);
    return status;
}
