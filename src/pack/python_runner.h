/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/python_runner.h - the image's own interpreter, ready to run on this machine.
 *
 * Debian's is written out of a tree into a private directory (program, loader, libraries, the codecs; in the store,
 * where what a killed process left goes with the next opening, else where programs may run) and started through its
 * loader, so that nothing of this machine's own interpreter or libraries takes part. One that the application brings is
 * started where it lies, through the loader and with the libraries that the image has for it: it may be made for a
 * newer glibc than this machine's. The directory goes with python_runner_done, on every way out.
 */
#include "bytecode/compile.h"
#include "elf/machine.h"
#include "io/tree.h"

struct base_external;
struct store;
struct supply;

struct python_runner {
    const struct op_ctx *ctx;
    struct store *store;
    unsigned version;                      /* 0x030b */
    struct tree *tree;                     /* Debian's interpreter with all it needs lies here; else of SUPPLY, */
    struct supply *supply;                 /* which is asked for its packages, or for the libraries of */
    enum elf_machine machine;              /* (of SUPPLY's packages) */
    struct str host_program;               /* an interpreter that lies on this machine; empty: Debian's */
    struct str host_prefix;                /* where it is at home */
    const struct base_external *externals; /* what it needs of the archive */
    size_t external_count;
    char *dir;    /* the runner's own, and */
    int dir_lock; /* what says that it lives; -1: nothing does */
};

/* For bytecode_compile. ERR_UNSUPPORTED when there is no directory that a program may be run from, or a part lacks. */
int python_runner_open(void *self, struct bytecode_interpreter *ret_interpreter, struct err *err);
void python_runner_done(struct python_runner *runner);
#define CLEANUP_RUNNER CLEANUP(python_runner_done)
