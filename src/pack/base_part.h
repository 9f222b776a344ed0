/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_part.h - one layer of a base: its key, its record, and how it is found or kept.
 *
 * A part is made once for all that its key names, and then found again with its record and without the packages.
 * What is missing or damaged in the cache is a miss, and the part is made anew.
 */
#include "pack/base.h"
#include "pack/base_tree.h"

struct base_making {
    const struct op_ctx *ctx;
    struct store *store;
    struct pool *pool;
    struct supply *supply;
    const struct base_request *request;
};

struct base_part {
    const char *role;
    char key[DIGEST_TEXT_MAX];
    struct base_record record;
    struct layer layer;
    bool has_layer;
    bool passing; /* made for this build alone: not kept */
};

/* KEY has what decides the content beyond the archive, the architecture, trimming and packing. */
int base_part_init(const struct base_making *making, const char *role, struct str key, struct base_part *ret_part,
                   struct err *err);

/* Finds the finished part. */
bool base_part_find(const struct base_making *making, struct base_part *part);

/*
 * Makes PART's layer of TREE, and the rest of its record (libraries are filled in already); keeps both. A tree that
 * holds nothing makes no layer.
 */
int base_part_finish(const struct base_making *making, struct base_tree *tree, struct base_part *part, struct err *err);

void base_part_done(struct base_part *part);

/*
 * The lists of files (md5sums) of PART's packages, which are kept beside its record: lines "PACKAGE NAME", each
 * followed by that package's. A later layer that has more of the same package has to list all. False: they are lost.
 */
bool base_part_sums(const struct base_making *making, const struct base_part *part, struct str *ret_sums);

/* Puts parts together, bottom up: records into one, layers and roles. Takes the layers. */
int base_parts_assemble(struct arena *arena, struct base_part *const *parts, size_t count, struct base *base,
                        struct err *err);
