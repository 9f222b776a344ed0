/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * proc/run.h - runs one program to its end, without a shell.
 *
 * The program gets its own process group, default signal handlers, an empty signal mask, the environment that is
 * given and no descriptors but 0, 1, 2 and those that are named. It is killed, with its group, and reaped when the
 * operation is called off or its deadline passes: no function returns while the program, or what it started in its
 * group, is alive.
 * Output and messages are bounded; a program that says more than its limit is killed (output) or cut (messages).
 * Threads: any number of runs side by side.
 */
#include "base/buf.h"
#include "base/err.h"
#include "base/op.h"
#include "base/str.h"

#define PROC_PATH_DEFAULT     "/usr/local/bin:/usr/bin:/bin"
#define PROC_MESSAGES_MAX     8192U /* the last bytes of standard error that are kept */
#define PROC_DESCRIPTORS_MAX  8U
#define PROC_POLL_INTERVAL_MS 20 /* how soon a cancellation is seen */

/* The caller's descriptor FD is the program's descriptor AS (3 or more). */
struct proc_fd {
    int fd;
    int as;
};

/*
 * What a program that reads foreign input is held to: besides the limits, working directory "/", no core dumps, no new
 * privileges, and death with the thread that started it. A program that takes more than a limit gives ends by a signal
 * or fails as it will.
 */
struct proc_confinement {
    uint64_t memory_bytes; /* address space; 0: no limit, as below */
    uint64_t cpu_seconds;
    uint64_t files;       /* open at a time */
    bool writes_no_files; /* pipes are none */
    bool no_network;      /* where the kernel lets a program leave it */
    bool no_processes;    /* it starts none, where the kernel has seccomp; else they go when it ends */
};

struct proc_run {
    const char *program;     /* absolute path, or a name that is looked up */
    const char *search_path; /* colon-separated absolute directories; NULL: PROC_PATH_DEFAULT */
    const char *const *argv; /* with argv[0]; ends with NULL */
    const char *const *env;  /* "NAME=value"; ends with NULL; NULL: PATH and LC_ALL=C alone */
    struct str input;        /* standard input; empty: /dev/null */
    const struct proc_fd *fds;
    size_t fd_count;    /* at most PROC_DESCRIPTORS_MAX */
    struct buf *output; /* standard output is appended; NULL: it goes to output_fd */
    uint64_t output_limit_bytes;
    int output_fd;                              /* used when output is NULL; below 0: /dev/null */
    const struct proc_confinement *confinement; /* NULL: none */
};

struct proc_result {
    int exit_status; /* 0..255; -1 when a signal ended it */
    int signal;      /* 0 when it exited */
    size_t messages_len;
    char messages[PROC_MESSAGES_MAX + 1]; /* tail of standard error, NUL-terminated */
};

/*
 * Appends the absolute path of NAME (or NAME itself when it is absolute), a regular file that may be executed.
 * Errors: ERR_NOT_FOUND "program 'NAME' was not found in ...".
 */
int proc_find(const char *name, const char *search_path, struct buf *out, struct err *err);

/*
 * Runs to the end; 0 when the program ended by itself, whatever its exit status. On failure *ret_result is
 * untouched, output may hold a part. Errors: ERR_NOT_FOUND, ERR_UNSUPPORTED (of a kind that this machine can't run),
 * ERR_PROCESS (can't start), ERR_LIMIT (output), ERR_CANCELLED, ERR_DEADLINE, ERR_NOMEM, ERR_IO.
 */
int proc_run(const struct proc_run *run, const struct op_ctx *ctx, struct proc_result *ret_result, struct err *err);

/* As proc_run, and ERR_PROCESS with the last lines of standard error unless the exit status is 0. */
int proc_run_checked(const struct proc_run *run, const struct op_ctx *ctx, struct err *err);

/* Fills ERR with ERR_PROCESS: "'NAME' failed with exit status N: <last lines of standard error>". */
int proc_failure(const char *name, const struct proc_result *result, struct err *err);

/* A descriptor over BYTES in anonymous memory, positioned at its start, to hand to a program. The caller closes it. */
int proc_memory_fd(const char *name, struct str bytes, int *ret_fd, struct err *err);
