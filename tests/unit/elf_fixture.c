/* SPDX-License-Identifier: Apache-2.0 */
#include "elf_fixture.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

enum { HEADERS_MAX = 8, DYNAMIC_MAX = 64 };

struct maker {
    const struct elf_fixture *fixture;
    struct buf *out;
    struct buf strings;
    uint64_t dynamic[DYNAMIC_MAX][2];
    size_t dynamic_count;
    struct {
        uint32_t type, flags;
        uint64_t offset, size, align;
    } headers[HEADERS_MAX];
    size_t header_count;
};

static void put(struct maker *m, uint64_t value, size_t size)
{
    char bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[m->fixture->is_big ? size - 1 - i : i] = (char)(value >> (8 * i));
    buf_add(m->out, bytes, size);
}

static void put_word(struct maker *m, uint64_t value)
{
    put(m, value, m->fixture->is_32 ? 4 : 8);
}

static uint64_t align(struct maker *m, size_t to)
{
    while (m->out->len % to)
        buf_add_char(m->out, '\0');
    return m->out->len;
}

static uint32_t string(struct maker *m, const char *text)
{
    uint32_t at = (uint32_t)m->strings.len;
    buf_add(&m->strings, text, strlen(text) + 1);
    return at;
}

static void tag(struct maker *m, uint64_t name, uint64_t value)
{
    if (m->dynamic_count == DYNAMIC_MAX)
        abort();
    m->dynamic[m->dynamic_count][0] = name;
    m->dynamic[m->dynamic_count++][1] = value;
}

static void tag_address(struct maker *m, uint64_t name, uint64_t offset)
{
    tag(m, name, ELF_FIXTURE_ADDRESS + offset);
}

static void header(struct maker *m, uint32_t type, uint32_t flags, uint64_t offset, uint64_t size, uint64_t align_to)
{
    if (m->header_count == HEADERS_MAX)
        abort();
    m->headers[m->header_count].type = type;
    m->headers[m->header_count].flags = flags;
    m->headers[m->header_count].offset = offset;
    m->headers[m->header_count].size = size;
    m->headers[m->header_count++].align = align_to;
}

static size_t list_len(const char *const *list)
{
    size_t len = 0;
    while (len < ELF_FIXTURE_LIST && list[len])
        len++;
    return len;
}

static size_t needs_len(const struct elf_fixture *f)
{
    size_t len = 0;
    while (len < ELF_FIXTURE_LIST && f->needs[len].library)
        len++;
    return len;
}

static void put_note(struct maker *m, const char *owner, uint32_t type, const void *content, size_t size)
{
    put(m, strlen(owner) + 1, 4);
    put(m, size, 4);
    put(m, type, 4);
    buf_add(m->out, owner, strlen(owner) + 1);
    align(m, 4);
    buf_add(m->out, content, size);
    align(m, 4);
}

static void put_notes(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    uint64_t start = align(m, 8);
    if (f->build_id)
        put_note(m, "GNU", NT_GNU_BUILD_ID, f->build_id, strlen(f->build_id));
    if (f->go_note)
        put_note(m, "Go\0", 4, "go-build-id", 11);
    if (m->out->len > start)
        header(m, PT_NOTE, PF_R, start, m->out->len - start, 4);
    if (f->x86_isa) {
        start = align(m, 8);
        put(m, 4, 4);
        put(m, 16, 4);
        put(m, NT_GNU_PROPERTY_TYPE_0, 4);
        buf_add(m->out, "GNU", 4);
        put(m, 0xc0008002U, 4);
        put(m, 4, 4);
        put(m, f->x86_isa, 4);
        put(m, 0, 4);
        header(m, PT_NOTE, PF_R, start, m->out->len - start, 8);
    }
}

static void put_symbol(struct maker *m, uint32_t name, bool defined)
{
    put(m, name, 4);
    if (m->fixture->is_32) {
        put(m, 0, 4);
        put(m, 0, 4);
    }
    put(m, STB_GLOBAL << 4 | STT_FUNC, 1);
    put(m, 0, 1);
    put(m, defined ? 1 : SHN_UNDEF, 2);
    if (!m->fixture->is_32) {
        put(m, 0, 8);
        put(m, 0, 8);
    }
}

