/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/build.h"

#include "base/clock.h"
#include "base/pool.h"
#include "pack/app_layers.h"
#include "pack/application.h"
#include "pack/authorities.h"
#include "pack/base.h"
#include "pack/base_python.h"
#include "pack/entrypoint.h"
#include "pack/health.h"
#include "pack/library_cache.h"
#include "pack/output.h"
#include "pack/python.h"
#include "pack/result.h"
#include "pack/rootfs.h"
#include "pack/settings.h"
#include "pack/symbol_versions.h"
#include "pkg/status.h"

struct building {
    const struct op_ctx *ctx;
    const struct build_services *services;
    const struct build_options *options;
    const struct flavour *flavour;
    struct image_settings settings;
    struct outputs outputs;
    struct str authorities; /* PEM */
    struct application app;
    struct supply *supply;
    struct base_runtime runtime; /* when the interpreter is the archive's */
    struct base base;
    struct str bytecode_reason; /* why there is no bytecode */
    struct app_layers layers;
    struct build_result result;
    struct build_phase phases[8];
    size_t phase_count;
    uint64_t phase_start_ns;
};

static void end_phase(struct building *building, const char *name)
{
    uint64_t now = clock_monotonic_ns();
    if (building->phase_count < ARRAY_LEN(building->phases))
        building->phases[building->phase_count++] =
            (struct build_phase){str_z(name), (now - building->phase_start_ns) / 1000};
    building->phase_start_ns = now;
}

/* What is wrong with the options is said before anything is read or fetched. */
static int check_options(struct building *building, struct err *err)
{
    const struct build_options *options = building->options;
    building->flavour = flavour_of(options->base);
    if (!building->flavour)
        return err_set(err, ERR_INTERNAL, "no flavour is base %d", (int)options->base);
    int r = settings_make(building->ctx->arena, options, &building->settings, err);
    if (r == 0)
        r = outputs_parse(building->ctx->arena, options, building->services->stdout_fd, &building->outputs, err);
    if (r == 0)
        r = authorities_read(building->ctx, options->authorities, &building->authorities, err);
    return r;
}

static int check_flavour(struct building *building, struct err *err)
{
    const struct application *app = &building->app;
    if (building->flavour->id != FLAVOUR_STATIC || (app->external_count == 0 && !app->python))
        return 0;
    if (app->python) {
        err_set(err, ERR_USAGE, "Python needs libraries, and the base 'static' has none");
        return err_hint(err, "use --base auto");
    }
    err_set(err, ERR_USAGE, "'%.*s' needs '%.*s', and the base 'static' has no libraries", STR_ARG(app->host_path),
            STR_ARG(app->externals[0].name));
    return err_hint(err, "use --base auto, or link the program statically");
}

static int make_base(struct building *building, struct err *err)
{
    const struct application *app = &building->app;
    struct base_external *externals = ARENA_ARRAY(building->ctx->arena, app->external_count + 1, struct base_external);
    if (!externals)
        return err_nomem(err);
    for (size_t i = 0; i < app->external_count; i++)
        externals[i] = (struct base_external){.name = app->externals[i].name,
                                              .candidates = app->externals[i].candidates,
                                              .needed_by = app->externals[i].needed_by->as_requester.path};
    struct base_request request = {
        .machine = app->machine,
        .flavour = building->flavour,
        .packages = building->options->packages,
        .runtime = building->runtime.name.len ? &building->runtime : NULL,
        .authorities = building->authorities,
        .debug = building->options->debug,
        .externals = externals,
        .external_count = app->external_count,
        .trim = building->options->full ? TRIM_FULL : TRIM_SLIM,
        .gconv = app->needs_conversion,
        .utf8_locale = building->settings.utf8_locale || (app->python && !building->runtime.utf8_locale),
        .library_cache = app->python && app->python->app.finds_libraries && !building->runtime.name.len,
        .dynamic = app->is_dynamic,
        .compression = building->options->compression,
        .level = (int)building->options->level,
    };
    return base_make(building->ctx, building->services->store, building->services->pool, building->supply, &request,
                     &building->base, err);
}

