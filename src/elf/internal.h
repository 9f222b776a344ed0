/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/internal.h - fields of an ELF file in its class and byte order, for the sources of this module only.
 *
 * Every getter checks its bounds: out of bounds reads as 0. Callers that must tell use elf_has first.
 */
#include "base/num.h"
#include "elf/file.h"

static inline bool elf_has(const struct elf_file *file, uint64_t offset, uint64_t size)
{
    return offset <= file->bytes.len && size <= file->bytes.len - offset;
}

static inline uint16_t elf_u16(const struct elf_file *file, uint64_t offset)
{
    if (!elf_has(file, offset, 2))
        return 0;
    const char *at = file->bytes.ptr + offset;
    return file->is_big_endian ? num_be16(at) : num_le16(at);
}

static inline uint32_t elf_u32(const struct elf_file *file, uint64_t offset)
{
    if (!elf_has(file, offset, 4))
        return 0;
    const char *at = file->bytes.ptr + offset;
    return file->is_big_endian ? num_be32(at) : num_le32(at);
}

static inline uint64_t elf_u64(const struct elf_file *file, uint64_t offset)
{
    if (!elf_has(file, offset, 8))
        return 0;
    const char *at = file->bytes.ptr + offset;
    return file->is_big_endian ? num_be64(at) : num_le64(at);
}

/* A word of the class: 4 or 8 bytes. */
static inline uint64_t elf_word(const struct elf_file *file, uint64_t offset)
{
    return file->is_64 ? elf_u64(file, offset) : elf_u32(file, offset);
}

/* The offset of SIZE bytes that are mapped from the file at ADDRESS; false when no PT_LOAD has them all. */
bool elf_offset_of(const struct elf_file *file, uint64_t address, uint64_t size, uint64_t *ret_offset);

/* Bytes from ADDRESS to the end of the file's part of its segment; 0 when it is not mapped. */
uint64_t elf_mapped_after(const struct elf_file *file, uint64_t address, uint64_t *ret_offset);

/* The NUL-terminated string at INDEX of the dynamic string table; false when it isn't one. */
bool elf_string(const struct elf_file *file, uint64_t index, struct str *ret);

/* Fills in what the dynamic section at [OFFSET, OFFSET + SIZE) says. */
int elf_read_dynamic(struct elf_file *file, uint64_t offset, uint64_t size, struct arena *arena, struct err *err);

/* Fills in needs and definitions from file->tables. */
int elf_read_versions(struct elf_file *file, struct arena *arena, struct err *err);

/* Fills in what notes and section headers say; damage is passed over, for nothing depends on them. */
void elf_read_notes(struct elf_file *file);
void elf_read_sections(struct elf_file *file);
