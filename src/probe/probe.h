/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * probe/probe.h - the program: asks a server whether it is live or ready, and says so in one line and an exit status.
 *
 * Needs no C library, so that it can be linked without one (start.c); tests link it with theirs.
 */

/* The exit status. ARGV and ENVP end with NULL. Writes to descriptors 1 (healthy, help) and 2 (all else). */
int probe_run(char *const *argv, char *const *envp);
