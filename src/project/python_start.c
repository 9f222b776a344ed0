/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"
#include "base/path.h"
#include "project/python_entry.h"

#define DJANGO_WARNING "Django's own server is for development: add gunicorn to what the application requires"

static bool is_framework(const struct python_framework *framework, const char *name)
{
    return framework->framework && str_eq(str_z(framework->framework), str_z(name));
}

static int all_distributions(const struct python_app *app, struct str_list more, struct arena *arena,
                             struct str_list *ret_names, struct err *err)
{
    struct str *names = ARENA_ARRAY(arena, app->distribution_count + more.len, struct str);
    size_t count = 0;
    if (!names)
        return err_nomem(err);
    for (size_t i = 0; i < app->distribution_count; i++) {
        if (!app->distributions[i].dropped)
            names[count++] = app->distributions[i].normalized;
    }
    for (size_t i = 0; i < more.len; i++)
        names[count++] = more.ptr[i];
    *ret_names = (struct str_list){names, count};
    return 0;
}

/* "import sys; from pkg.cli import main; sys.exit(main())": what an installer's wrapper does. */
static int start_console(const struct python_app_entry *entry, struct arena *arena, struct python_start *start,
                         struct err *err)
{
    struct str first = python_module_top(entry->object);
    char *code = arena_printf(arena, "import sys; from %.*s import %.*s; sys.exit(%.*s())", STR_ARG(entry->module),
                              STR_ARG(first), STR_ARG(entry->object));
    if (!code)
        return err_nomem(err);
    *start = (struct python_start){.args = {"-c", code}, .arg_count = 2};
    return 0;
}

static int start_script(const struct python_app_entry *entry, struct arena *arena, struct python_start *start,
                        struct err *err)
{
    char *path = arena_z(arena, entry->path);
    if (!path)
        return err_nomem(err);
    *start = (struct python_start){.args = {path}, .arg_count = 1};
    return 0;
}

/* Django's own server, without the reloader, which would start itself a second time. */
static int start_django(const struct python_app *app, unsigned port, struct arena *arena, struct python_start *start,
                        struct err *err)
{
    const struct python_app_entry *entry = &app->entry;
    char *address = arena_printf(arena, "0.0.0.0:%u", port);
    char *settings = arena_z(arena, entry->framework.settings_module);
    char *manage = entry->root.len > 0 ? arena_printf(arena, "%.*s/manage.py", STR_ARG(entry->root))
                                       : arena_z(arena, STR("manage.py"));
    if (!address || !settings || !manage)
        return err_nomem(err);
    size_t at = python_files_from(&app->files, str_z(manage));
    bool has = at < app->files.len && str_eq(app->files.ptr[at].path, str_z(manage)) && !app->files.ptr[at].dropped;
    *start = (struct python_start){.port_note = "in the command, for Django's server reads no variable",
                                   .warning = DJANGO_WARNING};
    const char *by_manage[] = {manage, "runserver", "--noreload", address};
    const char *by_module[] = {"-m", "django", "runserver", "--noreload", "--settings", settings, address};
    start->arg_count = has ? ARRAY_LEN(by_manage) : ARRAY_LEN(by_module);
    for (uint32_t i = 0; i < start->arg_count; i++)
        start->args[i] = has ? by_manage[i] : by_module[i];
    return 0;
}

/* Django makes "wsgi" and "asgi" beside each other: the one that a server is there for. */
static int start_sibling(const struct python_app *app, struct str_list names, unsigned port, struct arena *arena,
                         struct python_start *start, struct err *err)
{
    struct python_app_entry entry = app->entry;
    bool asgi = entry.framework.interface == PYTHON_INTERFACE_ASGI;
    struct str tail = asgi ? STR("asgi") : STR("wsgi");
    struct python_located located;
    bool found = false;
    if (!str_ends(entry.module, tail))
        return 0;
    char *module =
        arena_printf(arena, "%.*s%s", (int)(entry.module.len - tail.len), entry.module.ptr, asgi ? "wsgi" : "asgi");
    if (!module)
        return err_nomem(err);
    int result = python_locate(app, entry.root, str_z(module), arena, &found, &located, err);
    if (result < 0 || !found || !located.file || !located.file->content.ptr)
        return result;
    result = python_look(app, &located, STR_NONE, arena, &entry.framework, err);
    if (result < 0 || entry.framework.object.len == 0)
        return result;
    return python_framework_start(&entry.framework, located.module, names.ptr, names.len, STR_NONE, port, arena, start,
                                  err);
}

/* How the project gets an environment of its own, by what it names its packages in. */
static const char *make_environment(const struct python_app *app)
{
    static const struct {
        const char *file, *command;
    } makers[] = {
        {"uv.lock", "uv sync --frozen --no-dev --no-editable"},
        {"poetry.lock", "POETRY_VIRTUALENVS_IN_PROJECT=true poetry install --only main"},
        {"Pipfile.lock", "PIPENV_VENV_IN_PROJECT=1 pipenv sync"},
        {"requirements.txt", "python3 -m venv .venv && .venv/bin/pip install -r requirements.txt"},
        {"pyproject.toml", "python3 -m venv .venv && .venv/bin/pip install ."},
        {"setup.py", "python3 -m venv .venv && .venv/bin/pip install ."},
    };
    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        struct str name = str_z(makers[i].file);
        size_t at = python_files_from(&app->files, name);
        if (at < app->files.len && str_eq(app->files.ptr[at].path, name))
            return makers[i].command;
    }
    return "python3 -m venv .venv && .venv/bin/pip install PACKAGE...";
}

