/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/image_files.h - which programs an image can hold, by its name and by what a Dockerfile copies into it.
 *
 * Says "no" only when it is certain: a copy of a folder may bring anything below its destination, a RUN anything at
 * all. Nothing is known of images whose name tells nothing.
 */
#include "facts/build.h"

/* Does the image that NAME names, as it was published, hold PROGRAM (a base name)? */
enum image_answer image_has_program(const struct image_name *name, struct str program);

/* What the shipped stages of a build put where. */
struct image_files {
    const struct build *build;
    const struct str *destinations; /* of each shipped copy, absolute and in normal form */
    const bool *folders;            /* its destination is written as a folder ("/app/") */
    const struct copy_fact **copies;
    size_t count;
    const struct fact_text *hidden; /* a destination that hangs on a variable, or is relative to one; or NULL */
    bool runs;                      /* a RUN ships */
};

/* Errors: ERR_NOMEM. */
int image_files_read(const struct build *build, struct arena *arena, struct image_files *ret_files, struct err *err);

/* Does a shipped copy with a destination that is known reach PATH (absolute): it, or a folder above it? */
bool image_files_copied(const struct image_files *files, struct str path);
/* The same, where a hidden destination counts as a yes. */
bool image_files_may_hold(const struct image_files *files, struct str path);
/* The same of PROGRAM in one of the directories of PATH. */
bool image_files_may_find(const struct image_files *files, struct str program);
/* The image is distroless or scratch, without a shell: it holds what its name says and what is copied. */
bool image_files_bare(const struct image_files *files);
/* The base is scratch or a distroless image without a program of its own, and so without ENTRYPOINT and CMD. */
bool image_files_base_is_empty(const struct build *build);
/* The working directory at the end, or the empty view when it is not known. */
struct str image_files_workdir(const struct image_files *files);
