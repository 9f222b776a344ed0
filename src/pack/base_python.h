/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_python.h - Debian's python3-* packages in a base: what of them ships, what they bring, what they import.
 *
 * Their modules lie in usr/lib/python3/dist-packages, for every version of Debian's interpreter.
 */
#include "pack/base_tree.h"

struct store;

struct base_python_keep {
    const struct base_runtime *runtime; /* NULL: none, and then all ships */
    bool slim;                          /* tests, headers and caches stay out */
    bool rest_only;                     /* only what the runtime's layer left out */
    struct err *err;
    int result;
};

/* base_tree_keep_fn; SELF is a struct base_python_keep. */
bool base_python_keep(void *self, struct base_tree *base, struct str path, const struct tree_node *entry);

/* Fills RECORD's modules and distributions from what TREE has in dist-packages. */
int base_python_record(struct arena *arena, const struct tree *tree, struct base_record *record, struct err *err);

struct base_python_mentions {
    struct str_list modules; /* top-level, sorted, each once */
    bool finds_libraries;    /* something asks ctypes.util.find_library */
};

/*
 * The modules that PACKAGES, with what they depend on, import in any context, for an interpreter of VERSION; what the
 * interpreter's own packages import aside. Kept in STORE by package, so that a second build fetches nothing for it.
 * The result is the context's arena's. Errors: those of supply_resolve and supply_fetch.
 */
int base_python_mentions(const struct op_ctx *ctx, struct store *store, struct supply *supply, struct str_list packages,
                         unsigned version, struct base_python_mentions *ret_mentions, struct err *err);

/* Both lists of names in one, sorted, each once. */
int base_python_join(struct arena *arena, struct str_list a, struct str_list b, struct str_list *ret_list,
                     struct err *err);
