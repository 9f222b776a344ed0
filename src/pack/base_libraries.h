/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_libraries.h - the layer of what an application needs from the archive besides a runtime: whole packages,
 * and the closure of the libraries that it names.
 */
#include "pack/base_part.h"

/*
 * The request without what RUNTIME (its part, or NULL) has: libraries, C.UTF-8, libgcc_s.so.1, the flavour. Lives in
 * the context's arena.
 */
int base_libraries_request(const struct base_making *making, const struct base_part *runtime,
                           struct base_request *ret_request, struct err *err);

/* False when nothing is left for the layer to hold. */
bool base_libraries_wanted(const struct base_request *request);

/* MAKING's request is the one of base_libraries_request. */
int base_libraries_init(const struct base_making *making, const struct base_part *runtime, struct base_part *ret_part,
                        struct err *err);

/* SUMS: of base_part_sums, empty without a runtime. COMMON: the common part's packages are fetched in the same round.
 */
int base_libraries_make(const struct base_making *making, const struct base_part *runtime, struct str sums, bool common,
                        struct base_part *part, struct err *err);