/* Included files are the caller's affair; two kinds of them are rarely meant. */
static int warn_of_includes(const struct building *building, struct err *err)
{
    const struct base_record *record = &building->base.record;
    const struct tree *tree = building->app.tree;
    for (size_t i = 0; i < record->library_count; i++) {
        struct buf path CLEANUP_BUF = BUF_INIT;
        status_merged_path(&path, str_skip(record->libraries[i].path, 1));
        int r = buf_check(&path, err);
        if (r < 0)
            return r;
        if (tree_get(tree, buf_str(&path)))
            op_warn(building->ctx, "'/%.*s' of the package '%.*s' is replaced by an included file",
                    STR_ARG(buf_str(&path)), STR_ARG(record->libraries[i].package));
    }
    for (size_t i = 0; i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        if (node->type != TREE_DIR && rootfs_is_shell(node->path))
            op_warn(building->ctx, "the included '/%.*s' is a shell or a package manager; a hardened image has none",
                    STR_ARG(node->path));
    }
    return 0;
}

/* What the application's layer holds besides the application. */
static int complete_app(struct building *building, struct err *err)
{
    int r = rootfs_put_user(building->app.tree, building->ctx->arena, &building->settings.user, err);
    if (r == 0 && building->settings.health.test.items)
        r = health_put_probe(building->app.tree, building->app.machine, building->options->source_date_epoch, err);
    return r;
}

/* The default entrypoint is the program; one that was given has to be in the image. */
static int fill_entrypoint(struct building *building, struct err *err)
{
    struct image_settings *settings = &building->settings;
    if (settings->entrypoint.count == 0) {
        struct str *items = ARENA_ARRAY(building->ctx->arena, 1, struct str);
        if (!items)
            return err_nomem(err);
        items[0] = building->app.image_path;
        settings->entrypoint = (struct data_strs){items, 1};
        return 0;
    }
    struct str path = settings->entrypoint.items[0];
    bool found = false;
    int r = entrypoint_is_startable(&building->app, &building->base.record, path, &found, err);
    if (r < 0 || found)
        return r;
    err_set(err, ERR_USAGE, "the entrypoint '%.*s' is not in the image, or not executable", STR_ARG(path));
    if (building->app.python)
        return err_hint(err, "the interpreter is at '%.*s'", STR_ARG(building->app.python->interpreter));
    return err_hint(err, "the program is at '%.*s'", STR_ARG(building->app.image_path));
}

/* What is written of one image: LAYERS and ROLES have room for all that it may have. */
static struct output_image output_of(const struct building *building, const struct layer **layers, struct str *roles)
{
    size_t count = 0;
    for (size_t i = 0; i < building->base.layer_count; i++) {
        layers[count] = &building->base.layers[i];
        roles[count++] = building->base.roles[i];
    }
    for (size_t i = 0; i < building->layers.count; i++) {
        layers[count] = &building->layers.layers[i];
        roles[count++] = building->layers.roles[i];
    }
    return (struct output_image){.settings = &building->settings,
                                 .machine = building->app.machine,
                                 .created_s = building->options->source_date_epoch,
                                 .layers = layers,
                                 .roles = roles,
                                 .layer_count = count,
                                 .suite = supply_suite(building->supply),
                                 .flavour = str_z(building->flavour->name)};
}

static int write_outputs(struct building *all, size_t count, struct build_index *ret_index, struct err *err)
{
    enum { MOST = BASE_LAYERS_MAX + APP_LAYERS_MAX };
    struct arena *arena = all->ctx->arena;
    struct output_image *images = ARENA_ARRAY(arena, count, struct output_image);
    struct build_result **results = ARENA_ARRAY(arena, count, struct build_result *);
    const struct layer **layers = ARENA_ARRAY(arena, count * MOST, const struct layer *);
    struct str *roles = ARENA_ARRAY(arena, count * MOST, struct str);
    if (!images || !results || !layers || !roles)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++) {
        images[i] = output_of(&all[i], layers + i * MOST, roles + i * MOST);
        results[i] = &all[i].result;
    }
    return outputs_write(all->ctx, &all->outputs, images, count, results, ret_index, err);
}

