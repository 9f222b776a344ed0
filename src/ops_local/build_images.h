/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build_images.h - which images a call of "build" is about: that of APP, or those of a barehull.yaml. Each
 * may be for several machines: it has as many programs.
 *
 * What was given with the call wins over the file, for each of its images; env, label and annotation are joined.
 * Everything that can be wrong with options is told before anything is built.
 */
#include "base/op.h"
#include "op/services.h"
#include "ops_local/build_file.h"

struct build_target {
    struct build_options options;         /* apps: at least one */
    const struct build_file_image *image; /* NULL: APP */
};

struct build_targets {
    struct build_target *items;
    size_t count;            /* at least one */
    struct build_file *file; /* NULL: APP */
};

/*
 * Errors: ERR_USAGE (nothing to build, an image that is not there, the file's own, two images in one place),
 * ERR_NOT_FOUND, ERR_PERMISSION, ERR_IO. Everything lives in ctx->arena.
 */
int build_targets_find(const struct op_services *services, const struct op_ctx *ctx, const struct build_args *args,
                       struct build_targets *ret_targets, struct err *err);

/* True when an output of a target is standard output. */
bool build_targets_use_stdout(const struct build_targets *targets);

/* Puts the place in the file before ERR, and the image's name. Returns the negative code that ERR holds. */
int build_target_blame(const struct build_targets *targets, const struct build_target *target, struct err *err);
