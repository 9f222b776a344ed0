/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * project/files_read.h - what is in the files of a list, for project/files.c: each is opened once, several at a time.
 *
 * What is wanted, and ELF files, are kept whole. Of the others the first bytes are read, or all where their digest is
 * asked for, and nothing is kept.
 */
#include "project/files.h"

/* Fills in mode, size, content, sha256 and is_elf of what does not drop out. The first failure in order is told. */
int project_files_read(const struct op_ctx *ctx, const struct project_walk *walk, struct project_files *files,
                       struct err *err);

/* The same of one file, whose content is the arena's. */
int project_file_read(const struct op_ctx *ctx, struct project_file *file, bool wanted, struct err *err);

/* "cannot WHAT 'HOST_PATH'", with the remedy. */
int project_file_cannot(int errnum, const char *what, struct str host_path, struct err *err);
