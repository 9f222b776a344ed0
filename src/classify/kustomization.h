/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * classify/kustomization.h - one kustomization, as far as it tells of other files (part of classify/kustomize.h).
 *
 * Paths are absolute, in normal form. What an entry of `resources` is, a file or a directory with a kustomization, its
 * name tells: with an ending of YAML or JSON it is a file. URLs are neither, and lead nowhere. An exception ("#
 * barehull: allow RULE -- reason") on the lines of an entry of `images`, or on those above it, is for the image that it
 * names.
 */
#include "classify/kustomize.h"

struct kustomization {
    struct str directory;
    const char *name; /* of the file; NULL: the directory has none that can be read */
    struct map files; /* that it lists */
    const struct str *bases, *components;
    size_t base_count, component_count;
    struct image_overrides images;
    unsigned query, images_query; /* the last that came by; that took its images */
};

/* Patches go to PATCHES. What is kept lives in ARENA; kustomization_done frees the rest. Errors: ERR_NOMEM. */
int kustomization_read(struct kustomization *kustomization, const struct surroundings *around, struct arena *arena,
                       struct map *patches, struct err *err);
void kustomization_done(struct kustomization *kustomization);