static int fill_result(struct building *building, struct err *err)
{
    const struct result_input input = {.options = building->options,
                                       .app = &building->app,
                                       .record = &building->base.record,
                                       .flavour = building->flavour,
                                       .settings = &building->settings,
                                       .suite = supply_suite(building->supply),
                                       .bytecode_reason = building->bytecode_reason,
                                       .phases = building->phases,
                                       .phase_count = building->phase_count};
    return result_fill(building->ctx->arena, &input, &building->result, err);
}

/* --- Python ---------------------------------------------------------------------------------------------------- */

static int take_reason(struct building *building, int r, struct str reason, bool *ret_whole)
{
    if (r == 0 && reason.len) {
        building->bytecode_reason = reason;
        *ret_whole = false;
    }
    return r;
}

static int complete_runtime(void *self, struct tree *tree, bool *ret_whole, struct err *err)
{
    struct building *building = self;
    struct str reason;
    int r = python_bytecode_put_runtime(building->ctx, building->services->store, building->services->pool,
                                        building->app.python->version, tree, &reason, err);
    return take_reason(building, r, reason, ret_whole);
}

static int complete_packages(void *self, struct tree *tree, bool *ret_whole, struct err *err)
{
    struct building *building = self;
    struct str reason;
    int r = python_bytecode_put_packages(building->ctx, building->services->store, building->services->pool,
                                         building->supply, building->app.machine, building->app.python->version, tree,
                                         &reason, err);
    return take_reason(building, r, reason, ret_whole);
}

/* Which interpreter, and what of it when it is the archive's. */
static int choose_interpreter(struct building *building, struct err *err)
{
    struct application *app = &building->app;
    int r = python_choose(building->ctx, app, supply_suite(building->supply), err);
    if (r < 0 || !app->python->archive)
        return r;
    bool compiles = building->options->bytecode == BYTECODE_ALL;
    const struct python_app *found = &app->python->app;
    struct base_python_mentions more;
    struct str_list mentions;
    r = base_python_mentions(building->ctx, building->services->store, building->supply, building->options->packages,
                             app->python->version, &more, err);
    if (r == 0)
        r = base_python_join(building->ctx->arena, found->mentions, more.modules, &mentions, err);
    if (r < 0)
        return r;
    const struct python_runtime_request request = {.suite = supply_suite(building->supply),
                                                   .mentions = mentions,
                                                   .everything = building->flavour->python,
                                                   .finds_libraries = found->finds_libraries || more.finds_libraries,
                                                   .identity = compiles ? STR(PYTHON_BYTECODE_FORMAT) : STR_NONE};
    r = python_runtime_plan(building->ctx->arena, &request, &building->runtime, err);
    building->runtime.complete = compiles ? complete_runtime : NULL;
    building->runtime.complete_packages = compiles ? complete_packages : NULL;
    building->runtime.self = building;
    return r;
}

/*
 * The layer of the dependencies is looked for before their bytecode is made, which is part of it: what makes it (the
 * interpreter, this machine's way of running it) is in the key.
 */
static int find_dependencies(struct building *building, bool *ret_found, struct err *err)
{
    const struct application_python *python = building->app.python;
    struct buf identity CLEANUP_BUF = BUF_INIT;
    *ret_found = false;
    if (!building->app.dependencies)
        return 0;
    if (building->options->bytecode == BYTECODE_ALL)
        buf_addf(&identity, PYTHON_BYTECODE_FORMAT "\n%.*s", /* a brought interpreter is among the files themselves */
                 STR_ARG(python->archive ? supply_identity(building->supply) : STR("brought")));
    int r = buf_check(&identity, err);
    return r == 0 ? app_layers_find_dependencies(&building->layers, building->app.dependencies, buf_str(&identity),
                                                 ret_found, err)
                  : r;
}