static void put_symbols(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    tag_address(m, DT_SYMTAB, align(m, 8));
    uint32_t empty = string(m, "");
    put_symbol(m, empty, false);
    for (size_t i = 0; i < list_len(f->imports); i++)
        put_symbol(m, string(m, f->imports[i]), false);
    for (size_t i = 0; i < list_len(f->exports); i++)
        put_symbol(m, string(m, f->exports[i]), true);
}

/* One bucket, whose chain holds all that is exported; hashes are made up, nothing looks them up. */
static void put_hash(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    size_t imports = list_len(f->imports), exports = list_len(f->exports);
    if (f->no_hash)
        return;
    align(m, 8);
    if (f->sysv_hash) {
        size_t word = f->machine == EM_S390 && !f->is_32 ? 8 : 4;
        tag_address(m, DT_HASH, m->out->len);
        put(m, 1, word);
        put(m, 1 + imports + exports, word);
        for (size_t i = 0; i < 2 + imports + exports; i++)
            put(m, 0, word);
        return;
    }
    tag_address(m, DT_GNU_HASH, m->out->len);
    put(m, 1, 4);
    put(m, exports ? 1 + imports : 1, 4);
    put(m, 1, 4);
    put(m, 0, 4);
    put_word(m, 0);
    put(m, exports ? 1 + imports : 0, 4);
    for (size_t i = 0; i < exports; i++)
        put(m, i + 1 == exports, 4);
}

static void put_symbol_versions(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    size_t needs = needs_len(f), definitions = list_len(f->definitions);
    if (!needs && !definitions)
        return;
    tag_address(m, DT_VERSYM, align(m, 2));
    put(m, 0, 2);
    for (size_t i = 0; i < list_len(f->imports); i++)
        put(m, i < needs ? 2 + i : 1, 2);
    for (size_t i = 0; i < list_len(f->exports); i++)
        put(m, i < definitions ? 2 + needs + i : 1, 2);
}

/* A Verneed for each need: legal, if not thrifty. */
static void put_needs(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    size_t count = needs_len(f);
    if (!count)
        return;
    tag_address(m, DT_VERNEED, align(m, 4));
    tag(m, DT_VERNEEDNUM, count);
    for (size_t i = 0; i < count; i++) {
        put(m, 1, 2);
        put(m, 1, 2);
        put(m, string(m, f->needs[i].library), 4);
        put(m, 16, 4);
        put(m, i + 1 < count ? 32 : 0, 4);
        put(m, 0, 4);
        put(m, f->needs[i].weak ? VER_FLG_WEAK : 0, 2);
        put(m, 2 + i, 2);
        put(m, string(m, f->needs[i].version), 4);
        put(m, 0, 4);
    }
}

static void put_definitions(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    size_t count = list_len(f->definitions);
    if (!count)
        return;
    tag_address(m, DT_VERDEF, align(m, 4));
    tag(m, DT_VERDEFNUM, count);
    for (size_t i = 0; i < count; i++) {
        put(m, 1, 2);
        put(m, i == 0 ? VER_FLG_BASE : 0, 2);
        put(m, 2 + needs_len(f) + i, 2);
        put(m, 1, 2);
        put(m, 0, 4);
        put(m, 20, 4);
        put(m, i + 1 < count ? 28 : 0, 4);
        put(m, string(m, f->definitions[i]), 4);
        put(m, 0, 4);
    }
}

