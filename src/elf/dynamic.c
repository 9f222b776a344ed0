/* SPDX-License-Identifier: Apache-2.0 */
/* The dynamic section: names, tables, flags. */
#include "base/limits.h"
#include "elf/internal.h"

#include <elf.h>

#define ELF_NEED_BYTES            16U /* Verneed and Vernaux */
#define ELF_DEFINITION_BYTES      20U /* Verdef */
#define ELF_DEFINITION_NAME_BYTES 8U  /* Verdaux */

/* What the first pass over the entries collects; strings can be read only once the table is known. */
struct names {
    uint64_t soname, rpath, runpath;
    bool has_soname;
    uint64_t strings_address;
    size_t needed_count, filter_count;
    uint64_t end; /* offset behind the last entry that counts */
};

static bool is_filter(uint64_t tag)
{
    return tag == (uint32_t)DT_FILTER || tag == (uint32_t)DT_AUXILIARY;
}

static void note_name(struct elf_file *file, struct names *names, uint64_t tag, uint64_t value)
{
    if (tag == DT_NEEDED) {
        names->needed_count++;
    } else if (is_filter(tag)) {
        names->filter_count++;
    } else if (tag == DT_SONAME) {
        names->soname = value;
        names->has_soname = true;
    } else if (tag == DT_RPATH) {
        names->rpath = value;
        file->has_rpath = true;
    } else if (tag == DT_RUNPATH) {
        names->runpath = value;
        file->has_runpath = true;
    }
}

static void note_table(struct elf_file *file, struct names *names, uint64_t tag, uint64_t value)
{
    struct elf_tables *tables = &file->tables;
    switch (tag) {
    case DT_STRTAB:
        names->strings_address = value;
        break;
    case DT_STRSZ:
        tables->strings_size = value;
        break;
    case DT_SYMTAB:
        tables->symbols = value;
        break;
    case DT_HASH:
        tables->hash = value;
        break;
    case DT_GNU_HASH:
        tables->gnu_hash = value;
        break;
    case DT_VERSYM:
        tables->versym = value;
        break;
    case DT_VERNEED:
        tables->verneed = value;
        break;
    case DT_VERNEEDNUM:
        tables->verneed_count = value;
        break;
    case DT_VERDEF:
        tables->verdef = value;
        break;
    case DT_VERDEFNUM:
        tables->verdef_count = value;
        break;
    case DT_FLAGS:
        file->dynamic_flags = value;
        break;
    case DT_FLAGS_1:
        file->dynamic_flags_1 = value;
        break;
    case DT_BIND_NOW:
        file->bind_now = true;
        break;
    case DT_DEBUG:
        tables->has_debug_tag = true;
        break;
    case DT_MIPS_SYMTABNO: /* the tag means something else elsewhere */
        if (file->machine_code == EM_MIPS)
            tables->mips_symbol_count = value;
        break;
    default:
        break;
    }
}

static int first_pass(struct elf_file *file, uint64_t offset, uint64_t size, struct names *names, struct err *err)
{
    uint64_t word = file->is_64 ? 8 : 4;
    names->end = offset;
    for (uint64_t at = offset; size >= 2 * word; at += 2 * word, size -= 2 * word) {
        uint64_t tag = elf_word(file, at);
        uint64_t value = elf_word(file, at + word);
        if (tag == DT_NULL)
            break;
        note_name(file, names, tag, value);
        note_table(file, names, tag, value);
        names->end = at + 2 * word;
    }
    if (names->needed_count + names->filter_count > LIMIT_ELF_NEEDED)
        return err_set(err, ERR_LIMIT, "ELF file that needs %zu libraries; the limit is %d",
                       names->needed_count + names->filter_count, LIMIT_ELF_NEEDED);
    return 0;
}

static int locate_strings(struct elf_file *file, const struct names *names, struct err *err)
{
    bool wanted = names->needed_count || names->filter_count || names->has_soname || file->has_rpath ||
                  file->has_runpath || file->tables.verneed_count || file->tables.verdef_count;
    uint64_t mapped = elf_mapped_after(file, names->strings_address, &file->tables.strings);
    if (mapped < file->tables.strings_size || mapped == 0) {
        if (wanted)
            return err_set(err, ERR_ELF, "damaged ELF file: its dynamic string table is not in a loaded segment");
        file->tables.strings_size = 0;
    }
    return 0;
}

static int get_string(const struct elf_file *file, uint64_t index, const char *what, struct str *ret, struct err *err)
{
    if (elf_string(file, index, ret))
        return 0;
    return err_set(err, ERR_ELF, "damaged ELF file: its %s is not in the dynamic string table, or longer than %d bytes",
                   what, LIMIT_ELF_NAME_BYTES);
}

static int second_pass(struct elf_file *file, uint64_t offset, const struct names *names, struct arena *arena,
                       struct err *err)
{
    struct str *needed = ARENA_ARRAY(arena, names->needed_count, struct str);
    struct str *filters = ARENA_ARRAY(arena, names->filter_count, struct str);
    if (!needed || !filters)
        return err_nomem(err);
    size_t needed_count = 0, filter_count = 0;
    uint64_t word = file->is_64 ? 8 : 4;
    for (uint64_t at = offset; at < names->end; at += 2 * word) {
        uint64_t tag = elf_word(file, at);
        struct str *place = tag == DT_NEEDED ? &needed[needed_count++] : NULL;
        if (is_filter(tag))
            place = &filters[filter_count++];
        int r = place ? get_string(file, elf_word(file, at + word), "needed library", place, err) : 0;
        if (r)
            return r;
    }
    file->needed = needed;
    file->needed_count = needed_count;
    file->filters = filters;
    file->filter_count = filter_count;
    return 0;
}

