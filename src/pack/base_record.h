/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_record.h - what is known of a finished layer of a base, kept beside it in the cache.
 *
 * A base is a function of the verified archive, the architecture and what is asked of it (flavour, packages, the
 * names of libraries): with its record at hand, a build needs neither the packages nor the closure again, and can
 * still check the program's symbol versions and say what the image holds. Kept as JSON; a record that can't be read
 * is a miss.
 */
#include "base/arena.h"
#include "base/err.h"
#include "data/decode.h"
#include "pack/build.h"

struct base_library {
    struct str soname;
    struct str path; /* in the image, absolute */
    struct str package;
    struct data_strs versions; /* that it defines; empty: unversioned */
};

struct base_record {
    struct str layer_key;                 /* of layer_load; empty when there is nothing in it */
    const struct build_package *packages; /* by name */
    size_t package_count;
    const struct base_library *libraries; /* in load order */
    size_t library_count;
    const struct build_dropped *dropped;
    size_t dropped_count;
    struct data_strs modules;       /* top-level Python modules that packages have for all programs, sorted */
    struct data_strs distributions; /* Python distributions likewise, normalized names */
    struct data_strs paths;         /* files of the layers that an entrypoint may name: executables, absolute, sorted */
};

/* Appends RECORD as JSON. */
int base_record_write(struct buf *out, const struct base_record *record, struct err *err);

/* Everything in *ret_record lives in ARENA (copied from TEXT). */
int base_record_read(struct arena *arena, struct str text, struct base_record *ret_record, struct err *err);

/* The library that answers to SONAME, or NULL. */
const struct base_library *base_record_library(const struct base_record *record, struct str soname);
