/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/output.h - the three standard streams, taken seriously.
 *
 * A program that is started with a closed descriptor would otherwise write its answer into the next file it opens,
 * and a full disk behind ">" would look like success.
 */
#include "base/err.h"
#include "base/str.h"

/* Call first: descriptors 0, 1 and 2 that are closed become ones on which reading ends and writing fails. */
void cli_streams_init(void);

/*
 * All of TEXT to FD. Errors: ERR_IO, ERR_NO_SPACE; NAME is for the message ("standard output"). *ret_reader_left
 * becomes true when the failure was only that the reader went away (a pipe to head): nobody wants to read of that.
 */
int cli_write(int fd, const char *name, struct str text, bool *ret_reader_left, struct err *err);
