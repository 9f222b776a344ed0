/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/base_runtime.h - the layer of an interpreter of the archive: its packages without what nobody mentions, the
 * closure of the libraries that is left, C.UTF-8, links; with a flavour of whole packages these too.
 *
 * It knows nothing of the application but what base_runtime says, so that all applications alike share it.
 */
#include "pack/base_part.h"

int base_runtime_init(const struct base_making *making, struct base_part *ret_part, struct err *err);
int base_runtime_make(const struct base_making *making, struct base_part *part, struct err *err);

/* True for a package that an interpreter's own packages stand for: python3, python3.11, libpython3-stdlib... */
bool base_runtime_stands_for(const struct base_runtime *runtime, struct str package);

/* The names of all such packages. */
int base_runtime_names(const struct base_runtime *runtime, struct arena *arena, struct str_list *ret_names,
                       struct err *err);

/* True when PATH of one of the runtime's packages stays out of it. */
bool base_runtime_excludes(const struct base_runtime *runtime, struct str path);
