/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/common.h - the options that every command takes.
 *
 * They are a table like any operation's, may stand before the command or behind it, and their letters are taken: an
 * operation uses none of them.
 */
#include "op/operation.h"

/* CLI_FORMAT_OWN + i is operation->formats[i]. */
enum cli_format { CLI_FORMAT_TEXT, CLI_FORMAT_JSON, CLI_FORMAT_OWN };
enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };

struct cli_common {
    int format; /* enum cli_format: on standard output; -1: everything goes to files */
    int color;  /* enum cli_color */
    bool quiet;
    bool verbose;
    bool offline;
    bool help;
    bool version;
};

extern const struct op_param cli_common_params[];

/* False for options that change nothing in OPERATION (--offline without network); NULL: the program as a whole. */
bool cli_common_applies(const struct op_param *param, const struct operation *operation);

/* The exit statuses of all commands, in order; ends with a NULL summary. */
extern const struct op_exit cli_exits[];
