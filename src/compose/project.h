/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose/project.h - a Compose project as its platform would see it: one tree, resolved.
 *
 * Implements the Compose specification's order: each file's anchors and merge keys (data/yaml.h, YAML_COMPOSE), then
 * interpolation ($V ${V} ${V:-d} ${V-d} ${V:?e} ${V?e} ${V:+r} ${V+r}, nested, $$), with the variables of the
 * project's `.env`; then `extends` (same file or another), then the override files in order (13-merge: mappings merge,
 * sequences append or merge by key, command, entrypoint and healthcheck.test replace, !reset and !override), then
 * `include`. Short forms stay as written: facts/compose.h knows what they mean. Services of all profiles are there.
 *
 * Every node of the tree knows the text it is written in (data_node.source is an index of `sources`) and its span
 * there. A value that was interpolated has the flag DATA_INTERPOLATED, and the place that defines the variable among
 * its extra->origins; scalars that were not quoted get their kind anew. A value that hangs on a variable which neither
 * the `.env` nor a default gives has DATA_UNKNOWN: the environment of whoever deploys may set it. What `extends`
 * brought has DATA_INHERITED.
 *
 * No files are opened here: a struct compose_files does. What is wrong is a problem with its place, never an error,
 * and the rest is read as if nothing had happened. Everything lives in the arena; sources' bytes are the provider's.
 * Errors: ERR_NOMEM, ERR_CANCELLED; limits: LIMIT_COMPOSE_*.
 */
#include "base/op.h"
#include "data/node.h"
#include "data/yaml.h"

/* Gives the bytes of files that others name. */
struct compose_files {
    /*
     * The file PATH: relative to the directory of the project's first file, or absolute as written. On success the
     * bytes live as long as ARENA. *ret_bytes.ptr is NULL, without an error, when there is no such file (or the
     * caller may not see it: a service never reads files); ERR_LIMIT, ERR_IO and the like become problems.
     */
    int (*read)(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err);
    void *self;
};

struct compose_source {
    struct str name; /* as shown to people: the name given, or the path that another file wrote */
    struct str bytes;
    struct str directory; /* relative to the project's; empty for the same */
};

enum compose_problem_kind {
    COMPOSE_PROBLEM_SYNTAX,   /* not YAML, duplicate key, wrong interpolation, circle of extends, wrong kind of value */
    COMPOSE_PROBLEM_REQUIRED, /* ${V:?message} without a value */
    COMPOSE_PROBLEM_FILE,     /* a file that is named can't be read: what it says is not judged */
};

struct compose_problem {
    enum compose_problem_kind kind;
    uint8_t source;
    struct data_span span;
    const char *message; /* style of base/err.h */
    const char *hint;    /* may be NULL */
};

struct compose_project {
    const struct compose_source *sources; /* the given files first, then what they brought; [n] is data_node.source n */
    size_t source_count;
    const struct data_node *root;           /* NULL when nothing could be read */
    const struct compose_problem *problems; /* by source and place */
    size_t problem_count;
    bool incomplete; /* a file that can't be read would have brought more */
};

/*
 * GIVEN: the project's file and its override files, in order (at least one); names and bytes (`directory` of the first
 * is empty). FILES may be NULL: nothing else can be read.
 */
int compose_project_read(const struct op_ctx *ctx, const struct compose_source *given, size_t given_count,
                         const struct compose_files *files, struct arena *arena, struct compose_project *ret_project,
                         struct err *err);
