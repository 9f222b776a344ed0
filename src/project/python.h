/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/python.h - a Python application as it lies on this machine: what it is made of, how it is started, and what
 * is wrong with it. Reads, runs nothing, writes nothing; where things go in an image is pack's business.
 *
 *   project directory ─┬─ own files (minus ignored, caches, the environment)
 *                      ├─ environment: a virtual environment (venv, virtualenv, uv), or packages installed with
 * --target ├─ interpreter: the environment's own one (CPython under /usr/local, uv's), or the archive's └─ entry:
 * module, framework, server
 *
 * Everything lives in ctx->arena but the lists of files (python_app_done).
 */
#include "elf/machine.h"
#include "project/files.h"
#include "python/abi.h"
#include "python/framework.h"
#include "python/venv.h"

/* What a person may say (views outlive the call; empty: find out). */
struct python_request {
    struct str app;          /* directory, or one .py file */
    struct str venv;         /* --venv DIR */
    struct str python;       /* --python: a program, a prefix, "3.11", or "archive" */
    struct str module;       /* --module: "pkg.main", "pkg.main:app", "pkg.main:create_app()" */
    struct str_list exclude; /* --exclude */
    bool has_entrypoint;     /* --entrypoint was given: no start has to be found */
};

enum python_environment_kind { PYTHON_ENVIRONMENT_NONE, PYTHON_ENVIRONMENT_VENV, PYTHON_ENVIRONMENT_TARGET };

struct python_environment {
    enum python_environment_kind kind;
    struct str host_path;       /* of the environment, real */
    struct str inside;          /* its path in the project; empty: elsewhere, or it is the project's directory itself */
    bool is_root;               /* the project's directory is the environment */
    struct str site_packages;   /* below host_path: "lib/python3.11/site-packages"; empty for TARGET */
    struct str library;         /* VENV: "python3.11" */
    struct python_venv config;  /* VENV */
    struct project_files files; /* of the environment */
};

struct python_program {
    bool brought;                          /* ships as the application's own; else the archive's */
    struct python_interpreter interpreter; /* major 0: any version will do (nothing in the application tells) */
    struct str version;                    /* "3.12.1" as far as it is known, else "3.12" */
    struct str told_by;                    /* "pyvenv.cfg of '.venv'", for messages */
    struct str host_prefix;     /* BROUGHT: real; "/usr/local", "/home/u/.local/share/uv/python/cpython-3.12..." */
    struct str program;         /* BROUGHT: below the prefix, "bin/python3.12", no link */
    struct str library;         /* BROUGHT: below the prefix, "lib/python3.12" */
    struct project_files files; /* BROUGHT: what of the prefix is the interpreter's: program, links to it,
                                   libpython, library directory without site-packages; paths below the prefix */
};

struct python_distribution {
    struct str name, normalized, version;
    struct str directory; /* its dist-info, below site-packages */
    bool dropped;         /* pip, and what else an application doesn't need */
};

/* An import that one of the application's own modules can't do without. */
struct python_need {
    struct str module; /* "a.b" */
    struct str path;   /* of the file, in the project */
    uint32_t line;
};

struct python_app_entry {
    struct str module; /* "pkg.main"; empty: none was found (then an entrypoint was given) */
    struct str path;   /* in the project, or below site-packages when INSTALLED; empty: in a package of the base */
    bool installed;
    struct str object; /* given with --module, "app"; of CONSOLE the function; else framework.object */
    bool factory;      /* OBJECT is called */
    bool console;      /* OBJECT is called for the program's status: a console script of the project's distribution */
    bool script;       /* started by its path, not by -m (a single file, a name that is no module) */
    struct str server; /* what the project starts it with itself (Procfile), "gunicorn"; empty: not told */
    struct str root;   /* what has to be on sys.path, in the project: "", "src" or another directory */
    struct str chosen; /* why this one, in words: "app.py makes a FastAPI application" */
    struct python_framework framework;
};

struct python_app {
    struct str root;            /* the project's directory, real; NUL behind */
    struct project_files files; /* own files, without the environment's */
    struct python_environment environment;
    struct python_program program;
    const struct python_distribution *distributions; /* of the environment, sorted by normalized name */
    size_t distribution_count;
    enum elf_machine machine; /* of extension modules and the brought interpreter; UNKNOWN: any */
    struct python_app_entry entry;
    struct str_list mentions; /* top-level modules that anything imports, but where it never runs; sorted, each once */
    bool finds_libraries;     /* something asks ctypes.util.find_library */
    struct str_list own_modules;     /* top-level modules that the project and the environment have; sorted */
    const struct python_need *needs; /* of own modules, outside the standard library, the first place of each module */
    size_t need_count;
};

/*
 * True when the directory's names (not below) or the file's name say Python: pyvenv.cfg, pyproject.toml,
 * requirements*.txt, Pipfile, uv.lock, manage.py, *.py ...; --language python asks nobody.
 */
bool python_app_looks_like(const struct str *names, size_t count);

/*
 * Reads. Errors, each with place and remedy: ERR_NOT_FOUND, ERR_PERMISSION, ERR_USAGE (an option, no entry found: lists
 * the candidates), ERR_INVALID (broken link, editable install, damaged metadata, syntax error of the entry module),
 * ERR_PYTHON_VERSION (interpreter, pyvenv.cfg, site-packages, ABI tags disagree), ERR_ARCHITECTURE, ERR_LIBC (musl
 * extension modules), ERR_LIMIT. Warns of what may go wrong at run time.
 */
int python_app_read(const struct op_ctx *ctx, const struct python_request *request, struct python_app *ret_app,
                    struct err *err);
void python_app_done(struct python_app *app);

/*
 * How the application is started with MORE distributions (normalized; of Debian packages) beside its own, listening at
 * all addresses on PORT. ret->args are what follows the interpreter, in the project's directory: a script by its path
 * there; texts of the arena or static. ret->warning is the caller's to tell.
 * Errors: ERR_DEPENDENCY (an application object, and no server for it).
 */
int python_app_start(const struct python_app *app, struct str_list more, unsigned port, struct arena *arena,
                     struct python_start *ret_start, struct err *err);

/* Warns of needs that neither the application nor MORE (top-level modules of packages; sorted) has. */
void python_app_warn_missing(const struct op_ctx *ctx, const struct python_app *app, struct str_list more);
