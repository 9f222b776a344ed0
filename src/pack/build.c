/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/build.h"

#include "base/clock.h"
#include "base/path.h"
#include "base/pool.h"
#include "pack/application.h"
#include "pack/base.h"
#include "pack/health.h"
#include "pack/output.h"
#include "pack/rootfs.h"
#include "pack/settings.h"
#include "pack/symbol_versions.h"
#include "pkg/status.h"

/* The application's layer while it is made beside everything else. */
struct layer_job {
    struct pool_job job;
    const struct building *building;
    struct op_ctx ctx;
    struct arena arena;
    atomic_bool called_off;
    struct layer layer;
    struct err err;
    int result;
    bool started;
};

struct building {
    const struct op_ctx *ctx;
    const struct build_services *services;
    const struct build_options *options;
    const struct flavour *flavour;
    struct image_settings settings;
    struct outputs outputs;
    struct application app;
    struct supply *supply;
    struct base base;
    struct layer_job layer_job;
    struct layer layer; /* the application's */
    struct build_result result;
    struct build_phase phases[6];
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
        return err_set(err, ERR_UNSUPPORTED, "there is no base of that name yet");
    int r = settings_make(building->ctx->arena, options, &building->settings, err);
    if (r == 0)
        r = outputs_parse(building->ctx->arena, options, building->services->stdout_fd, &building->outputs, err);
    return r;
}

static int check_flavour(struct building *building, struct err *err)
{
    const struct application *app = &building->app;
    if (building->flavour->id != FLAVOUR_STATIC || app->external_count == 0)
        return 0;
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
        .externals = externals,
        .external_count = app->external_count,
        .trim = building->options->full ? TRIM_FULL : TRIM_SLIM,
        .gconv = app->needs_conversion,
        .utf8_locale = building->settings.utf8_locale,
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

/* On the pool, while the base is looked up or made: the two need nothing of one another. */
static void run_layer_job(struct pool_job *pool_job)
{
    struct layer_job *job = (struct layer_job *)((char *)pool_job - offsetof(struct layer_job, job));
    const struct building *building = job->building;
    job->result =
        layer_make(&job->ctx, building->services->store, building->services->pool, building->options->compression,
                   (int)building->options->level, building->app.tree, &job->layer, &job->err);
}

static int start_app_layer(struct building *building, struct err *err)
{
    int r = rootfs_put_user(building->app.tree, building->ctx->arena, &building->settings.user, err);
    if (r == 0 && building->settings.health.test.items)
        r = health_put_probe(building->app.tree, building->app.machine, building->options->source_date_epoch, err);
    if (r < 0)
        return r;
    struct layer_job *job = &building->layer_job;
    job->building = building;
    job->ctx = *building->ctx;
    job->ctx.cancelled = &job->called_off;
    job->ctx.arena = &job->arena;
    job->ctx.parent = building->ctx;
    job->job = (struct pool_job){.run = run_layer_job};
    job->started = true;
    pool_submit(building->services->pool, &job->job);
    return 0;
}

/* Waits for the layer; CALL_OFF when nobody wants it any more. */
static int finish_app_layer(struct building *building, bool call_off, struct err *err)
{
    struct layer_job *job = &building->layer_job;
    if (!job->started)
        return 0;
    job->started = false;
    if (call_off)
        atomic_store(&job->called_off, true);
    pool_wait_job(building->services->pool, &job->job);
    arena_done(&job->arena);
    if (job->result < 0) {
        if (err && !call_off)
            *err = job->err;
        return job->result;
    }
    building->layer = job->layer;
    return 0;
}

/* True when PATH, in either of a merged root's spellings, is something that can be started. */
static int is_startable(const struct building *building, struct str path, bool *ret_startable, struct err *err)
{
    const struct data_strs *paths = &building->base.record.paths;
    struct buf normal CLEANUP_BUF = BUF_INIT;
    struct buf merged CLEANUP_BUF = BUF_INIT;
    buf_add_char(&merged, '/');
    if (path_normalize(&normal, STR("/"), path))
        status_merged_path(&merged, str_skip(buf_str(&normal), 1));
    if (normal.failed || merged.failed)
        return err_nomem(err);
    const struct tree_node *node = tree_lookup(building->app.tree, buf_str(&merged));
    bool found = node && node->type == TREE_FILE && (node->mode & 0111U);
    for (size_t i = 0; !found && i < paths->count; i++)
        found = str_eq(paths->items[i], buf_str(&merged));
    *ret_startable = found;
    return 0;
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
    int r = is_startable(building, path, &found, err);
    if (r < 0 || found)
        return r;
    err_set(err, ERR_USAGE, "the entrypoint '%.*s' is not in the image, or not executable", STR_ARG(path));
    return err_hint(err, "the program is at '%.*s'", STR_ARG(building->app.image_path));
}

static int write_outputs(struct building *building, struct err *err)
{
    const struct layer *layers[BASE_LAYERS_MAX + 1];
    struct str roles[BASE_LAYERS_MAX + 1];
    size_t count = 0;
    for (size_t i = 0; i < building->base.layer_count; i++) {
        layers[count] = &building->base.layers[i];
        roles[count++] = building->base.roles[i];
    }
    layers[count] = &building->layer;
    roles[count++] = STR("app");
    struct output_image image = {.settings = &building->settings,
                                 .machine = building->app.machine,
                                 .created_s = building->options->source_date_epoch,
                                 .layers = layers,
                                 .roles = roles,
                                 .layer_count = count,
                                 .suite = supply_suite(building->supply),
                                 .flavour = str_z(building->flavour->name)};
    return outputs_write(building->ctx, &building->outputs, &image, &building->result, err);
}

static int fill_result(struct building *building, struct err *err)
{
    struct arena *arena = building->ctx->arena;
    struct build_result *result = &building->result;
    const struct base_record *record = &building->base.record;
    result->flavour =
        str_z(building->app.external_count == 0 && building->flavour->id == FLAVOUR_AUTO ? "static"
                                                                                         : building->flavour->name);
    result->suite = supply_suite(building->supply);
    result->architecture = elf_machine_info(building->app.machine)->debian;
    result->program = building->app.description;
    result->entrypoint = (struct str_list){building->settings.entrypoint.items, building->settings.entrypoint.count};
    result->user = building->settings.user_text;
    result->packages.ptr = record->packages;
    result->packages.len = record->package_count;
    result->dropped.ptr = record->dropped;
    result->dropped.len = record->dropped_count;
    size_t own = elf_closure_count(building->app.closure);
    struct build_library *libraries = ARENA_ARRAY(arena, own + record->library_count + 1, struct build_library);
    struct build_phase *phases = ARENA_ARRAY(arena, building->phase_count + 1, struct build_phase);
    if (!libraries || !phases)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < own; i++) {
        const struct elf_object *object = elf_closure_at(building->app.closure, i);
        if (object->file->type == ELF_TYPE_LIBRARY)
            libraries[count++] = (struct build_library){.soname = arena_str(arena, object->name),
                                                        .path = arena_str(arena, object->as_requester.path),
                                                        .package = STR("")};
    }
    for (size_t i = 0; i < record->library_count; i++)
        libraries[count++] = (struct build_library){record->libraries[i].soname, record->libraries[i].path,
                                                    record->libraries[i].package};
    result->libraries.ptr = libraries;
    result->libraries.len = count;
    for (size_t i = 0; i < building->phase_count; i++)
        phases[i] = building->phases[i];
    result->phases.ptr = phases;
    result->phases.len = building->phase_count;
    return 0;
}

