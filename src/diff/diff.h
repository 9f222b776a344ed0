/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * diff/diff.h - what changed between two texts, as a unified diff that `patch` and `git apply` take.
 *
 * Line by line, shortest edit script (Myers, "An O(ND) Difference Algorithm", 1986) within a budget; beyond it, whole
 * stretches count as replaced, so that the cost is bounded (LIMIT_DIFF_*). A last line without a newline is said as
 * diff(1) says it. Bytes are copied as they are: CRLF and what is no UTF-8 survive. Format: POSIX diff -u, and git's
 * words for files that are new or go ("--- /dev/null").
 */
#include "base/buf.h"
#include "base/err.h"

struct diff_side {
    struct str name;    /* "a/Dockerfile"; empty: /dev/null, the file is not there */
    struct str content; /* ptr NULL: the file is not there */
};

/*
 * Appends the diff with CONTEXT lines around each change; nothing when both are the same. Texts with a NUL byte are
 * told as "Binary files A and B differ". Errors: ERR_NOMEM, ERR_LIMIT.
 */
int diff_unified(const struct diff_side *before, const struct diff_side *after, unsigned context, struct buf *out,
                 struct err *err);
