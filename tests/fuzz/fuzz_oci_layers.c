/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The input is two layers, cut at the first "CUT!"; they are put into a docker archive whose config states their true
 * diff IDs, so that merging sees whatever a tar can say. The merged tree must hold: parents are directories, files know
 * their place, hard links lead to files, nothing is a whiteout.
 */
#include "base/path.h"
#include "oci/layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void put(struct writer *writer, const char *path, struct str content)
{
    struct tree_node node = {.path = str_z(path), .type = TREE_FILE, .mode = 0644, .content = content};
    require(tar_write_node(writer, &node, NULL) == 0);
}

static int make_archive(struct str first, struct str second)
{
    CLEANUP_BUF struct buf archive = BUF_INIT;
    CLEANUP_BUF struct buf config = BUF_INIT;
    char a[DIGEST_TEXT_MAX], b[DIGEST_TEXT_MAX];
    struct writer *writer = NULL;
    struct digest digest_a = digest_of(DIGEST_SHA256, first), digest_b = digest_of(DIGEST_SHA256, second);
    buf_addf(&config, "{\"os\":\"linux\",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"%s\",\"%s\"]}}",
             digest_text(&digest_a, a), digest_text(&digest_b, b));
    require(buf_writer_new(&archive, &writer, NULL) == 0);
    put(writer, "1.tar", first);
    put(writer, "2.tar", second);
    put(writer, "c", buf_str(&config));
    put(writer, "manifest.json", STR("[{\"Config\":\"c\",\"Layers\":[\"1.tar\",\"2.tar\"]}]"));
    require(tar_write_end(writer, NULL) == 0 && writer_close(writer, NULL) == 0);
    int fd = memfd_create("image", MFD_CLOEXEC);
    require(fd >= 0 && write(fd, archive.ptr, archive.len) == (ssize_t)archive.len);
    return fd;
}

static void check_tree(const struct tree *tree)
{
    for (size_t i = 1; i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        require(tree_get(tree, path_dir(node->path))->type == TREE_DIR);
        require(node->type != TREE_WHITEOUT && !str_starts(path_base(node->path), STR(".wh.")));
        require((node->type == TREE_FILE) == (node->place != NULL));
        require(node->type != TREE_HARDLINK || tree_link_file(node)->type == TREE_FILE);
        (void)tree_lookup(tree, node->path);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct str all = str_of((const char *)data, size);
    size_t cut = str_find(all, STR("CUT!"));
    int fd = make_archive(str_head(all, cut), str_skip(all, cut + 4));
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct oci_image *image = NULL;
    struct tree *tree = NULL;
    struct oci_image_name name = {OCI_TRANSPORT_DOCKER_ARCHIVE, path, STR("")};
    struct op_ctx ctx = {.arena = &arena};
    struct err err = ERR_INIT;
    require(oci_image_open(&name, NULL, &arena, &image, &err) == 0);
    if (oci_image_tree(image, 0, NULL, &ctx, &arena, &tree, &err) == 0)
        check_tree(tree);
    else
        require(err.message[0] != '\0');
    tree_free(tree);
    oci_image_close(image);
    close(fd);
    return 0;
}
