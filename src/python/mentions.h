/* SPDX-License-Identifier: Apache-2.0 */
#pragma once
/*
 * python/mentions.h - what counts as a mention of a module, for whoever decides which modules an image can do without.
 *
 * A source mentions what it imports anywhere but where that never runs. Extension modules import by calls of C, whose
 * argument is a name in their table of strings: those of the standard library's modules that may stay out are looked
 * for.
 */
#include "python/imports.h"

/* IMPORT is absolute and may run: its top-level module is mentioned. */
bool python_import_mentions(const struct python_import *import);

/*
 * Whether SOURCE, which imports IMPORTS, looks for libraries by name: through ctypes.util.find_library itself, or
 * through cffi's dlopen. False of cffi's own sources that always could: the caller leaves them out.
 */
bool python_looks_for_libraries(struct str source, const struct python_imports *imports);
/* False: SOURCE can be passed over for that question without reading its imports. */
bool python_may_look_for_libraries(struct str source);

/* The INDEX-th name that extension modules are looked through for; empty behind the last one. Static. */
struct str python_extension_name(size_t index);
/* Whether the file of an extension module with these BYTES mentions NAME. */
bool python_extension_mentions(struct str bytes, struct str name);
