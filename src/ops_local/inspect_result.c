/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/inspect_result.h"

#include "op/text.h"

#include <stdio.h>

#define LABEL_WIDTH 12
#define SHOWN_MAX   10 /* rows of a table for people, unless --verbose */

#define FIELD(struct_name, field, field_type, text)                                                                    \
    {                                                                                                                  \
        .name = #field, .type = field_type, .summary = text, OP_AT(struct struct_name, field)                          \
    }

static const struct op_field layer_fields[] = {
    FIELD(inspect_layer, digest, OP_F_STR, "of the blob; empty where the archive states none"),
    FIELD(inspect_layer, diff_id, OP_F_STR, "of the uncompressed layer"),
    FIELD(inspect_layer, media_type, OP_F_STR, "how it is packed"),
    FIELD(inspect_layer, created_by, OP_F_STR, "what the history says of it"),
    FIELD(inspect_layer, size_bytes, OP_F_U64, "compressed"),
    FIELD(inspect_layer, unpacked_bytes, OP_F_U64, "sum of its files"),
    FIELD(inspect_layer, files, OP_F_U64, "regular files and hard links"),
    {.name = NULL},
};
static const struct op_record layer_record = {"image_layer", layer_fields, sizeof(struct inspect_layer)};

static const struct op_field package_fields[] = {
    FIELD(inspect_package, name, OP_F_STR, "Debian package"),
    FIELD(inspect_package, version, OP_F_STR, "Debian version"),
    FIELD(inspect_package, architecture, OP_F_STR, "Debian architecture, or all"),
    FIELD(inspect_package, files, OP_F_U64, "files of it that are there"),
    FIELD(inspect_package, unpacked_bytes, OP_F_U64, "sum of these files"),
    {.name = NULL},
};
static const struct op_record package_record = {"image_package", package_fields, sizeof(struct inspect_package)};

static const struct op_field library_fields[] = {
    FIELD(inspect_library, name, OP_F_STR, "name that is asked for"),
    FIELD(inspect_library, path, OP_F_STR, "file that answers; empty when there is none"),
    FIELD(inspect_library, package, OP_F_STR, "Debian package; empty for the application's own"),
    FIELD(inspect_library, needed_by, OP_F_STR, "who asks first"),
    {.name = NULL},
};
static const struct op_record library_record = {"image_library", library_fields, sizeof(struct inspect_library)};

static const struct op_choice file_types[] = {
    {"file", NULL}, {"dir", NULL}, {"symlink", NULL}, {"other", NULL}, {NULL, NULL}};

static const struct op_field file_fields[] = {
    FIELD(inspect_file, path, OP_F_STR, "absolute"),
    {.name = "type",
     .type = OP_F_STR,
     .summary = "what it is",
     .choices = file_types,
     OP_AT(struct inspect_file, type)},
    FIELD(inspect_file, mode, OP_F_STR, "permissions, octal"),
    FIELD(inspect_file, uid, OP_F_U64, "owner"),
    FIELD(inspect_file, gid, OP_F_U64, "group"),
    FIELD(inspect_file, size_bytes, OP_F_U64, "of a regular file"),
    {.name = "layer",
     .type = OP_F_U64,
     .optional = true,
     .summary = "index of the layer that its content is in",
     OP_AT(struct inspect_file, layer)},
    FIELD(inspect_file, package, OP_F_STR, "Debian package that owns it"),
    FIELD(inspect_file, target, OP_F_STR, "of a symbolic link"),
    {.name = NULL},
};
static const struct op_record file_record = {"image_file", file_fields, sizeof(struct inspect_file)};

static const struct op_field share_fields[] = {
    FIELD(inspect_share, name, OP_F_STR, "directory"),
    FIELD(inspect_share, unpacked_bytes, OP_F_U64, "sum of the files below it"),
    FIELD(inspect_share, files, OP_F_U64, "files below it"),
    {.name = NULL},
};
static const struct op_record share_record = {"image_directory", share_fields, sizeof(struct inspect_share)};

#define LIST(field, list_record, text)                                                                                 \
    {                                                                                                                  \
        .name = #field, .type = OP_F_OBJECTS, .summary = text, .record = &list_record,                                 \
        OP_AT(struct inspect_result, field)                                                                            \
    }

