/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/file.h"

#include "base/limits.h"
#include "base/path.h"
#include "elf/internal.h"

#include <elf.h>

#define ELF_HEADER_32  52U
#define ELF_HEADER_64  64U
#define ELF_SEGMENT_32 32U
#define ELF_SEGMENT_64 56U

/* UPX leaves its mark behind the program headers of the packed file. */
#define UPX_MARK_WITHIN 1024U

bool elf_is_elf(struct str bytes)
{
    return str_starts(bytes, STR("\177ELF"));
}

bool elf_offset_of(const struct elf_file *file, uint64_t address, uint64_t size, uint64_t *ret_offset)
{
    uint64_t offset;
    if (elf_mapped_after(file, address, &offset) < size)
        return false;
    *ret_offset = offset;
    return true;
}

uint64_t elf_mapped_after(const struct elf_file *file, uint64_t address, uint64_t *ret_offset)
{
    for (size_t i = 0; i < file->segment_count; i++) {
        const struct elf_segment *segment = &file->segments[i];
        uint64_t into = address - segment->address;
        if (segment->type != PT_LOAD || address < segment->address || into >= segment->file_size)
            continue;
        *ret_offset = segment->offset + into;
        return segment->file_size - into;
    }
    return 0;
}

bool elf_string(const struct elf_file *file, uint64_t index, struct str *ret)
{
    if (index >= file->tables.strings_size)
        return false;
    struct str table = str_of(file->bytes.ptr + file->tables.strings, file->tables.strings_size);
    struct str rest = str_head(str_skip(table, index), LIMIT_ELF_NAME_BYTES + 1);
    size_t len = str_find_char(rest, '\0');
    if (len == rest.len)
        return false;
    *ret = str_head(rest, len);
    return true;
}

static int read_ident(struct elf_file *file, struct err *err)
{
    struct str bytes = file->bytes;
    if (!elf_is_elf(bytes))
        return err_set(err, ERR_ELF, "not an ELF file: it doesn't begin with the bytes 7f 45 4c 46");
    if (bytes.len < EI_NIDENT)
        return err_set(err, ERR_ELF, "truncated ELF file: %zu bytes", bytes.len);
    const uint8_t *ident = (const uint8_t *)bytes.ptr;
    if (ident[EI_CLASS] != ELFCLASS32 && ident[EI_CLASS] != ELFCLASS64)
        return err_set(err, ERR_ELF, "damaged ELF file: its class is %u, neither 32 nor 64 bit", ident[EI_CLASS]);
    if (ident[EI_DATA] != ELFDATA2LSB && ident[EI_DATA] != ELFDATA2MSB)
        return err_set(err, ERR_ELF, "damaged ELF file: its byte order is %u, neither little nor big", ident[EI_DATA]);
    if (ident[EI_VERSION] != EV_CURRENT)
        return err_set(err, ERR_ELF, "ELF file of version %u; only 1 is known", ident[EI_VERSION]);
    file->is_64 = ident[EI_CLASS] == ELFCLASS64;
    file->is_big_endian = ident[EI_DATA] == ELFDATA2MSB;
    file->os_abi = ident[EI_OSABI];
    size_t size = file->is_64 ? ELF_HEADER_64 : ELF_HEADER_32;
    if (bytes.len < size)
        return err_set(err, ERR_ELF, "truncated ELF file: its header needs %zu bytes, there are %zu", size, bytes.len);
    return 0;
}

static void read_segment(const struct elf_file *file, uint64_t at, struct elf_segment *ret)
{
    ret->type = elf_u32(file, at);
    if (file->is_64) {
        ret->flags = elf_u32(file, at + 4);
        ret->offset = elf_u64(file, at + 8);
        ret->address = elf_u64(file, at + 16);
        ret->file_size = elf_u64(file, at + 32);
        ret->memory_size = elf_u64(file, at + 40);
        ret->align = elf_u64(file, at + 48);
    } else {
        ret->offset = elf_u32(file, at + 4);
        ret->address = elf_u32(file, at + 8);
        ret->file_size = elf_u32(file, at + 16);
        ret->memory_size = elf_u32(file, at + 20);
        ret->flags = elf_u32(file, at + 24);
        ret->align = elf_u32(file, at + 28);
    }
}

