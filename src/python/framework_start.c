/* SPDX-License-Identifier: Apache-2.0 */
#include "python/framework.h"

/* gunicorn's workers touch a file each second: in memory, so that a root without a writable /tmp does. */
#define GUNICORN      "-m", "gunicorn", "--worker-tmp-dir", "/dev/shm"
#define GUNICORN_NOTE "PORT changes it"

/* Servers, the wanted ones first. "{app}" and "{port}" are put in. */
static const struct server {
    const char *distribution, *beside; /* what has to be installed; NULL: nothing else */
    enum python_interface interface;
    const char *framework; /* serves this one alone; NULL: all */
    const char *args[PYTHON_START_MAX];
    const char *factory; /* an option before the object; "()": behind its name; "": it finds out; NULL: it can't */
    const char *host_variable, *port_variable;
    const char *note, *warning;
} servers[] = {
    {"uvicorn",
     NULL,
     PYTHON_INTERFACE_ASGI,
     NULL,
     {"-m", "uvicorn", "{app}"},
     "--factory",
     "UVICORN_HOST",
     "UVICORN_PORT",
     "UVICORN_PORT changes it, PORT does not",
     NULL},
    {"hypercorn",
     NULL,
     PYTHON_INTERFACE_ASGI,
     NULL,
     {"-m", "hypercorn", "--bind", "0.0.0.0:{port}", "{app}"},
     "()",
     NULL,
     NULL,
     "in the command, for hypercorn reads no variable",
     NULL},
    {"granian",
     NULL,
     PYTHON_INTERFACE_ASGI,
     NULL,
     {"-m", "granian", "--interface", "asgi", "{app}"},
     "--factory",
     "GRANIAN_HOST",
     "GRANIAN_PORT",
     "GRANIAN_PORT changes it, PORT does not",
     NULL},
    {"daphne",
     NULL,
     PYTHON_INTERFACE_ASGI,
     NULL,
     {"-m", "daphne", "-b", "0.0.0.0", "-p", "{port}", "{app}"},
     NULL,
     NULL,
     NULL,
     "in the command, for daphne reads no variable",
     NULL},
    {"gunicorn",
     "uvicorn-worker",
     PYTHON_INTERFACE_ASGI,
     NULL,
     {GUNICORN, "-k", "uvicorn_worker.UvicornWorker", "{app}"},
     "()",
     NULL,
     "PORT",
     GUNICORN_NOTE,
     NULL},
    {"gunicorn",
     "uvicorn",
     PYTHON_INTERFACE_ASGI,
     NULL,
     {GUNICORN, "-k", "uvicorn.workers.UvicornWorker", "{app}"},
     "()",
     NULL,
     "PORT",
     GUNICORN_NOTE,
     NULL},
    {"gunicorn", NULL, PYTHON_INTERFACE_WSGI, NULL, {GUNICORN, "{app}"}, "()", NULL, "PORT", GUNICORN_NOTE, NULL},
    {"granian",
     NULL,
     PYTHON_INTERFACE_WSGI,
     NULL,
     {"-m", "granian", "--interface", "wsgi", "{app}"},
     "--factory",
     "GRANIAN_HOST",
     "GRANIAN_PORT",
     "GRANIAN_PORT changes it, PORT does not",
     NULL},
    {"waitress",
     NULL,
     PYTHON_INTERFACE_WSGI,
     NULL,
     {"-m", "waitress", "--listen=0.0.0.0:{port}", "{app}"},
     "--call",
     NULL,
     NULL,
     "in the command, for waitress reads no variable",
     NULL},
    {"flask",
     NULL,
     PYTHON_INTERFACE_WSGI,
     "Flask",
     {"-m", "flask", "--app", "{app}", "run"},
     "",
     "FLASK_RUN_HOST",
     "FLASK_RUN_PORT",
     "FLASK_RUN_PORT changes it, PORT does not",
     "Flask's own server is for development: add gunicorn to what the application requires"},
    {"sanic",
     NULL,
     PYTHON_INTERFACE_OWN,
     "Sanic",
     {"-m", "sanic", "{app}", "--host=0.0.0.0", "--port={port}"},
     "--factory",
     NULL,
     NULL,
     "in the command, for Sanic's server reads no variable",
     NULL},
    {"gunicorn",
     "aiohttp",
     PYTHON_INTERFACE_OWN,
     "aiohttp",
     {GUNICORN, "-k", "aiohttp.GunicornWebWorker", "{app}"},
     NULL,
     NULL,
     "PORT",
     GUNICORN_NOTE,
     NULL},
};

static bool installed(const char *name, const struct str *distributions, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq_z(distributions[i], name))
            return true;
    }
    return false;
}

/* WANTED or the first that can do it. A program that serves itself (aiohttp, Tornado) has no need of one. */
static const struct server *choose(const struct python_framework *framework, const struct str *distributions,
                                   size_t count, struct str wanted)
{
    const struct server *first = NULL;
    bool sanic = framework->framework && str_eq_z(STR("Sanic"), framework->framework);
    bool program = framework->main_guard || framework->runs_server;
    if (framework->interface == PYTHON_INTERFACE_OWN && program && !sanic && wanted.len == 0)
        return NULL;
    for (size_t i = 0; i < ARRAY_LEN(servers); i++) {
        const struct server *server = &servers[i];
        bool fits = server->interface == framework->interface && (!framework->factory || server->factory);
        fits &= !server->framework ||
                (framework->framework && str_eq(str_z(server->framework), str_z(framework->framework)));
        fits = fits && installed(server->distribution, distributions, count) &&
               (!server->beside || installed(server->beside, distributions, count));
        if (fits && str_eq_z(wanted, server->distribution))
            return server;
        if (fits && !first)
            first = server;
    }
    return first;
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
    bool option = framework->factory && !called && server->factory[0] != '\0';
    const char *app =
        arena_printf(arena, "%.*s:%.*s%s", STR_ARG(module), STR_ARG(framework->object), called ? "()" : "");
    if (!app)
        return err_nomem(err);
    start->server = server->distribution;
    for (size_t i = 0; i < PYTHON_START_MAX && server->args[i]; i++) {
        const char *arg = filled(server->args[i], app, port, arena);
        if (!arg)
            return err_nomem(err);
        if (arg == app && option)
            start->args[start->arg_count++] = server->factory;
        start->args[start->arg_count++] = arg;
    }
    start->host_variable = server->host_variable;
    start->port_variable = server->port_variable;
    start->port_note = server->note;
    start->warning = server->warning;
    return 0;
}

static const char *own_port_note(const struct python_framework *framework)
{
    if (framework->reads_port)
        return "the application reads PORT";
    if (framework->framework && str_eq_z(STR("aiohttp"), framework->framework))
        return "aiohttp listens where the application's run_app() says, at 0.0.0.0:8080 when it says nothing";
    if (framework->framework && str_eq_z(STR("Tornado"), framework->framework))
        return "Tornado listens where the application's listen() says";
    return "the application chooses its port";
}

int python_framework_start(const struct python_framework *framework, struct str module, const struct str *distributions,
                           size_t distribution_count, struct str wanted, unsigned port, struct arena *arena,
                           struct python_start *ret_start, struct err *err)
{
    struct python_start start = {0};
    const struct server *server = NULL;
    if (framework->object.len > 0)
        server = choose(framework, distributions, distribution_count, wanted);
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
        start.port_note = own_port_note(framework);
    }
    *ret_start = start;
    return 0;
}
