/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/application_program.h"

#include "base/path.h"
#include "pack/app_kind.h"
#include "pack/application_closure.h"

#include <errno.h>
#include <stdlib.h>

/* What is needed while a program is read. */
struct reading {
    struct application_reading shared;
    struct elf_file program;
};

static int read_program(struct reading *reading, struct str *ret_bytes, struct err *err)
{
    struct arena *arena = reading->shared.ctx->arena;
    struct str app = reading->shared.options->app;
    if (app.len == 0)
        return err_set(err, ERR_USAGE, "no program is named");
    char *given = arena_z(arena, app);
    if (!given)
        return err_nomem(err);
    char *real = realpath(given, NULL);
    if (!real) {
        err_errno(err, errno, "cannot find the program '%s'", given);
        return err_hint(err, "give the path of an ELF executable, for instance ./build/server");
    }
    reading->shared.app->host_path = arena_str(arena, str_z(real));
    free(real);
    if (!reading->shared.app->host_path.ptr)
        return err_nomem(err);
    struct app_program program;
    int r = app_kind_read(reading->shared.ctx, reading->shared.options, reading->shared.app->host_path, &program, err);
    if (r < 0)
        return r;
    reading->program = program.elf;
    reading->shared.app->machine = program.elf.machine;
    reading->shared.app->description = program.description;
    *ret_bytes = program.bytes;
    return 0;
}

/* How many directories above the program's own its $ORIGIN paths climb. */
static size_t climb_of(struct str search_path)
{
    size_t most = 0;
    struct str entry;
    while (str_next(&search_path, ':', &entry)) {
        struct str rest = STR_NONE;
        if (str_starts(entry, STR("$ORIGIN")))
            rest = str_skip(entry, 7);
        else if (str_starts(entry, STR("${ORIGIN}")))
            rest = str_skip(entry, 9);
        size_t climb = 0;
        while (str_starts(rest, STR("/.."))) {
            climb++;
            rest = str_skip(rest, 3);
        }
        most = climb > most ? climb : most;
    }
    return most;
}

/*
 * Chooses the program's place: /app/NAME, with as many of its own directories between as $ORIGIN climbs, so that
 * "$ORIGIN/../lib" stays below /app. NAME is as it was given, even where that is a link: programs that are several in
 * one (busybox, redis-server) choose by it. The directories are the real ones, as for the loader.
 */
static int place_program(struct reading *reading, struct err *err)
{
    struct application *app = reading->shared.app;
    size_t climb = climb_of(reading->program.rpath);
    size_t other = climb_of(reading->program.runpath);
    climb = other > climb ? other : climb;
    struct str root = path_dir(app->host_path);
    for (size_t i = 0; i < climb && root.len > 1; i++)
        root = path_dir(root);
    reading->shared.host_root = root;
    struct str between = path_dir(app->host_path);
    between = str_skip(between, str_eq(between, root) || root.len > 1 ? root.len : 0);
    struct str name = path_base(reading->shared.options->app);
    char *path = arena_printf(reading->shared.ctx->arena, "/app%.*s/%.*s", STR_ARG(between), STR_ARG(name));
    if (!path)
        return err_nomem(err);
    app->image_path = str_z(path);
    if (str_utf8_valid(app->image_path) == app->image_path.len)
        return 0;
    err_set(err, ERR_USAGE, "the name of the program, '%.*s', is not valid UTF-8", STR_ARG(app->image_path));
    return err_hint(err, "the image's configuration can't hold it: rename the program, or name a link to it");
}

/* The program may be among what is included; anything else in its place would be lost. */
static int put_program(struct reading *reading, struct str bytes, struct err *err)
{
    struct str path = reading->shared.app->image_path;
    const struct tree_node *node = tree_lookup(reading->shared.app->tree, path);
    if (node && (node->type != TREE_FILE || !str_eq(node->content, bytes))) {
        err_set(err, ERR_USAGE, "'%.*s' is the program's own place, and --include puts something else there",
                STR_ARG(path));
        return err_hint(err, "include it in another place");
    }
    return application_put_elf(&reading->shared, path, bytes, err);
}

static int add_included(struct reading *reading, struct err *err)
{
    struct application *app = reading->shared.app;
    for (size_t i = 0; i < reading->shared.found.len; i++) {
        struct application_elf *found = &reading->shared.found.ptr[i];
        struct elf_file file;
        int r = op_check(reading->shared.ctx, err);
        if (r < 0)
            return r;
        r = elf_read(found->bytes, reading->shared.ctx->arena, &file, err);
        if (r < 0)
            return err_wrap(err, "the included '/%.*s'", STR_ARG(found->path));
        if (file.type == ELF_TYPE_RELOCATABLE || file.type == ELF_TYPE_CORE || file.type == ELF_TYPE_DEBUG ||
            file.type == ELF_TYPE_OTHER)
            continue;
        if (!elf_same_machine(&file, &reading->program)) {
            char scratch[ELF_MACHINE_NAME_MAX];
            op_warn(reading->shared.ctx, "the included '/%.*s' is for %s, the program for %.*s: it can't be loaded",
                    STR_ARG(found->path),
                    elf_machine_name(file.machine_code, file.is_64, file.is_big_endian, file.flags, scratch),
                    STR_ARG(elf_machine_info(app->machine)->debian));
            continue;
        }
        char *path = arena_printf(reading->shared.ctx->arena, "/%.*s", STR_ARG(found->path));
        if (!path)
            return err_nomem(err);
        struct elf_candidate root = {.path = str_z(path), .bytes = found->bytes};
        const struct elf_object *object;
        r = elf_closure_add(app->closure, &root, ELF_OBJECT_PLUGIN, &object, err);
        if (r < 0)
            return r;
        if (file.interpreter.len > 0 && !VEC_PUSH(&reading->shared.programs, object))
            return err_nomem(err);
    }
    return 0;
}

static int close_over(struct reading *reading, struct str bytes, struct err *err)
{
    struct application *app = reading->shared.app;
    struct elf_search search;
    application_search(&reading->shared, true, &search);
    struct elf_provider provider;
    application_provider(&reading->shared, &provider);
    int r = elf_closure_new(&search, &provider, reading->shared.ctx->arena, &app->closure, err);
    struct elf_candidate root = {.path = app->image_path, .bytes = bytes};
    if (r == 0)
        r = elf_closure_add(app->closure, &root, ELF_OBJECT_PROGRAM, NULL, err);
    if (r == 0)
        r = add_included(reading, err);
    return r;
}

static int read_all(struct reading *reading, struct err *err)
{
    struct application_reading *shared = &reading->shared;
    struct str bytes;
    int r = read_program(reading, &bytes, err);
    if (r == 0)
        r = place_program(reading, err);
    if (r == 0)
        r = tree_new(shared->ctx->arena, &shared->app->tree, err);
    if (r == 0)
        r = application_take_includes(shared, err);
    if (r == 0)
        r = put_program(reading, bytes, err);
    if (r == 0)
        r = close_over(reading, bytes, err);
    if (r == 0)
        r = application_add_externals(shared, shared->app->closure, err);
    return r == 0 ? application_finish(shared, err) : r;
}

int application_program_read(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                             struct err *err)
{
    struct reading reading = {.shared = {.ctx = ctx, .options = options, .app = app}};
    int r = read_all(&reading, err);
    application_reading_done(&reading.shared);
    return r;
}
