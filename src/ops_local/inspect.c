/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/inspect.h"

#include "base/path.h"
#include "image/contents.h"
#include "op/services.h"
#include "ops_local/inspect_result.h"

#include <stdlib.h>

#define LARGEST_COUNT   10
#define DIRECTORY_DEPTH 3

struct inspect_args {
    struct str image;
    struct str platform;
    bool files;
    bool tree;
};

static const struct op_param params[] = {
    {.name = "image",
     .type = OP_STRING,
     .flags = OP_POSITIONAL | OP_REQUIRED,
     .metavar = "IMAGE",
     .summary = "oci:DIR[:TAG], oci-archive:FILE, docker-archive:FILE, or the path of any of these",
     OP_AT(struct inspect_args, image)},
    {.name = "platform",
     .type = OP_STRING,
     .metavar = "OS/ARCH",
     .summary = "which of an image for several machines: arm64, linux/arm/v7; default: this machine's",
     OP_AT(struct inspect_args, platform)},
    {.name = "files", .type = OP_BOOL, .summary = "list every file", OP_AT(struct inspect_args, files)},
    {.name = "tree", .type = OP_BOOL, .summary = "draw the files as a tree", OP_AT(struct inspect_args, tree)},
    {.name = NULL},
};

struct inspecting {
    const struct op_ctx *ctx;
    const struct oci_image *image;
    const struct image_contents *contents;
    struct inspect_result *result;
};

static struct str_list strings_of(struct data_strs strs)
{
    return (struct str_list){strs.items, strs.count};
}

static int fill_config(struct inspecting *inspecting, struct err *err)
{
    const struct oci_image *image = inspecting->image;
    const struct oci_config *config = &image->config;
    struct inspect_result *result = inspecting->result;
    struct arena *arena = inspecting->ctx->arena;
    char text[DIGEST_TEXT_MAX];
    struct buf platform CLEANUP_BUF = BUF_INIT;
    oci_platform_text(&platform, &config->platform);
    struct op_pair *labels = ARENA_ARRAY(arena, config->labels.count + 1, struct op_pair);
    result->kind = str_z(oci_transport_name(image->transport));
    result->names = strings_of(image->names);
    result->digest =
        image->has_manifest ? arena_str(arena, str_z(digest_text(&image->manifest_descriptor.digest, text))) : STR("");
    result->index_digest =
        image->in_index ? arena_str(arena, str_z(digest_text(&image->index_digest, text))) : STR_NONE;
    result->platforms = strings_of(image->platforms);
    result->config_digest = arena_str(arena, str_z(digest_text(&image->config_digest, text)));
    result->platform = arena_buf(arena, &platform);
    if (!labels || !result->digest.ptr || (image->in_index && !result->index_digest.ptr) ||
        !result->config_digest.ptr || !result->platform.ptr)
        return err_nomem(err);
    for (size_t i = 0; i < config->labels.count; i++)
        labels[i] = (struct op_pair){config->labels.items[i].key, config->labels.items[i].value};
    result->created = config->created;
    result->os = image_contents_os(inspecting->contents, STR("PRETTY_NAME"));
    result->user = config->user;
    result->entrypoint = strings_of(config->entrypoint);
    result->cmd = strings_of(config->cmd);
    result->env = strings_of(config->env);
    result->workdir = config->working_dir;
    result->exposed = strings_of(config->exposed_ports);
    result->labels = (struct op_map){labels, config->labels.count};
    result->stop_signal = config->stop_signal;
    result->healthcheck = strings_of(config->healthcheck.test);
    return 0;
}

