/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/stdlib.h - the standard library of Debian's interpreters: 3.11 of Debian 12, 3.13 of Debian 13.
 *
 * Which names are the standard library's, which package has each, and which shared libraries its extension modules
 * load. The tables are made from sys.stdlib_module_names, sys.builtin_module_names, the packages' lists of files and
 * the DT_NEEDED entries of the files in lib-dynload, of amd64; tests/matrix/python-stdlib.sh holds them against the
 * system it runs on. Names are top-level modules (python/imports.h, python_module_top).
 *
 * Libraries are those that the extension module itself names, without libc, libm and those of the interpreter's own
 * binary (libz.so.1, libexpat.so.1: zlib and pyexpat are built in); what those need in turn is the closure's matter
 * (libtirpc.so.3, of nis, brings Kerberos). Static data; no errors, no limits.
 */
#include "base/str.h"

#define PYTHON_STDLIB_OLD 0x030b /* 3.11 */
#define PYTHON_STDLIB_NEW 0x030d /* 3.13 */

enum python_stdlib_origin {
    PYTHON_STDLIB_ABSENT,    /* no module of the standard library */
    PYTHON_STDLIB_BUILTIN,   /* in the interpreter's binary: python3.X-minimal */
    PYTHON_STDLIB_MINIMAL,   /* libpython3.X-minimal */
    PYTHON_STDLIB_STDLIB,    /* libpython3.X-stdlib */
    PYTHON_STDLIB_VENV,      /* python3.X-venv: ensurepip (venv itself is in -stdlib) */
    PYTHON_STDLIB_DISTUTILS, /* python3-distutils, but for an almost empty __init__ */
    PYTHON_STDLIB_LIB2TO3,   /* python3-lib2to3 */
    PYTHON_STDLIB_TK,        /* python3-tk, since 3.13 python3.13-tk */
    PYTHON_STDLIB_GDBM,      /* python3-gdbm, since 3.13 python3.13-gdbm */
    PYTHON_STDLIB_IDLE,      /* idle-python3.X */
    PYTHON_STDLIB_ELSEWHERE, /* a name of the standard library that Debian does not have: of Windows, macOS */
};

struct python_stdlib_module {
    enum python_stdlib_origin origin;
    const char *package;   /* NULL: ABSENT, ELSEWHERE */
    const char *extension; /* the extension module that it stands on and that has libraries; NULL: none */
    bool works_without;    /* it can be imported without the extension, with less in it (hashlib, uuid, dbm) */
    const char *libraries; /* SONAMEs with a space between them; NULL: none */
};

/*
 * What VERSION (0x030b for 3.11) has as MODULE. Interpreters that an application brings may be of other versions:
 * those before 3.12 are answered as 3.11, 3.12 as 3.11 without what it removed, later ones as 3.13; `package` has no
 * meaning for them. False: no such module.
 */
bool python_stdlib_find(struct str module, unsigned version, struct python_stdlib_module *ret_module);

/* The names in byte order, of both versions: NULL behind the last. */
const char *python_stdlib_name(size_t index);
