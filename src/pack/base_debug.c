/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/base_debug.h"

#include "pack/busybox.h"
#include "pack/rootfs.h"

#define PROGRAM STR("busybox/busybox")

/* bin/busybox on bookworm, usr/bin/busybox from trixie on. */
static const struct tree_node *find_program(const struct supplied *supplied)
{
    for (size_t i = 0; i < supplied->deb.entry_count; i++) {
        const struct tree_node *entry = &supplied->deb.entries[i];
        bool usual = str_eq(entry->path, STR("bin/busybox")) || str_eq(entry->path, STR("usr/bin/busybox"));
        if (usual && entry->type == TREE_FILE)
            return entry;
    }
    return NULL;
}

static int put_applets(struct base_tree *base, struct str owner, struct str_list applets, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < applets.len; i++) {
        char *path = arena_printf(base->ctx->arena, "busybox/%.*s", STR_ARG(applets.ptr[i]));
        if (!path)
            return err_nomem(err);
        struct tree_node link = {
            .path = str_z(path), .type = TREE_SYMLINK, .mode = 0777, .target = STR("busybox"), .owner = owner};
        if (!str_eq(link.path, PROGRAM))
            r = rootfs_put(base->tree, &link, err);
    }
    return r;
}

int base_debug_put(struct base_tree *base, struct err *err)
{
    struct package found;
    struct base_package *package;
    int r = supply_find(base->supply, STR(BASE_DEBUG_PACKAGE), &found, err);
    if (r == 0)
        r = supply_fetch(base->supply, &found, 1, err);
    if (r == 0)
        r = base_tree_package(base, STR(BASE_DEBUG_PACKAGE), &package, err);
    if (r < 0)
        return r;
    const struct supplied *supplied = package->supplied;
    const struct tree_node *program = find_program(supplied);
    if (!program)
        return err_set(err, ERR_INVALID, "the package '" BASE_DEBUG_PACKAGE "' has no program 'busybox'");
    r = deb_package_check(&supplied->deb, (size_t)(program - supplied->deb.entries), err);
    if (r < 0)
        (void)err_hint(err, "run 'barehull cache --clear' and build again");
    struct str_list applets = {0};
    if (r == 0)
        r = busybox_applets(program->content, base->ctx->arena, &applets, err);
    if (r < 0)
        return err_wrap(err, "the package '" BASE_DEBUG_PACKAGE "' %.*s", STR_ARG(supplied->record.version));
    const struct tree_node node = {.path = PROGRAM,
                                   .type = TREE_FILE,
                                   .mode = 0755,
                                   .content = program->content,
                                   .size_bytes = program->size_bytes,
                                   .owner = supplied->record.name};
    r = rootfs_put(base->tree, &node, err);
    if (r == 0)
        r = put_applets(base, supplied->record.name, applets, err);
    package->files += 1 + applets.len;
    package->unpacked_bytes += program->size_bytes;
    return r;
}
