/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * elf/closure.h - all objects that the loader would map for one program, found without running anything.
 *
 * One closure is one process: a program (or a library alone), its interpreter, the libraries that they need, breadth
 * first as ld.so does it, and roots that are added later (plugins, whatever is opened by name at run time). A library
 * that is there under its SONAME, or under the name asked for, or as the same file, is not searched again. An image
 * with several programs takes a closure for each; the provider may cache.
 *
 * Files come from a provider, which answers for a rooted file system (an image tree, an application's directory) and,
 * for what is not there, from elsewhere (the archive). What stays missing and versions that don't fit are results,
 * not errors. Candidates of another machine are passed over; a candidate that is no ELF file ends the search for that
 * name, as in ld.so.
 *
 * Memory: everything belongs to the arena but the index, which elf_closure_free frees. Bytes that the provider gives
 * must outlive the closure. One thread. Limit: LIMIT_CLOSURE_OBJECTS.
 */
#include "elf/search.h"

enum elf_object_kind { ELF_OBJECT_PROGRAM, ELF_OBJECT_INTERPRETER, ELF_OBJECT_LIBRARY, ELF_OBJECT_PLUGIN };

struct elf_object;

/* What a provider found. Views outlive the closure. */
struct elf_candidate {
    struct str path;      /* absolute, in the image */
    struct str real_path; /* the same with links resolved: the file's identity; empty when it is PATH */
    struct str bytes;
    void *tag; /* the provider's own, kept in elf_object.tag */
};

struct elf_provider {
    /*
     * The file at PATH (absolute, in lexical normal form unless resolves_parents is set). Sets *ret_found to false when
     * there is none (or none that may be read); otherwise fills *ret (ret->path is PATH already). A failure ends the
     * closure.
     */
    int (*open)(void *self, struct str path, struct elf_candidate *ret, bool *ret_found, struct err *err);
    /*
     * NAME (a library's name, or an absolute path: an interpreter) is nowhere, and NEEDED_BY wants it. May supply it
     * from elsewhere, with the path that it will have, or set *ret_found to false. NULL: nothing is supplied.
     */
    int (*missing)(void *self, struct str name, const struct elf_object *needed_by, struct elf_candidate *ret,
                   bool *ret_found, struct err *err);
    void *self;
    /* open() takes ".." as the kernel does, behind links, and gets paths that hold it; else they are made away with. */
    bool resolves_parents;
};

/* "OBJECT needs NAME, and that is TO." */
struct elf_edge {
    struct str name;
    const struct elf_object *to; /* NULL: unresolved */
};

struct elf_object {
    struct elf_requester as_requester; /* its file, its path in the image, and the chain for RPATH */
    struct str real_path;
    struct str name; /* by which it was first asked for; the path for a root */
    const struct elf_file *file;
    enum elf_object_kind kind;
    const struct elf_object *needed_by; /* who asked first; NULL for roots */
    const struct elf_edge *edges;       /* its needed libraries, in order */
    size_t edge_count;
    bool supplied;       /* by provider.missing */
    bool outside_search; /* supplied, and not where the loader would look for it (merged /usr considered) */
    void *tag;
};

enum elf_unresolved_reason {
    ELF_UNRESOLVED_ABSENT,  /* nowhere */
    ELF_UNRESOLVED_FOREIGN, /* only for another machine; PATH is the first such */
    ELF_UNRESOLVED_BROKEN,  /* PATH is no ELF file, or a damaged one; DETAIL says how */
};

struct elf_unresolved {
    struct str name;
    const struct elf_object *needed_by;
    enum elf_unresolved_reason reason;
    struct str path;
    struct str detail;
    bool optional; /* DT_AUXILIARY: the loader goes on without it */
};

/* "USER needs NEED, but PROVIDER goes only up to BEST." */
struct elf_mismatch {
    const struct elf_object *user;
    const struct elf_object *provider;
    const struct elf_need *need;
    struct str symbol;   /* the first that wants it; may be empty */
    size_t symbol_count; /* how many do */
    struct str best;     /* highest version of the same family that the provider has; may be empty */
};

struct elf_closure;

/*
 * SEARCH is copied (not what it points to); its machine UNKNOWN takes the first root's, and a musl program switches
 * its style to musl's. Owner frees with elf_closure_free.
 */
int elf_closure_new(const struct elf_search *search, const struct elf_provider *provider, struct arena *arena,
                    struct elf_closure **ret, struct err *err);
void elf_closure_free(struct elf_closure *closure); /* NULL is fine */
void elf_closure_cleanup(struct elf_closure **closure);
#define CLEANUP_CLOSURE CLEANUP(elf_closure_cleanup)

/*
 * Adds a root and all that it needs. ROOT.bytes NULL: the provider opens ROOT.path. For a program give the real path,
 * since $ORIGIN means that. A file that is in the closure already is found again. *ret (may be NULL) gets it.
 * Errors: of elf_read, wrapped with the path; ERR_NOT_FOUND; ERR_ARCHITECTURE when it is for another machine than the
 * roots before; the provider's; ERR_LIMIT. After an error the closure may only be freed.
 */
int elf_closure_add(struct elf_closure *closure, const struct elf_candidate *root, enum elf_object_kind kind,
                    const struct elf_object **ret, struct err *err);

/* Objects in the order in which they are mapped; a program's interpreter comes right behind it. */
size_t elf_closure_count(const struct elf_closure *closure);
const struct elf_object *elf_closure_at(const struct elf_closure *closure, size_t index);

/* The object that answers to NAME (needed name, SONAME or path), or NULL. */
const struct elf_object *elf_closure_find(const struct elf_closure *closure, struct str name);

/* The names that nothing answers to, in the order met. */
size_t elf_closure_unresolved_count(const struct elf_closure *closure);
const struct elf_unresolved *elf_closure_unresolved_at(const struct elf_closure *closure, size_t index);

/* Versions that are needed but not there, in load order. Weak needs are passed over. *ret is the arena's. */
int elf_closure_mismatches(struct elf_closure *closure, const struct elf_mismatch **ret, size_t *ret_count,
                           struct err *err);

/* Appends "a, needed by b, needed by /usr/bin/c" for NAME and the chain up from NEEDED_BY. */
void elf_closure_chain(struct buf *out, struct str name, const struct elf_object *needed_by);

/* True when any object imports SYMBOL. */
bool elf_closure_imports(const struct elf_closure *closure, struct str symbol);