static const struct op_field fields[] = {
    FIELD(inspect_result, image, OP_F_STR, "as it was asked for"),
    FIELD(inspect_result, kind, OP_F_STR, "oci, oci-archive or docker-archive"),
    FIELD(inspect_result, names, OP_F_STRS, "names that it bears there"),
    FIELD(inspect_result, digest, OP_F_STR, "of the manifest; empty where there is none"),
    {.name = "index_digest",
     .type = OP_F_STR,
     .optional = true,
     .summary = "of the index that it was chosen from; absent: it was none",
     OP_AT(struct inspect_result, index_digest)},
    FIELD(inspect_result, platforms, OP_F_STRS, "that the index has images for"),
    FIELD(inspect_result, config_digest, OP_F_STR, "of the config (the image id)"),
    FIELD(inspect_result, created, OP_F_STR, "as the config states it"),
    FIELD(inspect_result, platform, OP_F_STR, "linux/amd64"),
    FIELD(inspect_result, os, OP_F_STR, "PRETTY_NAME of os-release"),
    FIELD(inspect_result, user, OP_F_STR, "whom it runs as; empty is root"),
    FIELD(inspect_result, entrypoint, OP_F_STRS, "what starts"),
    FIELD(inspect_result, cmd, OP_F_STRS, "default arguments"),
    FIELD(inspect_result, env, OP_F_STRS, "environment"),
    FIELD(inspect_result, workdir, OP_F_STR, "working directory"),
    FIELD(inspect_result, exposed, OP_F_STRS, "ports"),
    FIELD(inspect_result, labels, OP_F_MAP, "labels of the config"),
    FIELD(inspect_result, stop_signal, OP_F_STR, "signal that asks it to end"),
    FIELD(inspect_result, healthcheck, OP_F_STRS, "health check of the config"),
    FIELD(inspect_result, size_bytes, OP_F_U64, "compressed layers"),
    FIELD(inspect_result, unpacked_bytes, OP_F_U64, "all files that a container sees"),
    FIELD(inspect_result, file_count, OP_F_U64, "files that a container sees"),
    LIST(layers, layer_record, "bottom up"),
    LIST(packages, package_record, "packages that are recorded, by name"),
    LIST(libraries, library_record, "what the loader maps for the entrypoint, in its order"),
    LIST(directories, share_record, "where the bytes go, largest first"),
    LIST(largest, file_record, "largest files"),
    {.name = "files",
     .type = OP_F_OBJECTS,
     .optional = true,
     .summary = "all files (--files, --tree)",
     .record = &file_record,
     OP_AT(struct inspect_result, files)},
    {.name = NULL},
};
const struct op_record inspect_result_record = {"inspect", fields, sizeof(struct inspect_result)};

static void line(struct text_out *out, const char *label, struct str value)
{
    if (value.len == 0)
        return;
    text_label(out, label, LABEL_WIDTH);
    text_str(out, value);
    text_z(out, "\n");
}

static void words(struct text_out *out, const char *label, struct str_list values, const char *between)
{
    if (values.len == 0)
        return;
    text_label(out, label, LABEL_WIDTH);
    for (size_t i = 0; i < values.len; i++) {
        text_z(out, i ? between : "");
        text_str(out, values.ptr[i]);
    }
    text_z(out, "\n");
}

static void heading(struct text_out *out, const char *text)
{
    text_z(out, "\n");
    text_styled(out, TEXT_BOLD, text);
    text_z(out, "\n");
}

static size_t shown(const struct text_out *out, size_t count)
{
    return out->verbose || count <= SHOWN_MAX ? count : SHOWN_MAX;
}

static void more(struct text_out *out, size_t all, size_t some)
{
    if (some < all)
        text_f(out, "  and %zu more (--verbose)\n", all - some);
}

static void render_layers(const struct inspect_result *result, struct text_out *out)
{
    heading(out, "Layers");
    struct text_table table;
    text_table_begin(&table, out, 2, "rrrl");
    for (size_t i = 0; i < result->layers.len; i++) {
        const struct inspect_layer *layer = &result->layers.ptr[i];
        text_table_size(&table, layer->unpacked_bytes);
        text_table_size(&table, layer->size_bytes);
        text_table_u64(&table, layer->files);
        text_table_str(&table, layer->created_by.len ? layer->created_by : layer->diff_id);
    }
    text_table_end(&table);
}

static void render_packages(const struct inspect_result *result, struct text_out *out)
{
    if (result->packages.len == 0)
        return;
    heading(out, "Packages");
    size_t count = shown(out, result->packages.len);
    struct text_table table;
    text_table_begin(&table, out, 2, "lllr");
    for (size_t i = 0; i < count; i++) {
        const struct inspect_package *package = &result->packages.ptr[i];
        text_table_str(&table, package->name);
        text_table_str(&table, package->version);
        text_table_str(&table, package->architecture);
        text_table_size(&table, package->unpacked_bytes);
    }
    text_table_end(&table);
    more(out, result->packages.len, count);
}

