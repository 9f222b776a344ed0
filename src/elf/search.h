/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/search.h - where the loader looks for a library, as an ordered list of absolute paths in the image.
 *
 * glibc (elf/dl-load.c): a name with a slash is a path. Else, unless the requester has a RUNPATH, the RPATH of the
 * requester, of the object that brought it in, and so on up to the program; LD_LIBRARY_PATH; the requester's RUNPATH
 * (for its own needs only); ld.so.cache; the default directories. DF_1_NODEFLIB drops the defaults. An object's
 * RPATH counts only when it has no RUNPATH. $ORIGIN, $LIB and $PLATFORM (with or without braces) are replaced in
 * paths and in needed names.
 * musl: RPATH and RUNPATH alike, of the requester and all above it; then /lib, /usr/local/lib, /usr/lib.
 *
 * Candidates have no "." and no double slashes, and none comes twice. They may hold "..", which means what it means to
 * the kernel: the parent of where the links before it lead.
 */
#include "elf/file.h"

struct elf_ldcache;

enum elf_search_style {
    ELF_SEARCH_DEBIAN,   /* /lib/TRIPLET, /usr/lib/TRIPLET, /lib, /usr/lib; $LIB is lib/TRIPLET */
    ELF_SEARCH_UPSTREAM, /* /lib64, /usr/lib64 (or what the machine has), /lib, /usr/lib; $LIB is lib64 */
    ELF_SEARCH_MUSL,
};

/* How one image searches. Views and arrays must outlive the searches. */
struct elf_search {
    enum elf_machine machine;
    enum elf_search_style style;
    struct str working_dir;         /* for relative paths; empty is "/" */
    const struct str *library_path; /* LD_LIBRARY_PATH, in parts */
    size_t library_path_count;
    const struct elf_ldcache *cache; /* the image's ld.so.cache; NULL when there is none */
    const struct str *cached_dirs;   /* directories that the cache which is yet to be written will list */
    size_t cached_dir_count;
    const struct str *hwcaps; /* subdirectories tried first in each, "glibc-hwcaps/x86-64-v3"; usually none */
    size_t hwcap_count;
    struct str platform; /* $PLATFORM; empty takes the machine's */
};

/* An object that asks for libraries, and whom it owes its own being there to. */
struct elf_requester {
    const struct elf_file *file;
    struct str path;                    /* absolute, as the loader opened it; $ORIGIN is its directory */
    const struct elf_requester *loader; /* NULL for the program */
};

struct elf_paths {
    const struct str *ptr;
    size_t len;
};

/*
 * Where NAME, needed by REQUESTER, may lie. *ret belongs to the arena. An empty list is no error (a relative path
 * under DF_1_NODEFLIB, say). Errors: ERR_NOMEM, ERR_LIMIT (LIMIT_ELF_CANDIDATES). Paths beyond
 * LIMIT_ELF_NAME_BYTES are left out, for no kernel opens them.
 */
int elf_search_candidates(const struct elf_search *search, const struct elf_requester *requester, struct str name,
                          struct arena *arena, struct elf_paths *ret, struct err *err);

/* The default directories of SEARCH's style and machine, in order. At most 4 go to RET; returns how many (0: memory is
 * short). */
size_t elf_search_default_dirs(const struct elf_search *search, struct arena *arena, struct str ret[4]);

/*
 * Appends TEXT with $ORIGIN, $LIB and $PLATFORM replaced. Unknown names stay as they are.
 */
void elf_search_expand(const struct elf_search *search, struct str origin, struct str text, struct buf *out);
