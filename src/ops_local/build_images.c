/* SPDX-License-Identifier: Apache-2.0 */
#include "ops_local/build_images.h"

#include "base/limits.h"
#include "base/path.h"
#include "io/file.h"
#include "op/table.h"
#include "pack/output.h"
#include "pack/settings.h"

#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- blame ------------------------------------------------------------------------------------------------- */

static bool is_quoted(const char *message, struct str value)
{
    if (value.len == 0)
        return false;
    for (const char *at = strchr(message, '\''); at; at = strchr(at + 1, '\''))
        if (strncmp(at + 1, value.ptr, value.len) == 0 && at[1 + value.len] == '\'')
            return true;
    return false;
}

/* Whether MESSAGE names what PARAM of OPTIONS says. */
static bool names_value(const char *message, const struct op_param *param, const struct build_options *options)
{
    const void *field = (const char *)options + param->offset;
    if (param->flags & OP_REPEATED || param->type == OP_ARGV) {
        const struct str_list *list = field;
        for (size_t i = 0; i < list->len; i++)
            if (is_quoted(message, list->ptr[i]))
                return true;
        return false;
    }
    bool text = param->type == OP_STRING || param->type == OP_PATH_IN;
    return text && is_quoted(message, *(const struct str *)field);
}

int build_target_blame(const struct build_targets *targets, const struct build_target *target, struct err *err)
{
    const struct build_file_image *image = target->image;
    if (!image || !err)
        return err ? -(int)err->code : -(int)ERR_INTERNAL;
    struct data_span span = image->span;
    for (size_t i = build_option_count(); i-- > 0;)
        if (image->given[i] && names_value(err->message, &build_params[i], &image->options))
            span = image->spans[i];
    if (image->name.len)
        err_wrap(err, "image '%.*s'", STR_ARG(image->name));
    return build_file_locate(targets->file, span, err);
}

/* --- checks ------------------------------------------------------------------------------------------------ */

static bool same_place(const struct oci_image_name *a, const struct oci_image_name *b)
{
    CLEANUP_BUF struct buf left = BUF_INIT;
    CLEANUP_BUF struct buf right = BUF_INIT;
    bool layouts = a->transport == OCI_TRANSPORT_LAYOUT && b->transport == OCI_TRANSPORT_LAYOUT;
    if (layouts && !str_eq(a->ref, b->ref))
        return false;
    return path_normalize(&left, STR("/"), str_z(a->path)) && path_normalize(&right, STR("/"), str_z(b->path)) &&
           str_eq(buf_str(&left), buf_str(&right));
}

static int check_distinct(const struct build_targets *targets, const struct outputs *outputs, size_t at,
                          struct err *err)
{
    for (size_t other = 0; other < at; other++)
        for (size_t i = 0; i < outputs[at].count; i++)
            for (size_t j = 0; j < outputs[other].count; j++) {
                const struct oci_image_name *name = &outputs[at].items[i].name;
                if (!same_place(name, &outputs[other].items[j].name))
                    continue;
                err_set(err, ERR_USAGE, "'%s' is where '%.*s' goes, too", name->path,
                        STR_ARG(targets->items[other].image->name));
                err_hint(err, "give each image an output of its own, or a tag of its own in one layout");
                return build_target_blame(targets, &targets->items[at], err);
            }
    return 0;
}

static int check_targets(const struct op_ctx *ctx, const struct build_targets *targets, struct err *err)
{
    struct outputs *outputs = ARENA_ARRAY(ctx->arena, targets->count, struct outputs);
    if (!outputs)
        return err_nomem(err);
    for (size_t i = 0; i < targets->count; i++) {
        const struct build_target *target = &targets->items[i];
        struct image_settings settings;
        struct err problem = ERR_INIT;
        int r = settings_make(ctx->arena, &target->options, &settings, &problem);
        if (r == 0) /* any descriptor will do for a look at the names */
            r = outputs_parse(ctx->arena, &target->options, STDOUT_FILENO, &outputs[i], &problem);
        if (r == 0 && target->options.apps.len > 1)
            r = outputs_check_several(&outputs[i], &target->options, target->options.apps.len, &problem);
        if (r != 0)
            build_target_blame(targets, target, &problem);
        else
            r = check_distinct(targets, outputs, i, &problem);
        if (r != 0) {
            if (err)
                *err = problem;
            return r;
        }
    }
    return 0;
}

bool build_targets_use_stdout(const struct build_targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct str_list *outputs = &targets->items[i].options.outputs;
        for (size_t j = 0; j < outputs->len; j++)
            if (str_ends(outputs->ptr[j], STR(":-")))
                return true;
    }
    return false;
}

/* --- the file's images ------------------------------------------------------------------------------------- */

static int read_file(const struct op_ctx *ctx, struct str path, struct build_file *ret_file, struct err *err)
{
    CLEANUP_BUF struct buf bytes = BUF_INIT;
    int r = file_read_all(AT_FDCWD, path.ptr, LIMIT_BUILD_FILE_BYTES, &bytes, err);
    if (r != 0)
        return r;
    struct str text = arena_take_buf(ctx->arena, &bytes);
    return text.ptr ? build_file_read(path, path_dir(path), text, ctx->arena, ret_file, err) : err_nomem(err);
}

