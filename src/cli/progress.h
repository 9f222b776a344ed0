/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * cli/progress.h - what an operation tells while it works, on standard error.
 *
 * On a terminal one line, redrawn at most ten times a second and wiped before anything else is written, and for items
 * (which are quick: a line would only flicker) none in the first 200 ms; nothing when
 * standard error is no terminal, with --quiet, or with --format json. Warnings are lines of their own ("barehull:
 * warning: ..."), or JSON objects. Threads: the sink may be called from any; everything else from the main one.
 */
#include "base/op.h"
#include "cli/common.h"

#include <pthread.h>

struct cli_progress {
    int fd;
    bool draw;  /* progress is wanted */
    bool warn;  /* warnings are wanted */
    bool json;  /* as JSON */
    bool color; /* for "warning:" */
    unsigned width;
    struct op_sink sink; /* give this to op_ctx */
    pthread_mutex_t lock;
    bool shown;          /* a line stands there */
    uint64_t drawn_ns;   /* when */
    uint64_t started_ns; /* of the phase that is shown */
    uint64_t started_at; /* its DONE then */
    uint64_t phase_hash;
};

void cli_progress_init(struct cli_progress *progress, const struct cli_common *common, int fd, bool terminal,
                       bool color, unsigned width);
/* Wipes the line, for words of others; the next progress draws it again. */
void cli_progress_pause(struct cli_progress *progress);
/* Wipes the line. The sink must not be called any more. */
void cli_progress_done(struct cli_progress *progress);
