/* build.c - the identity of binary and modules: a hash of their build ids. */
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "harness/base/hash.h"
#include "harness/explore/replay.h"
#include "harness/intercept/module.h"

#define NOTE_BUILD_ID 3

struct search {
    uint64_t base;
    bool first; /* the executable is listed first */
    uint64_t identity;
};

/* Notes are (name size, size, type) and then both texts, padded to four bytes. */
static uint64_t identity_of(const unsigned char *note, size_t size) {
    ElfW(Nhdr) header;
    while (size >= sizeof header) {
        memcpy(&header, note, sizeof header);
        size_t name = (header.n_namesz + 3u) & ~3u;
        size_t length = sizeof header + name + ((header.n_descsz + 3u) & ~3u);
        if (length > size)
            return 0;
        if (header.n_type == NOTE_BUILD_ID)
            return XXH3_64bits(note + sizeof header + name, header.n_descsz);
        note += length;
        size -= length;
    }
    return 0;
}

static int visit(struct dl_phdr_info *info, size_t size, void *context) {
    struct search *search = context;
    (void)size;
    if (!search->first && info->dlpi_addr != search->base)
        return 0;
    for (int i = 0; i < info->dlpi_phnum; i++) {
        const ElfW(Phdr) *header = &info->dlpi_phdr[i];
        if (header->p_type == PT_NOTE && search->identity == 0)
            search->identity =
                identity_of((const void *)(info->dlpi_addr + header->p_vaddr), header->p_memsz);
    }
    return 1;
}

void hd_build_identity(const struct hd_subject *subject, char text[HD_NAME_SIZE]) {
    struct search search = {.first = true};
    dl_iterate_phdr(visit, &search);
    uint64_t identity = search.identity;
    for (uint32_t i = 0; subject != NULL && i < subject->modules; i++) {
        search = (struct search){.base = hd_module_base(subject->module[i])};
        dl_iterate_phdr(visit, &search);
        identity = hd_fold(identity, search.identity);
    }
    snprintf(text, HD_NAME_SIZE, "%016" PRIx64, identity);
}