static int fill_layers(struct inspecting *inspecting, struct err *err)
{
    const struct oci_image *image = inspecting->image;
    struct arena *arena = inspecting->ctx->arena;
    struct inspect_layer *layers = ARENA_ARRAY(arena, image->layer_count + 1, struct inspect_layer);
    if (!layers)
        return err_nomem(err);
    size_t history = 0;
    for (size_t i = 0; i < image->layer_count; i++) {
        const struct oci_image_layer *layer = &image->layers[i];
        char digest[DIGEST_TEXT_MAX], diff_id[DIGEST_TEXT_MAX];
        while (history < image->config.history_count && image->config.history[history].empty_layer)
            history++;
        layers[i] = (struct inspect_layer){
            .digest =
                layer->has_digest ? arena_str(arena, str_z(digest_text(&layer->descriptor.digest, digest))) : STR(""),
            .diff_id = arena_str(arena, str_z(digest_text(&layer->diff_id, diff_id))),
            .media_type = layer->descriptor.media_type,
            .created_by =
                history < image->config.history_count ? image->config.history[history++].created_by : STR_NONE,
            .size_bytes = layer->descriptor.size_bytes,
            .unpacked_bytes = inspecting->contents->layers[i].unpacked_bytes,
            .files = inspecting->contents->layers[i].files,
        };
        if (!layers[i].digest.ptr || !layers[i].diff_id.ptr)
            return err_nomem(err);
        inspecting->result->size_bytes += layers[i].size_bytes;
    }
    inspecting->result->layers.ptr = layers;
    inspecting->result->layers.len = image->layer_count;
    return 0;
}

static int fill_packages(struct inspecting *inspecting, struct err *err)
{
    const struct image_contents *contents = inspecting->contents;
    struct inspect_package *packages =
        ARENA_ARRAY(inspecting->ctx->arena, contents->package_count + 1, struct inspect_package);
    if (!packages)
        return err_nomem(err);
    for (size_t i = 0; i < contents->package_count; i++)
        packages[i] = (struct inspect_package){
            .name = contents->packages[i].name,
            .version = contents->packages[i].version,
            .architecture = contents->packages[i].architecture,
            .files = contents->packages[i].files,
            .unpacked_bytes = contents->packages[i].unpacked_bytes,
        };
    inspecting->result->packages.ptr = packages;
    inspecting->result->packages.len = contents->package_count;
    return 0;
}

static struct str owner_name(const struct inspecting *inspecting, struct str path)
{
    const struct image_package *package = image_contents_owner(inspecting->contents, path);
    return package ? package->name : STR("");
}

static struct str type_name(enum tree_type type)
{
    switch (type) {
    case TREE_FILE:
    case TREE_HARDLINK:
        return STR("file");
    case TREE_DIR:
        return STR("dir");
    case TREE_SYMLINK:
        return STR("symlink");
    case TREE_WHITEOUT:
    case TREE_OTHER:
    default:
        return STR("other");
    }
}

static int fill_file(const struct inspecting *inspecting, const struct tree_node *node, struct inspect_file *file,
                     struct err *err)
{
    struct arena *arena = inspecting->ctx->arena;
    const struct oci_file *place = node->type == TREE_FILE ? node->place : NULL;
    *file = (struct inspect_file){
        .path = str_z(arena_printf(arena, "/%.*s", STR_ARG(node->path))),
        .type = type_name(node->type),
        .mode = str_z(arena_printf(arena, "%04o", node->mode)),
        .uid = node->uid,
        .gid = node->gid,
        .size_bytes = node->type == TREE_FILE ? node->size_bytes : 0,
        .layer = place ? place->layer : OP_ABSENT_U64,
        .package = owner_name(inspecting, node->path),
        .target = node->type == TREE_SYMLINK ? node->target : STR(""),
    };
    return file->path.ptr && file->mode.ptr ? 0 : err_nomem(err);
}

/* The DIRECTORY_DEPTH leading components of a file's directory. */
static struct str share_of(struct str path)
{
    size_t depth = 0;
    size_t end = 0;
    for (size_t i = 0; i < path.len && depth < DIRECTORY_DEPTH; i++)
        if (path.ptr[i] == '/') {
            end = i;
            depth++;
        }
    return str_head(path, end);
}

static int compare_shares(const void *a, const void *b)
{
    const struct inspect_share *x = a;
    const struct inspect_share *y = b;
    if (x->unpacked_bytes != y->unpacked_bytes)
        return x->unpacked_bytes < y->unpacked_bytes ? 1 : -1;
    return str_cmp(x->name, y->name);
}

