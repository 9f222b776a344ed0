/* SPDX-License-Identifier: Apache-2.0 */
/* Notes and section headers: hints that nothing depends on, so that damage in them is passed over. */
#include "base/limits.h"
#include "elf/internal.h"

#include <elf.h>

#ifndef GNU_PROPERTY_X86_ISA_1_NEEDED
#define GNU_PROPERTY_X86_ISA_1_NEEDED 0xc0008002U
#endif

#define NOTE_GO_BUILD_ID    4U
#define SECTION_BYTES_32    40U
#define SECTION_BYTES_64    64U
#define GO_BUILD_INFO_BYTES (64U * 1024U) /* the linker puts it within so much of its segment's start */

static uint64_t align_up(uint64_t value, uint64_t align)
{
    return (value + align - 1) & ~(align - 1);
}

static void read_property(struct elf_file *file, uint64_t at, uint64_t size)
{
    uint64_t align = file->is_64 ? 8 : 4;
    while (size >= 8) {
        uint32_t type = elf_u32(file, at);
        uint64_t step = align_up(8 + (uint64_t)elf_u32(file, at + 4), align);
        if (step > size)
            return;
        if (type == GNU_PROPERTY_X86_ISA_1_NEEDED && step >= 12 &&
            (file->machine_code == EM_X86_64 || file->machine_code == EM_386))
            file->x86_isa = elf_u32(file, at + 8);
        at += step;
        size -= step;
    }
}

static void read_note(struct elf_file *file, struct str owner, uint32_t type, uint64_t at, uint64_t size)
{
    if (str_eq(owner, STR("Go")) && type == NOTE_GO_BUILD_ID)
        file->is_go = true;
    if (!str_eq(owner, STR("GNU")))
        return;
    if (type == NT_GNU_BUILD_ID && file->build_id.len == 0)
        file->build_id = str_of(file->bytes.ptr + at, size);
    else if (type == NT_GNU_ABI_TAG && size >= 16 && elf_u32(file, at) == ELF_NOTE_OS_LINUX)
        file->min_kernel = (elf_u32(file, at + 4) & 0xff) << 16 | (elf_u32(file, at + 8) & 0xff) << 8 |
                           (elf_u32(file, at + 12) & 0xff);
    else if (type == NT_GNU_PROPERTY_TYPE_0)
        read_property(file, at, size);
}

static void read_note_segment(struct elf_file *file, const struct elf_segment *segment)
{
    uint64_t align = segment->align == 8 ? 8 : 4;
    uint64_t at = segment->offset;
    uint64_t left = segment->file_size;
    while (left >= 12) {
        uint64_t owner_size = elf_u32(file, at);
        uint64_t size = elf_u32(file, at + 4);
        uint64_t content = align_up(12 + owner_size, align);
        if (content > left || size > left - content)
            return;
        struct str owner = str_of(file->bytes.ptr + at + 12, owner_size);
        owner = str_head(owner, str_find_char(owner, '\0'));
        read_note(file, owner, elf_u32(file, at + 8), at + content, size);
        uint64_t step = align_up(content + size, align);
        if (step >= left)
            return;
        at += step;
        left -= step;
    }
}

void elf_read_notes(struct elf_file *file)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const struct elf_segment *segment = &file->segments[i];
        if (segment->type == PT_NOTE && elf_has(file, segment->offset, segment->file_size))
            read_note_segment(file, segment);
    }
}

struct section {
    uint32_t name, type;
    uint64_t offset, size;
};

static struct section read_section(const struct elf_file *file, uint64_t at)
{
    return (struct section){
        .name = elf_u32(file, at),
        .type = elf_u32(file, at + 4),
        .offset = elf_word(file, at + (file->is_64 ? 24 : 16)),
        .size = elf_word(file, at + (file->is_64 ? 32 : 20)),
    };
}

static void note_section(struct elf_file *file, struct str name, const struct section *section)
{
    if (str_eq(name, STR(".gopclntab")) || str_eq(name, STR(".go.buildinfo")) || str_eq(name, STR(".note.go.buildid")))
        file->is_go = true;
    else if (str_eq(name, STR(".rustc")))
        file->is_rust = true;
    else if (str_eq(name, STR(".debug_info")) || str_eq(name, STR(".zdebug_info")))
        file->has_debug_info = true;
    else if (str_eq(name, STR(".comment")) && elf_has(file, section->offset, section->size)) {
        struct str comment = str_of(file->bytes.ptr + section->offset, section->size);
        if (str_find(comment, STR("rustc version ")) < comment.len)
            file->is_rust = true;
    }
}

void elf_read_sections(struct elf_file *file)
{
    uint64_t table = elf_word(file, file->is_64 ? 40 : 32);
    uint64_t entry = elf_u16(file, file->is_64 ? 58 : 46);
    uint64_t count = elf_u16(file, file->is_64 ? 60 : 48);
    uint64_t names_index = elf_u16(file, file->is_64 ? 62 : 50);
    if (table == 0 || entry != (file->is_64 ? SECTION_BYTES_64 : SECTION_BYTES_32) || count > LIMIT_ELF_HEADERS ||
        names_index >= count || !elf_has(file, table, count * entry))
        return;
    struct section names = read_section(file, table + names_index * entry);
    if (!elf_has(file, names.offset, names.size))
        return;
    for (uint64_t i = 1; i < count; i++) {
        struct section section = read_section(file, table + i * entry);
        if (section.type == SHT_SYMTAB && section.size > 0)
            file->is_stripped = false;
        if (section.name >= names.size)
            continue;
        struct str name = str_of(file->bytes.ptr + names.offset + section.name, names.size - section.name);
        name = str_head(name, 64);
        note_section(file, str_head(name, str_find_char(name, '\0')), &section);
    }
}

/* Whether NEEDLE is in what is loaded from the file with FLAGS set and WITHOUT not set, in the first LIMIT bytes. */
static bool segments_hold(const struct elf_file *file, uint32_t flags, uint32_t without, uint64_t limit,
                          struct str needle)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const struct elf_segment *segment = &file->segments[i];
        if (segment->type != PT_LOAD || (segment->flags & flags) != flags || segment->flags & without)
            continue;
        struct str bytes = str_head(str_of(file->bytes.ptr + segment->offset, segment->file_size), limit);
        if (str_find(bytes, needle) < bytes.len)
            return true;
    }
    return false;
}

bool elf_is_go(const struct elf_file *file)
{
    return file->is_go || segments_hold(file, PF_W, 0, GO_BUILD_INFO_BYTES, STR("\xff Go buildinf:")) ||
           segments_hold(file, PF_R, PF_W, GO_BUILD_INFO_BYTES, STR("\xff Go buildinf:"));
}

/* Paths of the standard library stand in the messages of its panics: "/rustc/COMMIT/library/...". */
bool elf_is_rust(const struct elf_file *file)
{
    return file->is_rust || segments_hold(file, PF_R, PF_W, UINT64_MAX, STR("/rustc/"));
}
