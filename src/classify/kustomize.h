/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/kustomize.h - which files are patches that a kustomization lays over objects: parts of objects, which say
 * nothing by themselves.
 *
 * The kustomization is looked for in the file's own directory and in LIMIT_DISCOVER_KUSTOMIZE_LEVELS above it; each is
 * read once. Its patches are what `patches` and `patchesJson6902` name as `path`, and the file names in
 * `patchesStrategicMerge`. One that can't be read names none.
 * Reference: the Kustomization file, https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "classify/surroundings.h"

/* {0} at the start. */
struct kustomize {
    struct map directories; /* that were looked at, absolute */
    struct map patches;     /* absolute paths of files */
};

void kustomize_done(struct kustomize *kustomize);

/* Whether the file at ABSOLUTE is such a patch. The paths that are kept live in ARENA. Errors: ERR_NOMEM. */
int kustomize_is_patch(struct kustomize *kustomize, const struct surroundings *around, struct arena *arena,
                       struct str absolute, bool *ret_patch, struct err *err);
