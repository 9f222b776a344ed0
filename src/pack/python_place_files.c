/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python_place.h"

#include "base/path.h"
#include "io/file.h"
#include "pack/host_files.h"
#include "pack/rootfs.h"

#include <fcntl.h>

int python_place_of(const struct python_placing *placing, struct str path, struct str *ret_place, struct err *err)
{
    *ret_place = STR_NONE;
    for (size_t i = 0; i < placing->move_count; i++) {
        const struct python_move *move = &placing->moves[i];
        if (!path_is_below(path, move->from))
            continue;
        struct str rest = str_skip(path, move->from.len == 1 ? 0 : move->from.len);
        char *place = arena_printf(placing->ctx->arena, "%.*s%.*s", STR_ARG(move->to), STR_ARG(rest));
        *ret_place = str_z(place);
        return place ? 0 : err_nomem(err);
    }
    return 0;
}

int python_place_text(const struct python_placing *placing, const struct project_file *file, uint64_t limit,
                      struct str *ret_text, struct err *err)
{
    if (file->content.ptr) {
        *ret_text = file->content;
        return 0;
    }
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    int r = file_read_all(AT_FDCWD, file->host_path.ptr, limit, &bytes, err);
    if (r < 0)
        return r;
    *ret_text = arena_take_buf(placing->ctx->arena, &bytes);
    return ret_text->ptr ? 0 : err_nomem(err);
}

/* The directories above PATH: of a layer of their own, so that they have one mode and time wherever they come from. */
static int put_parents(struct python_placing *placing, struct tree *tree, struct str path, struct err *err)
{
    struct str dir = path_dir(path);
    if (dir.len == 0 || tree_get(tree, dir))
        return 0;
    int r = put_parents(placing, tree, dir, err);
    struct tree_node node = {.path = dir, .type = TREE_DIR, .mode = 0755, .mtime = placing->options->source_date_epoch};
    return r == 0 ? rootfs_put(tree, &node, err) : r;
}

/* Two files for one place: the upper layer would hide what the lower has. */
static int check_free(struct python_placing *placing, const struct tree_node *node, struct err *err)
{
    const struct tree_node *other = tree_get(placing->app->dependencies, node->path);
    if (!other || (other->type == TREE_DIR && node->type == TREE_DIR))
        return 0;
    err_set(err, ERR_INVALID, "'/%.*s' would be the project's and its environment's", STR_ARG(node->path));
    return err_hint(err, "rename the one in the project, or keep it out with --exclude");
}

static int put(struct python_placing *placing, struct tree *tree, const struct tree_node *node, struct err *err)
{
    int r = put_parents(placing, tree, node->path, err);
    if (r == 0 && tree == placing->app->tree)
        r = check_free(placing, node, err);
    return r == 0 ? rootfs_put(tree, node, err) : r;
}

int python_place_made(struct python_placing *placing, struct tree *tree, struct str path, struct str content,
                      struct err *err)
{
    struct tree_node node = {.path = path,
                             .type = TREE_FILE,
                             .mode = 0644,
                             .mtime = placing->options->source_date_epoch,
                             .content = content,
                             .size_bytes = content.len};
    return put(placing, tree, &node, err);
}

int python_place_link(struct python_placing *placing, struct tree *tree, struct str path, struct str target,
                      struct err *err)
{
    struct tree_node node = {.path = path,
                             .type = TREE_SYMLINK,
                             .mode = 0777,
                             .mtime = placing->options->source_date_epoch,
                             .target = target};
    return put(placing, tree, &node, err);
}

/* Directories that every image has, or that the system it runs on fills: absolute links there mean the image's. */
static bool is_image_path(struct str path)
{
    static const struct str dirs[] = {STR_INIT("/bin"), STR_INIT("/dev"),  STR_INIT("/etc"),
                                      STR_INIT("/lib"), STR_INIT("/proc"), STR_INIT("/run"),
                                      STR_INIT("/sys"), STR_INIT("/usr"),  STR_INIT("/var")};
    for (size_t i = 0; i < ARRAY_LEN(dirs); i++)
        if (path_is_below(path, dirs[i]))
            return true;
    return false;
}

/* True where --include puts something. */
static bool is_included(const struct python_placing *placing, struct str path)
{
    for (size_t i = 0; i < placing->options->includes.len; i++) {
        struct str source, destination;
        if (host_files_split(placing->options->includes.ptr[i], &source, &destination, NULL) == 0 &&
            path_is_below(path, destination))
            return true;
    }
    return false;
}

