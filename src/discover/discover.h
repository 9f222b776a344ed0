/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/discover.h - which files of a tree are to be checked, and as what.
 *
 * A directory is walked in the order of names. What .gitignore says (every level up to the repository's root, and
 * .git/info/exclude; discover/ignore.h) and what `exclude` says is passed over, so are .git, .hg, .svn, node_modules
 * and symbolic links; a file or directory that was named is always taken. Names: Dockerfile*, *.Dockerfile,
 * *.dockerfile, Containerfile*; compose*.y*ml and docker-compose*.y*ml; any other .yaml, .yml or .json that holds a
 * Kubernetes object (classify/classify.h). Backup files, .dockerignore and the like are none. A YAML file of another
 * name that is a Compose file is taken as one when it was named.
 * Templates are told apart and not judged: a Helm chart's templates/ directory, `{{ }}` and `{% %}` outside comments
 * and quoted text (classify/template.h), .j2, .tmpl, .tpl and the like. So are patches that a kustomization names
 * (classify/kustomize.h).
 *
 * compose.yaml with compose.override.yaml (and the docker- names) is one project; compose.NAME.yaml that has a service
 * with neither image nor build is judged as an override of it, by an input of its own.
 *
 * Names are shown as the start was typed, without "./" before it, and what was found below it behind a slash.
 * A file that is named or found twice is judged once. Names that are not UTF-8 are carried as bytes.
 *
 * Only regular files are opened (never a FIFO or a device), without following a symbolic link unless it was named.
 * Files are read in stretches of whole documents: memory goes with the largest document.
 * Limits: LIMIT_DISCOVER_*. A path that can't be read, named or found, is a file that is not judged, with the reason,
 * and the others are checked. Errors: ERR_NOMEM, ERR_CANCELLED, ERR_DEADLINE; ERR_IO and the like for the current
 * directory and standard input.
 */
#include "base/op.h"
#include "base/vec.h"
#include "check/check.h"
#include "classify/look.h"

struct discover_options {
    enum look_as as;                    /* for files that were named, and for "-" */
    const struct rule_strings *exclude; /* several sets: the command line's, the policy's */
    size_t exclude_count;
    struct str target; /* of Dockerfiles: the stage that is built; empty: the last */
    bool gitignore;    /* honour .gitignore */
    struct str base; /* directory that names are shown relative to in policy paths; absolute; empty: the current one */
    bool list_skipped; /* tell the files that are none of our surfaces too */
};

struct discover; /* owns the inputs and their open files */

/*
 * PATHS: files, directories, "-" (standard input, once). None: the current directory, its files shown without "./".
 * The inputs' `next` may be called from any thread, each from one at a time. The caller owns *ret_discover
 * (discover_free).
 */
int discover_paths(const struct op_ctx *ctx, const struct str *paths, size_t count,
                   const struct discover_options *options, struct discover **ret_discover, struct err *err);
const struct check_input *discover_inputs(const struct discover *discover, size_t *ret_count);
void discover_free(struct discover *discover);
