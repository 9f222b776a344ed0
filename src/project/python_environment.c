/* SPDX-License-Identifier: Apache-2.0 */
/* Finds the environment: a virtual one, or directories that `pip install --target` filled. */
#include "project/python_reading.h"

#include "base/limits.h"
#include "base/path.h"
#include "python/dist.h"

#include <errno.h>

static const char *const conventional[] = {".venv", "venv", "env", "ENV", ".env"};
static const char *const target_names[] = {"",        "vendor",        "lib",  "libs",         "packages",
                                           "python",  "site-packages", "deps", "dependencies", "vendored",
                                           "_vendor", "third_party"};

struct str python_site(const struct python_app *app)
{
    return app->environment.kind == PYTHON_ENVIRONMENT_VENV ? app->environment.site_packages : STR("");
}

static int refuse_conda(struct str dir, struct err *err)
{
    err_set(err, ERR_UNSUPPORTED, "'%.*s' is a conda environment", STR_ARG(dir));
    return err_hint(err, "its packages link with conda's own libraries; make a virtual environment instead: python3 -m "
                         "venv .venv && .venv/bin/pip install -r requirements.txt");
}

/* What a person would call it. */
static struct str shown(const struct python_app *app)
{
    return app->environment.inside.len ? app->environment.inside : app->environment.host_path;
}

static int check_config(struct python_reading *reading, struct err *err)
{
    const struct python_venv *config = &reading->app->environment.config;
    struct str name = shown(reading->app);
    const char *why = NULL;
    if (config->problems & PYTHON_VENV_NOT_UTF8)
        why = "is not UTF-8: no interpreter starts with it";
    else if (config->problems & PYTHON_VENV_BOM)
        why = "begins with a byte order mark, which hides its first key";
    else if (config->problems & PYTHON_VENV_NO_HOME)
        why = "has no 'home': it makes no virtual environment";
    if (why) {
        err_set(err, ERR_INVALID, "pyvenv.cfg of '%.*s' %s", STR_ARG(name), why);
        return err_hint(err, "make the environment anew: python3 -m venv --clear %.*s", STR_ARG(name));
    }
    if (config->problems & PYTHON_VENV_TWO_HOMES)
        op_warn(reading->ctx, "pyvenv.cfg of '%.*s' has two values of 'home'; the first counts", STR_ARG(name));
    if (config->interpreter.implementation == PYTHON_PYPY) {
        err_set(err, ERR_UNSUPPORTED, "'%.*s' is an environment of PyPy", STR_ARG(name));
        return err_hint(err, "images run CPython: make the environment with it (python3 -m venv)");
    }
    if (config->system_site_packages)
        op_warn(reading->ctx,
                "'%.*s' sees the packages of this system too (include-system-site-packages), which don't ship; name "
                "those that it needs with --package python3-NAME",
                STR_ARG(name));
    return 0;
}

struct library {
    struct str name, site; /* "python3.11", "lib/python3.11/site-packages" */
    struct python_interpreter interpreter;
    bool empty;
};

struct libraries {
    struct library list[16];
    size_t count;
};

/* Adds the environment's directories DIR/pythonX.Y that have site-packages. */
static int list_libraries(struct python_reading *reading, struct str dir, struct libraries *libraries, struct err *err)
{
    struct str root = reading->app->environment.host_path;
    struct arena *arena = reading->ctx->arena;
    if (!python_is_directory(root, dir))
        return 0;
    struct str lib = python_join(arena, root, dir);
    struct str_list names, content;
    int r = lib.ptr ? python_names(reading->ctx, lib, &names, err) : err_nomem(err);
    for (size_t i = 0; r == 0 && i < names.len && libraries->count < ARRAY_LEN(libraries->list); i++) {
        struct library found = {.name = names.ptr[i]};
        if (!python_name_parse(found.name, &found.interpreter))
            continue;
        found.site = str_z(arena_printf(arena, "%.*s/%.*s/site-packages", STR_ARG(dir), STR_ARG(found.name)));
        if (!found.site.ptr)
            return err_nomem(err);
        if (!python_is_directory(root, found.site))
            continue;
        struct str host = python_join(arena, root, found.site);
        r = host.ptr ? python_names(reading->ctx, host, &content, err) : err_nomem(err);
        found.empty = r == 0 && content.len == 0;
        libraries->list[libraries->count++] = found;
    }
    return r;
}

