/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * data/internal.h - how the YAML reader's parts meet: split (where documents stand), build (events to a tree),
 * merge (what is done to a finished mapping, and aliases).
 */
#include "base/limits.h"
#include "base/map.h"
#include "base/vec.h"
#include "data/yaml.h"

#include <yaml.h>

/* The bytes of one document, or of what follows the last. */
struct yaml_chunk {
    size_t start, end;
    uint32_t line;  /* of start, from 1 */
    uint32_t lines; /* that end in it with a line feed */
    bool document;  /* false: blank lines and comments only */
    bool multibyte; /* some byte is not ASCII */
};

/* The chunk that starts at byte START on LINE. */
struct yaml_chunk yaml_chunk_at(struct str source, size_t start, uint32_t line);

/* The end of the line break at AT; AT when there is none. As libyaml: LF, CR, CR LF, NEL, LS, PS. */
size_t yaml_break_end(struct str source, size_t at);

/* An open collection. */
struct yaml_level {
    struct data_node *container;
    struct data_node *last; /* child */
    struct str key;         /* read for the next value, when have_key */
    struct data_span key_span;
    size_t end; /* of what was read in it so far */
    bool have_key;
    bool is_key;    /* the collection is itself a key of the level below */
    bool merge_key; /* the key is a plain '<<' */
    bool has_merge;
};

enum {
    /* Private bits of data_node.flags while a mapping is open. */
    YAML_FLAG_MERGE_KEY = 1U << 15,
    YAML_FLAG_DROPPED = 1U << 14,
};

typedef VEC(struct yaml_duplicate) yaml_duplicate_vec;

struct yaml_build {
    struct str source;
    struct yaml_chunk chunk;
    const struct yaml_options *options;
    struct arena *arena;
    struct err *err;
    const struct data_node *root;
    struct data_node *block; /* free nodes */
    size_t block_left, block_size;
    size_t node_count, alias_count, expanded_count;
    size_t given;       /* bytes of the chunk that libyaml has asked for */
    bool stopped;       /* the context said so; the error is told */
    size_t point, byte; /* a code point of the chunk and the byte of the source that it starts at */
    struct map anchors; /* name to node */
    yaml_duplicate_vec duplicates;
    bool ended;
    size_t failed_at;
    size_t depth;
    /* levels[0] is the document, without a container; levels[1] to levels[depth] are open collections. */
    struct yaml_level levels[LIMIT_YAML_DEPTH + 1];
};

/* The tree of build->chunk in build->root. */
int yaml_build_tree(struct yaml_build *build);
void yaml_build_done(struct yaml_build *build);

/* A cleared node that hangs nowhere. NULL with the error told. */
struct data_node *yaml_node_new(struct yaml_build *build);

/* "line L, column C: WHAT"; HINT may be NULL. */
int yaml_fail_at(struct yaml_build *build, size_t byte, enum err_code code, const char *hint, const char *format, ...)
    PRINTF_LIKE(5, 6);

/* Makes NODE (hung already, with its key) a deep copy of TARGET, for the alias at USE. */
int yaml_copy_alias(struct yaml_build *build, struct data_node *node, const struct data_node *target,
                    struct data_span use);

/* Duplicates and merge keys of a mapping whose members are complete. */
int yaml_finish_mapping(struct yaml_build *build, struct yaml_level *level);