static void put_dynamic(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    for (size_t i = 0; i < list_len(f->needed); i++)
        tag(m, DT_NEEDED, string(m, f->needed[i]));
    if (f->auxiliary)
        tag(m, DT_AUXILIARY, string(m, f->auxiliary));
    if (f->soname)
        tag(m, DT_SONAME, string(m, f->soname));
    if (f->rpath)
        tag(m, DT_RPATH, string(m, f->rpath));
    if (f->runpath)
        tag(m, DT_RUNPATH, string(m, f->runpath));
    if (f->dynamic_flags_1)
        tag(m, DT_FLAGS_1, f->dynamic_flags_1);
    if (f->debug_tag)
        tag(m, DT_DEBUG, 0);
    tag_address(m, DT_STRTAB, m->out->len);
    tag(m, DT_STRSZ, m->strings.len);
    buf_add_str(m->out, buf_str(&m->strings));
    tag(m, DT_NULL, 0);
    uint64_t start = align(m, 8);
    for (size_t i = 0; i < m->dynamic_count; i++) {
        put_word(m, m->dynamic[i][0]);
        put_word(m, m->dynamic[i][1]);
    }
    header(m, PT_DYNAMIC, PF_R | PF_W, start, m->out->len - start, 8);
}

static void put_program_header(struct maker *m, size_t i)
{
    bool small = m->fixture->is_32;
    put(m, m->headers[i].type, 4);
    if (!small)
        put(m, m->headers[i].flags, 4);
    put_word(m, m->headers[i].offset);
    put_word(m, ELF_FIXTURE_ADDRESS + m->headers[i].offset);
    put_word(m, 0);
    put_word(m, m->headers[i].size);
    put_word(m, m->headers[i].size);
    if (small)
        put(m, m->headers[i].flags, 4);
    put_word(m, m->headers[i].align);
}

static void put_header(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    const char ident[EI_NIDENT] = {0x7f,
                                   'E',
                                   'L',
                                   'F',
                                   f->is_32 ? ELFCLASS32 : ELFCLASS64,
                                   f->is_big ? ELFDATA2MSB : ELFDATA2LSB,
                                   EV_CURRENT,
                                   (char)f->os_abi};
    buf_add(m->out, ident, sizeof(ident));
    put(m, f->type ? f->type : ET_DYN, 2);
    put(m, f->machine ? f->machine : (f->is_32 ? EM_386 : EM_X86_64), 2);
    put(m, 1, 4);
    put_word(m, 0);
    put_word(m, f->is_32 ? 52 : 64);
    put_word(m, 0);
    put(m, f->flags, 4);
    put(m, f->is_32 ? 52 : 64, 2);
    put(m, f->is_32 ? 32 : 56, 2);
    put(m, m->header_count, 2);
    for (unsigned i = 0; i < 3; i++)
        put(m, 0, 2);
}

static void put_content(struct maker *m)
{
    const struct elf_fixture *f = m->fixture;
    if (f->interpreter) {
        header(m, PT_INTERP, PF_R, m->out->len, strlen(f->interpreter) + 1, 1);
        buf_add(m->out, f->interpreter, strlen(f->interpreter) + 1);
    }
    put_notes(m);
    if (f->no_dynamic)
        return;
    put_symbols(m);
    put_hash(m);
    put_symbol_versions(m);
    put_needs(m);
    put_definitions(m);
    put_dynamic(m);
}

void elf_fixture_build(const struct elf_fixture *fixture, struct buf *out)
{
    struct maker m = {.fixture = fixture, .out = out, .strings = BUF_INIT};
    buf_reset(out);
    size_t head = (fixture->is_32 ? 52U : 64U) + HEADERS_MAX * (fixture->is_32 ? 32U : 56U);
    if (!buf_extend(out, head))
        abort();
    memset(out->ptr, 0, head);
    put_content(&m);
    if (fixture->relro)
        header(&m, PT_GNU_RELRO, PF_R, 0, 0, 1);
    if (!fixture->no_stack_header)
        header(&m, PT_GNU_STACK, fixture->executable_stack ? PF_R | PF_W | PF_X : PF_R | PF_W, 0, 0, 16);
    header(&m, PT_LOAD, PF_R | PF_X, 0, out->len, 0x1000);
    struct buf body = *out;
    struct buf top CLEANUP_BUF = BUF_INIT;
    m.out = &top;
    put_header(&m);
    for (size_t i = 0; i < m.header_count; i++)
        put_program_header(&m, i);
    if (body.failed || top.failed || m.strings.failed)
        abort();
    memcpy(body.ptr, top.ptr, top.len);
    buf_done(&m.strings);
}
