/* SPDX-License-Identifier: Apache-2.0 */
/* Reads an object and asks everything of it. All views must lie in the input or in the arena. */
#include "elf/file.h"
#include "elf/symbols.h"
#include "elf/versions.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t weight;

static void touch(struct str view)
{
    for (size_t i = 0; i < view.len; i++)
        weight += (unsigned char)view.ptr[i];
}

static void touch_names(const struct elf_file *file)
{
    const struct str names[] = {file->interpreter, file->soname, file->rpath, file->runpath, file->build_id};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        touch(names[i]);
    for (size_t i = 0; i < file->needed_count; i++)
        touch(file->needed[i]);
    for (size_t i = 0; i < file->filter_count; i++)
        touch(file->filters[i]);
    for (size_t i = 0; i < file->definition_count; i++)
        touch(file->definitions[i].version);
}

static void touch_symbols(const struct elf_file *file)
{
    struct elf_symbols symbols = elf_symbols_of(file);
    uint64_t imported = elf_symbols_imported(file).count;
    if (imported > symbols.count && symbols.count)
        abort();
    for (uint64_t i = 0; i < symbols.count; i++) {
        struct elf_symbol symbol;
        if (!elf_symbol_at(&symbols, i, &symbol))
            continue;
        touch(symbol.name);
        if (i > 0 && i < 16 && i < imported && !symbol.defined && !elf_imports(file, symbol.name))
            abort();
    }
    weight += elf_imports(file, STR("iconv_open")) + elf_is_go(file) + elf_is_rust(file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct err err = ERR_INIT;
    struct elf_file file;
    struct str bytes = {(const char *)data, size};
    if (elf_read(bytes, &arena, &file, &err)) {
        if (err.code == ERR_NONE || err.message[0] == '\0')
            abort();
        return 0;
    }
    char scratch[ELF_MACHINE_NAME_MAX];
    touch(str_z(elf_machine_name(file.machine_code, file.is_64, file.is_big_endian, file.flags, scratch)));
    touch(str_z(elf_type_name(file.type)));
    touch_names(&file);
    touch_symbols(&file);
    for (size_t i = 0; i < file.need_count && i < 64; i++) {
        size_t cursor = 0;
        touch(elf_symbol_of_version(&file, &file.needs[i], NULL));
        touch(elf_version_best(&file, elf_version_family(file.needs[i].version)));
        while (elf_versions_missing(&file, file.needs[i].library, &file, &cursor))
            weight++;
    }
    return 0;
}
