/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/output.h - where an image goes, and how its config and manifest are made of layers and settings.
 */
#include "base/op.h"
#include "elf/machine.h"
#include "oci/image_sink.h"
#include "pack/build.h"
#include "pack/layer.h"
#include "pack/settings.h"

struct outputs {
    struct str reference; /* NAME:TAG */
    struct oci_image_output *items;
    size_t count;
};

/*
 * Checks OPTIONS->name and OPTIONS->outputs (default: the layout ./APP-image). Everything lives in ARENA.
 * Errors: ERR_USAGE naming the output and its form.
 */
int outputs_parse(struct arena *arena, const struct build_options *options, int stdout_fd, struct outputs *ret_outputs,
                  struct err *err);

struct output_image {
    const struct image_settings *settings;
    enum elf_machine machine;
    int64_t created_s;
    const struct layer *const *layers; /* bottom up */
    const struct str *roles;
    size_t layer_count;
    struct str suite;
    struct str flavour;
};

/*
 * Writes IMAGE to all outputs and fills reference, digests, layers, sizes and outputs of *RESULT. A failure leaves
 * the failed output as it was; those written before it stay.
 */
int outputs_write(const struct op_ctx *ctx, const struct outputs *outputs, const struct output_image *image,
                  struct build_result *result, struct err *err);
