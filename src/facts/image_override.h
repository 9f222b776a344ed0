/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * facts/image_override.h - what `images` of a kustomization makes of the names of images.
 *
 * An entry is for the images whose name, as it is written before tag and digest, equals its own: nothing is completed,
 * "nginx" is not "docker.io/library/nginx". Its newName takes the place of the name; newTag and digest, one or both,
 * take the place of tag and digest together. Entries are applied one after the other, so that a later one sees the
 * name that an earlier one gave. An exception in a comment of the entry is for names that it had the last word on.
 * Names in containers and init containers are changed, those of ephemeral ones are not. Reference: kustomize's image
 * transformer, https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/.
 */
#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct image_override {
    struct str name;
    struct str new_name, new_tag, digest; /* empty: not said */
    struct str file;                      /* where it is written, as shown to people */
    struct str waived, waived_why;        /* rules' names, as a comment of the entry lists them, and its reason */
};

/* In the order in which they are applied. */
struct image_overrides {
    const struct image_override *items;
    size_t count;
};

/*
 * *RET_NAME: what becomes of the name IMAGE, in ARENA, or IMAGE itself. *RET_LAST: the entry that had the last word;
 * NULL when none was for it. OVERRIDES may be NULL. Errors: ERR_NOMEM.
 */
int image_override_apply(const struct image_overrides *overrides, struct str image, struct arena *arena,
                         struct str *ret_name, const struct image_override **ret_last, struct err *err);