/* lib64 is a link to lib; where it is not, what has packages counts. */
static int choose_library(struct python_reading *reading, const struct libraries *libraries, struct err *err)
{
    struct python_environment *environment = &reading->app->environment;
    const struct python_interpreter *told = &environment->config.interpreter;
    const struct library *best = NULL, *second = NULL;
    for (size_t i = 0; i < libraries->count; i++) {
        const struct library *library = &libraries->list[i];
        bool fits = told->major == 0 ||
                    (library->interpreter.major == told->major && library->interpreter.minor == told->minor);
        if (!fits)
            continue;
        if (best && !best->empty && !library->empty)
            second = library;
        if (!best || (best->empty && !library->empty))
            best = library;
    }
    struct str name = shown(reading->app);
    if (second) {
        err_set(err, ERR_PYTHON_VERSION, "'%.*s' has packages in '%.*s' and in '%.*s'", STR_ARG(name),
                STR_ARG(best->site), STR_ARG(second->site));
        return err_hint(err, "make the environment anew with one version of Python: python3 -m venv --clear %.*s",
                        STR_ARG(name));
    }
    if (best) {
        environment->library = best->name;
        environment->site_packages = best->site;
        return 0;
    }
    if (libraries->count == 0) {
        err_set(err, ERR_INVALID, "'%.*s' has no 'lib/python3.X/site-packages'", STR_ARG(name));
        return err_hint(err, "the environment is not whole: make it anew (python3 -m venv --clear %.*s)",
                        STR_ARG(name));
    }
    err_set(err, ERR_PYTHON_VERSION, "pyvenv.cfg of '%.*s' is of Python %u.%u, and its packages lie in '%.*s'",
            STR_ARG(name), told->major, told->minor, STR_ARG(libraries->list[0].site));
    return err_hint(err,
                    "make the environment anew with the one version that is meant: python%u.%u -m venv --clear %.*s",
                    told->major, told->minor, STR_ARG(name));
}

/* HOST_PATH has a pyvenv.cfg. */
static int read_virtual(struct python_reading *reading, struct str host_path, struct str inside, struct err *err)
{
    struct python_environment *environment = &reading->app->environment;
    const struct op_ctx *ctx = reading->ctx;
    environment->kind = PYTHON_ENVIRONMENT_VENV;
    environment->host_path = host_path;
    environment->inside = inside;
    struct str name = shown(reading->app), text;
    if (python_is_directory(host_path, STR("conda-meta")))
        return refuse_conda(name, err);
    int r = python_read_text(ctx, host_path, STR("pyvenv.cfg"), LIMIT_PYTHON_TEXT_BYTES, &text, err);
    if (r == 0)
        r = python_venv_read(text, &environment->config, err);
    if (r < 0)
        return r;
    bool windows = python_is_directory(host_path, STR("Scripts")) && !python_is_directory(host_path, STR("bin"));
    if (windows) {
        err_set(err, ERR_ARCHITECTURE, "'%.*s' is an environment of Windows", STR_ARG(name));
        return err_hint(err, "make it on Linux, with the packages' builds for Linux: python3 -m venv %.*s",
                        STR_ARG(name));
    }
    struct libraries libraries = {.count = 0};
    r = check_config(reading, err);
    if (r == 0)
        r = list_libraries(reading, STR("lib"), &libraries, err);
    struct str lib = python_join(ctx->arena, host_path, STR("lib"));
    struct str lib64 = python_join(ctx->arena, host_path, STR("lib64"));
    if (r == 0 && (!lib.ptr || !lib64.ptr))
        r = err_nomem(err);
    if (r == 0 && !str_eq(python_real(ctx->arena, lib), python_real(ctx->arena, lib64)))
        r = list_libraries(reading, STR("lib64"), &libraries, err);
    return r == 0 ? choose_library(reading, &libraries, err) : r;
}

