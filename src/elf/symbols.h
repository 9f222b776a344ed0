/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/symbols.h - the dynamic symbol table: what an object imports.
 *
 * Works without section headers: the number of symbols comes from DT_HASH or DT_GNU_HASH; where neither tells (an
 * object that exports nothing), from the next table in memory. Each function walks the table anew, in microseconds
 * for a usual program. Damaged tables read as shorter ones. Limit: LIMIT_ELF_SYMBOLS.
 */
#include "elf/file.h"

struct elf_symbol {
    struct str name;
    uint16_t version; /* index for elf_need.index / elf_definition.index; 0 local, 1 global: no version */
    bool defined;     /* here, not elsewhere */
    bool weak;
};

/* Where a file's dynamic symbols lie; opened once, then read at will. */
struct elf_symbols {
    const struct elf_file *file;
    uint64_t count;               /* the empty first one included; 0 when there is no table */
    uint64_t offset;              /* in the file */
    uint64_t versions, versioned; /* offset of the versions, for how many symbols there is one */
};

struct elf_symbols elf_symbols_of(const struct elf_file *file);

/* As elf_symbols_of, but leaves out such as are surely defined here. */
struct elf_symbols elf_symbols_imported(const struct elf_file *file);

/* The symbol of INDEX; false when it can't be read. */
bool elf_symbol_at(const struct elf_symbols *symbols, uint64_t index, struct elf_symbol *ret);

/* Its version alone: cheaper, for it needs no name. 1 (none) when there is none. */
uint16_t elf_symbol_version(const struct elf_symbols *symbols, uint64_t index);

/* True when SYMBOL is taken from another object (an undefined dynamic symbol of that name, whatever its version). */
bool elf_imports(const struct elf_file *file, struct str symbol);
