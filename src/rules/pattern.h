/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * rules/pattern.h - patterns of image names, as the configuration writes them.
 *
 * '*' stands for any bytes within one component (between '/'), '**' for any bytes. A pattern without tag and digest
 * holds for all of them. Docker Hub's names may be written short or whole: "python", "library/python",
 * "docker.io/library/python".
 */
#include "base/arena.h"
#include "facts/image_name.h"
#include "rules/judge.h"

bool pattern_match(struct str pattern, struct str text);

/* Does one of PATTERNS name the image? False too when memory is short. */
bool pattern_match_image(struct rule_strings patterns, const struct image_name *image, struct arena *arena);