static int no_server(const struct python_app *app, struct err *err)
{
    const struct python_app_entry *entry = &app->entry;
    bool asgi = entry->framework.interface == PYTHON_INTERFACE_ASGI;
    bool known = entry->framework.interface != PYTHON_INTERFACE_NONE;
    const char *server = asgi ? "uvicorn" : "gunicorn";
    if (!known) {
        err_set(err, ERR_DEPENDENCY,
                "'%.*s:%.*s' can't be served: it is not known what makes it, and no server is there",
                STR_ARG(entry->module), STR_ARG(entry->object));
        return err_hint(err, "install uvicorn (ASGI) or gunicorn (WSGI) in its environment, or give --entrypoint");
    }
    err_set(err, ERR_DEPENDENCY, "no server for %s is there, and '%.*s' %s application", asgi ? "ASGI" : "WSGI",
            STR_ARG(entry->path.len ? entry->path : entry->module), asgi ? "makes an ASGI" : "makes a WSGI");
    if (app->environment.kind == PYTHON_ENVIRONMENT_NONE)
        return err_hint(err, "it has no environment: make one with its packages and %s (%s), or add --package %s",
                        server, make_environment(app), asgi ? "python3-uvicorn" : "python3-gunicorn");
    return err_hint(err, "install %s in its environment, add --package %s, or give --entrypoint", server,
                    asgi ? "python3-uvicorn" : "python3-gunicorn");
}

static int start_object(const struct python_app *app, struct str_list names, unsigned port, struct arena *arena,
                        struct python_start *start, struct err *err)
{
    const struct python_app_entry *entry = &app->entry;
    const struct python_framework *framework = &entry->framework;
    bool django = is_framework(framework, "Django");
    int result =
        python_framework_start(framework, entry->module, names.ptr, names.len, entry->server, port, arena, start, err);
    if (result == 0 && !start->server && django)
        result = start_sibling(app, names, port, arena, start, err);
    if (result < 0 || start->server || framework->object.len == 0)
        return result;
    if (django && framework->settings_module.len > 0)
        return start_django(app, port, arena, start, err);
    bool program = framework->main_guard || framework->runs_server || framework->interface == PYTHON_INTERFACE_OWN;
    return program && entry->object.len == 0 ? 0 : no_server(app, err);
}

int python_app_start(const struct python_app *app, struct str_list more, unsigned port, struct arena *arena,
                     struct python_start *ret_start, struct err *err)
{
    const struct python_app_entry *entry = &app->entry;
    const struct python_framework *framework = &entry->framework;
    struct python_start start = {0};
    struct str_list names = {0};
    if (entry->module.len == 0 && !entry->script)
        return err_set(err, ERR_INTERNAL, "an application without an entry has no start");
    int result = all_distributions(app, more, arena, &names, err);
    if (result < 0)
        return result;
    bool django = is_framework(framework, "Django") && framework->object.len == 0 && framework->settings_module.len > 0;
    if (entry->console)
        result = start_console(entry, arena, &start, err);
    else if (django && str_eq_z(path_base(entry->path), "manage.py"))
        result = start_django(app, port, arena, &start, err);
    else if (entry->script)
        result = start_script(entry, arena, &start, err);
    else
        result = start_object(app, names, port, arena, &start, err);
    if (result < 0)
        return result;
    if (!start.port_note) {
        start.port_variable = framework->reads_port ? "PORT" : NULL;
        start.port_note = framework->reads_port ? "the application reads PORT" : "the application chooses its port";
    }
    *ret_start = start;
    return 0;
}

void python_app_warn_missing(const struct op_ctx *ctx, const struct python_app *app, struct str_list more)
{
    CLEANUP_MAP struct map told = MAP_INIT;
    bool any = false;
    for (size_t i = 0; i < app->need_count; i++) {
        const struct python_need *need = &app->needs[i];
        struct str top = python_module_top(need->module);
        bool has = map_has(&told, top);
        for (size_t k = 0; k < more.len && !has; k++)
            has = str_eq(more.ptr[k], top);
        if (has || !map_set(&told, top, &told))
            continue;
        op_warn(ctx, "'%.*s:%u' imports '%.*s', and nothing that ships has it", STR_ARG(need->path), need->line,
                STR_ARG(need->module));
        any = true;
    }
    if (any && app->environment.kind == PYTHON_ENVIRONMENT_NONE)
        op_warn(ctx,
                "the project has no environment that its packages are installed in: make one in its directory (%s), "
                "or name Debian's packages with --package",
                make_environment(app));
}