static int build(struct building *building, struct err *err)
{
    building->phase_start_ns = clock_monotonic_ns();
    int r = check_options(building, err);
    if (r == 0)
        r = application_read(building->ctx, building->options, &building->app, err);
    if (r == 0)
        r = check_flavour(building, err);
    if (r == 0)
        r = start_app_layer(building, err);
    end_phase(building, "read");
    if (r == 0)
        r = supply_open(building->ctx, building->services, building->options, building->app.machine,
                        building->app.external_count > 0, &building->supply, err);
    end_phase(building, "archive");
    if (r == 0)
        r = make_base(building, err);
    if (r == 0)
        r = symbol_versions_check(building->app.closure, &building->base.record, supply_suite(building->supply), err);
    end_phase(building, "base");
    if (r == 0)
        r = finish_app_layer(building, false, err);
    if (r == 0)
        r = warn_of_includes(building, err);
    if (r == 0)
        r = fill_entrypoint(building, err);
    end_phase(building, "layer");
    if (r == 0)
        r = write_outputs(building, err);
    end_phase(building, "write");
    return r == 0 ? fill_result(building, err) : r;
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

int build_image(const struct op_ctx *ctx, const struct build_services *services, const struct build_options *options,
                struct build_result *ret_result, struct err *err)
{
    struct building building = {.ctx = ctx, .services = services, .options = options};
    int r = build(&building, err);
    (void)finish_app_layer(&building, true, NULL);
    if (r < 0 && err && err->hint[0] == '\0')
        hint_plain(err);
    layer_done(&building.layer);
    base_done(&building.base);
    supply_free(building.supply);
    application_done(&building.app);
    if (r == 0)
        *ret_result = building.result;
    return r;
}
