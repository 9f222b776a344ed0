/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose/dotenv.h - `.env` files: the variables of a project, each with its place.
 *
 * The syntax is compose-go's: NAME=value or NAME: value, `export` before it, '#' comments (of an unquoted value only
 * behind a space), 'literal' and "interpolated" values that may run over lines, the escapes \n \r \t \a \b \f \v \" \\
 * \$ \0NNN in double quotes, \' in single ones; unquoted and double-quoted values are interpolated with what stands
 * above and what OUTER knows, OUTER first. A byte order mark and CR LF are taken. A name alone takes its value from the
 * environment, of which nothing is known: it defines nothing here. Names that start with a digit are passed over.
 *
 * The last definition of a name counts. A line that can't be read is a fault of its own, and the next line is read.
 * Limits: LIMIT_COMPOSE_DOTENV_BYTES is the caller's to check.
 */
#include "compose/interpolate.h"

struct compose_dotenv {
    struct compose_variable *variables; /* in order, all definitions; views of the file and the arena */
    size_t variable_count;
    const struct compose_fault *faults; /* offsets are of the file */
    size_t fault_count;
};

/* BYTES outlives the result. Origins are of SOURCE. Errors: ERR_NOMEM only. */
int compose_dotenv_parse(struct str bytes, uint8_t source, const struct compose_lookup *outer, struct arena *arena,
                         struct compose_dotenv *ret_dotenv, struct err *err);