static int compile_python(struct building *building, bool found, struct err *err)
{
    struct application *app = &building->app;
    struct str reason;
    if (building->options->bytecode == BYTECODE_NONE) {
        building->bytecode_reason = STR("not wanted");
        return 0;
    }
    struct tree *dependencies = app->dependencies;
    if (found)
        app->dependencies = NULL;
    int r = python_bytecode_put(building->ctx, building->services->store, building->services->pool, building->supply,
                                app, &reason, err);
    app->dependencies = dependencies;
    if (r < 0)
        return r;
    if (reason.len) {
        building->bytecode_reason = reason;
        app_layers_forget_key(&building->layers);
    }
    if (building->bytecode_reason.len)
        op_warn(building->ctx, "no bytecode ships: %.*s; the application starts more slowly",
                STR_ARG(building->bytecode_reason));
    return 0;
}

/* A cache for libraries of the application's own hides the base's. */
static int join_library_caches(struct building *building, struct err *err)
{
    const struct application *app = &building->app;
    const struct base_record *record = &building->base.record;
    if (!building->runtime.library_cache && !app->python->app.finds_libraries)
        return 0;
    return library_cache_join(app->tree, building->ctx->arena, app->machine, record->libraries, record->library_count,
                              err);
}

static int make_python_layers(struct building *building, struct err *err)
{
    struct application *app = &building->app;
    bool found = false;
    int r = find_dependencies(building, &found, err);
    if (r == 0)
        r = compile_python(building, found, err);
    end_phase(building, "bytecode");
    if (r == 0)
        r = join_library_caches(building, err);
    if (r == 0)
        app_layers_start(&building->layers, app->dependencies, app->tree);
    return r;
}

static int settle_python(struct building *building, struct err *err)
{
    const struct data_strs *modules = &building->base.record.modules;
    python_app_warn_missing(building->ctx, &building->app.python->app,
                            (struct str_list){modules->items, modules->count});
    return python_settle(building->ctx, building->options, &building->app, &building->base.record, &building->settings,
                         err);
}

/* --- all ------------------------------------------------------------------------------------------------------- */

static int check_versions(struct building *building, struct err *err)
{
    if (!building->app.closure)
        return 0;
    return symbol_versions_check(building->app.closure, &building->base.record, supply_suite(building->supply), err);
}

/* A compiled program's layer is begun as soon as it was read: it needs nothing of the others. */
static int read_app(struct building *building, struct err *err)
{
    building->phase_start_ns = clock_monotonic_ns();
    int r = check_options(building, err);
    if (r == 0)
        r = application_read(building->ctx, building->options, &building->app, err);
    if (r == 0)
        r = check_flavour(building, err);
    if (r == 0)
        r = complete_app(building, err);
    if (r == 0 && !building->app.python)
        app_layers_start(&building->layers, building->app.dependencies, building->app.tree);
    end_phase(building, "read");
    return r;
}

static int build_base(struct building *building, struct err *err)
{
    building->phase_start_ns = clock_monotonic_ns();
    int r = supply_open(building->ctx, building->services, building->options, building->app.machine,
                        building->app.external_count > 0 || building->app.python, &building->supply, err);
    if (r == 0 && building->app.python)
        r = choose_interpreter(building, err);
    end_phase(building, "archive");
    if (r == 0)
        r = make_base(building, err);
    if (r == 0)
        r = check_versions(building, err);
    end_phase(building, "base");
    return r;
}

/* All layers, and all that is known of the image before it is written. */
static int make_layers(struct building *building, struct err *err)
{
    int r = build_base(building, err);
    if (r == 0 && building->app.python)
        r = make_python_layers(building, err);
    if (r == 0)
        r = app_layers_finish(&building->layers, false, err);
    if (r == 0)
        r = warn_of_includes(building, err);
    if (r == 0 && building->app.python)
        r = settle_python(building, err);
    if (r == 0)
        r = fill_entrypoint(building, err);
    end_phase(building, "layer");
    return r;
}