static int fill_shares(struct inspecting *inspecting, struct err *err)
{
    struct arena *arena = inspecting->ctx->arena;
    const struct tree *tree = inspecting->contents->tree;
    struct map index CLEANUP_MAP = MAP_INIT;
    struct inspect_share *shares = ARENA_ARRAY(arena, tree_count(tree) + 1, struct inspect_share);
    if (!shares)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        if (node->type != TREE_FILE)
            continue;
        void **slot = map_slot(&index, share_of(node->path));
        if (!slot)
            return err_nomem(err);
        if (!*slot) {
            char *name = arena_printf(arena, "/%.*s", STR_ARG(share_of(node->path)));
            if (!name)
                return err_nomem(err);
            shares[count].name = str_z(name);
            *slot = &shares[count++];
        }
        struct inspect_share *share = *slot;
        share->unpacked_bytes += node->size_bytes;
        share->files++;
        inspecting->result->unpacked_bytes += node->size_bytes;
        inspecting->result->file_count++;
    }
    qsort(shares, count, sizeof(*shares), compare_shares);
    inspecting->result->directories.ptr = shares;
    inspecting->result->directories.len = count;
    return 0;
}

static int compare_sizes(const void *a, const void *b)
{
    const struct tree_node *const *x = a;
    const struct tree_node *const *y = b;
    if ((*x)->size_bytes != (*y)->size_bytes)
        return (*x)->size_bytes < (*y)->size_bytes ? 1 : -1;
    return str_cmp((*x)->path, (*y)->path);
}

static int fill_files(struct inspecting *inspecting, bool all, struct err *err)
{
    struct arena *arena = inspecting->ctx->arena;
    const struct tree *tree = inspecting->contents->tree;
    size_t total = tree_count(tree);
    const struct tree_node **nodes = ARENA_ARRAY(arena, total + 1, const struct tree_node *);
    struct inspect_file *largest = ARENA_ARRAY(arena, LARGEST_COUNT, struct inspect_file);
    struct inspect_file *files = all ? ARENA_ARRAY(arena, total + 1, struct inspect_file) : NULL;
    if (!nodes || !largest || (all && !files))
        return err_nomem(err);
    size_t regular = 0, count = 0;
    int r = 0;
    for (size_t i = 0; r == 0 && i < total; i++) {
        const struct tree_node *node = tree_at(tree, i);
        if (node->type == TREE_FILE)
            nodes[regular++] = node;
        if (all && node->path.len)
            r = fill_file(inspecting, node, &files[count++], err);
    }
    qsort(nodes, regular, sizeof(*nodes), compare_sizes);
    size_t top = regular < LARGEST_COUNT ? regular : LARGEST_COUNT;
    for (size_t i = 0; r == 0 && i < top; i++)
        r = fill_file(inspecting, nodes[i], &largest[i], err);
    inspecting->result->largest.ptr = largest;
    inspecting->result->largest.len = top;
    inspecting->result->files.ptr = files;
    inspecting->result->files.len = count;
    return r;
}

static int list_closure(struct inspecting *inspecting, const struct elf_closure *closure, struct err *err)
{
    struct arena *arena = inspecting->ctx->arena;
    size_t found = elf_closure_count(closure);
    size_t missing = elf_closure_unresolved_count(closure);
    struct inspect_library *libraries = ARENA_ARRAY(arena, found + missing + 1, struct inspect_library);
    if (!libraries)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < found; i++) {
        const struct elf_object *object = elf_closure_at(closure, i);
        struct str path = object->as_requester.path;
        const struct tree_node *node = tree_lookup(inspecting->contents->tree, path);
        libraries[count++] =
            (struct inspect_library){.name = object->name,
                                     .path = path,
                                     .package = node ? owner_name(inspecting, node->path) : STR(""),
                                     .needed_by = object->needed_by ? object->needed_by->as_requester.path : STR("")};
    }
    for (size_t i = 0; i < missing; i++) {
        const struct elf_unresolved *unresolved = elf_closure_unresolved_at(closure, i);
        libraries[count++] = (struct inspect_library){.name = unresolved->name,
                                                      .path = STR(""),
                                                      .package = STR(""),
                                                      .needed_by = unresolved->needed_by->as_requester.path};
    }
    /* Names of the closure are views of the arena and of captured files, which live as long as the result. */
    inspecting->result->libraries.ptr = libraries;
    inspecting->result->libraries.len = count;
    return 0;
}

