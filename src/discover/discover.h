/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/discover.h - which files of a tree are to be checked, and as what.
 *
 * A directory is walked in the order of names. What .gitignore says (every level, and .git/info/exclude; negation,
 * anchors, `**`) and what `exclude` says is passed over, so are .git, node_modules and symbolic links; a file that was
 * named is always taken. Names: Dockerfile*, *.Dockerfile, *.dockerfile, Containerfile*; compose*.y*ml and
 * docker-compose*.y*ml; any other .yaml, .yml or .json that holds a Kubernetes object (apiVersion and kind at the top
 * of one of its documents). Backup files, .dockerignore and the like are none.
 * Templates are told apart: a Helm chart's templates/ directory, `{{ }}` and `{% %}` outside comments and quoted
 * text, .j2, .tmpl, .tpl.
 *
 * compose.yaml with compose.override.yaml (and the docker- names) is one project; compose.NAME.yaml whose services
 * have neither image nor build is judged as an override of it.
 *
 * Only regular files are opened (never a FIFO or a device), without following a last symbolic link unless it was
 * named. Files are read in stretches of whole documents: memory goes with the largest document.
 * Limits: LIMIT_DISCOVER_*; errors: ERR_IO and the like only for paths that were named; in a walk they make a file
 * that is not judged, with the reason.
 */
#include "base/op.h"
#include "base/vec.h"
#include "check/check.h"

enum discover_as { DISCOVER_AUTO, DISCOVER_DOCKERFILE, DISCOVER_COMPOSE, DISCOVER_KUBERNETES };

struct discover_options {
    enum discover_as as;                /* for files that were named, and for "-" */
    const struct rule_strings *exclude; /* several sets: the command line's, the policy's */
    size_t exclude_count;
    bool gitignore;    /* honour .gitignore */
    struct str base;   /* directory that names are shown relative to in policy paths; absolute, or empty for cwd */
    bool list_skipped; /* tell the files that are none of our surfaces too */
};

struct discover; /* owns the inputs and their open files */

/* PATHS: files, directories, "-" (standard input, once). The caller owns *ret_discover (discover_free). */
int discover_paths(const struct op_ctx *ctx, const struct str *paths, size_t count,
                   const struct discover_options *options, struct discover **ret_discover, struct err *err);
const struct check_input *discover_inputs(const struct discover *discover, size_t *ret_count);
void discover_free(struct discover *discover);