/* Sets *ret_target to what the link says in the image; empty: it leads out. */
static int translate_link(struct python_placing *placing, const struct python_list *list,
                          const struct project_file *file, struct str image_path, struct str *ret_target,
                          struct err *err)
{
    struct buf here CLEANUP_BUF = BUF_INIT;
    struct buf dir CLEANUP_BUF = BUF_INIT;
    struct buf full CLEANUP_BUF = BUF_INIT; /* where it leads here */
    struct buf kept CLEANUP_BUF = BUF_INIT; /* where it would lead in the image as it is */
    *ret_target = STR_NONE;
    buf_addf(&here, "%.*s/%.*s", STR_ARG(list->move.from), STR_ARG(path_dir(file->path)));
    bool clean = path_normalize(&full, buf_str(&here), file->target);
    buf_addf(&dir, "/%.*s", STR_ARG(path_dir(image_path)));
    clean = clean && path_normalize(&kept, buf_str(&dir), file->target);
    if (here.failed || dir.failed || full.failed || kept.failed)
        return err_nomem(err);
    if (!clean)
        return 0;
    struct str place;
    int r = python_place_of(placing, buf_str(&full), &place, err);
    if (r < 0)
        return r;
    bool absolute = str_starts(file->target, STR("/"));
    bool stays = absolute ? place.len == 0 && is_image_path(buf_str(&full)) : str_eq(place, buf_str(&kept));
    if (stays || (place.len == 0 && is_included(placing, buf_str(&kept)))) {
        *ret_target = file->target;
        return 0;
    }
    if (place.len == 0)
        return 0;
    buf_reset(&full);
    path_relative(&full, buf_str(&dir), place);
    *ret_target = arena_buf(placing->ctx->arena, &full);
    return ret_target->ptr ? 0 : err_nomem(err);
}

static int put_link(struct python_placing *placing, const struct python_list *list, const struct project_file *file,
                    struct str path, struct err *err)
{
    struct str target;
    int r = translate_link(placing, list, file, path, &target, err);
    if (r < 0)
        return r;
    if (target.len == 0) {
        op_warn(placing->ctx,
                "'/%.*s' is a link to '%.*s', which is not in the image: it is left out; --include what it leads to",
                STR_ARG(path), STR_ARG(file->target));
        return 0;
    }
    return python_place_link(placing, list->tree, path, target, err);
}

static uint32_t mode_of(struct python_placing *placing, const struct project_file *file, struct str path)
{
    if (!(file->mode & 0044U) && placing->opened_count++ == 0)
        placing->opened = path;
    if ((file->mode & 0002U || (file->mode & 06000U && file->type == TREE_FILE)) && placing->closed_count++ == 0)
        placing->closed = path;
    return host_files_mode(file->mode, file->type == TREE_DIR);
}

static int place_file(struct python_placing *placing, const struct python_list *list, const struct project_file *file,
                      struct err *err)
{
    char *path = arena_printf(placing->ctx->arena, "%.*s%s%.*s", STR_ARG(str_skip(list->move.to, 1)),
                              file->path.len ? "/" : "", STR_ARG(file->path));
    if (!path)
        return err_nomem(err);
    struct python_placed placed = {.path = str_z(path)};
    int r = list->change ? list->change(placing, list, file, &placed, err) : 0;
    if (r < 0 || placed.left_out)
        return r;
    if (file->type == TREE_SYMLINK && !placed.content.ptr)
        return put_link(placing, list, file, placed.path, err);
    struct tree_node node = {.path = placed.path,
                             .type = placed.content.ptr ? TREE_FILE : file->type,
                             .mtime = placing->options->source_date_epoch,
                             .content = placed.content.ptr ? placed.content : file->content};
    if (file->type == TREE_DIR && !list->own)
        return 0;
    node.mode = mode_of(placing, file, placed.path);
    if (node.type == TREE_FILE) {
        node.host_path = node.content.ptr ? STR_NONE : file->host_path;
        node.sha256 = placed.content.ptr ? NULL : file->sha256;
        node.size_bytes = node.content.ptr ? node.content.len : file->size_bytes;
    }
    if (placed.content.ptr && list->tree == placing->app->dependencies &&
        !map_set(&placing->changed, placed.path, placing))
        return err_nomem(err);
    r = put(placing, list->tree, &node, err);
    if (r == 0 && file->is_elf && file->type == TREE_FILE) {
        struct application_elf found = {.path = placed.path, .bytes = node.content};
        r = VEC_PUSH(&placing->reading->found, found) ? 0 : err_nomem(err);
    }
    return r;
}

int python_place_files(struct python_placing *placing, const struct python_list *list, struct err *err)
{
    for (size_t i = 0; i < list->files->len; i++) {
        const struct project_file *file = &list->files->ptr[i];
        int r = op_check(placing->ctx, err);
        if (r == 0 && !file->dropped)
            r = place_file(placing, list, file, err);
        if (r < 0)
            return r;
    }
    return 0;
}

/* By its own words alone: the interpreter that the last of several links leads to is in another layer. */
static bool leads_nowhere(const struct tree_node *node, void *self)
{
    struct python_placing *placing = self;
    if (node->type != TREE_SYMLINK || str_starts(node->target, STR("/")))
        return false;
    struct buf path CLEANUP_BUF = BUF_INIT;
    bool clean = path_normalize(&path, path_dir(node->path), node->target);
    placing->out_of_memory |= path.failed;
    if (!clean || path.failed)
        return false;
    return !tree_get(placing->app->dependencies, buf_str(&path)) && !tree_get(placing->app->tree, buf_str(&path)) &&
           !application_lookup(placing->app, node->path);
}

int python_place_prune(struct python_placing *placing, struct err *err)
{
    (void)tree_remove_if(placing->app->dependencies, leads_nowhere, placing);
    return placing->out_of_memory ? err_nomem(err) : 0;
}
