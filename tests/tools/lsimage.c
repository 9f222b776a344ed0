/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lsimage.c - lists the merged file system of an image, for comparison with what others unpack.
 *
 *     lsimage IMAGE [PLATFORM]
 *
 * One line a node, sorted: type, mode, uid, gid, size, SHA-256 (files and hard links alike), path, link target.
 */
#include "oci/layer.h"

#include <stdio.h>

static void print_node(const struct tree_node *node)
{
    static const char types[] = "fdlhwo";
    const struct tree_node *file = tree_link_file(node);
    char hex[DIGEST_TEXT_MAX] = "-";
    if (file && file->type == TREE_FILE && file->place) {
        const struct oci_file *place = file->place;
        digest_hex(&place->sha256, hex);
    }
    bool linked = node->type == TREE_HARDLINK;
    printf("%c %04o %u %u %llu %s /%.*s", linked ? 'f' : types[node->type], file ? file->mode : node->mode,
           file ? file->uid : node->uid, file ? file->gid : node->gid,
           (unsigned long long)(file ? file->size_bytes : 0), hex, STR_ARG(node->path));
    if (node->type == TREE_SYMLINK)
        printf(" -> %.*s", STR_ARG(node->target));
    putchar('\n');
}

static int run(char **argv, int argc, struct arena *arena, struct err *err)
{
    struct op_ctx ctx = {.arena = arena};
    struct oci_image_name name;
    struct oci_platform platform;
    CLEANUP_OCI_IMAGE struct oci_image *image = NULL;
    CLEANUP_TREE struct tree *tree = NULL;
    int r = oci_image_name_parse(str_z(argv[1]), arena, &name, err);
    if (r == 0 && argc > 2)
        r = oci_platform_parse(str_z(argv[2]), &platform, err);
    if (r == 0)
        r = oci_image_open(&name, argc > 2 ? &platform : NULL, arena, &image, err);
    if (r == 0)
        r = oci_image_tree(image, OCI_TREE_DIGESTS, NULL, &ctx, arena, &tree, err);
    for (size_t i = 1; r == 0 && i < tree_count(tree); i++)
        print_node(tree_at(tree, i));
    return r;
}

int main(int argc, char **argv)
{
    struct err err = ERR_INIT;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    if (argc < 2) {
        fprintf(stderr, "usage: lsimage IMAGE [PLATFORM]\n");
        return 2;
    }
    if (run(argv, argc, &arena, &err) != 0) {
        fprintf(stderr, "lsimage: %s\n%s\n", err.message, err.hint);
        return 1;
    }
    return 0;
}
