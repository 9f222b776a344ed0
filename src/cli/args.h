/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/args.h - the command line, GNU style, by the tables of operations.
 *
 *     barehull [COMMON OPTIONS] COMMAND [OPTIONS] [ARGUMENTS]
 *
 * --long VALUE, --long=VALUE, -s VALUE, -sVALUE, bundled flags (-qv), options and arguments in any order, "--" ends
 * options, "-" is an argument. Long names are never abbreviated: a script would break with the next option. A flag
 * takes --flag=false; where the table says so, --no-flag. Given twice, a value replaces, a list grows.
 */
#include "cli/common.h"
#include "cli/formats.h"
#include "op/decode.h"

struct cli_args {
    const struct operation *operation; /* NULL: none was named */
    void *args;                        /* the operation's structure, in the arena */
    struct cli_common common;
    struct cli_outputs outputs; /* never empty once the command line was understood */
};

/*
 * Reads ARGV. As soon as --help or --version is met the rest is not looked at, and nothing is asked for. Errors:
 * ERR_USAGE with a hint that names the nearest word and the right --help, ERR_NOMEM; *ret_args is then filled as far
 * as reading came (for --format of the message).
 */
int cli_args_parse(const struct op_table *table, int argc, char *const *argv, struct arena *arena,
                   const struct op_environment *environment, struct cli_args *ret_args, struct err *err);

/* Whether --format json stands anywhere: says how to word an error before the command line was understood. */
bool cli_args_ask_for_json(int argc, char *const *argv);
