/* SPDX-License-Identifier: Apache-2.0 */
#include "elf/symbols.h"

#include "base/limits.h"
#include "elf/internal.h"

#include <elf.h>

#define SYMBOL_BYTES_32 16U
#define SYMBOL_BYTES_64 24U

static uint64_t symbol_bytes(const struct elf_file *file)
{
    return file->is_64 ? SYMBOL_BYTES_64 : SYMBOL_BYTES_32;
}

/* System V's table has as many chains as there are symbols. Its words have 8 bytes on 64-bit S/390 and Alpha. */
static uint64_t count_by_hash(const struct elf_file *file)
{
    bool wide = file->is_64 && (file->machine_code == EM_S390 || file->machine_code == EM_ALPHA);
    uint64_t at;
    if (!file->tables.hash || !elf_offset_of(file, file->tables.hash, wide ? 16 : 8, &at))
        return 0;
    return wide ? elf_u64(file, at + 8) : elf_u32(file, at + 4);
}

/*
 * GNU's table has only what is defined: the highest bucket's chain ends with the last symbol, marked by bit 0.
 * *ret_first is the first symbol that it covers; all before it are not hashed, the undefined ones among them.
 * 0 when no symbol is hashed: then nothing can be said.
 */
static uint64_t count_by_gnu_hash(const struct elf_file *file, uint64_t *ret_first)
{
    uint64_t at;
    uint64_t mapped = file->tables.gnu_hash ? elf_mapped_after(file, file->tables.gnu_hash, &at) : 0;
    if (mapped < 16)
        return 0;
    uint64_t end = at + mapped;
    uint64_t bucket_count = elf_u32(file, at);
    uint64_t first = elf_u32(file, at + 4);
    uint64_t buckets = at + 16 + (uint64_t)elf_u32(file, at + 8) * (file->is_64 ? 8 : 4);
    uint64_t chains = buckets + 4 * bucket_count;
    if (chains > end)
        return 0;
    uint64_t last = 0;
    for (uint64_t i = 0; i < bucket_count; i++) {
        uint32_t start = elf_u32(file, buckets + 4 * i);
        last = start > last ? start : last;
    }
    if (last == 0 || last < first)
        return 0;
    while (chains + 4 * (last - first + 1) <= end && !(elf_u32(file, chains + 4 * (last - first)) & 1))
        last++;
    *ret_first = first;
    return last + 1;
}

/* Nothing tells: linkers put the tables one behind the other, so the next one ends this one. */
static uint64_t count_by_neighbour(const struct elf_file *file)
{
    uint64_t start;
    uint64_t bytes = elf_mapped_after(file, file->tables.symbols, &start);
    const uint64_t others[] = {file->tables.hash, file->tables.gnu_hash, file->tables.versym, file->tables.verneed,
                               file->tables.verdef};
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (others[i] > file->tables.symbols && others[i] - file->tables.symbols < bytes)
            bytes = others[i] - file->tables.symbols;
    if (file->tables.strings > start && file->tables.strings - start < bytes)
        bytes = file->tables.strings - start;
    return bytes / symbol_bytes(file);
}

/* Symbols to look at; with ONLY_UNDEFINED those suffice among which all undefined ones are. */
static uint64_t count_symbols(const struct elf_file *file, bool only_undefined)
{
    uint64_t start;
    uint64_t room = file->tables.symbols ? elf_mapped_after(file, file->tables.symbols, &start) : 0;
    uint64_t first = 0;
    uint64_t hashed = count_by_gnu_hash(file, &first);
    uint64_t count = only_undefined && hashed ? first : 0;
    if (!count)
        count = count_by_hash(file);
    if (!count)
        count = hashed;
    if (!count)
        count = file->tables.mips_symbol_count;
    if (!count && room)
        count = count_by_neighbour(file);
    uint64_t fits = room / symbol_bytes(file);
    count = count < fits ? count : fits;
    return count < LIMIT_ELF_SYMBOLS ? count : LIMIT_ELF_SYMBOLS;
}

static struct elf_symbols open_symbols(const struct elf_file *file, bool only_undefined)
{
    struct elf_symbols symbols = {.file = file, .count = count_symbols(file, only_undefined)};
    if (symbols.count)
        (void)elf_mapped_after(file, file->tables.symbols, &symbols.offset);
    if (file->tables.versym)
        symbols.versioned = elf_mapped_after(file, file->tables.versym, &symbols.versions) / 2;
    return symbols;
}

struct elf_symbols elf_symbols_of(const struct elf_file *file)
{
    return open_symbols(file, false);
}

struct elf_symbols elf_symbols_imported(const struct elf_file *file)
{
    return open_symbols(file, true);
}

uint16_t elf_symbol_version(const struct elf_symbols *symbols, uint64_t index)
{
    if (index >= symbols->count || index >= symbols->versioned)
        return VER_NDX_GLOBAL;
    return elf_u16(symbols->file, symbols->versions + index * 2) & 0x7fff;
}

static bool is_defined(const struct elf_file *file, uint64_t at)
{
    return elf_u16(file, at + (file->is_64 ? 6 : 14)) != SHN_UNDEF;
}

bool elf_symbol_at(const struct elf_symbols *symbols, uint64_t index, struct elf_symbol *ret)
{
    const struct elf_file *file = symbols->file;
    uint64_t at = symbols->offset + index * symbol_bytes(file);
    struct elf_symbol symbol = {0};
    if (index >= symbols->count || !elf_string(file, elf_u32(file, at), &symbol.name))
        return false;
    symbol.version = elf_symbol_version(symbols, index);
    symbol.defined = is_defined(file, at);
    symbol.weak = ((uint8_t)file->bytes.ptr[at + (file->is_64 ? 4 : 12)] >> 4) == STB_WEAK;
    *ret = symbol;
    return true;
}

/* Compares in place: names of a hostile table may all be long. */
static bool is_named(const struct elf_file *file, uint64_t index, struct str name)
{
    if (index >= file->tables.strings_size)
        return false;
    struct str table = str_of(file->bytes.ptr + file->tables.strings, file->tables.strings_size);
    struct str at = str_skip(table, index);
    return at.len > name.len && at.ptr[name.len] == '\0' && str_starts(at, name);
}

bool elf_imports(const struct elf_file *file, struct str symbol)
{
    struct elf_symbols symbols = elf_symbols_imported(file);
    for (uint64_t i = 1; i < symbols.count; i++) {
        uint64_t at = symbols.offset + i * symbol_bytes(file);
        if (!is_defined(file, at) && is_named(file, elf_u32(file, at), symbol))
            return true;
    }
    return false;
}
