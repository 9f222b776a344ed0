/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/venv.h - what pyvenv.cfg says (PEP 405), as venv, virtualenv and uv write it.
 *
 * A program "bin/python" beside which, or one directory above which, a pyvenv.cfg lies belongs to a virtual
 * environment. CPython reads the file twice: getpath takes the first `home`, site the last `home` and the last
 * `include-system-site-packages`, whose default is true. Keys are in any case, values as they stand, white space
 * around both is dropped, lines without "=" are skipped, a byte order mark belongs to the first key (which thereby is
 * lost). All other keys are for people and tools: `version` (venv) or `version_info` (virtualenv, uv) tell the
 * interpreter that it was made with.
 *
 * Views point into the text. Nothing here looks at a file system. Limits: LIMIT_PYTHON_TEXT_BYTES.
 */
#include "python/abi.h"

enum python_venv_maker { PYTHON_VENV_UNKNOWN, PYTHON_VENV_VENV, PYTHON_VENV_VIRTUALENV, PYTHON_VENV_UV };

/* What CPython makes of the file is not what was meant. */
enum python_venv_problem {
    PYTHON_VENV_NO_HOME = 1,       /* getpath takes it for no virtual environment */
    PYTHON_VENV_RELATIVE_HOME = 2, /* taken from the working directory */
    PYTHON_VENV_TWO_HOMES = 4,     /* two that differ: getpath takes the first, site the last */
    PYTHON_VENV_BOM = 8,           /* the first key is lost */
    PYTHON_VENV_NOT_UTF8 = 16,     /* site fails: the interpreter does not start */
};

struct python_venv {
    enum python_venv_maker maker;
    struct str maker_version;              /* of virtualenv or uv; empty for others */
    struct str home;                       /* directory of the interpreter's program, as getpath takes it */
    struct str version;                    /* "3.11.2", "3.11.2.final.0"; empty when it is not told */
    struct python_interpreter interpreter; /* of VERSION and `implementation`; major 0 when it is not told */
    bool system_site_packages;
    bool relocatable;      /* uv's --relocatable: scripts find the interpreter beside them */
    struct str executable; /* the program that made it: `executable`, `base-executable` */
    struct str prefix;     /* `base-prefix` */
    struct str command;    /* `command` */
    struct str prompt;     /* without the quotes that venv writes around it */
    unsigned problems;     /* of enum python_venv_problem */
};

/* Errors: ERR_LIMIT. */
int python_venv_read(struct str text, struct python_venv *ret_venv, struct err *err);

/*
 * True when VENV can be run by INTERPRETER: the same implementation, major and minor. LIBRARY is the name of the
 * directory in the environment's "lib" ("python3.11"), or empty: it has to agree too, as CPython looks nowhere else
 * for site-packages. If not, and REASON is given, appends why.
 */
bool python_venv_fits(const struct python_venv *venv, struct str library, const struct python_interpreter *interpreter,
                      struct buf *reason);

/* The pyvenv.cfg of the environment at its new place, whose interpreter lies in HOME: nothing of where it was made. */
void python_venv_write(const struct python_venv *venv, struct str home, struct buf *out);
