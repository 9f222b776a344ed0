/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose/internal.h - how the parts of a project's reader meet: loader (files, problems), unit (one file as a tree
 * with its variables put in), extends, include, merge (override files), unique (what a list may hold once), tree
 * (nodes moved and copied).
 *
 * Trees are changed in place: each tree that is parsed has one owner, so that a project of one file without anything
 * to resolve is handed out as it was parsed. Functions return 0 or the negative of the code in loader->err; what is
 * wrong with the files is a problem and no failure.
 */
#include "base/map.h"
#include "base/vec.h"
#include "compose/interpolate.h"
#include "compose/project.h"

/* The variables of one project: the given one's, or an included one's. */
struct compose_scope {
    const struct compose_scope *outer; /* wins; NULL for the given project */
    struct compose_scope *next;        /* of all scopes */
    struct str directory;              /* of the project, from the given project's; "" for itself */
    const struct data_node *env_files; /* what an `include` says instead of `.env`; NULL otherwise */
    struct map variables;              /* name to struct compose_variable */
    struct compose_variable name;      /* COMPOSE_PROJECT_NAME as the files' `name` has it; name.ptr NULL: not known */
    bool loaded;
};

/* One file as a tree. */
struct compose_unit {
    struct compose_scope *scope;
    struct data_node *root; /* NULL when it can't be read */
    struct str directory;   /* that `extends.file` is relative to */
    struct map services;    /* name to node, once `extends` asked for one */
    uint8_t source;
    bool base; /* read for `extends` alone: never merged into a project */
};

struct compose_loader {
    const struct op_ctx *ctx;
    const struct compose_files *files; /* may be NULL */
    struct arena *arena;
    struct err *err;
    VEC(struct compose_source) sources;
    VEC(struct str) paths; /* of each source, from the project's directory */
    VEC(struct compose_problem) problems;
    VEC(struct compose_unit *) bases;
    struct compose_scope *scopes;
    uint64_t expansion_budget;
    uint64_t read_budget; /* bytes */
    size_t unit_budget;
    size_t node_budget;
    bool incomplete;
    bool has_reset; /* some node may have the tag !reset */
};

/* What asks for something: problems about it stand there. */
struct compose_asker {
    uint8_t source;
    struct data_span span;
};

/* The files of the chain that is being read, from the innermost out. */
struct compose_chain {
    const struct compose_chain *up;
    uint8_t source;
    unsigned depth;
};

/* loader.c */

/* Adds a problem. HINT is static or of the arena, or NULL. */
int compose_problem_add(struct compose_loader *loader, enum compose_problem_kind kind, struct compose_asker at,
                        const char *hint, const char *format, ...) PRINTF_LIKE(5, 6);
struct compose_asker compose_at(const struct data_node *node);
struct compose_asker compose_at_key(const struct data_node *node);

/* "services.web" for messages, in the arena; "?" when memory is short. */
const char *compose_path_of(struct compose_loader *loader, const struct data_node *node);

/* Appends DIRECTORY/PATH in normal form to the arena; ".." may lead out. ptr NULL when memory is short. */
struct str compose_path_join(struct arena *arena, struct str directory, struct str path);

/*
 * The source PATH (from the project's directory), read when it is not there yet. *RET_SOURCE is -1 when it can't be
 * read: a problem at ASKER then, or nothing when it is OPTIONAL and missing.
 */
int compose_source_open(struct compose_loader *loader, struct str path, uint64_t limit_bytes, bool optional,
                        struct compose_asker asker, int *ret_source);

/* unit.c */

/* Reads SOURCE with the variables of SCOPE. UNIT->root stays NULL when it is no mapping (problems told). */
int compose_unit_read(struct compose_loader *loader, uint8_t source, struct compose_scope *scope,
                      struct compose_unit *unit);
/* The variables of SCOPE, read when they are not there yet. */
int compose_scope_load(struct compose_loader *loader, struct compose_scope *scope);
struct compose_scope *compose_scope_new(struct compose_loader *loader, const struct compose_scope *outer);
struct compose_lookup compose_scope_lookup(struct compose_loader *loader, const struct compose_scope *scope);

/* extends.c: what the services of UNIT extend is put into them. */
int compose_extends_apply(struct compose_loader *loader, struct compose_unit *unit);

/* include.c */

/* What UNIT includes is put into its root. */
int compose_include_apply(struct compose_loader *loader, struct compose_unit *unit, const struct compose_chain *chain);
/* SOURCES as one project's files, in order, each over those before it. *RET_ROOT is NULL when there is nothing. */
int compose_files_merge(struct compose_loader *loader, const uint8_t *sources, size_t count,
                        struct compose_scope *scope, const struct compose_chain *chain, struct data_node **ret_root);

/* merge.c: both take what is moved out of OVER, which is not to be used any more. */

/* Merges the document OVER into BASE. */
int compose_merge(struct compose_loader *loader, struct data_node *base, struct data_node *over);
/* Merges the service OVER into the service BASE. */
int compose_merge_service(struct compose_loader *loader, struct data_node *base, struct data_node *over);

/* unique.c: of lists whose items have a key, the last item with each key stays, at the place of the first. */
int compose_make_unique(struct compose_loader *loader, struct data_node *root);
/* What stands before the first '=' of TEXT; all of it when there is none. */
struct str compose_key_of(struct str text);

/* tree.c */

typedef VEC(struct data_node *) compose_items;

struct data_node *compose_member(const struct data_node *object, const char *key);
/* The children of PARENT become ITEMS, in order. */
void compose_relink(struct data_node *parent, struct data_node *const *items, size_t count);
void compose_append(struct data_node *parent, struct data_node *child);
void compose_remove(struct data_node *parent, const struct data_node *child);
/* A deep copy of NODE without what is reset, marked as inherited. *RET_COPY is NULL when it is beyond the limit. */
int compose_copy(struct compose_loader *loader, const struct data_node *node, struct data_node **ret_copy);
/* The same values; the order of members counts only beyond LIMIT_COMPOSE_UNORDERED. */
bool compose_equal(const struct data_node *a, const struct data_node *b);
bool compose_is_reset(const struct data_node *node);
bool compose_is_override(const struct data_node *node);
/* Takes out what is reset. */
void compose_prune(struct data_node *root);
/* The node behind NODE in the order of the text, within ROOT; NULL at the end. */
struct data_node *compose_following(const struct data_node *node, const struct data_node *root);
