/* module.c - see module.h and modules.h.
 *
 * What a module's data is, is read from its program headers: writable load segments without the part
 * that relocation makes read-only (PT_GNU_RELRO), and the TLS image (PT_TLS).
 */
#include "harness/intercept/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "harness/base/arena.h"
#include "harness/base/assert.h"
#include "harness/intercept/modules.h"
#include "harness/intercept/object.h"
#include "harness/intercept/reset.h"
#include "harness/intercept/tsan.h"
#include "harness/task/pool.h"
#include "harness/task/switch.h"

#define RANGES_MAX  4 /* segments of a kind; linkers make one */
#define MODULES_MAX 16

struct range {
    uint64_t start;
    uint64_t end;
    unsigned char *saved; /* data: a copy; code: NULL */
};

struct hd_module {
    void *handle;
    struct hd_module
        *runtime; /* of C++, that it needs: its data is put back, too; NULL: none, or no more */
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
    bool crowded;              /* there are more segments than RANGES_MAX */
    bool instrumented;
    bool redirected;
};

static struct {
    struct hd_module *module[MODULES_MAX];
    uint32_t count;
} use;

/* Returns whether there was room. */
static bool add_range(struct range *range, uint32_t *count, uint64_t start, uint64_t end) {
    if (start >= end)
        return true;
    if (*count == RANGES_MAX)
        return false;
    range[(*count)++] = (struct range){.start = start, .end = end};
    return true;
}

/* A writable segment without its read-only part, which can only be at its beginning. */
static void add_data(struct hd_module *module, const struct dl_phdr_info *info,
                     const ElfW(Phdr) * load) {
    uint64_t start = info->dlpi_addr + load->p_vaddr;
    uint64_t end = start + load->p_memsz;
    uint64_t page_mask = (uint64_t)sysconf(_SC_PAGESIZE) - 1;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type != PT_GNU_RELRO)
            continue;
        uint64_t relro = info->dlpi_addr + header->p_vaddr;
        uint64_t relro_end = (relro + header->p_memsz) & ~page_mask;
        if (relro < end && relro_end > start)
            start = relro_end;
    }
    module->crowded |= !add_range(module->data, &module->datas, start, end);
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
            module->crowded |=
                !add_range(module->code, &module->codes, start, start + header->p_memsz);
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

/* The loader's message without the path that it begins with, and without what it says of any file. What the
 * system refuses is not the file's fault. */
static int refuse(const char *path, char *error, size_t size) {
    const char *reason = dlerror();
    const char *colon = reason != NULL ? strstr(reason, ": ") : NULL;
    if (colon != NULL && reason[0] == '/')
        reason = colon + 2;
    snprintf(error, size, "%s: %s", path, reason != NULL ? reason : "cannot be loaded");
    static const int system[] = {EMFILE, ENFILE, ENOMEM};
    for (size_t i = 0; reason != NULL && i < sizeof system / sizeof system[0]; i++)
        if (strstr(reason, strerror(system[i])) != NULL)
            return -system[i];
    return -ENOEXEC;
}

/* What constructors and destructors print must not stand among our own output. */
static int divert_output(void) {
    fflush(stdout);
    int kept = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (kept >= 0)
        dup2(STDERR_FILENO, STDOUT_FILENO);
    return kept;
}

static void restore_output(int kept) {
    fflush(stdout);
    if (kept < 0)
        return;
    dup2(kept, STDOUT_FILENO);
    close(kept);
}

static void *load(const char *path) {
    char resolved[4096];
    int kept = divert_output();
    hd_intercept_loading(hd_arena_open() == 0);
    void *handle =
        dlopen(realpath(path, resolved) != NULL ? resolved : path, RTLD_NOW | RTLD_LOCAL);
    hd_intercept_loading(false);
    restore_output(kept);
    return handle;
}

static void unload(void *handle) {
    int kept = divert_output();
    dlclose(handle);
    restore_output(kept);
}

/* Accesses are points by the callbacks of a flavour, and each flavour has its own. */
static int check_flavour(const char *path, const struct hd_object *object, char *error,
                         size_t size) {
    if (HD_TSAN && object->points && !object->tsan_points) {
        snprintf(error, size,
                 "%s: built for the default flavour: its accesses would be no points "
                 "(`heddle doctor --flags --flavour=tsan` tells how to build it)",
                 path);
        return -ENOEXEC;
    }
    if (!HD_TSAN && object->tsan_points) {
        snprintf(error, size,
                 "%s: built for --flavour tsan (`heddle doctor --flags` tells how to build it for "
                 "the default one)",
                 path);
        return -ENOEXEC;
    }
    return 0;
}

/* Whether the object that is loaded there names `library` as one that it needs. */
static bool needs(const struct link_map *map, const char *library) {
    const char *names = NULL;
    for (const ElfW(Dyn) *entry = map->l_ld; entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_STRTAB)
            names = (const char *)entry->d_un.d_ptr;
    for (const ElfW(Dyn) *entry = map->l_ld; names != NULL && entry->d_tag != DT_NULL; entry++)
        if (entry->d_tag == DT_NEEDED && strcmp(names + entry->d_un.d_val, library) == 0)
            return true;
    return false;
}