static void render_libraries(const struct inspect_result *result, struct text_out *out)
{
    if (result->libraries.len == 0)
        return;
    heading(out, "Loaded for the entrypoint");
    struct text_table table;
    text_table_begin(&table, out, 2, "lll");
    for (size_t i = 0; i < result->libraries.len; i++) {
        const struct inspect_library *library = &result->libraries.ptr[i];
        text_table_str(&table, library->name);
        text_table_str(&table, library->path.len ? library->path : STR("MISSING"));
        text_table_str(&table, library->package);
    }
    text_table_end(&table);
}

static void render_bytes(const struct inspect_result *result, struct text_out *out)
{
    heading(out, "Where the bytes go");
    struct text_table table;
    text_table_begin(&table, out, 2, "rrl");
    size_t count = shown(out, result->directories.len);
    for (size_t i = 0; i < count; i++) {
        text_table_size(&table, result->directories.ptr[i].unpacked_bytes);
        text_table_u64(&table, result->directories.ptr[i].files);
        text_table_str(&table, result->directories.ptr[i].name);
    }
    text_table_end(&table);
    more(out, result->directories.len, count);
    heading(out, "Largest files");
    text_table_begin(&table, out, 2, "rll");
    for (size_t i = 0; i < result->largest.len; i++) {
        text_table_size(&table, result->largest.ptr[i].size_bytes);
        text_table_str(&table, result->largest.ptr[i].path);
        text_table_str(&table, result->largest.ptr[i].package);
    }
    text_table_end(&table);
}

static void render_files(const struct inspect_result *result, struct text_out *out)
{
    heading(out, "Files");
    struct text_table table;
    text_table_begin(&table, out, 2, "lllrl");
    for (size_t i = 0; i < result->files.len; i++) {
        const struct inspect_file *file = &result->files.ptr[i];
        char owner[32];
        (void)snprintf(owner, sizeof(owner), "%llu:%llu", (unsigned long long)file->uid, (unsigned long long)file->gid);
        text_table_str(&table, file->type);
        text_table_str(&table, file->mode);
        text_table_z(&table, owner);
        text_table_size(&table, file->size_bytes);
        text_table_str(&table, file->path);
    }
    text_table_end(&table);
}

static void render_tree(const struct inspect_result *result, struct text_out *out)
{
    heading(out, "Files");
    for (size_t i = 0; i < result->files.len; i++) {
        const struct inspect_file *file = &result->files.ptr[i];
        size_t depth = 0;
        for (size_t j = 1; j < file->path.len; j++)
            depth += file->path.ptr[j] == '/';
        text_f(out, "%*s", (int)(2 + 2 * depth), "");
        text_str(out, str_skip(file->path, str_rfind_char(file->path, '/') + 1));
        if (str_eq(file->type, STR("dir")))
            text_z(out, "/");
        if (file->target.len) {
            text_z(out, " -> ");
            text_str(out, file->target);
        }
        if (str_eq(file->type, STR("file"))) {
            text_z(out, "  ");
            text_size(out, file->size_bytes);
        }
        text_z(out, "\n");
    }
}

void inspect_result_render(const void *result_any, struct text_out *out)
{
    const struct inspect_result *result = result_any;
    text_style(out, TEXT_BOLD);
    text_str(out, result->image);
    text_style(out, TEXT_PLAIN);
    text_z(out, "\n");
    line(out, "kind", result->kind);
    words(out, "names", result->names, ", ");
    line(out, "digest", result->digest);
    line(out, "platform", result->platform);
    words(out, "one of", result->platforms, ", ");
    line(out, "index", result->index_digest);
    line(out, "system", result->os);
    line(out, "created", result->created);
    line(out, "user", result->user.len ? result->user : STR("root (none is set)"));
    words(out, "entrypoint", result->entrypoint, " ");
    words(out, "cmd", result->cmd, " ");
    words(out, "env", result->env, "\n            ");
    line(out, "workdir", result->workdir);
    words(out, "ports", result->exposed, ", ");
    line(out, "stop signal", result->stop_signal);
    words(out, "health", result->healthcheck, " ");
    for (size_t i = 0; i < result->labels.len; i++) {
        if (i)
            text_f(out, "%*s", LABEL_WIDTH, "");
        else
            text_label(out, "labels", LABEL_WIDTH);
        text_str(out, result->labels.ptr[i].key);
        text_z(out, "=");
        text_str(out, result->labels.ptr[i].value);
        text_z(out, "\n");
    }
    text_label(out, "size", LABEL_WIDTH);
    text_size(out, result->unpacked_bytes);
    text_z(out, " in ");
    text_count(out, result->file_count, "file");
    text_z(out, ", ");
    text_size(out, result->size_bytes);
    text_z(out, " compressed\n");
    render_layers(result, out);
    render_packages(result, out);
    render_libraries(result, out);
    render_bytes(result, out);
    if (result->files.ptr && result->as_tree)
        render_tree(result, out);
    else if (result->files.ptr)
        render_files(result, out);
}