static int read_segments(struct elf_file *file, struct arena *arena, struct err *err)
{
    uint64_t table = elf_word(file, file->is_64 ? 32 : 28);
    uint16_t entry_size = elf_u16(file, file->is_64 ? 54 : 42);
    uint16_t count = elf_u16(file, file->is_64 ? 56 : 44);
    uint16_t expected = file->is_64 ? ELF_SEGMENT_64 : ELF_SEGMENT_32;
    if (count == 0)
        return err_set(err, ERR_ELF, "damaged ELF file: it has no program headers");
    if (entry_size != expected)
        return err_set(err, ERR_ELF, "damaged ELF file: its program headers have %u bytes instead of %u", entry_size,
                       expected);
    if (count > LIMIT_ELF_HEADERS)
        return err_set(err, ERR_LIMIT, "ELF file with %u program headers; the limit is %d", count, LIMIT_ELF_HEADERS);
    if (!elf_has(file, table, (uint64_t)count * expected))
        return err_set(err, ERR_ELF, "truncated ELF file: its program headers lie beyond its end");
    struct elf_segment *segments = ARENA_ARRAY(arena, count, struct elf_segment);
    if (!segments)
        return err_nomem(err);
    for (uint16_t i = 0; i < count; i++) {
        struct elf_segment *segment = &segments[i];
        read_segment(file, table + (uint64_t)i * expected, segment);
        if (segment->type == PT_LOAD && !elf_has(file, segment->offset, segment->file_size))
            return err_set(err, ERR_ELF, "truncated ELF file: segment %u ends at byte %llu, the file has %zu bytes", i,
                           (unsigned long long)(segment->offset + segment->file_size), file->bytes.len);
    }
    file->segments = segments;
    file->segment_count = count;
    return 0;
}

static const struct elf_segment *find_segment(const struct elf_file *file, uint32_t type)
{
    for (size_t i = 0; i < file->segment_count; i++)
        if (file->segments[i].type == type)
            return &file->segments[i];
    return NULL;
}

/* objcopy --only-keep-debug leaves the program headers and takes the content of what they load. */
static bool is_debug_only(const struct elf_file *file)
{
    bool has_code = false;
    for (size_t i = 0; i < file->segment_count; i++) {
        const struct elf_segment *segment = &file->segments[i];
        if (segment->type == PT_LOAD && segment->flags & PF_X && segment->memory_size > 0) {
            has_code = true;
            if (segment->file_size > 0)
                return false;
        }
    }
    return has_code;
}

static int read_interpreter(struct elf_file *file, struct err *err)
{
    const struct elf_segment *segment = find_segment(file, PT_INTERP);
    if (!segment)
        return 0;
    if (!elf_has(file, segment->offset, segment->file_size))
        return err_set(err, ERR_ELF, "truncated ELF file: the name of its interpreter lies beyond its end");
    struct str name = str_of(file->bytes.ptr + segment->offset, segment->file_size);
    size_t len = str_find_char(name, '\0');
    if (len == name.len)
        return err_set(err, ERR_ELF, "damaged ELF file: the name of its interpreter has no end");
    if (len > LIMIT_ELF_NAME_BYTES)
        return err_set(err, ERR_LIMIT, "ELF file whose interpreter's name has %zu bytes; the limit is %d", len,
                       LIMIT_ELF_NAME_BYTES);
    if (len == 0)
        return err_set(err, ERR_ELF, "damaged ELF file: the name of its interpreter is empty");
    file->interpreter = str_head(name, len);
    return 0;
}

static int read_dynamic(struct elf_file *file, struct arena *arena, struct err *err)
{
    const struct elf_segment *segment = find_segment(file, PT_DYNAMIC);
    if (!segment)
        return 0;
    file->is_dynamic = true;
    /* The loader goes by the address; the offset serves files whose addresses lead nowhere. */
    uint64_t offset = segment->offset;
    if (!elf_offset_of(file, segment->address, segment->file_size, &offset) &&
        !elf_has(file, segment->offset, segment->file_size))
        return err_set(err, ERR_ELF, "truncated ELF file: its dynamic section lies beyond its end");
    int r = elf_read_dynamic(file, offset, segment->file_size, arena, err);
    return r ? r : elf_read_versions(file, arena, err);
}

static enum elf_libc libc_of(const struct elf_file *file)
{
    struct str loader = file->interpreter;
    if (str_find(loader, STR("/ld-musl-")) < loader.len)
        return ELF_LIBC_MUSL;
    if (str_find(loader, STR("/ld-linux")) < loader.len || str_find(loader, STR("/ld64.so.")) < loader.len)
        return ELF_LIBC_GLIBC;
    if (str_starts(loader, STR("/system/bin/linker")))
        return ELF_LIBC_BIONIC;
    if (str_find(loader, STR("/ld-uClibc")) < loader.len || str_find(loader, STR("/ld64-uClibc")) < loader.len)
        return ELF_LIBC_UCLIBC;
    for (size_t i = 0; i < file->needed_count; i++) {
        struct str name = path_base(file->needed[i]);
        if (str_eq(name, STR("libc.so.6")) || str_eq(name, STR("libc.so.6.1")))
            return ELF_LIBC_GLIBC;
        if (str_starts(name, STR("libc.musl-")))
            return ELF_LIBC_MUSL;
        if (str_eq(name, STR("libc.so"))) /* musl's own name, and Android's, which has a linker of its own */
            return ELF_LIBC_MUSL;
        if (str_eq(name, STR("libc.so.0")) || str_eq(name, STR("libc.so.1")))
            return ELF_LIBC_UCLIBC;
    }
    return ELF_LIBC_NONE;
}

