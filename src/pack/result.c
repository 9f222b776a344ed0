/* SPDX-License-Identifier: Apache-2.0 */
#include "pack/result.h"

#include "pack/python.h"

/* --- libraries, phases ----------------------------------------------------------------------------------------- */

static int fill_libraries(struct arena *arena, const struct result_input *input, struct build_result *result,
                          struct err *err)
{
    const struct base_record *record = input->record;
    size_t own = input->app->closure ? elf_closure_count(input->app->closure) : 0;
    struct build_library *libraries = ARENA_ARRAY(arena, own + record->library_count + 1, struct build_library);
    if (!libraries)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < own; i++) {
        const struct elf_object *object = elf_closure_at(input->app->closure, i);
        bool extension = object->kind == ELF_OBJECT_PLUGIN && input->app->python; /* an import, not a library */
        if (object->file->type != ELF_TYPE_LIBRARY || extension)
            continue;
        libraries[count] = (struct build_library){.soname = arena_str(arena, object->name),
                                                  .path = arena_str(arena, object->as_requester.path),
                                                  .package = STR("")};
        if (!libraries[count].soname.ptr || !libraries[count].path.ptr)
            return err_nomem(err);
        count++;
    }
    for (size_t i = 0; i < record->library_count; i++)
        libraries[count++] = (struct build_library){record->libraries[i].soname, record->libraries[i].path,
                                                    record->libraries[i].package};
    result->libraries.ptr = libraries;
    result->libraries.len = count;
    return 0;
}

static int fill_phases(struct arena *arena, const struct result_input *input, struct build_result *result,
                       struct err *err)
{
    struct build_phase *phases = ARENA_ARRAY(arena, input->phase_count + 1, struct build_phase);
    if (!phases)
        return err_nomem(err);
    for (size_t i = 0; i < input->phase_count; i++)
        phases[i] = input->phases[i];
    result->phases.ptr = phases;
    result->phases.len = input->phase_count;
    return 0;
}

/* --- what was left out ----------------------------------------------------------------------------------------- */

struct drops {
    struct build_dropped *ptr;
    size_t len, cap;
};

static void add_drop(struct drops *drops, struct str what, struct str reason, uint64_t bytes)
{
    for (size_t i = 0; i < drops->len; i++)
        if (str_eq(drops->ptr[i].what, what) && str_eq(drops->ptr[i].reason, reason)) {
            drops->ptr[i].unpacked_bytes += bytes;
            return;
        }
    if (drops->len < drops->cap)
        drops->ptr[drops->len++] = (struct build_dropped){what, reason, bytes};
}

static void add_files(struct drops *drops, const struct project_files *files, const char *reason)
{
    for (size_t i = 0; i < files->len; i++) {
        if (!files->ptr[i].dropped)
            continue;
        struct str what = str_z(files->ptr[i].dropped);
        bool module = str_starts(what, STR("module "));
        add_drop(drops, what, module ? STR("nothing imports it") : str_z(reason), files->ptr[i].size_bytes);
    }
}

/* The base's, and for a Python application what of its files stays out, by kind. */
static int fill_dropped(struct arena *arena, const struct result_input *input, struct build_result *result,
                        struct err *err)
{
    enum { KINDS_MAX = 256 }; /* reasons are static words: a few dozen */
    const struct base_record *record = input->record;
    struct drops drops = {.cap = record->dropped_count + KINDS_MAX};
    drops.ptr = ARENA_ARRAY(arena, drops.cap, struct build_dropped);
    if (!drops.ptr)
        return err_nomem(err);
    for (size_t i = 0; i < record->dropped_count; i++)
        drops.ptr[drops.len++] = record->dropped[i];
    if (input->app->python) {
        const struct python_app *app = &input->app->python->app;
        add_files(&drops, &app->files, "not needed to run; of the project");
        add_files(&drops, &app->environment.files, "not needed to run; of the environment");
        add_files(&drops, &app->program.files, "not needed to run; of the interpreter");
    }
    result->dropped.ptr = drops.ptr;
    result->dropped.len = drops.len;
    return 0;
}

/* --- Python ---------------------------------------------------------------------------------------------------- */

static struct str keep(struct arena *arena, struct str text, bool *ret_failed)
{
    struct str kept = text.len ? arena_str(arena, text) : STR_NONE;
    *ret_failed |= text.len && !kept.ptr;
    return kept;
}