int elf_read_dynamic(struct elf_file *file, uint64_t offset, uint64_t size, struct arena *arena, struct err *err)
{
    struct names names = {0};
    int r = first_pass(file, offset, size, &names, err);
    if (!r)
        r = locate_strings(file, &names, err);
    if (!r && names.has_soname)
        r = get_string(file, names.soname, "SONAME", &file->soname, err);
    if (!r && file->has_rpath)
        r = get_string(file, names.rpath, "RPATH", &file->rpath, err);
    if (!r && file->has_runpath)
        r = get_string(file, names.runpath, "RUNPATH", &file->runpath, err);
    return r ? r : second_pass(file, offset, &names, arena, err);
}

static int damaged_versions(const char *what, struct err *err)
{
    return err_set(err, ERR_ELF, "damaged ELF file: its table of %s leads out of the file", what);
}

/* The chain of versions needed of one library, at AT: counted when NEEDS is NULL, else filled in. */
static int read_need(struct elf_file *file, uint64_t at, struct elf_need *needs, size_t *count, struct err *err)
{
    struct str library = STR_NONE;
    if (needs && get_string(file, elf_u32(file, at + 4), "library of a needed version", &library, err))
        return -ERR_ELF;
    uint16_t versions = elf_u16(file, at + 2);
    uint64_t aux = at + elf_u32(file, at + 8);
    for (uint16_t i = 0; i < versions; i++) {
        if (!elf_has(file, aux, ELF_NEED_BYTES))
            return damaged_versions("needed versions", err);
        if (++*count > LIMIT_ELF_VERSIONS)
            return err_set(err, ERR_LIMIT, "ELF file that needs more than %d versions", LIMIT_ELF_VERSIONS);
        if (needs) {
            struct elf_need *need = &needs[*count - 1];
            need->library = library;
            need->weak = (elf_u16(file, aux + 4) & VER_FLG_WEAK) != 0;
            need->index = elf_u16(file, aux + 6) & 0x7fff;
            int r = get_string(file, elf_u32(file, aux + 8), "needed version", &need->version, err);
            if (r)
                return r;
        }
        uint32_t next = elf_u32(file, aux + 12);
        if (next == 0)
            break;
        aux += next;
    }
    return 0;
}

static int walk_needs(struct elf_file *file, struct elf_need *needs, size_t *ret_count, struct err *err)
{
    uint64_t at = 0;
    size_t count = 0;
    if (!elf_offset_of(file, file->tables.verneed, ELF_NEED_BYTES, &at))
        return damaged_versions("needed versions", err);
    for (uint64_t i = 0; i < file->tables.verneed_count; i++) {
        if (!elf_has(file, at, ELF_NEED_BYTES))
            return damaged_versions("needed versions", err);
        if (i >= LIMIT_ELF_VERSIONS)
            return err_set(err, ERR_LIMIT, "ELF file that needs versions of more than %d libraries",
                           LIMIT_ELF_VERSIONS);
        int r = read_need(file, at, needs, &count, err);
        if (r)
            return r;
        uint32_t next = elf_u32(file, at + 12);
        if (next == 0)
            break;
        at += next;
    }
    *ret_count = count;
    return 0;
}

/* With DEFINITIONS NULL only counts. */
static int walk_definitions(struct elf_file *file, struct elf_definition *definitions, size_t *ret_count,
                            struct err *err)
{
    uint64_t at = 0;
    size_t count = 0;
    if (!elf_offset_of(file, file->tables.verdef, ELF_DEFINITION_BYTES, &at))
        return damaged_versions("defined versions", err);
    for (uint64_t i = 0; i < file->tables.verdef_count; i++) {
        uint64_t name = at + elf_u32(file, at + 12);
        if (!elf_has(file, at, ELF_DEFINITION_BYTES) || !elf_has(file, name, ELF_DEFINITION_NAME_BYTES))
            return damaged_versions("defined versions", err);
        if (++count > LIMIT_ELF_VERSIONS)
            return err_set(err, ERR_LIMIT, "ELF file that defines more than %d versions", LIMIT_ELF_VERSIONS);
        if (definitions) {
            struct elf_definition *definition = &definitions[count - 1];
            uint16_t flags = elf_u16(file, at + 2);
            definition->base = (flags & VER_FLG_BASE) != 0;
            definition->weak = (flags & VER_FLG_WEAK) != 0;
            definition->index = elf_u16(file, at + 4) & 0x7fff;
            int r = get_string(file, elf_u32(file, name), "defined version", &definition->version, err);
            if (r)
                return r;
        }
        uint32_t next = elf_u32(file, at + 16);
        if (next == 0)
            break;
        at += next;
    }
    *ret_count = count;
    return 0;
}

int elf_read_versions(struct elf_file *file, struct arena *arena, struct err *err)
{
    int r = 0;
    if (file->tables.verneed && file->tables.verneed_count) {
        r = walk_needs(file, NULL, &file->need_count, err);
        struct elf_need *needs = r ? NULL : ARENA_ARRAY(arena, file->need_count, struct elf_need);
        if (!r)
            r = needs ? walk_needs(file, needs, &file->need_count, err) : err_nomem(err);
        file->needs = needs;
    }
    if (!r && file->tables.verdef && file->tables.verdef_count) {
        r = walk_definitions(file, NULL, &file->definition_count, err);
        struct elf_definition *definitions =
            r ? NULL : ARENA_ARRAY(arena, file->definition_count, struct elf_definition);
        if (!r)
            r = definitions ? walk_definitions(file, definitions, &file->definition_count, err) : err_nomem(err);
        file->definitions = definitions;
    }
    return r;
}
