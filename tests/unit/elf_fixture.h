/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf_fixture.h - makes small ELF files in memory, of either class and byte order, without section headers.
 *
 * What a field leaves out isn't in the file. Lists end with NULL (or a NULL library). All of it lies in one segment
 * that is loaded at ELF_FIXTURE_ADDRESS. Version indexes: needs count from 2 on, definitions follow behind them.
 */
#include "base/buf.h"

#define ELF_FIXTURE_ADDRESS 0x10000U
#define ELF_FIXTURE_LIST    12

struct elf_fixture_need {
    const char *library, *version;
    bool weak;
};

struct elf_fixture {
    bool is_32, is_big;
    uint16_t type;    /* 0: ET_DYN */
    uint16_t machine; /* 0: EM_X86_64, or EM_386 when is_32 */
    uint32_t flags;
    uint8_t os_abi;
    const char *interpreter, *soname, *rpath, *runpath;
    const char *needed[ELF_FIXTURE_LIST];
    const char *auxiliary;
    struct elf_fixture_need needs[ELF_FIXTURE_LIST];
    const char *definitions[ELF_FIXTURE_LIST]; /* versions; the first is the base */
    const char *imports[ELF_FIXTURE_LIST];     /* symbols; the n-th takes the version of needs[n] where there is one */
    const char *exports[ELF_FIXTURE_LIST];
    uint64_t dynamic_flags_1;
    bool sysv_hash; /* DT_HASH instead of DT_GNU_HASH; neither when no_hash */
    bool no_hash;
    bool no_dynamic;
    bool debug_tag;
    bool relro;
    bool no_stack_header, executable_stack;
    const char *build_id; /* bytes up to its NUL */
    bool go_note;
    uint32_t x86_isa;
};

/* Replaces what OUT holds. Aborts when memory is short. */
void elf_fixture_build(const struct elf_fixture *fixture, struct buf *out);
