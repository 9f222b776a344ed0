/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * discover/internal.h - how discover's parts meet: discover (the paths given), candidate (one file: what it is),
 * compose_set (which Compose files belong together).
 */
#include "base/map.h"
#include "classify/kustomize.h"
#include "discover/discover.h"
#include "discover/source.h"
#include "discover/walk.h"

struct discover {
    struct arena arena; /* names and sources */
    VEC(struct check_input) inputs;
    VEC(int) starts; /* directories of the walks */
    struct map seen; /* identities of the files that were considered */
    struct kustomize kustomize;
};

/* What one call of discover_paths works with. */
struct finder {
    const struct op_ctx *ctx;
    const struct discover_options *options;
    struct discover *discover;
    struct gitignore *exclude;
    struct buf cwd;
    struct str base; /* of the policy's paths */
    uint64_t files_left;
    size_t kept_bytes; /* of files that were read whole */
};

/* A file that may be judged. The texts live for the call only. */
struct candidate {
    struct source_file source;
    struct str policy;          /* path relative to the policy's directory */
    struct str absolute;        /* path, as far as the text says */
    const struct walk_dir *dir; /* where a walk found it; NULL: it was named */
};

/* Decides what the file is by AS, its name and its content, and adds the input that follows. */
int candidate_add(struct finder *finder, const struct candidate *candidate, enum look_as as, struct err *err);

/* A Compose file together with those that it belongs to, if any. BYTES: its beginning, all of it when WHOLE. */
int compose_set_add(struct finder *finder, const struct candidate *candidate, struct str bytes, bool whole,
                    bool *ret_added, struct err *err);

/* The input of a file by itself, not yet added; it lives as long as the inputs. */
int finder_input(struct finder *finder, const struct candidate *candidate, enum surface surface,
                 struct check_input *ret_input, struct err *err);
int finder_add(struct finder *finder, const struct check_input *input, struct err *err);
/* A file or directory that can't be judged / is none of ours. */
int finder_add_not_judged(struct finder *finder, enum surface surface, struct str shown, struct str policy,
                          const char *reason, bool template, struct err *err);
int finder_add_skipped(struct finder *finder, const struct candidate *candidate, const char *reason, struct err *err);
