/* SPDX-License-Identifier: Apache-2.0 */
#include "python/framework.h"

/* Servers, the wanted ones first. "{app}" and "{port}" are put in. */
static const struct server {
    const char *distribution;
    enum python_interface interface;
    const char *args[PYTHON_START_MAX];
    const char *factory; /* an argument that says so; "()": behind the object's name; NULL: it can't be said */
    const char *host_variable, *port_variable;
    const char *note;
} servers[] = {
    {"uvicorn",
     PYTHON_INTERFACE_ASGI,
     {"-m", "uvicorn", "{app}"},
     "--factory",
     "UVICORN_HOST",
     "UVICORN_PORT",
     "uvicorn reads UVICORN_HOST and UVICORN_PORT"},
    {"hypercorn",
     PYTHON_INTERFACE_ASGI,
     {"-m", "hypercorn", "--bind", "0.0.0.0:{port}", "{app}"},
     "()",
     NULL,
     NULL,
     "hypercorn reads no variable: the port is in the command"},
    {"granian",
     PYTHON_INTERFACE_ASGI,
     {"-m", "granian", "--interface", "asgi", "{app}"},
     "--factory",
     "GRANIAN_HOST",
     "GRANIAN_PORT",
     "granian reads GRANIAN_HOST and GRANIAN_PORT"},
    {"daphne",
     PYTHON_INTERFACE_ASGI,
     {"-m", "daphne", "-b", "0.0.0.0", "-p", "{port}", "{app}"},
     NULL,
     NULL,
     NULL,
     "daphne reads no variable: the port is in the command"},
    {"gunicorn",
     PYTHON_INTERFACE_WSGI,
     {"-m", "gunicorn", "{app}"},
     "()",
     NULL,
     "PORT",
     "gunicorn listens at 0.0.0.0:$PORT when PORT is set, else at 127.0.0.1:8000"},
    {"granian",
     PYTHON_INTERFACE_WSGI,
     {"-m", "granian", "--interface", "wsgi", "{app}"},
     "--factory",
     "GRANIAN_HOST",
     "GRANIAN_PORT",
     "granian reads GRANIAN_HOST and GRANIAN_PORT"},
    {"waitress",
     PYTHON_INTERFACE_WSGI,
     {"-m", "waitress", "--listen=0.0.0.0:{port}", "{app}"},
     NULL,
     NULL,
     NULL,
     "waitress reads no variable: the port is in the command"},
    {"flask",
     PYTHON_INTERFACE_WSGI,
     {"-m", "flask", "--app", "{app}", "run"},
     "",
     "FLASK_RUN_HOST",
     "FLASK_RUN_PORT",
     "Flask's development server reads FLASK_RUN_HOST and FLASK_RUN_PORT"},
};

static bool installed(const char *name, const struct str *distributions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_z(distributions[i], name))
            return true;
    }
    return false;
}

static const struct server *choose(const struct python_framework *framework, const struct str *distributions,
                                   size_t count)
{
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        const struct server *server = &servers[i];
        bool fits = server->interface == framework->interface && (!framework->factory || server->factory);
        bool flask = !str_eq_z(STR("flask"), server->distribution) ||
                     (framework->framework && str_eq_z(STR("Flask"), framework->framework));
        if (fits && flask && installed(server->distribution, distributions, count))
            return server;
    }
    return NULL;
}

static const char *filled(const char *arg, const char *app, unsigned port, struct arena *arena)
{
    struct str text = str_z(arg);
    if (str_eq_z(text, "{app}"))
        return app;
    size_t at = str_find(text, STR("{port}"));
    return at < text.len ? arena_printf(arena, "%.*s%u", (int)at, arg, port) : arg;
}

static int start_server(const struct server *server, const struct python_framework *framework, struct str module,
                        unsigned port, struct arena *arena, struct python_start *start, struct err *err)
{
    bool called = framework->factory && str_eq_z(str_z(server->factory), "()");
    const char *app =
        arena_printf(arena, "%.*s:%.*s%s", STR_ARG(module), STR_ARG(framework->object), called ? "()" : "");
    if (!app)
        return err_nomem(err);
    start->server = server->distribution;
    for (size_t i = 0; i < PYTHON_START_MAX && server->args[i]; i++) {
        const char *arg = filled(server->args[i], app, port, arena);
        if (!arg)
            return err_nomem(err);
        start->args[start->arg_count++] = arg;
    }
    if (framework->factory && !called && server->factory[0] != '\0')
        start->args[start->arg_count++] = server->factory;
    start->host_variable = server->host_variable;
    start->port_variable = server->port_variable;
    start->port_note = server->note;
    return 0;
}

int python_framework_start(const struct python_framework *framework, struct str module, const struct str *distributions,
                           size_t distribution_count, unsigned port, struct arena *arena,
                           struct python_start *ret_start, struct err *err)
{
    struct python_start start = {0};
    const struct server *server = NULL;
    if (framework->object.len > 0)
        server = choose(framework, distributions, distribution_count);
    if (server) {
        int result = start_server(server, framework, module, port, arena, &start, err);
        if (result < 0)
            return result;
    } else {
        start.args[0] = "-m";
        start.args[1] = arena_z(arena, module);
        if (!start.args[1])
            return err_nomem(err);
        start.arg_count = 2;
        start.port_variable = framework->reads_port ? "PORT" : NULL;
        start.port_note = framework->reads_port ? "the application reads PORT" : "the application chooses its port";
    }
    *ret_start = start;
    return 0;
}