static int fill_distributions(struct arena *arena, const struct result_input *input, struct build_python *told,
                              struct err *err)
{
    const struct python_app *app = &input->app->python->app;
    const struct data_strs *debian = &input->record->distributions;
    struct build_distribution *list =
        ARENA_ARRAY(arena, app->distribution_count + debian->count + 1, struct build_distribution);
    bool failed = !list;
    size_t count = 0;
    struct str origin = app->environment.kind == PYTHON_ENVIRONMENT_TARGET ? STR("project") : STR("environment");
    for (size_t i = 0; list && i < app->distribution_count; i++)
        if (!app->distributions[i].dropped)
            list[count++] = (struct build_distribution){keep(arena, app->distributions[i].name, &failed),
                                                        keep(arena, app->distributions[i].version, &failed), origin};
    for (size_t i = 0; list && i < debian->count; i++)
        list[count++] = (struct build_distribution){keep(arena, debian->items[i], &failed), STR_NONE, STR("debian")};
    told->distributions.ptr = list;
    told->distributions.len = count;
    return failed ? err_nomem(err) : 0;
}

static struct str maker_name(enum python_venv_maker maker)
{
    static const struct str names[] = {[PYTHON_VENV_UNKNOWN] = {NULL, 0},
                                       [PYTHON_VENV_VENV] = STR_INIT("venv"),
                                       [PYTHON_VENV_VIRTUALENV] = STR_INIT("virtualenv"),
                                       [PYTHON_VENV_UV] = STR_INIT("uv")};
    return names[maker];
}

static void fill_environment(struct arena *arena, const struct application_python *python, struct build_python *told,
                             bool *ret_failed)
{
    static const struct str kinds[] = {[PYTHON_ENVIRONMENT_NONE] = STR_INIT("none"),
                                       [PYTHON_ENVIRONMENT_VENV] = STR_INIT("venv"),
                                       [PYTHON_ENVIRONMENT_TARGET] = STR_INIT("target")};
    const struct python_environment *environment = &python->app.environment;
    told->environment = kinds[environment->kind];
    told->environment_place = keep(arena, python->environment, ret_failed);
    if (environment->kind == PYTHON_ENVIRONMENT_VENV)
        told->environment_maker = maker_name(environment->config.maker);
}

static int fill_python(struct arena *arena, const struct result_input *input, struct build_result *result,
                       struct err *err)
{
    const struct application_python *python = input->app->python;
    if (!python)
        return 0;
    const struct python_app *app = &python->app;
    struct build_python *told = ARENA_NEW(arena, struct build_python);
    if (!told)
        return err_nomem(err);
    bool failed = false;
    const char *framework = app->entry.framework.framework;
    char *version =
        python->archive ? arena_printf(arena, "%u.%u", python->version >> 8, python->version & 0xffU) : NULL;
    *told = (struct build_python){
        .framework = framework ? str_z(framework) : STR_NONE,
        .server = python->start.server ? str_z(python->start.server) : STR_NONE,
        .module = keep(arena, app->entry.module, &failed),
        .entry = keep(arena, app->entry.path, &failed),
        .chosen = keep(arena, app->entry.chosen, &failed),
        .port = python->port ? python->port : UINT64_MAX,
        .port_note = python->start.port_note ? str_z(python->start.port_note) : STR_NONE,
        .interpreter = keep(arena, python->program, &failed),
        .version = python->archive ? str_z(version) : keep(arena, app->program.version, &failed),
        .origin = python->archive ? STR("debian") : STR("application"),
        .told_by = keep(arena, app->program.told_by, &failed),
        .bytecode = input->bytecode_reason.len ? STR("none") : STR("all"),
        .bytecode_reason = keep(arena, input->bytecode_reason, &failed),
    };
    fill_environment(arena, python, told, &failed);
    if (failed || (python->archive && !version))
        return err_nomem(err);
    result->python = told;
    return fill_distributions(arena, input, told, err);
}

/* --- all ------------------------------------------------------------------------------------------------------- */

int result_fill(struct arena *arena, const struct result_input *input, struct build_result *result, struct err *err)
{
    const struct application *app = input->app;
    const struct image_settings *settings = input->settings;
    bool bare = app->external_count == 0 && input->flavour->id == FLAVOUR_AUTO && !app->python;
    result->flavour = bare ? STR("static") : str_z(input->flavour->name);
    result->suite = input->suite;
    result->architecture = elf_machine_info(app->machine)->debian;
    result->program = app->description;
    result->debug = input->options->debug;
    result->entrypoint = (struct str_list){settings->entrypoint.items, settings->entrypoint.count};
    result->user = settings->user_text;
    result->packages.ptr = input->record->packages;
    result->packages.len = input->record->package_count;
    int r = fill_libraries(arena, input, result, err);
    if (r == 0)
        r = fill_dropped(arena, input, result, err);
    if (r == 0)
        r = fill_python(arena, input, result, err);
    return r == 0 ? fill_phases(arena, input, result, err) : r;
}
