/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/file.h - what an ELF object says of itself: for which machine it is, which loader and libraries it wants.
 *
 * Reads as the loader does: program headers and the dynamic section (System V gABI chapters 4 and 5, GNU symbol
 * versioning), in either class and byte order. Section headers may be missing or hostile; they only add hints. Every
 * offset is checked against the bytes; nothing is cast onto them. Symbols are not looked at here (elf/symbols.h), so
 * that reading costs microseconds whatever the size of the file.
 *
 * Views point into BYTES, which must outlive the struct; arrays belong to the arena. Names are as long as
 * LIMIT_ELF_NAME_BYTES, hold no NUL, but may hold any other byte: quote them before showing.
 * Relocatable and core files get their header fields only.
 */
#include "base/arena.h"
#include "elf/machine.h"

enum elf_type {
    ELF_TYPE_OTHER,       /* processor- or system-specific */
    ELF_TYPE_RELOCATABLE, /* .o, kernel module */
    ELF_TYPE_EXECUTABLE,  /* at a fixed address */
    ELF_TYPE_PIE,         /* position-independent executable, static-pie included */
    ELF_TYPE_LIBRARY,     /* shared object; the loader itself too */
    ELF_TYPE_CORE,
    ELF_TYPE_DEBUG, /* debugging information parted from its program (objcopy --only-keep-debug) */
};

/* The C library that a dynamic object was linked with, by its interpreter and needed libraries. */
enum elf_libc { ELF_LIBC_NONE, ELF_LIBC_GLIBC, ELF_LIBC_MUSL, ELF_LIBC_BIONIC, ELF_LIBC_UCLIBC };

/* "VERSION of LIBRARY is needed" (one Vernaux). */
struct elf_need {
    struct str library; /* as in needed[] */
    struct str version; /* "GLIBC_2.34" */
    uint16_t index;     /* what the symbols' versions say */
    bool weak;          /* the loader doesn't insist */
};

/* "This library has VERSION" (one Verdef). */
struct elf_definition {
    struct str version;
    uint16_t index;
    bool base; /* the file's own name, not a version */
    bool weak;
};

struct elf_segment {
    uint32_t type, flags;
    uint64_t offset, address, file_size, memory_size, align;
};

/* Where the tables of the dynamic section lie; addresses are 0 when absent. For the module's own use. */
struct elf_tables {
    uint64_t strings, strings_size;           /* offset in the file, bytes */
    uint64_t symbols, hash, gnu_hash, versym; /* addresses */
    uint64_t verneed, verneed_count, verdef, verdef_count;
    uint64_t mips_symbol_count;
    bool has_debug_tag; /* DT_DEBUG: only programs have it */
};

struct elf_file {
    struct str bytes;
    enum elf_machine machine;
    enum elf_type type;
    enum elf_libc libc;
    uint16_t machine_code; /* e_machine */
    uint32_t flags;        /* e_flags */
    uint8_t os_abi;        /* EI_OSABI; see elf_os_abi_is_linux */
    bool is_64, is_big_endian;

    struct str interpreter; /* empty when there is none */
    struct str soname;
    struct str rpath; /* as written; the loader ignores it when has_runpath */
    struct str runpath;
    bool has_rpath, has_runpath;
    const struct str *needed; /* in order, duplicates kept */
    size_t needed_count;
    const struct str *filters; /* DT_FILTER and DT_AUXILIARY: libraries that stand in for this one */
    size_t filter_count;
    const struct elf_need *needs;
    size_t need_count;
    const struct elf_definition *definitions;
    size_t definition_count;
    uint64_t dynamic_flags, dynamic_flags_1; /* DT_FLAGS, DT_FLAGS_1 */

    struct str build_id; /* raw bytes of the GNU note; empty when there is none */
    uint32_t min_kernel; /* of the ABI note: 0x00030200 is Linux 3.2.0; 0 when absent */
    uint32_t x86_isa;    /* x86-64 levels needed: bit 0 baseline, 1 v2, 2 v3, 3 v4; 0 when not said */

    bool is_dynamic;             /* has a dynamic section */
    bool is_static;              /* an executable without interpreter and needed libraries (static-pie too) */
    bool is_stripped;            /* no symbol table in the section headers, or none of these */
    bool has_debug_info;         /* .debug_info or .zdebug_info is there */
    bool needs_executable_stack; /* PT_GNU_STACK says so, or it is missing and glibc's default does */
    bool relro, bind_now;        /* both: full RELRO */
    bool no_default_dirs;        /* DF_1_NODEFLIB */
    bool is_packed;              /* by UPX: what it needs shows only when it runs */
    bool is_go;                  /* a Go build note or section; see elf_is_go */
    bool is_rust;                /* .comment or .rustc tells; see elf_is_rust */

    struct elf_tables tables;
    const struct elf_segment *segments;
    size_t segment_count;
};

/* True when BYTES start as an ELF file does. Four bytes are enough. */
bool elf_is_elf(struct str bytes);

/*
 * Errors: ERR_ELF (not ELF, truncated, contradictory: the message says where, without the file's name, so that the
 * caller wraps it), ERR_LIMIT, ERR_NOMEM. An unknown machine is no error.
 */
int elf_read(struct str bytes, struct arena *arena, struct elf_file *ret, struct err *err);

/* True when both can live in one process: same machine code, class, byte order and (ARM) float ABI. */
bool elf_same_machine(const struct elf_file *a, const struct elf_file *b);

/* The ABI fields that Linux takes: System V and GNU (and ARM's own). */
bool elf_os_abi_is_linux(const struct elf_file *file);
/* "FreeBSD", "System V", ... Static storage; "unknown" when it has no name. */
const char *elf_os_abi_name(uint8_t os_abi);

/* A noun for messages: "shared library", "position-independent executable"... Static storage. */
const char *elf_type_name(enum elf_type type);

/* ELF_TYPE_EXECUTABLE or ELF_TYPE_PIE. */
static inline bool elf_is_program(const struct elf_file *file)
{
    return file->type == ELF_TYPE_EXECUTABLE || file->type == ELF_TYPE_PIE;
}

/*
 * As the hints, but thorough: they search the read-only data too, so that a stripped program can be told. They cost
 * about a millisecond for each 5 MB.
 */
bool elf_is_go(const struct elf_file *file);
bool elf_is_rust(const struct elf_file *file);
