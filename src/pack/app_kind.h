/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/app_kind.h - whether a file is a program that an image can be made of, said kindly when it is not.
 */
#include "base/op.h"
#include "elf/file.h"
#include "pack/options.h"

/* ERR_INVALID when PATH is a directory or a special file, before it is read. */
int app_kind_check_file(struct str path, struct err *err);

/*
 * Reads the program's ELF headers and refuses what no glibc image can start: ERR_INVALID (no ELF file: says what it
 * is), ERR_ELF, ERR_ARCHITECTURE (not Linux, unknown to Debian, not OPTIONS->architecture), ERR_LIBC (musl and
 * others). *ret_description is for people, in the arena.
 */
int app_kind_read(const struct op_ctx *ctx, const struct build_options *options, struct str path, struct str bytes,
                  struct elf_file *ret_file, struct str *ret_description, struct err *err);
