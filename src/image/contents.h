/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * image/contents.h - what is in a built image: its merged files, the packages that own them, its ELF files.
 *
 * Reads an opened image once, layer by layer, without unpacking to disk. Kept in memory are the tree and the bytes of
 * what has to be looked into: ELF files, package records, os-release, the loader's cache (IMAGE_CAPTURE_BYTES in all;
 * what is beyond stays unread, and `truncated` says so). Used by inspect, and by the rules for built images.
 * Every digest was verified when image_contents_read returns 0.
 */
#include "base/map.h"
#include "base/op.h"
#include "elf/closure.h"
#include "oci/layer.h"

#define IMAGE_CAPTURE_BYTES (2ULL << 30)

/* A package that the image records (var/lib/dpkg/status.d/NAME, or a paragraph of var/lib/dpkg/status). */
struct image_package {
    struct str name;
    struct str version;
    struct str architecture;
    struct str source; /* empty: the name */
    uint64_t files;    /* that its record lists and the image holds */
    uint64_t unpacked_bytes;
};

/* A layer as it was stored, whatever later layers hide of it. */
struct image_layer_count {
    uint64_t files;          /* regular files and hard links */
    uint64_t entries;        /* all */
    uint64_t unpacked_bytes; /* of regular files */
};

struct image_contents {
    struct oci_image *image; /* not owned */
    struct tree *tree;
    struct image_layer_count *layers;     /* one per layer */
    const struct image_package *packages; /* by name */
    size_t package_count;
    struct map owners;   /* path in the tree -> const struct image_package */
    struct map captured; /* place of the content -> struct str */
    struct arena *arena; /* not owned */
    struct str os_release;
    bool truncated;
};

/* All texts live in ctx->arena; image_contents_done frees the rest. */
int image_contents_read(const struct op_ctx *ctx, struct oci_image *image, struct image_contents *ret_contents,
                        struct err *err);
void image_contents_done(struct image_contents *contents);
#define CLEANUP_IMAGE_CONTENTS CLEANUP(image_contents_done)

/* The captured bytes of NODE; false when it is no file that was captured. */
bool image_contents_bytes(const struct image_contents *contents, const struct tree_node *node, struct str *ret_bytes);

/* The package that owns PATH (as in the tree), or NULL. */
const struct image_package *image_contents_owner(const struct image_contents *contents, struct str path);

/* The value of KEY in os-release, without quotes; empty when it is not there. */
struct str image_contents_os(const struct image_contents *contents, struct str key);

/*
 * What the loader would map for the program at PATH (absolute, in the image). *ret_closure is NULL when PATH is no
 * ELF program. The caller frees it with elf_closure_free, before the contents.
 */
int image_contents_closure(const struct image_contents *contents, struct str path, struct elf_closure **ret_closure,
                           struct err *err);
