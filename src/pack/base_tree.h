/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_tree.h - puts packages, or single files of them, into a layer's tree, and keeps the books.
 *
 * Every package that a file comes from gets its copyright file and its record in var/lib/dpkg/status.d, so that a
 * scanner can name it; md5sums list what ships. Owners are 0:0, times 0, no file is setuid, setgid or writable for
 * all.
 */
#include "pack/base.h"

struct base_package {
    const struct supplied *supplied;
    bool whole;
    uint64_t files;
    uint64_t unpacked_bytes;
};

/* Whether the file ENTRY, at PATH of a merged root, ships. May enter what it drops in the tree's books. */
struct base_tree;
typedef bool base_tree_keep_fn(void *self, struct base_tree *base, struct str path, const struct tree_node *entry);

struct base_tree {
    const struct op_ctx *ctx;
    struct supply *supply;
    const struct base_request *request;
    struct tree *tree;
    struct base_package *packages; /* in the order they came */
    size_t package_count, package_cap;
    uint64_t documentation_bytes;  /* trimmed from whole packages */
    uint64_t conversion_bytes;     /* gconv */
    struct build_dropped *dropped; /* what else stays out */
    size_t dropped_count, dropped_cap;
    struct str authorities;          /* PEM, joins the CA bundle */
    bool gconv;                      /* keep gconv modules */
    bool keeps_sums;                 /* later layers may have more of the same packages (base_part_sums) */
    const struct base_record *below; /* of a layer below, whose libraries are not brought again; NULL: none */
    struct str below_sums;           /* its lists of files (base_part_sums) */
    bool passing;                    /* lacks what another machine would add: not kept */
};

void base_tree_done(struct base_tree *base);

/* The package NAME, which supply has; entered in the books on first use. */
int base_tree_package(struct base_tree *base, struct str name, struct base_package **ret_package, struct err *err);

/* All files of the package that trimming leaves. ca-certificates becomes its bundle. */
int base_tree_put_whole(struct base_tree *base, struct str name, struct err *err);

/* The same, of what trimming leaves what KEEP says. */
int base_tree_put_kept(struct base_tree *base, struct str name, base_tree_keep_fn *keep, void *self, struct err *err);

/* Enters BYTES that do not ship; the same WHAT adds up. Texts outlive the tree. */
int base_tree_drop(struct base_tree *base, struct str what, struct str reason, uint64_t bytes, struct err *err);

/* The file that PATH of SUPPLIED (either spelling of a merged root) leads to within the package, or NULL. */
const struct tree_node *base_tree_find(const struct base_tree *base, const struct supplied *supplied, struct str path);

/*
 * The file at PATH of package NAME (a link is followed within the package, and put too). *ret_node is the file in the
 * package; *ret_path its place in the image, absolute. ERR_NOT_FOUND when the package doesn't have it.
 */
int base_tree_put_file(struct base_tree *base, struct str name, struct str path, const struct tree_node **ret_node,
                       struct str *ret_path, struct err *err);

/* Files of NAME whose path (merged root) matches the pattern of path_glob. */
int base_tree_put_matching(struct base_tree *base, struct str name, struct str pattern, struct err *err);

/* Counts anew what packages have in the tree: files of theirs were added. */
void base_tree_recount(struct base_tree *base);

/* Copyright files and records; to be called once, when all is put. */
int base_tree_finish(struct base_tree *base, struct err *err);

/* ERR_INVALID naming package and path when a shell or a package manager is in the tree. */
int base_tree_check_bare(const struct base_tree *base, struct err *err);
