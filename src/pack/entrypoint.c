/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/entrypoint.h"

#include "base/limits.h"
#include "base/path.h"
#include "pkg/status.h"

/* The node at PATH (relative), in the layer that is on top. */
static const struct tree_node *node_at(const struct application *app, struct str path)
{
    const struct tree_node *node = tree_get(app->tree, path);
    return node || !app->dependencies ? node : tree_get(app->dependencies, path);
}

/* The first part of PATH that is a link in the application's layers; its node, with what is left of PATH. */
static const struct tree_node *first_link(const struct application *app, struct str path, struct str *ret_rest)
{
    for (size_t len = 0; len <= path.len; len++) {
        if (len < path.len && path.ptr[len] != '/')
            continue;
        const struct tree_node *node = len ? node_at(app, str_head(path, len)) : NULL;
        if (!node || node->type != TREE_SYMLINK)
            continue;
        *ret_rest = str_skip(path, len);
        return node;
    }
    return NULL;
}

static int merge(struct str path, struct buf *merged, struct err *err)
{
    struct buf normal CLEANUP_BUF = BUF_INIT;
    buf_reset(merged);
    if (path_normalize(&normal, STR("/"), path))
        status_merged_path(merged, str_skip(buf_str(&normal), 1));
    return normal.failed || merged->failed ? err_nomem(err) : 0;
}

/* Puts what LINK leads to, and REST behind it, in the place of PATH. */
static int follow(const struct tree_node *link, struct str rest, struct buf *path, struct err *err)
{
    struct buf target CLEANUP_BUF = BUF_INIT;
    if (!str_starts(link->target, STR("/")))
        buf_addf(&target, "/%.*s/", STR_ARG(path_dir(link->path)));
    buf_addf(&target, "%.*s%.*s", STR_ARG(link->target), STR_ARG(rest));
    return target.failed ? err_nomem(err) : merge(buf_str(&target), path, err);
}

static bool is_recorded(const struct base_record *record, struct str path)
{
    for (size_t i = 0; i < record->paths.count; i++)
        if (str_eq(str_skip(record->paths.items[i], 1), path))
            return true;
    return false;
}

int entrypoint_is_startable(const struct application *app, const struct base_record *record, struct str path,
                            bool *ret_startable, struct err *err)
{
    struct buf place CLEANUP_BUF = BUF_INIT;
    int r = merge(path, &place, err);
    *ret_startable = false;
    for (unsigned depth = 0; r == 0 && depth < LIMIT_LINK_DEPTH; depth++) {
        struct str rest;
        const struct tree_node *link = first_link(app, buf_str(&place), &rest);
        if (!link) {
            const struct tree_node *node = node_at(app, buf_str(&place));
            node = node ? tree_link_file(node) : NULL;
            *ret_startable =
                node ? node->type == TREE_FILE && (node->mode & 0111U) : is_recorded(record, buf_str(&place));
            return 0;
        }
        r = follow(link, rest, &place, err);
    }
    return r;
}
