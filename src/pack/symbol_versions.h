/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/symbol_versions.h - whether the libraries that ship have the symbol versions that the application was linked
 * against: what else shows only when the container starts ("version `GLIBC_2.38' not found").
 */
#include "elf/closure.h"
#include "pack/base_record.h"

/*
 * Holds the needs of every object of CLOSURE (the application's own) against the libraries of CLOSURE, and of RECORD
 * where CLOSURE has none of that name.
 * ERR_SYMBOL_VERSION names the object, a symbol, the version, the library, what it goes up to in SUITE, and the suite
 * that would do.
 */
int symbol_versions_check(struct elf_closure *closure, const struct base_record *record, struct str suite,
                          struct err *err);
