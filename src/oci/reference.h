/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * oci/reference.h - the name of an image: [REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST].
 *
 * Grammar: distribution-spec 1.1 ("Pulling manifests": <name>, <reference>) and the reference grammar of the
 * distribution project that all engines share: repository components are lower case letters and digits, joined by
 * one '.', one or two '_', or any number of '-'; tags are [A-Za-z0-9_][A-Za-z0-9_.-]{0,127}; a registry is a host
 * name, an IPv4 address or an IPv6 address in brackets, with an optional port. The first component is a registry
 * when it holds a '.' or ':' or is "localhost". A whole name has at most 255 bytes.
 */
#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"
#include "io/digest.h"

struct oci_reference {
    struct str registry;   /* "127.0.0.1:5000"; empty when none was given */
    struct str repository; /* "library/debian"; never empty */
    struct str tag;        /* empty when none was given */
    bool has_digest;
    struct digest digest;
};

/*
 * Reads TEXT; the views point into it. Errors: ERR_INVALID, naming the part that is wrong and how to write it.
 */
int oci_reference_parse(struct str text, struct oci_reference *ret_reference, struct err *err);

/*
 * As engines complete short names: no registry becomes "docker.io" ("index.docker.io" too), a repository there
 * without a slash gains "library/", neither tag nor digest becomes "latest". New parts live in ARENA.
 */
int oci_reference_normalize(struct oci_reference *reference, struct arena *arena, struct err *err);

/* Appends the parts that are there, as they would be read. */
void oci_reference_text(struct buf *out, const struct oci_reference *reference);

/* One tag / one repository without registry. */
bool oci_tag_valid(struct str tag);
bool oci_repository_valid(struct str repository);

/*
 * A name within a layout (org.opencontainers.image.ref.name, image-spec 1.1 annotations.md): letters and digits
 * joined by single '-', '.', '_', ':', '@', '+' or "--" into components, joined by '/'.
 */
bool oci_ref_name_valid(struct str name);
