/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/application.h - a program and all that is its own: what the application's layer holds, and what it still needs
 * from the archive.
 *
 * The program goes to /app/NAME. Libraries that its $ORIGIN leads to keep their place beside it (a program with
 * "$ORIGIN/../lib" goes to /app/DIR/NAME); libraries behind an absolute RPATH outside the system's directories keep
 * their path. Included files join, and ELF files among them bring their own needs. What is left over (the libraries
 * of the system) is the list of externals; where they come from is base.h's business.
 */
#include "base/op.h"
#include "elf/closure.h"
#include "io/tree.h"
#include "pack/options.h"

/* A library, or the interpreter, that the application wants and does not have. */
struct application_external {
    struct str name; /* SONAME, or the interpreter's absolute path */
    const struct elf_object *needed_by;
    struct elf_paths candidates; /* where its loader looks, absolute */
};

/*
 * What an image is made of besides its base. A compiled program has one layer of its own; an application in a language
 * with packages has two, so that a change of its own code moves no more than that.
 */
struct application {
    struct str host_path;   /* of the program or the project, real */
    struct str image_path;  /* absolute: the program; a project's directory */
    struct str description; /* "dynamic amd64 program (glibc, C++)", "Python application (FastAPI)" */
    enum elf_machine machine;
    struct tree *dependencies;                    /* of the layer below the application's; NULL: none */
    struct tree *tree;                            /* of the application's layer */
    struct elf_closure *closure;                  /* its objects are the application's own; NULL: no ELF files */
    const struct application_external *externals; /* sorted by name */
    size_t external_count;
    bool is_dynamic;                   /* it, or what it loads, is: libgcc_s.so.1 belongs to it */
    bool needs_conversion;             /* something imports iconv_open: gconv modules have to ship */
    struct application_python *python; /* pack/python.h; NULL for compiled programs */
};

/*
 * Reads the program or project and OPTIONS->includes. Everything lives in ctx->arena but the closure and the trees'
 * indexes: application_done frees these. Errors: ERR_NOT_FOUND, ERR_PERMISSION, ERR_ELF, ERR_LIBC, ERR_ARCHITECTURE,
 * ERR_USAGE (a bad include), ERR_LIBRARY_MISSING (a private library for another machine), those of python_app_read.
 */
int application_read(const struct op_ctx *ctx, const struct build_options *options, struct application *ret_app,
                     struct err *err);
void application_done(struct application *app);
