/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/image_name.h - what the name of an image tells: its pin, and the kind of system in it.
 *
 * Knows the names of distroless images (gcr.io/distroless and its mirrors), scratch, Alpine and other musl systems,
 * slim variants, full distributions, language images built on them, and what is in each (shell, libc, package
 * manager, default user). A name that is not known is IMAGE_OTHER: nothing is claimed of it.
 */
#include "facts/fact.h"

enum image_kind {
    IMAGE_OTHER, /* an image that the name tells nothing of */
    IMAGE_SCRATCH,
    IMAGE_DISTROLESS,
    IMAGE_ALPINE, /* musl, busybox, apk: also python:3.12-alpine */
    IMAGE_SLIM,   /* glibc, shell, apt: debian:*-slim, python:*-slim */
    IMAGE_FULL,   /* debian, ubuntu, fedora, node:22, golang:1.23 ... */
    IMAGE_BUSYBOX,
};
enum image_libc { IMAGE_LIBC_UNKNOWN, IMAGE_LIBC_GLIBC, IMAGE_LIBC_MUSL, IMAGE_LIBC_NONE };
enum image_answer { IMAGE_MAYBE, IMAGE_NO, IMAGE_YES };

struct image_name {
    struct str text;       /* as written */
    struct str registry;   /* "docker.io" completed; empty when invalid */
    struct str repository; /* "library/python" completed */
    struct str tag;        /* empty when none was written */
    struct str digest;     /* "sha256:..."; empty when none was written */
    bool valid;            /* false: no engine would take it */
    enum image_kind kind;
    enum image_libc libc;
    enum image_answer shell; /* has one */
    enum image_answer package_manager;
    enum image_answer nonroot; /* its default user is not root */
    struct str user;           /* that user when it is known ("65532", "root"); else empty */
    bool windows;              /* Windows Server Core, Nano Server: kind IMAGE_OTHER, with a shell */
    bool debug;                /* a variant of a distroless image with a shell in it: :debug, -dev */
    const char *flavour;       /* distroless: "static", "base", "cc", "python3", "nodejs22", "java17" ...; or NULL */
};

/* Never fails but for memory (ERR_NOMEM): a name that can't be read is not `valid`. */
int image_name_read(struct str text, struct arena *arena, struct image_name *ret_name, struct err *err);
