/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/signals.h - Ctrl-C.
 *
 * The first SIGINT or SIGTERM (SIGHUP too, unless it was ignored: nohup) asks the operation to stop; it undoes what is
 * half done. The second one ends the process on the spot: whatever it was writing is under a temporary name.
 * Afterwards the process ends by the same signal, so that a shell's loop or make stops as well. The flag is the one
 * piece of state that a signal handler can reach, hence static here.
 */
#include "base/err.h"

#include <stdatomic.h>

/* Installs the handlers (and ignores SIGPIPE: writes fail with EPIPE instead). Returns the flag for op_ctx. */
const atomic_bool *cli_signals_install(void);

/* The signal that asked to stop, or 0. */
int cli_signal_received(void);

/*
 * For a service, instead of the flag: SIGTERM, SIGINT and SIGHUP (unless ignored) arrive one by one on a descriptor
 * (signalfd, not blocking), blocked in this thread and those that it starts. The caller closes *ret_fd.
 */
int cli_signals_open(int *ret_fd, struct err *err);

/* Ends the process as it stands: where a thread that does not stop holds what an orderly end would take from it. */
NORETURN void cli_signals_exit(int status);

/* Ends the process by SIGNAL's default action; as a container's first process, which no signal ends, by exit status
 * 128 + SIGNAL. */
NORETURN void cli_signal_die(int signal);