/* What the call itself says wins. */
static int override(const struct op_ctx *ctx, const struct build_args *args, struct build_target *target,
                    struct err *err)
{
    size_t count = build_option_count();
    for (size_t i = 0; i < count; i++) {
        const struct op_param *param = &build_params[i];
        if (!args->given[i] || param->offset == offsetof(struct build_options, apps))
            continue;
        void *field = (char *)&target->options + param->offset;
        const void *given = (const char *)&args->options + param->offset;
        if (!(param->flags & OP_PAIRS)) {
            memcpy(field, given, param->size);
            continue;
        }
        struct str_list *list = field;
        *list = build_file_join(ctx->arena, *list, *(const struct str_list *)given);
        if (!list->ptr)
            return err_nomem(err);
    }
    return 0;
}

static int add_target(const struct op_ctx *ctx, const struct build_args *args, const struct build_file_image *image,
                      struct build_targets *targets, struct err *err)
{
    for (size_t i = 0; i < targets->count; i++)
        if (targets->items[i].image == image)
            return 0; /* named twice */
    struct build_target *target = &targets->items[targets->count++];
    target->image = image;
    target->options = image->options;
    return override(ctx, args, target, err);
}

/* Words that would be programs are names of images here. */
static int choose(const struct op_ctx *ctx, const struct build_args *args, struct build_targets *targets,
                  struct err *err)
{
    const struct build_file *file = targets->file;
    const struct str_list names = args->options.apps;
    targets->items = ARENA_ARRAY(ctx->arena, file->count + names.len, struct build_target);
    if (!targets->items)
        return err_nomem(err);
    int r = 0;
    for (size_t i = 0; r == 0 && i < (names.len ? names.len : file->count); i++) {
        const struct build_file_image *image = names.len ? build_file_find(file, names.ptr[i], err) : &file->images[i];
        r = image ? add_target(ctx, args, image, targets, err) : -(int)ERR_USAGE;
    }
    return r;
}

static int find_in_file(const struct op_ctx *ctx, const struct build_args *args, struct str path,
                        struct build_targets *targets, struct err *err)
{
    targets->file = ARENA_NEW(ctx->arena, struct build_file);
    if (!targets->file)
        return err_nomem(err);
    int r = read_file(ctx, path, targets->file, err);
    if (r == 0)
        r = choose(ctx, args, targets, err);
    const struct op_param *tag = op_param_find(build_params, STR("tag"));
    if (r == 0 && targets->count > 1 && args->given[tag - build_params]) {
        err_set(err, ERR_USAGE, "one name can't be given to %zu images", targets->count);
        return err_hint(err, "name the image that --tag is for behind --file, or write 'tag' into the file");
    }
    return r;
}

static int find_app(const struct op_ctx *ctx, const struct build_args *args, struct build_targets *targets,
                    struct err *err)
{
    if (args->options.apps.len == 0) {
        err_set(err, ERR_USAGE, "there is nothing to build: no APP, and no './%s'", BUILD_FILE_NAME);
        return err_hint(err, "give a program, or a project's directory");
    }
    targets->items = ARENA_NEW(ctx->arena, struct build_target);
    if (!targets->items)
        return err_nomem(err);
    targets->items[0] = (struct build_target){.options = args->options};
    targets->count = 1;
    return 0;
}

/* The last name of PATH; of "." and the like that of the directory, or empty when it can't be told. */
static struct str last_name(const struct op_ctx *ctx, struct str path)
{
    while (path.len > 1 && path.ptr[path.len - 1] == '/')
        path.len--;
    struct str base = path_base(path);
    if (!str_eq(base, STR(".")) && !str_eq(base, STR("..")))
        return base;
    char real[PATH_MAX];
    char *copy = arena_z(ctx->arena, path);
    return copy && realpath(copy, real) ? arena_str(ctx->arena, path_base(str_z(real))) : STR_NONE;
}

/* What nobody named is called as the application is, and goes beside the file that declares it. */
static int name_target(const struct op_ctx *ctx, const struct build_targets *targets, struct build_target *target,
                       struct err *err)
{
    struct build_options *options = &target->options;
    struct str directory = targets->file ? path_dir(targets->file->path) : STR_NONE;
    options->app = options->apps.ptr[0];
    struct str name = settings_default_name(ctx->arena, last_name(ctx, options->app));
    char *output =
        arena_printf(ctx->arena, "oci:%.*s/%.*s-image", STR_ARG(directory.len ? directory : STR(".")), STR_ARG(name));
    struct str *outputs = ARENA_NEW(ctx->arena, struct str);
    if (!name.ptr || !output || !outputs)
        return err_nomem(err);
    if (options->name.len == 0)
        options->name = name;
    if (options->outputs.len == 0) {
        *outputs = str_z(output);
        options->outputs = (struct str_list){outputs, 1};
    }
    return 0;
}

/* A link that leads nowhere is there: what is wrong with it is told when it is opened. */
static bool is_there(const char *path)
{
    return faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int build_targets_find(const struct op_services *services, const struct op_ctx *ctx, const struct build_args *args,
                       struct build_targets *ret_targets, struct err *err)
{
    struct build_targets targets = {0};
    int r;
    if (args->file.len)
        r = find_in_file(ctx, args, args->file, &targets, err);
    else if (args->options.apps.len == 0 && is_there(BUILD_FILE_NAME))
        r = find_in_file(ctx, args, STR(BUILD_FILE_NAME), &targets, err);
    else
        r = find_app(ctx, args, &targets, err);
    for (size_t i = 0; r == 0 && i < targets.count; i++) {
        targets.items[i].options.offline = services->offline;
        targets.items[i].options.source_date_epoch = services->source_date_epoch;
        r = name_target(ctx, &targets, &targets.items[i], err);
    }
    if (r == 0)
        r = check_targets(ctx, &targets, err);
    if (r == 0)
        *ret_targets = targets;
    return r;
}
