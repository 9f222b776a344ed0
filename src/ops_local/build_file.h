/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build_file.h - barehull.yaml: images that a directory declares.
 *
 *     defaults:                        # what every image inherits
 *       suite: bookworm
 *       env: {TZ: UTC}
 *     images:
 *       web:                           # its name, and its tag when it gives none: web:latest
 *         app: .
 *         env: {PORT: 8080}            # joins the default's; other lists replace it
 *       worker: {app: ./worker, tag: shop-worker:1.0, output: [oci-archive:worker.tar]}
 *       agent: {app: [amd64/agent, arm64/agent]}   # one image for two machines
 *
 * Or the options of one image at the top. Keys are the parameters of build_params by their JSON names, decoded by that
 * very table (op/decode_json.h, by hand); keys that begin with "x-" are for anchors. Paths are relative to the file's
 * directory. Reads bytes, touches no files. JSON Schema: build_file_schema (docs/schema).
 *
 * Limits: LIMIT_BUILD_FILE_BYTES, LIMIT_BUILD_FILE_IMAGES, LIMIT_BUILD_FILE_ITEMS.
 */
#include "data/json_writer.h"
#include "data/span.h"
#include "ops_local/build_params.h"

#define BUILD_FILE_NAME "barehull.yaml"

struct build_file_image {
    struct str name;                       /* empty: the file is about one image, which has no name */
    struct data_span span;                 /* of its key */
    struct build_options options;          /* name and outputs are filled in for an image with a name */
    bool given[OP_PARAMS_MAX];             /* which of build_params it says, or inherits */
    struct data_span spans[OP_PARAMS_MAX]; /* where */
};

struct build_file {
    struct str path;  /* for messages */
    struct str bytes; /* its source */
    const struct build_file_image *images;
    size_t count; /* at least one */
};

/*
 * PATH is how messages call it; DIRECTORY is what its paths are relative to ("": the current one). BYTES must outlive
 * the answer, which lives in ARENA. Errors: ERR_USAGE with all that is wrong, "FILE:LINE:COLUMN: ..."; ERR_NOMEM.
 */
int build_file_read(struct str path, struct str directory, struct str bytes, struct arena *arena,
                    struct build_file *ret_file, struct err *err);

/* The image NAME; NULL with ERR_USAGE and what there is. */
const struct build_file_image *build_file_find(const struct build_file *file, struct str name, struct err *err);

/* Makes ERR, which tells what is wrong at SPAN, say so. Returns the negative code that ERR holds. */
int build_file_locate(const struct build_file *file, struct data_span span, struct err *err);

/* VALUES of UNDER, then of OVER, which wins where both have a key; ret.ptr NULL: memory is short. */
struct str_list build_file_join(struct arena *arena, struct str_list under, struct str_list over);

void build_file_schema(struct json_writer *json);
