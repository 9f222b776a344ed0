/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/app.h - one run of the command line: words in, an exit status out.
 *
 * Reads the environment and the command line, lends the operation its services, runs it, and writes the answer to
 * standard output and everything else to standard error. Exit statuses: cli/common.h. All that differs between
 * programs (the tables, what opens a connection) is in struct cli_app, so that tests run the same code with
 * operations of their own.
 */
#include "op/services.h"

struct cli_app {
    const struct op_table *operations;
    const char *version;
    const char *data_dir; /* of the installation; NULL: none */
    /* For op_services; NULL in programs without network. */
    int (*open_transport)(const struct op_services *services, struct transport **ret_transport, struct err *err);
    /* Writes a whole file, for `--format NAME=FILE`: as io/file.h. NULL in programs that write none. */
    int (*write_file)(const char *path, struct str text, struct err *err);
};

/* Returns the exit status; does not return when a signal ended the operation. */
int cli_run(const struct cli_app *app, int argc, char *const *argv);