/* PATH below ROOT, in normal form; empty when it is elsewhere or ROOT itself. Both real. */
static struct str below(struct str path, struct str root)
{
    return path.len > root.len && path_is_below(path, root) ? str_skip(path, root.len + (root.len > 1)) : STR("");
}

/* Children of the project that are virtual environments. */
static int list_children(struct python_reading *reading, struct str_list names, struct str_list *ret_found,
                         struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct str *found = ARENA_ARRAY(arena, names.len + 1, struct str);
    if (!found)
        return err_nomem(err);
    size_t count = 0;
    for (size_t i = 0; i < names.len; i++) {
        struct str config = python_join(arena, names.ptr[i], STR("pyvenv.cfg"));
        if (!config.ptr)
            return err_nomem(err);
        if (python_is_file(reading->app->root, config))
            found[count++] = names.ptr[i];
    }
    *ret_found = (struct str_list){found, count};
    return 0;
}

static int choose_child(struct python_reading *reading, struct str_list found, struct str *ret_name, struct err *err)
{
    for (size_t i = 0; i < ARRAY_LEN(conventional); i++)
        for (size_t k = 0; k < found.len; k++)
            if (str_eq_z(found.ptr[k], conventional[i])) {
                *ret_name = found.ptr[k];
                if (found.len > 1) {
                    struct str other = found.ptr[k == 0 ? 1 : 0];
                    op_warn(reading->ctx,
                            "'%.*s' and '%.*s' are virtual environments; the first is taken, --venv takes another",
                            STR_ARG(*ret_name), STR_ARG(other));
                }
                return 0;
            }
    if (found.len > 1) {
        err_set(err, ERR_USAGE, "'%.*s' and '%.*s' are virtual environments, and either may be meant",
                STR_ARG(found.ptr[0]), STR_ARG(found.ptr[1]));
        return err_hint(err, "say which one with --venv %.*s", STR_ARG(found.ptr[0]));
    }
    *ret_name = found.len ? found.ptr[0] : STR("");
    return 0;
}

/* How many distributions lie in HOST, an absolute path. */
static int count_distributions(struct python_reading *reading, struct str host, size_t *ret_count, struct err *err)
{
    *ret_count = 0;
    if (!python_is_directory(host, STR("")))
        return 0;
    struct str_list names = {NULL, 0};
    int r = python_names(reading->ctx, host, &names, err);
    for (size_t i = 0; r == 0 && i < names.len; i++)
        *ret_count += str_ends(names.ptr[i], STR(".dist-info")) != 0;
    return r;
}

static int use_target(struct python_reading *reading, struct str real, struct str inside)
{
    struct python_environment *environment = &reading->app->environment;
    environment->kind = PYTHON_ENVIRONMENT_TARGET;
    environment->inside = inside;
    environment->host_path = real;
    return 0;
}

/* "__pypackages__/3.11/lib" (PEP 582, as pdm fills it). */
static int find_pypackages(struct python_reading *reading, struct str *ret_dir, struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    if (!python_is_directory(reading->app->root, STR("__pypackages__")))
        return 0;
    struct str host = python_join(arena, reading->app->root, STR("__pypackages__"));
    struct str_list names = {NULL, 0};
    int r = host.ptr ? python_names(reading->ctx, host, &names, err) : err_nomem(err);
    for (size_t i = 0; r == 0 && i < names.len; i++) {
        struct str dir = str_z(arena_printf(arena, "__pypackages__/%.*s/lib", STR_ARG(names.ptr[i])));
        if (!dir.ptr)
            return err_nomem(err);
        if (!python_is_directory(reading->app->root, dir))
            continue;
        if (ret_dir->len) {
            err_set(err, ERR_PYTHON_VERSION, "'__pypackages__' has packages of several versions of Python");
            return err_hint(err, "leave one of them there");
        }
        *ret_dir = dir;
    }
    return r;
}

