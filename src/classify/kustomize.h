/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/kustomize.h - what kustomizations say of the files around them: which are patches, parts of objects that say
 * nothing by themselves; and what becomes of the names of images in the objects that they list.
 *
 * Kustomizations are looked for in the file's own directory and in LIMIT_DISCOVER_KUSTOMIZE_LEVELS above it, and from
 * there in the directories that they list (`resources`, `bases`, `components`); each is read once. Patches are what
 * `patches` and `patchesJson6902` name as `path`, and the file names in `patchesStrategicMerge`. The `images` that hold
 * for a file are those of the outermost kustomization found that lists it, after those on the way from there to the
 * file: what building that one would give. One that lies elsewhere (an overlay beside its base) is not known here.
 * A kustomization that can't be read says nothing, and neither does what lies beyond LIMIT_DISCOVER_KUSTOMIZE_*.
 * Reference: the Kustomization file, https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/map.h"
#include "classify/surroundings.h"
#include "facts/image_override.h"

/* {0} at the start. */
struct kustomize {
    struct map directories;      /* that were looked at, absolute: struct kustomization, also where there is none */
    struct map patches;          /* absolute paths of files */
    unsigned query;              /* number of the question at hand */
    struct image_overrides last; /* that were kept: most files of a tree have the same */
};

void kustomize_done(struct kustomize *kustomize);

/* What kustomizations say of one file. */
struct kustomized {
    bool patch;
    struct image_overrides images;
};

/*
 * Of the file at ABSOLUTE. What is kept lives in ARENA, one for all questions to KUSTOMIZE. Errors: ERR_NOMEM.
 */
int kustomize_ask(struct kustomize *kustomize, const struct surroundings *around, struct arena *arena,
                  struct str absolute, struct kustomized *ret_kustomized, struct err *err);
