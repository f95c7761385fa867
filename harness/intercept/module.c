/* module.c - see module.h and modules.h.
 *
 * What a module's data is, is read from its program headers: writable load segments without the part
 * that relocation makes read-only (PT_GNU_RELRO), and the TLS image (PT_TLS).
 */
#include "harness/intercept/module.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "harness/base/assert.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/tsan.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define RANGES_MAX  4
#define MODULES_MAX 16
#define PAGE_MASK   4095ull

struct range {
    uint64_t start;
    uint64_t end;
    unsigned char *saved; /* data: a copy; code: NULL */
};

struct hd_module {
    void *handle;
    uint64_t base;
    char name[64];
    struct range code[RANGES_MAX];
    struct range data[RANGES_MAX];
    uint32_t codes;
    uint32_t datas;
    size_t tls_module; /* 0: has no TLS */
    const unsigned char *tls_image;
    size_t tls_image_size;
    size_t tls_size;
    void *tls_at[HD_POOL_MAX]; /* found when a task is first born */
    bool instrumented;
};

static struct {
    struct hd_module *module[MODULES_MAX];
    uint32_t count;
} use;

static void add_range(struct range *range, uint32_t *count, uint64_t start, uint64_t end) {
    if (start >= end || *count == RANGES_MAX)
        return;
    range[(*count)++] = (struct range){.start = start, .end = end};
}

/* A writable segment without its read-only part, which can only be at its beginning. */
static void add_data(struct hd_module *module, const struct dl_phdr_info *info,
                     const ElfW(Phdr) * load) {
    uint64_t start = info->dlpi_addr + load->p_vaddr;
    uint64_t end = start + load->p_memsz;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_GNU_RELRO)
            continue;
        uint64_t relro = info->dlpi_addr + header->p_vaddr;
        uint64_t relro_end = (relro + header->p_memsz) & ~PAGE_MASK;
        if (relro < end && relro_end > start)
            start = relro_end;
    }
    add_range(module->data, &module->datas, start, end);
}

static int read_headers(struct dl_phdr_info *info, size_t size, void *context) {
    struct hd_module *module = context;
    (void)size;
    if (info->dlpi_addr != module->base)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        uint64_t start = info->dlpi_addr + header->p_vaddr;
        if (header->p_type == PT_LOAD && (header->p_flags & PF_X))
            add_range(module->code, &module->codes, start, start + header->p_memsz);
        if (header->p_type == PT_LOAD && (header->p_flags & PF_W))
            add_data(module, info, header);
        if (header->p_type == PT_TLS) {
            module->tls_module = info->dlpi_tls_modid;
            module->tls_image = (const unsigned char *)start;
            module->tls_image_size = header->p_filesz;
            module->tls_size = header->p_memsz;
        }
    }
    return 1;
}

/* What a file imports of the callbacks that are points: as the compiler names them, and as the TSan
 * flavour's list of --wrap renames them. */
struct imports {
    bool plain;
    bool wrapped;
};

static bool names_a_point(const char *name) {
    return strncmp(name, "__tsan_read", 11) == 0 || strncmp(name, "__tsan_write", 12) == 0 ||
           strncmp(name, "__tsan_unaligned", 16) == 0 ||
           strncmp(name, "__tsan_volatile", 15) == 0 || strncmp(name, "__tsan_atomic", 13) == 0;
}

static void note_import(const char *name, struct imports *imports) {
    static const char wrap[] = "__wrap_";
    bool wrapped = strncmp(name, wrap, sizeof wrap - 1) == 0;
    bool point = names_a_point(wrapped ? name + sizeof wrap - 1 : name);
    imports->wrapped |= point && wrapped;
    imports->plain |= point && !wrapped;
}

/* Looks through the dynamic symbols of a mapped ELF file. */
static void find_imports(const unsigned char *file, size_t size, struct imports *imports) {
    const ElfW(Ehdr) *elf = (const void *)file;
    if (size < sizeof *elf || elf->e_shoff > size ||
        elf->e_shnum > (size - elf->e_shoff) / sizeof(ElfW(Shdr)))
        return;
    const ElfW(Shdr) *section = (const void *)(file + elf->e_shoff);
    for (uint32_t i = 0; i < elf->e_shnum; i++) {
        if (section[i].sh_type != SHT_DYNSYM || section[i].sh_link >= elf->e_shnum)
            continue;
        const ElfW(Shdr) *names = &section[section[i].sh_link];
        if (section[i].sh_offset + section[i].sh_size > size ||
            names->sh_offset + names->sh_size > size)
            return;
        const ElfW(Sym) *symbol = (const void *)(file + section[i].sh_offset);
        for (size_t k = 0; k < section[i].sh_size / sizeof *symbol; k++)
            if (symbol[k].st_shndx == SHN_UNDEF && symbol[k].st_name < names->sh_size)
                note_import((const char *)file + names->sh_offset + symbol[k].st_name, imports);
    }
}

static struct imports imports_of(const char *path) {
    struct imports imports = {0};
    struct stat status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return imports;
    if (fstat(file, &status) == 0 && status.st_size > 0) {
        void *at = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, file, 0);
        if (at != MAP_FAILED) {
            find_imports(at, (size_t)status.st_size, &imports);
            munmap(at, (size_t)status.st_size);
        }
    }
    close(file);
    return imports;
}

