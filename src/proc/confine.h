/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * proc/confine.h - starts a program that is not trusted with what it reads: bounded, without network, and gone when
 * its parent is.
 *
 * Private to proc (proc_run.confinement is the way in). All but the network is certain, or the start fails; a kernel
 * that gives no network namespace leaves the network.
 */
#include "proc/run.h"

#include <signal.h>

struct proc_confined_start {
    const char *path;
    const char *const *argv;
    const char *const *env;
    const struct proc_confinement *confinement;
    int input, output, errors; /* below 0: /dev/null */
    const int *fds;            /* become the numbers FDS_AS, which are no numbers of FDS */
    const struct proc_fd *fds_as;
    size_t fd_count;
};

/* 0, or an errno. *ret_pid leads a process group of its own. */
int proc_start_confined(const struct proc_confined_start *start, pid_t *ret_pid);