static int find_target(struct python_reading *reading, struct err *err)
{
    struct str best = STR_NONE;
    int r = find_pypackages(reading, &best, err);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(target_names); i++) {
        size_t count = 0;
        struct str host = python_join(reading->ctx->arena, reading->app->root, str_z(target_names[i]));
        r = host.ptr ? count_distributions(reading, host, &count, err) : err_nomem(err);
        if (r < 0 || count == 0)
            continue;
        if (best.ptr)
            op_warn(reading->ctx, "packages lie in '%.*s' and in '%s'; only the first is on the search path",
                    STR_ARG(best.len ? best : STR(".")), target_names[i]);
        else
            best = str_z(target_names[i]);
    }
    if (r < 0 || !best.ptr)
        return r;
    reading->app->environment.is_root = best.len == 0;
    struct str host = python_join(reading->ctx->arena, reading->app->root, best);
    struct str real = host.ptr ? python_real(reading->ctx->arena, host) : host;
    return real.ptr ? use_target(reading, real, best) : err_nomem(err);
}

static int named(struct python_reading *reading, struct str given, struct err *err)
{
    struct arena *arena = reading->ctx->arena;
    struct str real = python_real(arena, given);
    if (!real.ptr) {
        err_errno(err, errno, "cannot use --venv '%.*s'", STR_ARG(given));
        return err_hint(err, "give the directory of a virtual environment");
    }
    if (python_is_directory(real, STR("conda-meta")))
        return refuse_conda(given, err);
    reading->app->environment.is_root = str_eq(real, reading->app->root);
    if (!python_is_file(real, STR("pyvenv.cfg"))) {
        size_t count = 0;
        int r = count_distributions(reading, real, &count, err);
        if (r < 0 || count)
            return r < 0 ? r : use_target(reading, real, below(real, reading->app->root));
        err_set(err, ERR_USAGE, "'%.*s' has no pyvenv.cfg: it is no virtual environment", STR_ARG(given));
        return err_hint(err, "give --venv the directory that python3 -m venv, virtualenv or uv made, or one that pip "
                             "install --target filled");
    }
    return read_virtual(reading, real, below(real, reading->app->root), err);
}

int python_environment_find(struct python_reading *reading, struct err *err)
{
    struct python_app *app = reading->app;
    struct str_list names = {NULL, 0};
    int r = python_names(reading->ctx, app->root, &names, err);
    if (r == 0)
        r = list_children(reading, names, &reading->others, err);
    if (r < 0)
        return r;
    if (reading->request->venv.len)
        return named(reading, reading->request->venv, err);
    if (python_is_file(app->root, STR("pyvenv.cfg"))) {
        app->environment.is_root = true;
        return read_virtual(reading, app->root, STR(""), err);
    }
    struct str chosen = STR("");
    r = choose_child(reading, reading->others, &chosen, err);
    if (r < 0)
        return r;
    if (chosen.len) {
        struct str host = python_join(reading->ctx->arena, app->root, chosen);
        struct str real = host.ptr ? python_real(reading->ctx->arena, host) : host;
        return real.ptr ? read_virtual(reading, real, chosen, err) : err_nomem(err);
    }
    for (size_t i = 0; i < ARRAY_LEN(conventional); i++)
        if (python_is_directory(app->root, python_join(reading->ctx->arena, str_z(conventional[i]), STR("conda-meta"))))
            return refuse_conda(str_z(conventional[i]), err);
    return reading->script.len ? 0 : find_target(reading, err);
}

int python_environment_of_program(struct python_reading *reading, struct err *err)
{
    const struct python_program *program = &reading->app->program;
    if (!program->brought)
        return 0;
    struct arena *arena = reading->ctx->arena;
    struct str library = python_join(arena, program->host_prefix, program->library);
    struct str site = library.ptr ? python_join(arena, library, STR("site-packages")) : library;
    struct str_list names = {NULL, 0};
    if (!site.ptr)
        return err_nomem(err);
    if (!python_is_directory(site, STR("")))
        return 0;
    int r = python_names(reading->ctx, site, &names, err);
    for (size_t i = 0; r == 0 && i < names.len; i++) {
        struct str name, version;
        if (!python_dist_directory(names.ptr[i], &name, &version) || python_is_installer(name))
            continue;
        op_warn(reading->ctx, "the packages of '%.*s' ship: there is no virtual environment", STR_ARG(site));
        return use_target(reading, site, STR(""));
    }
    return r;
}
