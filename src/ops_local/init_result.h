/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_local/init_result.h - what "init" answers, for JSON and for people.
 *
 * For people it is either a report of what was written, or, when nothing was written, the diff alone: what patch and
 * `git apply` take.
 */
#include "op/operation.h"

struct init_found {
    struct str answer; /* "port" */
    struct str value;
    struct str path; /* of the file that says so; empty: none does */
    uint64_t line;   /* 0: the file as a whole */
    struct str why;
    struct str_list rivals;
};

struct init_written {
    struct str path;
    struct str state; /* "new", "same", "changed", "overwritten" */
    struct str what;
    uint64_t size_bytes;
};

struct init_judgement {
    struct str verdict; /* "pass", "fail", "incomplete" */
    uint64_t files, errors, warnings, notes;
    struct str_list findings; /* "FILE:LINE: RULE: message" */
};

struct init_result {
    struct str application; /* as it was named */
    struct str kind;        /* "a Go module" */
    struct str directory;
    struct str image;
    bool written;
    bool shown;   /* --diff: nothing was to be written */
    bool differs; /* nothing was written, and something would be */
    OP_LIST(struct init_found) found;
    OP_LIST(struct init_written) files;
    struct str diff; /* of what was not written; absent when it was */
    struct init_judgement check;
    struct str_list notes;
    struct str_list next; /* commands */
};

extern const struct op_record init_result_record;

void init_result_render(const void *result, struct text_out *out);

/* 1: files differ from what would be written, and were left alone. */
int init_result_status(const void *result);
