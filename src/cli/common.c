/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/common.h"

#include <string.h>

static const struct op_choice formats[] = {
    {"text", "for people"},
    {"json", "for programs: one JSON object on standard output; errors are JSON objects on standard error"},
    {NULL, NULL},
};

static const struct op_choice colors[] = {
    {"auto", "when the output is a terminal"},
    {"always", NULL},
    {"never", NULL},
    {NULL, NULL},
};

const struct op_param cli_common_params[] = {
    {.name = "format",
     .type = OP_ENUM,
     .choices = formats,
     .default_text = "text",
     .summary = "how the answer is written",
     OP_AT(struct cli_common, format)},
    {.name = "quiet",
     .letter = 'q',
     .type = OP_BOOL,
     .summary = "no progress and no warnings",
     OP_AT(struct cli_common, quiet)},
    {.name = "verbose",
     .letter = 'v',
     .type = OP_BOOL,
     .summary = "more of what was done",
     OP_AT(struct cli_common, verbose)},
    {.name = "color",
     .type = OP_ENUM,
     .choices = colors,
     .default_text = "auto",
     .summary = "colour in the output",
     OP_AT(struct cli_common, color)},
    {.name = "offline",
     .type = OP_BOOL,
     .env = "BAREHULL_OFFLINE",
     .summary = "use the cache alone, open no connection",
     OP_AT(struct cli_common, offline)},
    {.name = "help", .letter = 'h', .type = OP_BOOL, .summary = "show this help", OP_AT(struct cli_common, help)},
    {.name = "version",
     .letter = 'V',
     .type = OP_BOOL,
     .summary = "show the version of barehull",
     OP_AT(struct cli_common, version)},
    {.name = NULL},
};

bool cli_common_applies(const struct op_param *param, const struct operation *operation)
{
    if (!operation)
        return true;
    if (strcmp(param->name, "offline") == 0)
        return operation->effects & OP_NETWORK;
    return strcmp(param->name, "version") != 0;
}

const struct op_exit cli_exits[] = {
    {0, "done, and nothing to complain about"},
    {1, "done, with findings"},
    {2, "wrong usage: an option, an argument or an environment variable"},
    {3, "could not do the job"},
    {4, "could not verify: a signature, a digest or a date"},
    {0, NULL},
};
