/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * compose/project.h - a Compose project as its platform would see it: one tree, resolved.
 *
 * Implements the Compose specification, in doubt as compose-go does: of each file its anchors and merge keys
 * (data/yaml.h, YAML_COMPOSE), then interpolation (compose/interpolate.h) with the variables of the project's `.env`
 * (compose/dotenv.h), then `extends` (same file or another), then `include`; then the override files in order
 * ("Merge": mappings merge, sequences append or merge by key, command, entrypoint and healthcheck.test replace, !reset
 * and !override). Short forms stay as written, but where a list and a mapping are merged ('environment', 'labels', ...)
 * the result is a mapping: facts/compose.h knows what all forms mean. Services of all profiles are there. `include`
 * and `extends` are gone when they were followed; a service that still has `extends` could not be completed (told), so
 * that what it does not say is unknown.
 *
 * Every node of the tree knows the text it is written in (data_node.source is an index of `sources`) and its span
 * there. Only values are interpolated, never keys. A value that was (`$$` counts) has the flag DATA_INTERPOLATED, and
 * the places that set its variables are its extra->origins. One that hangs on a variable which neither the `.env` nor
 * a default gives has DATA_UNKNOWN and is a string as written, for the environment of whoever deploys may set it;
 * defaults count as known. What `extends` brought has DATA_INHERITED.
 *
 * Kinds: a plain scalar that became a boolean or a number is one, anything else stays a string. The platform casts
 * texts where its schema asks for a boolean or a number, so that `read_only: "${RO}"` and `read_only: "true"` count as
 * true as well: read flags with compose_bool.
 *
 * No files are opened here: a struct compose_files does. What is wrong is a problem with its place, never an error,
 * and the rest is read as if nothing had happened. Everything lives in the arena; sources' bytes are the provider's.
 * A project without anything to resolve is the tree as it was parsed. Time and memory are in proportion to the files
 * within LIMIT_COMPOSE_*; the stack is bounded by LIMIT_YAML_DEPTH and those.
 * Errors: ERR_NOMEM, ERR_CANCELLED, ERR_DEADLINE; ERR_LIMIT for more given files than LIMIT_COMPOSE_SOURCES.
 */
#include "base/op.h"
#include "data/node.h"
#include "data/yaml.h"

/* Gives the bytes of files that others name. */
struct compose_files {
    /*
     * The file PATH in normal form: relative to the directory of the project's first file ("../" may lead out of it),
     * or absolute where it is written so. On success the bytes live as long as ARENA. *ret_bytes.ptr is NULL, without
     * an error, when there is no such file (or the caller may not see it: a service never reads files); ERR_LIMIT,
     * ERR_IO and the like become problems.
     */
    int (*read)(void *self, struct str path, struct arena *arena, struct str *ret_bytes, struct err *err);
    void *self;
};

struct compose_source {
    struct str name; /* as shown to people: as given; of what was brought, its path beside the first given name */
    struct str bytes;
    struct str
        directory; /* relative to the project's; empty for the same. Paths in what `extends` brought start there */
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
    bool incomplete; /* a file that can't be read, or is broken, would have brought more */
};

/*
 * GIVEN: the project's file and its override files, in order (at least one); names and bytes (`directory` of the first
 * is empty). FILES may be NULL: nothing else can be read.
 */
int compose_project_read(const struct op_ctx *ctx, const struct compose_source *given, size_t given_count,
                         const struct compose_files *files, struct arena *arena, struct compose_project *ret_project,
                         struct err *err);

/*
 * NODE as the platform casts it: a boolean, or a text that is y, yes, true, on, n, no, false or off in any case. False
 * when it is neither, unknown, or absent.
 */
bool compose_bool(const struct data_node *node, bool *ret_value);
