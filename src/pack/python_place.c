/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/python_place.h"

#include "base/path.h"
#include "oci/platform.h"

#include <errno.h>
#include <stdlib.h>

#define PLACES_MAX 9 /* of an environment that lies elsewhere: ".venv", ".venv2" ... */

/* True when the project has something of its own at PATH (relative to it), but for a link to the environment. */
static bool is_taken(const struct python_app *app, struct str path)
{
    for (size_t i = 0; i < app->files.len; i++) {
        const struct project_file *file = &app->files.ptr[i];
        if (!file->dropped && path_is_below(file->path, path))
            return true;
    }
    return false;
}

static int choose_environment(struct python_placing *placing, struct err *err)
{
    const struct python_app *app = &placing->python->app;
    const struct python_environment *environment = &app->environment;
    struct arena *arena = placing->ctx->arena;
    if (environment->kind == PYTHON_ENVIRONMENT_NONE)
        return 0;
    const char *name = environment->kind == PYTHON_ENVIRONMENT_VENV ? ".venv" : ".packages";
    char *place = NULL;
    if (environment->is_root) {
        place = arena_z(arena, STR(PYTHON_PLACE));
    } else if (environment->inside.len) {
        place = arena_printf(arena, PYTHON_PLACE "/%.*s", STR_ARG(environment->inside));
    } else {
        for (unsigned i = 1; i <= PLACES_MAX; i++) {
            place = i == 1 ? arena_printf(arena, PYTHON_PLACE "/%s", name)
                           : arena_printf(arena, PYTHON_PLACE "/%s%u", name, i);
            if (!place || !is_taken(app, str_skip(str_z(place), sizeof(PYTHON_PLACE))))
                break;
        }
    }
    if (!place)
        return err_nomem(err);
    placing->environment = str_z(place);
    if (str_utf8_valid(placing->environment) == placing->environment.len)
        return 0;
    err_set(err, ERR_USAGE, "the name of the environment, '%.*s', is not valid UTF-8", STR_ARG(environment->inside));
    return err_hint(err, "the image's configuration can't hold it: make it anew, for instance in .venv");
}

static int choose_prefix(struct python_placing *placing, struct err *err)
{
    struct application_python *python = placing->python;
    const struct python_program *program = &python->app.program;
    struct arena *arena = placing->ctx->arena;
    const struct python_interpreter *interpreter = &program->interpreter;
    char *path;
    if (program->brought) {
        bool stays = str_eq(program->host_prefix, STR("/usr/local")) ||
                     (path_is_below(program->host_prefix, STR("/opt")) && program->host_prefix.len > 4);
        placing->prefix = stays ? program->host_prefix : STR("/usr/local");
        path = arena_printf(arena, "%.*s/%.*s", STR_ARG(placing->prefix), STR_ARG(program->program));
    } else if (interpreter->major) {
        path = arena_printf(arena, "/usr/bin/python%u.%u", interpreter->major, interpreter->minor);
    } else {
        path = arena_z(arena, STR("/usr/bin/python3"));
    }
    if (!path)
        return err_nomem(err);
    python->archive = !program->brought;
    python->program = str_z(path);
    python->version = program->brought ? interpreter->major << 8 | interpreter->minor : 0;
    python->environment = placing->environment;
    python->interpreter = python->program;
    if (python->app.environment.kind != PYTHON_ENVIRONMENT_VENV)
        return 0;
    char *started = arena_printf(arena, "%.*s/bin/python", STR_ARG(placing->environment));
    python->interpreter = str_z(started);
    return started ? 0 : err_nomem(err);
}

/* What lies deeper comes first: the environment in the project, the project in a prefix, or the other way round. */
static void note_move(struct python_placing *placing, struct str from, struct str to)
{
    if (from.len == 0)
        return;
    size_t at = placing->move_count++;
    for (; at > 0 && placing->moves[at - 1].from.len < from.len; at--)
        placing->moves[at] = placing->moves[at - 1];
    placing->moves[at] = (struct python_move){from, to};
}

static void note_moves(struct python_placing *placing)
{
    const struct python_app *app = &placing->python->app;
    note_move(placing, app->root, STR(PYTHON_PLACE));
    if (placing->environment.len && !app->environment.is_root)
        note_move(placing, app->environment.host_path, placing->environment);
    if (app->program.brought)
        note_move(placing, app->program.host_prefix, placing->prefix);
}

static int choose_machine(struct python_placing *placing, struct err *err)
{
    struct application *app = placing->app;
    struct str asked = placing->options->architecture;
    enum elf_machine wanted = elf_machine_of_debian(asked);
    if (asked.len && wanted == ELF_MACHINE_UNKNOWN) {
        err_set(err, ERR_ARCHITECTURE, "Debian has no architecture '%.*s' that barehull knows", STR_ARG(asked));
        return err_hint(err, "give amd64, arm64 or another of Debian's architectures");
    }
    app->machine = placing->python->app.machine;
    if (app->machine == ELF_MACHINE_UNKNOWN)
        app->machine = wanted;
    if (app->machine == ELF_MACHINE_UNKNOWN) {
        struct oci_platform host = oci_platform_host();
        app->machine = elf_machine_of_oci(host.architecture, host.variant);
    }
    if (app->machine == ELF_MACHINE_UNKNOWN) {
        err_set(err, ERR_ARCHITECTURE, "Debian has no port for this machine");
        return err_hint(err, "say with --arch which one the image is for");
    }
    if (asked.len == 0 || app->machine == wanted)
        return 0;
    struct str debian = elf_machine_info(app->machine)->debian;
    err_set(err, ERR_ARCHITECTURE, "'%.*s' has extension modules for %.*s, and --arch asks for %.*s",
            STR_ARG(app->host_path), STR_ARG(debian), STR_ARG(asked));
    return err_hint(err, "drop --arch, or install the packages for %.*s", STR_ARG(asked));
}

