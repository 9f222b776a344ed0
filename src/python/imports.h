/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/imports.h - what a module imports, and when.
 *
 * Every `import` and `from` statement of the source, wherever it stands, and calls of `import_module` and `__import__`
 * whose first argument is a literal; nothing is run. One entry per name: `import a.b as c, d` has two,
 * `from .p import x, y` has two of the same module. They come in the order of the source.
 *
 * The context says under which conditions a statement runs; it is read from the blocks around it. Conditions on the
 * platform and on the version are judged for Linux and for the version that is given; a branch that they rule out has
 * PYTHON_IMPORT_NEVER, the other branch is as if the condition were not there. What comes behind `return` or `raise`,
 * imports in the braces of f-strings, names that are put together, exec() and import hooks are not seen.
 *
 * A source that is no Python at the level of tokens (python/lexer.h), or has a malformed import statement, is told by
 * `problem`; what was found before it is still there. Errors: ERR_NOMEM, ERR_LIMIT (LIMIT_PYTHON_SOURCE_BYTES,
 * LIMIT_PYTHON_IMPORTS).
 */
#include "base/arena.h"
#include "python/lexer.h"

/* A set. */
enum python_import_context {
    PYTHON_IMPORT_OPTIONAL = 1,      /* its failure is caught: try with `except ImportError` or wider, suppress() */
    PYTHON_IMPORT_FALLBACK = 2,      /* in such a handler: for when another import failed */
    PYTHON_IMPORT_CONDITIONAL = 4,   /* under a condition that is not known (if, while, for, match) */
    PYTHON_IMPORT_TYPE_CHECKING = 8, /* for type checkers alone; NEVER is set too */
    PYTHON_IMPORT_PLATFORM = 16,     /* under a condition on the platform, or in the branch beside it */
    PYTHON_IMPORT_VERSION = 32,      /* the same, on the version of Python */
    PYTHON_IMPORT_MAIN = 64,         /* only when the module is started: `if __name__ == "__main__"` */
    PYTHON_IMPORT_NEVER = 128,       /* ruled out at run time: TYPE_CHECKING, False, another platform or version */
    PYTHON_IMPORT_DYNAMIC = 256,     /* a call: import_module(), __import__() */
};

struct python_import {
    struct str module;         /* "a.b"; empty of `from . import x` */
    struct str name;           /* of `from`: "x", or "*"; empty of `import` and of calls */
    struct str alias;          /* behind `as`; empty: none */
    uint32_t level;            /* leading dots: 1 is the package of the module itself, 2 the one around it */
    uint32_t functions;        /* that it stands in, one within the other: above 0 it runs when they are called */
    struct python_place place; /* of the module's name, of `from` of the imported name */
    unsigned context;          /* enum python_import_context */
};

struct python_imports {
    const struct python_import *items;
    uint32_t count;
    uint32_t computed; /* calls whose module is no literal: what they import can't be told */
    struct python_source about;
    struct python_problem problem;
};

/*
 * SOURCE outlives the result, which lives in ARENA. VERSION is the interpreter's as 0x030b for 3.11; 0: not known, and
 * then branches that depend on it are PYTHON_IMPORT_CONDITIONAL.
 */
int python_imports_scan(struct str source, unsigned version, struct arena *arena, struct python_imports *ret_imports,
                        struct err *err);

/*
 * The absolute name of IMPORT's module when the module that has it is in PACKAGE ("a.b"; of a package's __init__ the
 * package itself; empty: none). Errors: ERR_INVALID when it leaves the top-level package, ERR_NOMEM.
 */
int python_import_absolute(const struct python_import *import, struct str package, struct arena *arena,
                           struct str *ret_module, struct err *err);

/* The first part of a dotted name. */
struct str python_module_top(struct str module);