static int fill_libraries(struct inspecting *inspecting, struct err *err)
{
    const struct oci_config *config = &inspecting->image->config;
    struct data_strs command = config->entrypoint.count ? config->entrypoint : config->cmd;
    if (command.count == 0)
        return 0;
    struct buf path CLEANUP_BUF = BUF_INIT;
    if (!path_normalize(&path, config->working_dir.len ? config->working_dir : STR("/"), command.items[0]))
        return 0;
    int r = buf_check(&path, err);
    struct elf_closure *closure = NULL;
    if (r == 0)
        r = image_contents_closure(inspecting->contents, buf_str(&path), &closure, err);
    if (r == 0 && closure)
        r = list_closure(inspecting, closure, err);
    elf_closure_free(closure);
    return r;
}

static int inspect(struct inspecting *inspecting, const struct inspect_args *args, struct err *err)
{
    int r = fill_config(inspecting, err);
    if (r == 0)
        r = fill_layers(inspecting, err);
    if (r == 0)
        r = fill_packages(inspecting, err);
    if (r == 0)
        r = fill_shares(inspecting, err);
    if (r == 0)
        r = fill_files(inspecting, args->files || args->tree, err);
    return r == 0 ? fill_libraries(inspecting, err) : r;
}

static int run(const struct op_services *services UNUSED, const struct op_ctx *ctx, const void *args_any,
               void *result_any, struct err *err)
{
    const struct inspect_args *args = args_any;
    struct inspect_result *result = result_any;
    result->image = args->image;
    result->as_tree = args->tree;
    struct oci_image_name name;
    struct oci_platform platform;
    int r = oci_image_name_parse(args->image, ctx->arena, &name, err);
    if (r == 0 && args->platform.len)
        r = oci_platform_parse(args->platform, &platform, err);
    struct oci_image *image CLEANUP_OCI_IMAGE = NULL;
    if (r == 0)
        r = oci_image_open(&name, args->platform.len ? &platform : NULL, ctx->arena, &image, err);
    if (r < 0 && err && err->hint[0] == '\0' && (r == -(int)ERR_NOT_FOUND || r == -(int)ERR_INVALID))
        (void)err_hint(err, "give an OCI layout, an OCI archive or what docker save wrote");
    if (r < 0)
        return r;
    struct image_contents contents;
    r = image_contents_read(ctx, image, &contents, err);
    if (r < 0)
        return r;
    struct inspecting inspecting = {.ctx = ctx, .image = image, .contents = &contents, .result = result};
    r = inspect(&inspecting, args, err);
    image_contents_done(&contents);
    return r;
}

static const struct op_exit exits[] = {
    {3, "there is no such image, or it is damaged"},
    {4, "a digest is not what the image states"},
    {0, NULL},
};

static const struct op_example examples[] = {
    {"barehull inspect oci:server-image", "what a build made"},
    {"barehull inspect oci:server-image --platform arm64", "the image for another machine"},
    {"docker save app:1 | cat > app.tar && barehull inspect app.tar --tree", "an image of an engine, file by file"},
    {"barehull inspect app.tar --format json", "for other programs"},
    {NULL, NULL},
};

static const char *const see_also[] = {"build", NULL};

const struct operation inspect_operation = {
    .name = "inspect",
    .group = "Images",
    .summary = "show what is in a built image",
    .description = "Opens an image wherever it lies, verifies every digest, and tells how it starts, what its layers "
                   "hold, which packages are in it, which libraries its program loads, and where the bytes go. "
                   "Nothing is unpacked to disk.",
    .params = params,
    .args_size = sizeof(struct inspect_args),
    .result = &inspect_result_record,
    .effects = OP_READS_FILES,
    .exits = exits,
    .examples = examples,
    .see_also = see_also,
    .run = run,
    .render = inspect_result_render,
};
