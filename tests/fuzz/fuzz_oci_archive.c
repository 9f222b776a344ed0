/* SPDX-License-Identifier: Apache-2.0 */
/* A file opened as an image of any kind, its layers merged. Nothing may crash, hang or leak. */
#include "oci/layer.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_image(const char *path, enum oci_transport transport)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_OCI_IMAGE struct oci_image *image = NULL;
    CLEANUP_TREE struct tree *tree = NULL;
    struct oci_image_name name = {transport, path, STR("")};
    struct op_ctx ctx = {.arena = &arena};
    struct err err = ERR_INIT;
    int r = oci_image_open(&name, NULL, &arena, &image, &err);
    if (r == 0)
        r = oci_image_tree(image, OCI_TREE_DIGESTS, NULL, &ctx, &arena, &tree, &err);
    if (r != 0 && (err.code == ERR_NONE || err.message[0] == '\0' || -r != (int)err.code))
        abort();
    for (size_t i = 0; r == 0 && i < tree_count(tree); i++)
        (void)tree_lookup(tree, tree_at(tree, i)->path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    int fd = memfd_create("image", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    try_image(path, OCI_TRANSPORT_ANY);
    try_image(path, OCI_TRANSPORT_DOCKER_ARCHIVE);
    close(fd);
    return 0;
}
