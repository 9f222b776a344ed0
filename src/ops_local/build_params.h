/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build_params.h - the options of "build", said once: for the command line, MCP and barehull.yaml.
 *
 * The table fills struct build_options itself. An image of a barehull.yaml may say what build_option_count parameters
 * at its beginning say; those behind them are about the file.
 */
#include "op/operation.h"
#include "pack/options.h"

struct build_args {
    struct build_options options; /* first: the table's offsets hold for it alone, too */
    struct str file;              /* barehull.yaml */
    bool given[OP_PARAMS_MAX];
};

extern const struct op_param build_params[];

/* How many of build_params are about one image. */
size_t build_option_count(void);
