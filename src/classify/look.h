/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/look.h - decides what one file is: by what it is said to be, by its name, by its content as far as that has
 * to be seen, and by the files around it (Helm charts, kustomizations). No file is opened here: bytes are asked for.
 *
 * Limits: LIMIT_DISCOVER_HEAD_BYTES, LIMIT_DISCOVER_JSON_HEAD_BYTES, LIMIT_YAML_DOCUMENT_BYTES of what is read for it.
 */
#include "classify/classify.h"
#include "classify/kustomize.h"
#include "classify/surroundings.h"
#include "facts/pod.h"

enum look_as { LOOK_AUTO, LOOK_DOCKERFILE, LOOK_COMPOSE, LOOK_KUBERNETES };

struct look_file {
    struct str name;     /* without directories */
    struct str absolute; /* path, in normal form */
    bool found;          /* by a walk. More has to speak for it than for one that was named */
    /* The first bytes, at least WANT of them unless the file ends before (*ret_end). What was read is there when it
     * fails, too. */
    int (*read)(void *self, size_t want, struct str *ret_bytes, bool *ret_end, struct err *err);
    void *self;
    const struct surroundings *around;
    struct kustomize *kustomize; /* of all files of one run */
    struct arena *arena;         /* where that keeps paths */
};

/* What came of it. */
struct look {
    const struct look_file *file;
    enum classify_name kind;
    struct str bytes; /* that were read: the beginning, */
    bool end;         /* or all there is */
    bool ours;        /* of a surface that is judged */
    enum surface surface;
    struct image_overrides images; /* what kustomizations make of its images' names; in file->arena */
    const char *not_judged;        /* why it can't be, though it is ours: it is a template or a patch; or NULL */
};

/* Why a file that is not ours was passed over. */
extern const char look_no_surface[];

/* Errors: those of FILE's `read`; *ret_look holds what was known until then. */
int look_at(const struct look_file *file, enum look_as as, struct look *ret_look, struct err *err);

/* A file whose encoding can't be judged would be ours otherwise: that is told, of the others nothing. */
bool look_would_be_ours(const struct look *look);

/* Files of this name are worth a look. */
bool look_is_worth(struct str name);
