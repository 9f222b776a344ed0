/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/image_table.h - images that are known by name, and what is in them when their tag says nothing else.
 *
 * Official images of Docker Hub ("library/") are found under any registry, since mirrors keep that path; others by
 * the repository as a whole, in their own registry only.
 */
#include "facts/image_name.h"

struct image_row {
    const char *name;     /* official: "python"; else "registry/repository", "*" at its end for any rest */
    enum image_kind kind; /* without a word in the tag that says otherwise */
    enum image_libc libc;
    const char *user; /* the default user; "root"; NULL: not known for all tags */
    bool shellless;   /* no shell in it */
    bool no_packages; /* a shell, but no package manager */
};

/* The row of an official image, or NULL. */
const struct image_row *image_row_official(struct str name);
/* The row of any other, or NULL. */
const struct image_row *image_row_other(struct str registry, struct str repository);

/* "cc" of "cc-debian12" when that is the name of a distroless image, else NULL. Static storage. */
const char *image_distroless_flavour(struct str name);
/* Chainguard's images without a shell. */
bool image_chainguard_shellless(struct str name);