/* --- several machines ------------------------------------------------------------------------------------------ */

static int check_machines(const struct building *all, size_t count, struct err *err)
{
    for (size_t i = 0; i < count; i++) {
        const struct application *app = &all[i].app;
        if (app->python) {
            err_set(err, ERR_USAGE, "'%.*s' is a Python application, and one of several programs",
                    STR_ARG(all[i].options->app));
            return err_hint(err, "several programs are compiled ones, one for each machine; build it alone");
        }
        for (size_t j = 0; j < i; j++) {
            if (all[j].app.machine != app->machine)
                continue;
            err_set(err, ERR_USAGE, "'%.*s' and '%.*s' are both for %.*s", STR_ARG(all[j].options->app),
                    STR_ARG(all[i].options->app), STR_ARG(elf_machine_info(app->machine)->debian));
            return err_hint(err, "several programs are one for each machine; more of one machine join with --include");
        }
    }
    for (size_t i = 1; i < count; i++)
        if (!str_eq(all[i].app.image_path, all[0].app.image_path)) {
            op_warn(all->ctx, "the program is '%.*s' on one machine and '%.*s' on another; give its files one name",
                    STR_ARG(all[0].app.image_path), STR_ARG(all[i].app.image_path));
            break;
        }
    return 0;
}

/* Everything that is wrong with any of the programs is told before anything is fetched. */
static int build(struct building *all, size_t count, struct build_index *ret_index, struct err *err)
{
    int r = 0;
    for (size_t i = 0; r == 0 && i < count; i++)
        r = read_app(&all[i], err);
    if (r == 0 && count > 1)
        r = outputs_check_several(&all->outputs, all->options, count, err);
    if (r == 0 && count > 1)
        r = check_machines(all, count, err);
    for (size_t i = 0; r == 0 && i < count; i++)
        r = make_layers(&all[i], err);
    struct building *last = &all[count - 1];
    last->phase_start_ns = clock_monotonic_ns();
    if (r == 0)
        r = write_outputs(all, count, ret_index, err);
    end_phase(last, "write");
    for (size_t i = 0; r == 0 && i < count; i++)
        r = fill_result(&all[i], err);
    return r;
}

/* A remedy for what the file system says in so many words. */
static void hint_plain(struct err *err)
{
    if (err->code == ERR_PERMISSION)
        err_hint(err, "let this user read or write it, or name another place");
    else if (err->code == ERR_NO_SPACE)
        err_hint(err, "make room there, or name another place");
    else if (err->code == ERR_LIMIT)
        err_hint(err, "no image needs that much: name less");
}

int build_images(const struct op_ctx *ctx, const struct build_services *services, const struct build_options *options,
                 size_t count, struct build_result *ret_results, struct build_index *ret_index, struct err *err)
{
    struct building *all = ARENA_ARRAY(ctx->arena, count, struct building);
    if (!all)
        return err_nomem(err);
    for (size_t i = 0; i < count; i++)
        all[i] = (struct building){.ctx = ctx,
                                   .services = services,
                                   .options = &options[i],
                                   .layers = {.ctx = ctx,
                                              .store = services->store,
                                              .pool = services->pool,
                                              .compression = options[i].compression,
                                              .level = (int)options[i].level}};
    int r = build(all, count, ret_index, err);
    if (r < 0 && err && err->hint[0] == '\0')
        hint_plain(err);
    for (size_t i = 0; i < count; i++) {
        if (r < 0)
            (void)app_layers_finish(&all[i].layers, true, NULL);
        app_layers_done(&all[i].layers);
        base_done(&all[i].base);
        supply_free(all[i].supply);
        application_done(&all[i].app);
        if (r == 0)
            ret_results[i] = all[i].result;
    }
    return r;
}
