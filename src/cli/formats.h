/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/formats.h - the forms that an answer is written in: what --format means to an operation.
 *
 *     --format text|json                 every operation; the last one counts
 *     --format NAME[=FILE]               operations with formats of their own (struct op_format), in any number:
 *                                        --format text --format sarif=out.sarif
 *
 * FILE is written whole or not at all; "-", and no FILE, is standard output, which takes one form. When every form
 * goes to a file, nothing is written to standard output.
 */
#include "base/arena.h"
#include "cli/common.h"

#define CLI_OUTPUTS_MAX 16 /* more forms than there are names for */

struct cli_output {
    int format;      /* enum cli_format */
    struct str file; /* ptr NULL: standard output */
};

struct cli_outputs {
    struct cli_output items[CLI_OUTPUTS_MAX];
    size_t count;
};

/* Room for a parameter that is made from a table and an operation. */
struct cli_shown_param {
    struct op_param params[2]; /* the parameter, and the end of its table */
    struct op_choice choices[CLI_OUTPUTS_MAX + 1];
};

/* PARAM of cli_common_params as OPERATION takes it: --format knows the operation's own formats. */
const struct op_param *cli_common_shown(const struct op_param *param, const struct operation *operation,
                                        struct cli_shown_param *room);

/*
 * The values of --format as they were given, in order, for an operation with formats of its own. Errors: ERR_USAGE.
 */
int cli_formats_decode(const struct str *given, size_t count, const struct operation *operation, struct arena *arena,
                       struct cli_outputs *ret_outputs, struct err *err);

/* The form on standard output; -1: none. */
int cli_outputs_stdout(const struct cli_outputs *outputs);