static int describe(struct python_placing *placing, struct err *err)
{
    const char *framework = placing->python->app.entry.framework.framework;
    char *text = framework ? arena_printf(placing->ctx->arena, "Python application (%s)", framework)
                           : arena_printf(placing->ctx->arena, "Python application");
    placing->app->description = str_z(text);
    return text ? 0 : err_nomem(err);
}

static int place_trees(struct python_placing *placing, struct err *err)
{
    const struct python_app *python = &placing->python->app;
    struct application *app = placing->app;
    struct python_list environment = {.files = &python->environment.files,
                                      .move = {python->environment.host_path, placing->environment},
                                      .tree = app->dependencies,
                                      .change = python_place_environment_file};
    struct python_list interpreter = {.files = &python->program.files,
                                      .move = {python->program.host_prefix, placing->prefix},
                                      .tree = app->dependencies,
                                      .change = python_place_interpreter_file};
    struct python_list own = {
        .files = &python->files, .move = {python->root, STR(PYTHON_PLACE)}, .tree = app->tree, .own = true};
    struct tree_node root = {
        .path = STR("app"), .type = TREE_DIR, .mode = 0755, .mtime = placing->options->source_date_epoch};
    int r = tree_put(app->tree, &root, err);
    if (r == 0 && placing->environment.len)
        r = python_place_files(placing, &environment, err);
    if (r == 0 && placing->environment.len)
        r = python_place_environment_made(placing, err);
    if (r == 0 && python->program.brought)
        r = python_place_files(placing, &interpreter, err);
    if (r == 0)
        r = python_place_files(placing, &own, err);
    if (r == 0)
        r = application_take_includes(placing->reading, err);
    if (r == 0)
        r = python_place_prune(placing, err);
    return r == 0 ? python_place_records(placing, err) : r;
}

/* One sentence for all: an umask of 077 makes every file private. */
static void tell_modes(const struct python_placing *placing)
{
    const struct op_ctx *ctx = placing->ctx;
    if (placing->opened_count == 1)
        op_warn(ctx, "'/%.*s' is private to its owner here; in the image everybody can read it",
                STR_ARG(placing->opened));
    else if (placing->opened_count)
        op_warn(ctx, "'/%.*s' and %zu others are private to their owner here; in the image everybody can read them",
                STR_ARG(placing->opened), placing->opened_count - 1);
    if (placing->closed_count == 1)
        op_warn(ctx, "'/%.*s' is setuid, setgid or writable for everybody here; in the image it is not",
                STR_ARG(placing->closed));
    else if (placing->closed_count)
        op_warn(ctx,
                "'/%.*s' and %zu others are setuid, setgid or writable for everybody here; in the image they "
                "are not",
                STR_ARG(placing->closed), placing->closed_count - 1);
}

/* A brought interpreter's libpython is found by the cache, as on the machine where it was installed. */
static int note_interpreter_libraries(struct python_placing *placing, struct err *err)
{
    if (!placing->python->app.program.brought)
        return 0;
    char *dir = arena_printf(placing->ctx->arena, "%.*s/lib", STR_ARG(placing->prefix));
    if (!dir)
        return err_nomem(err);
    return VEC_PUSH(&placing->reading->library_dirs, str_z(dir)) ? 0 : err_nomem(err);
}

int python_application_place(const struct op_ctx *ctx, const struct build_options *options, struct application *app,
                             struct err *err)
{
    struct application_reading reading = {.ctx = ctx, .options = options, .app = app};
    struct python_placing placing = {
        .ctx = ctx, .options = options, .app = app, .python = app->python, .reading = &reading};
    app->image_path = STR(PYTHON_PLACE);
    int r = choose_machine(&placing, err);
    if (r == 0)
        r = choose_environment(&placing, err);
    if (r == 0)
        r = choose_prefix(&placing, err);
    if (r == 0)
        r = describe(&placing, err);
    note_moves(&placing);
    if (r == 0)
        r = tree_new(ctx->arena, &app->tree, err);
    if (r == 0)
        r = tree_new(ctx->arena, &app->dependencies, err);
    if (r == 0)
        r = place_trees(&placing, err);
    if (r == 0)
        r = note_interpreter_libraries(&placing, err);
    if (r == 0)
        r = python_place_close(&placing, err);
    if (r == 0) {
        tell_modes(&placing);
        app->is_dynamic = true; /* the interpreter is */
    }
    if (r == 0 && tree_count(app->dependencies) == 1) {
        tree_free(app->dependencies);
        app->dependencies = NULL;
    }
    map_done(&placing.changed);
    application_reading_done(&reading);
    return r;
}
