/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/result.h - what a build tells of what it made (pack/build.h).
 */
#include "pack/application.h"
#include "pack/base_record.h"
#include "pack/flavour.h"
#include "pack/settings.h"

struct result_input {
    const struct build_options *options;
    const struct application *app;
    const struct base_record *record;
    const struct flavour *flavour;
    const struct image_settings *settings;
    struct str suite;
    struct str bytecode_reason; /* why there is none; empty: there is */
    const struct build_phase *phases;
    size_t phase_count;
};

/* Fills all of *RESULT but what outputs_write fills. Everything is copied into ARENA or outlives the build. */
int result_fill(struct arena *arena, const struct result_input *input, struct build_result *result, struct err *err);
