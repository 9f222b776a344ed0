/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/output.h - where an image goes, and how its config and manifest are made of layers and settings; for several
 * machines also the index over them.
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

/*
 * Whether one image for COUNT machines, two or more, can go there. Errors: ERR_USAGE for a docker archive, which holds
 * one machine, and for an architecture in OPTIONS, for each program has its own.
 */
int outputs_check_several(const struct outputs *outputs, const struct build_options *options, size_t count,
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
 * Writes COUNT images to all outputs: one as it is, several (each for a machine of its own) below an index. Fills
 * reference, digests, layers and sizes of RESULTS; outputs belong to the only one, or to *RET_INDEX, which is filled
 * for several. A failure leaves the failed output as it was; those written before it stay.
 */
int outputs_write(const struct op_ctx *ctx, const struct outputs *outputs, const struct output_image *images,
                  size_t count, struct build_result *const *results, struct build_index *ret_index, struct err *err);
