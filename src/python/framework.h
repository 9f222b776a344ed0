/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/framework.h - what an entry module is made with, and how it is started without a shell.
 *
 * Read from the source alone: what it imports (python/imports.h) and its statements at the top level. The application
 * object is `NAME = CALL(...)` where CALL is a class or function that a known framework exports, under whatever name
 * it was imported; or a callable of the module, `def application(environ, start_response)` (PEP 3333) or
 * `async def app(scope, receive, send)` (ASGI); or a factory that can be called without arguments, `def create_app()`,
 * `def make_app()` and the like, when the module imports a framework. Names that servers look for, "app" and
 * "application", come before others; they are taken too when what makes or brings them is another module's
 * (`from .factory import create_app`, `app = create_app()`): `maker` says whose, for the caller to look there.
 *
 * Ports: each server listens where its options or its own variables say, not where PORT says, but for gunicorn, whose
 * default is 0.0.0.0:$PORT. uvicorn, granian and Flask's server read all options from variables with a prefix (click).
 * hypercorn, daphne and waitress read none: the address is in the command. A script may read PORT itself.
 * Errors: ERR_NOMEM, ERR_LIMIT as in python/imports.h.
 */
#include "python/imports.h"

#define PYTHON_START_MAX 10

enum python_interface {
    PYTHON_INTERFACE_NONE,
    PYTHON_INTERFACE_WSGI,
    PYTHON_INTERFACE_ASGI,
    PYTHON_INTERFACE_OWN, /* brings its server: aiohttp, Tornado, Sanic */
};

struct python_framework {
    const char *framework; /* "FastAPI"; NULL: none is known */
    enum python_interface interface;
    struct str object;          /* "app"; empty: none */
    bool factory;               /* OBJECT is a function that gives the application */
    bool main_guard;            /* `if __name__ == "__main__":` at the top level, or runs an event loop */
    bool reads_port;            /* "PORT" is looked up in the environment */
    bool runs_server;           /* calls .run(), run_app() or serve() */
    struct str settings_module; /* what DJANGO_SETTINGS_MODULE is set to; empty: nothing */
    struct str served;          /* "pkg.main:app", the literal that a run() is given; empty: none */

    /* OBJECT is what this import brings, or what a call of it gives; NULL: it is made here. */
    const struct python_import *maker;
    struct str maker_name; /* in the module of MAKER: "create_app" */
    bool maker_called;
};

struct python_start {
    const char *server;                 /* "uvicorn"; NULL: the module is run itself */
    const char *args[PYTHON_START_MAX]; /* behind the interpreter */
    uint32_t arg_count;
    const char *host_variable, *port_variable; /* what the server reads; NULL: nothing */
    const char *port_note;                     /* how the port is given, in words */
    const char *warning;                       /* what speaks against this start, a sentence; NULL: nothing */
};

/* OBJECT is the name that has to be found, "app"; empty: any. When it is not there the result has none. */
int python_framework_detect(struct str source, struct str object, unsigned version, struct arena *arena,
                            struct python_framework *ret_framework, struct err *err);

/*
 * How MODULE ("pkg.main") is started when DISTRIBUTIONS are installed (normalized names, PEP 503), to listen at all
 * addresses on PORT. WANTED is the server that is taken when it can do it; empty: the best. Without a server for its
 * interface it is run by "-m"; `server` is NULL then.
 */
int python_framework_start(const struct python_framework *framework, struct str module, const struct str *distributions,
                           size_t distribution_count, struct str wanted, unsigned port, struct arena *arena,
                           struct python_start *ret_start, struct err *err);