/* Whether an ET_DYN is a program: the linker says so since 2016, before that the interpreter tells. */
static bool is_pie(const struct elf_file *file)
{
    if (file->dynamic_flags_1 & DF_1_PIE)
        return true;
    return file->soname.len == 0 && (file->interpreter.len > 0 || file->tables.has_debug_tag);
}

static void classify(struct elf_file *file, uint16_t type)
{
    if (is_debug_only(file))
        file->type = ELF_TYPE_DEBUG;
    else if (type == ET_EXEC)
        file->type = ELF_TYPE_EXECUTABLE;
    else
        file->type = is_pie(file) ? ELF_TYPE_PIE : ELF_TYPE_LIBRARY;
    if (file->machine_code == EM_ARM && str_ends(file->interpreter, STR("/ld-linux-armhf.so.3")))
        file->machine = ELF_MACHINE_ARMHF;
    file->is_static = elf_is_program(file) && file->interpreter.len == 0 && file->needed_count == 0;
    file->libc = libc_of(file);
    const struct elf_segment *stack = find_segment(file, PT_GNU_STACK);
    bool by_default = elf_machine_info(file->machine)->stack_executable;
    file->needs_executable_stack = stack ? (stack->flags & PF_X) != 0 : by_default;
    file->relro = find_segment(file, PT_GNU_RELRO) != NULL;
    file->bind_now |= (file->dynamic_flags & DF_BIND_NOW) || (file->dynamic_flags_1 & DF_1_NOW);
    file->no_default_dirs = (file->dynamic_flags_1 & DF_1_NODEFLIB) != 0;
}

static int read_loadable(struct elf_file *file, uint16_t type, struct arena *arena, struct err *err)
{
    int r = read_segments(file, arena, err);
    if (r)
        return r;
    if (!is_debug_only(file)) {
        r = read_interpreter(file, err);
        if (!r)
            r = read_dynamic(file, arena, err);
    }
    if (r)
        return r;
    classify(file, type);
    elf_read_notes(file);
    elf_read_sections(file);
    struct str head = str_head(file->bytes, UPX_MARK_WITHIN);
    file->is_packed = str_find(head, STR("UPX!")) < head.len;
    return 0;
}

int elf_read(struct str bytes, struct arena *arena, struct elf_file *ret, struct err *err)
{
    struct elf_file file = {.bytes = bytes, .is_stripped = true};
    int r = read_ident(&file, err);
    if (r)
        return r;
    uint16_t type = elf_u16(&file, 16);
    file.machine_code = elf_u16(&file, 18);
    file.flags = elf_u32(&file, file.is_64 ? 48 : 36);
    file.machine = elf_machine_of_header(file.machine_code, file.is_64, file.is_big_endian, file.flags);
    if (type == ET_EXEC || type == ET_DYN)
        r = read_loadable(&file, type, arena, err);
    else if (type == ET_REL)
        file.type = ELF_TYPE_RELOCATABLE;
    else if (type == ET_CORE)
        file.type = ELF_TYPE_CORE;
    if (r)
        return r;
    *ret = file;
    return 0;
}

bool elf_same_machine(const struct elf_file *a, const struct elf_file *b)
{
    return a->machine_code == b->machine_code && a->is_64 == b->is_64 && a->is_big_endian == b->is_big_endian &&
           a->machine == b->machine;
}

bool elf_os_abi_is_linux(const struct elf_file *file)
{
    return file->os_abi == ELFOSABI_NONE || file->os_abi == ELFOSABI_GNU ||
           (file->machine_code == EM_ARM && file->os_abi == ELFOSABI_ARM);
}

const char *elf_os_abi_name(uint8_t os_abi)
{
    switch (os_abi) {
    case ELFOSABI_NONE:
        return "System V";
    case ELFOSABI_HPUX:
        return "HP-UX";
    case ELFOSABI_NETBSD:
        return "NetBSD";
    case ELFOSABI_GNU:
        return "GNU/Linux";
    case ELFOSABI_SOLARIS:
        return "Solaris";
    case ELFOSABI_AIX:
        return "AIX";
    case ELFOSABI_IRIX:
        return "IRIX";
    case ELFOSABI_FREEBSD:
        return "FreeBSD";
    case ELFOSABI_OPENBSD:
        return "OpenBSD";
    case ELFOSABI_ARM:
        return "ARM";
    case ELFOSABI_STANDALONE:
        return "stand-alone";
    default:
        return "unknown";
    }
}

const char *elf_type_name(enum elf_type type)
{
    switch (type) {
    case ELF_TYPE_RELOCATABLE:
        return "object file";
    case ELF_TYPE_EXECUTABLE:
        return "executable";
    case ELF_TYPE_PIE:
        return "position-independent executable";
    case ELF_TYPE_LIBRARY:
        return "shared library";
    case ELF_TYPE_CORE:
        return "core file";
    case ELF_TYPE_DEBUG:
        return "file of debugging information";
    case ELF_TYPE_OTHER:
        break;
    }
    return "ELF file of another kind";
}
