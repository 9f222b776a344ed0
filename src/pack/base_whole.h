/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_whole.h - which packages ship whole: a flavour's, and those that were named, with what they depend on.
 */
#include "pack/base_part.h"

/* The request's flavour, beyond the common part. */
int base_whole_flavour(const struct base_making *making, struct resolution *ret_resolution, struct err *err);

/*
 * The request's packages with what they depend on; without what the common part has, without what the runtime stands
 * for (but for its own packages when they were named: the rest of them ships then), and without packages that were
 * drawn in and of which BELOW (may be NULL) has what is needed.
 */
int base_whole_named(const struct base_making *making, const struct base_record *below,
                     struct resolution *ret_resolution, struct err *err);
