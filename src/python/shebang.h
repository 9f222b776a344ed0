/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/shebang.h - scripts of a bin directory: what runs them, what they start, and with what they would run there.
 *
 * Three heads are in use: "#!/path/python3.11 -u"; "#!/usr/bin/env [-S] python3"; and, where the path is too long or
 * has a space, a shell script that is a Python string too ("#!/bin/sh", "'''exec' /path/python "$0" "$@"", "' '''";
 * pip, distlib, uv). uv's --relocatable and others find the interpreter beside the script, with dirname in the second
 * line. The wrapper behind it (pip, uv, distlib, setuptools) imports one name and exits with its value.
 *
 * The kernel takes the rest of the line behind the interpreter as one argument, and at most LIMIT_SHEBANG_BYTES of it.
 * Nothing allocates; views point into the text. Limits: LIMIT_PYTHON_TEXT_BYTES.
 */
#include "base/err.h"
#include "base/str.h"

enum python_shebang_kind {
    PYTHON_SHEBANG_NONE,       /* does not begin with #! */
    PYTHON_SHEBANG_DIRECT,     /* the interpreter itself */
    PYTHON_SHEBANG_ENV,        /* searched in PATH by env */
    PYTHON_SHEBANG_TRAMPOLINE, /* a shell that executes the interpreter */
    PYTHON_SHEBANG_OTHER,      /* not for Python: a shell script, perl ... */
};

struct python_script {
    enum python_shebang_kind kind;
    struct str interpreter; /* "/venv/bin/python3"; of ENV, and of a trampoline with BESIDE, only its name */
    struct str args;        /* behind it: "-u" */
    bool beside;            /* the interpreter lies in the script's own directory */
    bool crlf;              /* the first line ends in CR LF: the kernel looks for "python3\r" */
    size_t body_at;         /* where Python begins, behind all lines of the head */
    struct str module;      /* of a wrapper: "uvicorn.main"; empty for what is no wrapper */
    struct str function;    /* "main" or "App.run" */
    struct str distribution, group, entry; /* setuptools' older wrapper: 'foo==1.0', 'console_scripts', 'foo' */
};

/* Errors: ERR_LIMIT. */
int python_script_read(struct str text, struct python_script *ret_script, struct err *err);

/*
 * Appends TEXT with INTERPRETER (absolute) in its first line and all other heads gone; the body stays byte for byte.
 * Errors: ERR_INVALID for a script that is not Python's, an interpreter with white space or a line that the kernel
 * would cut, and arguments of `env -S` that one line can't hold; ERR_NOMEM. OUT is then as it was.
 */
int python_script_rewrite(struct str text, const struct python_script *script, struct str interpreter, struct buf *out,
                          struct err *err);
