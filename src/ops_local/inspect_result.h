/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/inspect_result.h - what "inspect" answers, for JSON and for people.
 *
 * Texts and lists live in the arena of the operation's context.
 */
#include "op/operation.h"

struct inspect_layer {
    struct str digest; /* empty where the archive states none */
    struct str diff_id;
    struct str media_type;
    struct str created_by;
    uint64_t size_bytes;
    uint64_t unpacked_bytes;
    uint64_t files;
};

struct inspect_package {
    struct str name;
    struct str version;
    struct str architecture;
    uint64_t files;
    uint64_t unpacked_bytes;
};

struct inspect_library {
    struct str name; /* as it is asked for */
    struct str path; /* empty: not in the image */
    struct str package;
    struct str needed_by;
};

struct inspect_file {
    struct str path;
    struct str type; /* file, dir, symlink, other */
    struct str mode; /* octal */
    uint64_t uid, gid;
    uint64_t size_bytes;
    uint64_t layer; /* index; OP_ABSENT_U64 for what has no content */
    struct str package;
    struct str target;
};

struct inspect_share {
    struct str name;
    uint64_t unpacked_bytes;
    uint64_t files;
};

struct inspect_result {
    struct str image;
    struct str kind;
    struct str_list names;
    struct str digest;
    struct str index_digest; /* ptr NULL: it is in none */
    struct str_list platforms;
    struct str config_digest;
    struct str created;
    struct str platform;
    struct str os;
    struct str user;
    struct str_list entrypoint;
    struct str_list cmd;
    struct str_list env;
    struct str workdir;
    struct str_list exposed;
    struct op_map labels;
    struct str stop_signal;
    struct str_list healthcheck;
    uint64_t size_bytes;
    uint64_t unpacked_bytes;
    uint64_t file_count;
    OP_LIST(struct inspect_layer) layers;
    OP_LIST(struct inspect_package) packages;
    OP_LIST(struct inspect_library) libraries;
    OP_LIST(struct inspect_share) directories; /* where the bytes go, largest first */
    OP_LIST(struct inspect_file) largest;
    OP_LIST(struct inspect_file) files; /* with --files or --tree */
    bool as_tree;                       /* for people only */
};

extern const struct op_record inspect_result_record;

void inspect_result_render(const void *result, struct text_out *out);
