/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/init_params.h - the options of "init", said once: for the command line, REST and MCP.
 *
 * The table fills struct init_options itself. Those from `init_local_params` on (APP, --directory, --force, --diff,
 * --yes) are about this machine: the operation that touches nothing has none of them.
 */
#include "init/options.h"
#include "op/operation.h"

struct init_args {
    struct init_options options; /* first: the table's offsets hold for it alone, too */
    bool given[OP_PARAMS_MAX];
};

struct init_local_args {
    struct init_options options;
    struct str app; /* a program, a project's directory, or an image (oci:DIR, oci-archive:FILE, docker-archive:FILE) */
    struct str directory; /* where files are written; default: APP when it is a directory, else "." */
    bool force;           /* overwrite what differs */
    bool diff;            /* show what would change, write nothing */
    bool yes;             /* ask nothing */
    bool given[OP_PARAMS_MAX];
};

/* Of the operation that touches nothing; of the other, which begins with the same ones. */
extern const struct op_param init_params[], init_local_params[];
