/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * pack/library_cache.h - /etc/ld.so.cache of an image, for what asks it: the loader, and `ldconfig -p`, which Python's
 * ctypes.util.find_library runs.
 *
 * The file is one, and a layer above hides it as a whole: whoever adds a library to an image that has it writes it
 * again with all libraries of the layers below (base_record of the assembled base) and its own.
 */
#include "elf/machine.h"
#include "io/tree.h"
#include "pack/base_record.h"

/*
 * Puts the cache of LIBRARIES into TREE; those that ldconfig would not look at by their names are passed over. SONAME
 * and path count, path is absolute. The first of two with one name wins. Errors: ERR_NOMEM, ERR_LIMIT, ERR_INVALID.
 */
int library_cache_put(struct tree *tree, struct arena *arena, enum elf_machine machine,
                      const struct base_library *libraries, size_t count, struct err *err);

/*
 * For a layer above: when TREE has a cache of its own (made for libraries in places that the loader does not search),
 * what the layers below list joins it. Without one nothing is done. Errors: the same.
 */
int library_cache_join(struct tree *tree, struct arena *arena, enum elf_machine machine,
                       const struct base_library *libraries, size_t count, struct err *err);
