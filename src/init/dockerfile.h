/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * init/dockerfile.h - the parts of a Dockerfile (init/dockerfile*.c only).
 *
 * Nothing is used that one of the builders does not have: no `--mount`, no `--chmod`, no heredocs, because Docker's
 * classic builder has none of them. So there is no cache but layers: what changes rarely comes first.
 *
 * The stage that builds leaves all that ships below /out, in the places where it will be.
 * Additions to OUT fail as its own do (base/buf.h).
 */
#include "init/plan.h"

#define INIT_UV_IMAGE "ghcr.io/astral-sh/uv:0.10.8"

/* "FROM ${ARGUMENT} AS STAGE", with a waiver when IMAGE, its default, has no digest; STAGE NULL: none. */
void init_dockerfile_from(struct str image, const char *argument, const char *stage, struct buf *out);

/* The stages before the one that ships. */
void init_dockerfile_compiled(const struct init_plan *plan, struct buf *out); /* C, C++, Go, Rust, PROGRAM */
void init_dockerfile_python(const struct init_plan *plan, struct buf *out);

/* "RUN apt-get ..." for FIXED (NULL: none) and the options' packages; nothing when there are none. */
void init_dockerfile_packages(const struct init_plan *plan, const char *const *fixed, struct buf *out);
/* The probe of the machine that is built for, when it ships as files. */
void init_dockerfile_probe(const struct init_plan *plan, struct buf *out);
/* Directories to be copied where volumes go, so that these belong to the user. */
void init_dockerfile_volumes(const struct init_plan *plan, struct buf *out);
/*
 * The shared libraries that FILES (words of a shell) need and the base does not have, and the packages they are of;
 * OWN is a pattern of paths that ship anyway, or NULL.
 */
void init_dockerfile_libraries(const struct init_plan *plan, const char *files, const char *own, struct buf *out);

/* "MAJOR.MINOR" of Python. */
struct str init_python_minor(const struct init_plan *plan);

void init_dockerignore(const struct init_plan *plan, struct buf *out);
/* barehull/healthcheck-ARCH. */
int init_write_probe(struct init_output *output, struct err *err);
