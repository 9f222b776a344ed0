/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * archive/index_choice.h - which files of a release make up an index, and in which compression to fetch each.
 */
#include "archive/inrelease.h"
#include "io/compress.h"

struct index_file {
    uint32_t release;                /* place in struct inreleases */
    const struct release_file *file; /* the compression that was chosen */
    enum compression compression;
    uint64_t unpacked_bytes; /* 0 when Release does not say */
};

struct index_files {
    struct index_file *ptr; /* the arena's */
    size_t len;
    char key[DIGEST_TEXT_MAX]; /* over the digests of every compression of every file: does not depend on the choice */
};

/*
 * Packages of each component for the architecture, and for "all" where the archive keeps that apart. ERR_NOT_FOUND
 * when a component has none.
 */
int index_choose_packages(const struct archive_options *options, const struct inreleases *releases, struct arena *arena,
                          struct index_files *ret_files, struct err *err);

/* Contents of each component that has one. */
int index_choose_contents(const struct archive_options *options, const struct inreleases *releases, struct arena *arena,
                          struct index_files *ret_files, struct err *err);

/* Where it is: by digest where the archive offers that (then *ret_other is by name), else by name. The arena's. */
int index_file_urls(const struct inreleases *releases, const struct index_file *file, struct arena *arena,
                    const char **ret_url, const char **ret_other, struct err *err);

/* Debian's name for the loader's directory of ARCHITECTURE ("x86_64-linux-gnu"); empty when unknown. */
struct str index_triplet(struct str architecture);
