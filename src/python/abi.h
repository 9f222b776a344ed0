/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/abi.h - which interpreter an extension module and a wheel were built for, from their names.
 *
 * An extension module says it in its file name (PEP 3149): "_x.cpython-311-x86_64-linux-gnu.so" for one version and
 * platform, "_x.abi3.so" for CPython 3.2 and later (PEP 384), "_x.so" nothing; a wheel in its tags (PEP 425, 600, 656).
 * What the ELF file itself needs is another question (elf/). An interpreter imports an extension only when the suffix
 * is letter by letter one of its own, so that a wrong one is an import that fails at run time, not a crash.
 *
 * Nothing allocates but what is said; views point into the text given. Names are those of files, without directories
 * being looked at.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

enum python_implementation { PYTHON_CPYTHON, PYTHON_PYPY, PYTHON_OTHER };

/* An interpreter, as far as names can fit it. */
struct python_interpreter {
    enum python_implementation implementation;
    unsigned major, minor, micro;
    bool debug;          /* Py_DEBUG, "python3.11d" */
    bool free_threaded;  /* Py_GIL_DISABLED, "python3.13t" (PEP 703) */
    struct str platform; /* PLATFORM_TRIPLET: "x86_64-linux-gnu", "aarch64-linux-musl"; empty when unknown */
    unsigned libc_major; /* glibc 2.36, musl 1.2; 0 when unknown: then every manylinux or musllinux fits */
    unsigned libc_minor;
};

enum python_ext_kind {
    PYTHON_EXT_NONE,    /* no extension module by its name */
    PYTHON_EXT_PLAIN,   /* "_x.so": any interpreter tries it; may as well be an ordinary library */
    PYTHON_EXT_ABI3,    /* "_x.abi3.so": stable ABI of CPython 3 */
    PYTHON_EXT_CPYTHON, /* "_x.cpython-311-x86_64-linux-gnu.so" */
    PYTHON_EXT_PYPY,    /* "_x.pypy39-pp73-x86_64-linux-gnu.so" */
    PYTHON_EXT_OTHER,   /* another implementation's ("graalpy...") */
    PYTHON_EXT_WINDOWS, /* ".pyd" */
};

struct python_ext {
    enum python_ext_kind kind;
    struct str module; /* "_x" */
    struct str tag;    /* between module and ".so": "cpython-311-x86_64-linux-gnu"; empty for none */
    unsigned major, minor;
    bool debug, free_threaded, pymalloc; /* the letters behind the version: d, t, and m (up to 3.7) */
    struct str platform;                 /* "x86_64-linux-gnu"; empty when the tag has none */
};

/* PATH may have directories. Whatever is no extension by its name gives PYTHON_EXT_NONE. */
struct python_ext python_ext_parse(struct str path);

/*
 * True when INTERPRETER imports EXT (PYTHON_EXT_NONE: never). If not, and REASON is given, appends why: "is built for
 * CPython 3.12, and the interpreter is CPython 3.11".
 */
bool python_ext_fits(const struct python_ext *ext, const struct python_interpreter *interpreter, struct buf *reason);

/*
 * True when one of the combinations of a compressed tag, "cp39.cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
 * is among those that INTERPRETER takes. If not, and REASON is given, appends why, for the combination that comes
 * nearest. Errors: ERR_INVALID when TAG has not three parts or more than LIMIT_PYTHON_TAG_PARTS alternatives in one.
 */
int python_tag_fits(struct str tag, const struct python_interpreter *interpreter, bool *ret_fits, struct buf *reason,
                    struct err *err);

/*
 * A program's or library directory's name: "python3.11", "python3.13t", "python3.11d", "pypy3.10". False when it names
 * no version ("python3", "pythonw"). Sets implementation, major, minor, debug, free_threaded; clears the rest.
 */
bool python_name_parse(struct str name, struct python_interpreter *ret);

/* "CPython 3.11", "CPython 3.13 without the GIL", "PyPy 3.10". */
void python_interpreter_name(const struct python_interpreter *interpreter, struct buf *out);

/* What an extension module's name has before ".so" for INTERPRETER: "cpython-311-x86_64-linux-gnu" (CPython only). */
void python_soabi(const struct python_interpreter *interpreter, struct buf *out);
