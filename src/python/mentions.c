/* SPDX-License-Identifier: Apache-2.0 */
#include "python/mentions.h"

#include <string.h>

/* Their own extensions are left out when nothing mentions them. */
static const char *const extension_names[] = {"_crypt", "_curses", "_dbm", "_gdbm",  "_sqlite3", "crypt",
                                              "curses", "dbm",     "nis",  "shelve", "sqlite3"};

static bool contains(struct str text, struct str part)
{
    return memmem(text.ptr ? text.ptr : "", text.len, part.ptr, part.len) != NULL;
}

bool python_import_mentions(const struct python_import *import)
{
    return import->level == 0 && !(import->context & PYTHON_IMPORT_NEVER);
}

static bool finds(struct str source)
{
    return contains(source, STR("find_library"));
}

static bool opens(struct str source)
{
    return contains(source, STR("dlopen("));
}

bool python_may_look_for_libraries(struct str source)
{
    return finds(source) || opens(source);
}

bool python_looks_for_libraries(struct str source, const struct python_imports *imports)
{
    bool by_ctypes = finds(source), by_cffi = opens(source);
    for (uint32_t i = 0; (by_ctypes || by_cffi) && i < imports->count; i++) {
        struct str top = python_module_top(imports->items[i].module);
        if (!python_import_mentions(&imports->items[i]))
            continue;
        if ((by_ctypes && str_eq_z(top, "ctypes")) || (by_cffi && str_eq_z(top, "cffi")))
            return true;
    }
    return false;
}

struct str python_extension_name(size_t index)
{
    return index < ARRAY_LEN(extension_names) ? str_z(extension_names[index]) : STR_NONE;
}

bool python_extension_mentions(struct str bytes, struct str name)
{
    char text[16] = {0}; /* "\0curses\0" */
    if (name.len > sizeof(text) - 2)
        return false;
    memcpy(text + 1, name.ptr, name.len);
    return contains(bytes, str_of(text, name.len + 2));
}
