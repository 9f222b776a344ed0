/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * check/check.h - judges texts by a policy: bytes in, report out. No files are opened here.
 *
 * An input is one file's bytes and what it is, or several when they make one Compose project. Large manifests come
 * in stretches of whole documents (`next`). Inputs are judged side by side (THREADS); the report does not depend on
 * how many. What is wrong with a text is a finding (rule `valid-syntax`) or a file that was not judged, never an error.
 * Errors: ERR_NOMEM, ERR_CANCELLED, ERR_DEADLINE.
 */
#include "base/op.h"
#include "check/policy.h"
#include "check/report.h"
#include "compose/project.h"

struct check_input {
    enum surface surface;
    struct str name; /* as shown; '/'-separated; matched against the policy's paths (relative to its directory) */
    struct str path; /* that relative path; empty: name */
    /*
     * The bytes, stretch by stretch: *ret_bytes lives until the next call or `done`; ret_bytes->ptr NULL is the end.
     * Kubernetes: stretches of whole documents; Dockerfile, Compose: one. A failure makes the file "not judged".
     */
    int (*next)(void *self, struct str *ret_bytes, uint64_t *ret_offset, uint32_t *ret_line, struct err *err);
    void (*done)(void *self);
    void *self;
    /* Compose: override files that belong to it, in order, and how other files are read. */
    const struct check_input *overrides;
    size_t override_count;
    bool context; /* another input judges this file by itself: the project is listed by its last override's name */
    struct compose_files compose_files;
    struct str target;                    /* Dockerfile: the stage that is built; empty: the last */
    const struct image_overrides *images; /* Kubernetes: what kustomizations make of images' names; or NULL */
    bool template;                        /* not_judged because it is a template */
    struct str not_judged; /* not empty: why it can't be judged ("a Helm template"); the bytes are not asked for */
    struct str skipped;    /* not empty: why it is none of our surfaces */
};

int check_run(const struct op_ctx *ctx, const struct policy *policy, const struct check_input *inputs, size_t count,
              unsigned threads, struct arena *arena, struct report *ret_report, struct err *err);

/* 1 findings at or above the policy's fail_on; 2 nothing could be read; 3 something was not judged; else 0. */
int check_status(const struct report *report);
