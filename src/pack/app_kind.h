/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/app_kind.h - reads the program that an image is to be made of, or says kindly why it can't be one.
 */
#include "base/op.h"
#include "elf/file.h"
#include "pack/options.h"

struct app_program {
    struct str bytes; /* the whole file, in the arena */
    struct elf_file elf;
    struct str description; /* "dynamic position-independent executable for amd64, glibc" */
};

/*
 * PATH ends in a NUL. Errors: ERR_NOT_FOUND, ERR_PERMISSION, ERR_INVALID (says what the file is instead: a script, a
 * Windows program, a Python project...), ERR_ELF, ERR_LIBC (musl and others), ERR_ARCHITECTURE (not Linux, unknown to
 * Debian, not OPTIONS->architecture), ERR_LIMIT.
 */
int app_kind_read(const struct op_ctx *ctx, const struct build_options *options, struct str path,
                  struct app_program *ret_program, struct err *err);

/*
 * True when OPTIONS say Python, or the application's directory or file looks like it. What can't be found is not
 * Python. Errors: ERR_PERMISSION, ERR_IO.
 */
int app_kind_is_python(const struct op_ctx *ctx, const struct build_options *options, bool *ret_python,
                       struct err *err);