/* The loader's message without the path that it begins with. */
static int refuse(const char *path, char *error, size_t size) {
    const char *reason = dlerror();
    size_t length = strlen(path);
    if (reason == NULL)
        reason = "cannot be loaded";
    if (strncmp(reason, path, length) == 0 && strncmp(reason + length, ": ", 2) == 0)
        reason += length + 2;
    int code = access(path, F_OK) != 0 ? -errno : -ENOEXEC;
    snprintf(error, size, "%s: %s", path, code == -ENOENT ? "no such file" : reason);
    return code;
}

int hd_module_open(const char *path, struct hd_module **out, char *error, size_t size) {
    struct imports imports = imports_of(path);
    if (HD_TSAN && imports.plain && !imports.wrapped) {
        snprintf(error, size,
                 "%s: built for the default flavour: its accesses would be no points "
                 "(heddle-tsan doctor --flags tells how to build it)",
                 path);
        return -ENOEXEC;
    }
    struct hd_module *module = calloc(1, sizeof *module);
    if (module == NULL)
        return -ENOMEM;
    char resolved[4096];
    module->handle =
        dlopen(realpath(path, resolved) != NULL ? resolved : path, RTLD_NOW | RTLD_LOCAL);
    if (module->handle == NULL) {
        free(module);
        return refuse(path, error, size);
    }
    struct link_map *map;
    HD_ASSERT(dlinfo(module->handle, RTLD_DI_LINKMAP, &map) == 0);
    module->base = map->l_addr;
    const char *slash = strrchr(path, '/');
    snprintf(module->name, sizeof module->name, "%s", slash != NULL ? slash + 1 : path);
    dl_iterate_phdr(read_headers, module);
    module->instrumented = imports.plain || imports.wrapped;
    *out = module;
    return 0;
}

void hd_module_close(struct hd_module *module) {
    if (module == NULL)
        return;
    for (uint32_t i = 0; i < module->datas; i++)
        free(module->data[i].saved);
    for (uint32_t i = 0; i < use.count; i++)
        if (use.module[i] == module)
            use.count = 0;
    dlclose(module->handle);
    free(module);
}

void *hd_module_symbol(const struct hd_module *module, const char *name) {
    return dlsym(module->handle, name);
}

const char *hd_module_name(const struct hd_module *module) {
    return module->name;
}

uint64_t hd_module_base(const struct hd_module *module) {
    return module->base;
}

bool hd_module_instrumented(const struct hd_module *module) {
    return module->instrumented;
}

static int save(struct hd_module *module) {
    for (uint32_t i = 0; i < module->datas; i++) {
        struct range *data = &module->data[i];
        if (data->saved != NULL)
            continue;
        data->saved = malloc(data->end - data->start);
        if (data->saved == NULL)
            return -ENOMEM;
        memcpy(data->saved, (const void *)data->start, data->end - data->start);
    }
    return 0;
}

bool hd_modules_have_tls;

int hd_modules_use(struct hd_module *const *module, uint32_t count) {
    HD_ASSERT(count <= MODULES_MAX);
    use.count = 0;
    hd_modules_have_tls = false;
    for (uint32_t i = 0; i < count; i++) {
        int error = save(module[i]);
        if (error != 0)
            return error;
        use.module[use.count++] = module[i];
        hd_modules_have_tls |= module[i]->tls_module != 0;
    }
    return 0;
}

void hd_modules_restore(void) {
    for (uint32_t i = 0; i < use.count; i++)
        for (uint32_t k = 0; k < use.module[i]->datas; k++) {
            const struct range *data = &use.module[i]->data[k];
            memcpy((void *)data->start, data->saved, data->end - data->start);
        }
}

struct tls_index {
    size_t module;
    size_t offset;
};
extern void *__tls_get_addr(struct tls_index *index);

static void *find_tls(const struct hd_module *module, uint32_t task) {
    struct tls_index index = {.module = module->tls_module};
    uint64_t own = hd_switch_thread_pointer();
    hd_switch_set_thread_pointer(hd_pool_tls(task));
    void *at = __tls_get_addr(&index);
    hd_switch_set_thread_pointer(own);
    return at;
}

void hd_modules_restore_tls(uint32_t task) {
    for (uint32_t i = 0; i < use.count; i++) {
        struct hd_module *module = use.module[i];
        if (module->tls_module == 0)
            continue;
        if (module->tls_at[task] == NULL)
            module->tls_at[task] = find_tls(module, task);
        unsigned char *at = module->tls_at[task];
        memcpy(at, module->tls_image, module->tls_image_size);
        memset(at + module->tls_image_size, 0, module->tls_size - module->tls_image_size);
    }
}

static bool within(const struct range *range, uint32_t count, uint64_t address) {
    for (uint32_t i = 0; i < count; i++)
        if (address >= range[i].start && address < range[i].end)
            return true;
    return false;
}

bool hd_modules_own(uint64_t pc) {
    for (uint32_t i = 0; i < use.count; i++)
        if (within(use.module[i]->code, use.module[i]->codes, pc))
            return true;
    return false;
}

uint64_t hd_modules_offset(uint64_t pc) {
    for (uint32_t i = 0; i < use.count; i++)
        if (within(use.module[i]->code, use.module[i]->codes, pc))
            return (uint64_t)i << 48 | (pc - use.module[i]->base);
    return 0;
}

bool hd_modules_data(uint64_t address, uint32_t *module, uint64_t *offset) {
    for (uint32_t i = 0; i < use.count; i++) {
        if (!within(use.module[i]->data, use.module[i]->datas, address))
            continue;
        *module = i;
        *offset = address - use.module[i]->base;
        return true;
    }
    return false;
}