/* Where it is loaded, and what of it is data. */
static const struct link_map *find_parts(struct hd_module *module) {
    struct link_map *map;
    HD_ASSERT(dlinfo(module->handle, RTLD_DI_LINKMAP, &map) == 0);
    module->base = map->l_addr;
    dl_iterate_phdr(read_headers, module);
    return map;
}

/* The libraries behind C++ keep state for the code that was inlined from their headers: exceptions that are
 * being handled, locales, streams. Returns 0 or -ENOMEM. */
static int open_runtimes(struct hd_module *module, const struct link_map *map) {
    static const char *const libraries[] = {"libstdc++.so.6", "libc++.so.1", "libc++abi.so.1"};
    for (size_t i = 0; i < sizeof libraries / sizeof libraries[0]; i++) {
        void *handle =
            needs(map, libraries[i]) ? dlopen(libraries[i], RTLD_NOLOAD | RTLD_NOW) : NULL;
        if (handle == NULL)
            continue;
        struct hd_module *runtime = calloc(1, sizeof *runtime);
        if (runtime == NULL)
            return -ENOMEM;
        runtime->handle = handle;
        runtime->runtime = module->runtime;
        module->runtime = runtime;
        find_parts(runtime);
    }
    return 0;
}

int hd_module_open(const char *path, struct hd_module **out, char *error, size_t size) {
    struct hd_object object;
    int status = hd_object_read(path, &object, error, size);
    if (status == 0)
        status = check_flavour(path, &object, error, size);
    if (status != 0)
        return status;
    struct hd_module *module = calloc(1, sizeof *module);
    if (module == NULL)
        return -ENOMEM;
    module->handle = load(path);
    if (module->handle == NULL) {
        free(module);
        return refuse(path, error, size);
    }
    const char *slash = strrchr(path, '/');
    snprintf(module->name, sizeof module->name, "%s", slash != NULL ? slash + 1 : path);
    status = open_runtimes(module, find_parts(module));
    if (status != 0) {
        hd_module_close(module);
        return status;
    }
    if (module->crowded) { /* what is not known would not be put back */
        snprintf(error, size, "%s: has more than %d segments of code or of data", path, RANGES_MAX);
        hd_module_close(module);
        return -ENOEXEC;
    }
    module->instrumented = HD_TSAN ? object.tsan_points : object.points;
    module->redirected = !object.heap || object.heap_redirected;
    *out = module;
    return 0;
}

void hd_module_close(struct hd_module *module) {
    if (module == NULL)
        return;
    hd_module_close(module->runtime);
    for (uint32_t i = 0; i < module->datas; i++)
        free(module->data[i].saved);
    for (uint32_t i = 0; i < use.count; i++)
        if (use.module[i] == module)
            use.count = 0;
    unload(module->handle);
    free(module);
}

void *hd_module_symbol(const struct hd_module *module, const char *name) {
    return dlsym(module->handle, name);
}

size_t hd_module_symbol_size(const struct hd_module *module, const char *name) {
    Dl_info info;
    const ElfW(Sym) *symbol = NULL;
    void *at = dlsym(module->handle, name);
    if (at == NULL || dladdr1(at, &info, (void **)&symbol, RTLD_DL_SYMENT) == 0 || symbol == NULL)
        return 0;
    return symbol->st_size;
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

bool hd_module_redirected(const struct hd_module *module) {
    return module->redirected;
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
        for (struct hd_module *part = module[i]; part != NULL; part = part->runtime) {
            int error = save(part);
            if (error != 0)
                return error;
            hd_modules_have_tls |= part->tls_module != 0;
        }
        use.module[use.count++] = module[i];
    }
    return hd_arena_keep();
}

static void restore(const struct hd_module *module) {
    for (uint32_t i = 0; i < module->datas; i++) {
        const struct range *data = &module->data[i];
        memcpy((void *)data->start, data->saved, data->end - data->start);
    }
}

void hd_modules_restore(void) {
    for (uint32_t i = 0; i < use.count; i++)
        for (const struct hd_module *part = use.module[i]; part != NULL; part = part->runtime)
            restore(part);
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

static void restore_tls(struct hd_module *module, uint32_t task) {
    if (module->tls_module == 0)
        return;
    if (module->tls_at[task] == NULL)
        module->tls_at[task] = find_tls(module, task);
    unsigned char *at = module->tls_at[task];
    memcpy(at, module->tls_image, module->tls_image_size);
    memset(at + module->tls_image_size, 0, module->tls_size - module->tls_image_size);
}

void hd_modules_restore_tls(uint32_t task) {
    for (uint32_t i = 0; i < use.count; i++)
        for (struct hd_module *part = use.module[i]; part != NULL; part = part->runtime)
            restore_tls(part, task);
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
