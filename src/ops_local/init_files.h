/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/init_files.h - generated files against those that are there: what differs, and all of them written, or
 * none.
 *
 * A file is compared by its bytes, and by whether it may be executed where it has to. What is no regular file, or lies
 * behind a symbolic link, is never touched. Everything lives in the arena.
 */
#include "base/op.h"
#include "init/files.h"
#include "ops_local/init_result.h"

#include <sys/types.h>

enum init_state { INIT_NEW, INIT_SAME, INIT_CHANGED };

struct init_target_file {
    const struct init_file *file;
    enum init_state state;
    struct str before; /* CHANGED: what is there */
    mode_t mode;       /* of what is there, or is to be */
    uid_t uid;
    gid_t gid;
    bool becomes_executable; /* CHANGED: it may not be executed, and has to */
};

struct init_targets {
    struct str directory;
    int dirfd; /* the caller closes it */
    struct init_target_file *items;
    size_t count;
    size_t new_count, changed_count;
};

/*
 * Opens DIRECTORY and looks at each of FILES there. *ret_targets->dirfd is set on failure, too (-1, or to be closed).
 * Errors: ERR_NOT_FOUND, ERR_PERMISSION, ERR_EXISTS (something else is in a file's place), ERR_IO, ERR_LIMIT.
 */
int init_targets_look(const struct op_ctx *ctx, struct str directory, const struct init_files *files,
                      struct init_targets *ret_targets, struct err *err);

/* Appends what would change, as one patch; of files that are new only with WITH_NEW. What is no text is left out. */
int init_targets_diff(const struct init_targets *targets, bool with_new, struct buf *out, struct err *err);

/*
 * Writes what is new or changed: under temporary names first, all of them, then each gets its own. A failure before
 * that leaves nothing behind; one behind it says what was written.
 */
int init_targets_write(const struct op_ctx *ctx, const struct init_targets *targets, struct err *err);
