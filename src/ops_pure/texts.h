/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * ops_pure/texts.h - named texts as inputs of a check: those that the files would make if they lay below one directory
 * that holds nothing else, and each were named.
 *
 * Names are clean paths below that directory ('/'-separated; "./" before them is dropped). Compose files with their
 * override files make one project, `include`, `extends`, `env_file` and `.env` find the other texts by their names, a
 * Chart.yaml and a kustomization tell of those around them; nothing else is ever read.
 */
#include "check/check.h"
#include "classify/look.h"

struct named_text {
    struct str name, content;
    enum look_as as;
};

struct texts;

/*
 * NAMED must outlive *RET_TEXTS and the report that is made of it; all else lives in ARENA.
 * Errors: ERR_USAGE for names that are no clean paths, or twice there; ERR_LIMIT (LIMIT_CHECK_TEXTS_BYTES); ERR_NOMEM.
 */
int texts_new(const struct named_text *named, size_t count, struct arena *arena, const struct texts **ret_texts,
              struct err *err);

/* The content of the text NAME; ptr NULL when there is none. */
struct str texts_find(const struct texts *texts, struct str name);

/*
 * One or no input for each text, in their order; TARGET: the stage of Dockerfiles that ships, or empty. The inputs are
 * for one check. What is wrong with a text is its input's to tell. Errors: ERR_NOMEM.
 */
int texts_inputs(const struct op_ctx *ctx, const struct texts *texts, struct str target, struct arena *arena,
                 const struct check_input **ret_inputs, size_t *ret_count, struct err *err);
