/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/build_result.h - what "build" answers, for JSON and for people: a list of images, of one in most cases,
 * each with the fields of struct build_result (pack/build.h), and of the indexes over those for several machines.
 */
#include "op/operation.h"
#include "pack/build.h"

struct built_image {
    struct build_result result; /* first: the table's offsets are those of pack/build.h */
    struct str name;            /* in barehull.yaml; absent: APP */
};

/* An image for several machines, whose images stand among the others. */
struct built_index {
    struct build_index index; /* first, likewise */
    struct str name;
};

/* An image of several that could not be built. */
struct build_failure {
    struct str name;
    struct str code; /* err_name */
    struct str message;
    struct str hint;
    int status; /* err_exit_status */
};

struct build_answer {
    OP_LIST(struct built_image) images;
    OP_LIST(struct built_index) indexes;
    OP_LIST(struct build_failure) failed;
};

extern const struct op_record build_answer_record;

void build_answer_render(const void *result, struct text_out *out);

/* 0, or the gravest of the failures. */
int build_answer_status(const void *result);
