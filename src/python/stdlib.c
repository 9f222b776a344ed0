/* SPDX-License-Identifier: Apache-2.0 */
#include "python/stdlib.h"

#include "python/stdlib_internal.h"

/* Extension modules that load libraries. */
static const struct {
    const char *extension;
    const char *libraries_old, *libraries_new;
} extensions[] = {
    {"_bz2", "libbz2.so.1.0", "libbz2.so.1.0"},
    {"_crypt", "libcrypt.so.1", NULL},
    {"_ctypes", "libffi.so.8", "libffi.so.8"},
    {"_curses", "libncursesw.so.6 libtinfo.so.6", "libncursesw.so.6 libtinfo.so.6"},
    {"_curses_panel", "libpanelw.so.6", "libpanelw.so.6"},
    {"_dbm", "libdb-5.3.so", "libdb-5.3.so"},
    {"_gdbm", "libgdbm.so.6", "libgdbm.so.6"},
    {"_hashlib", "libcrypto.so.3", "libcrypto.so.3"},
    {"_lzma", "liblzma.so.5", "liblzma.so.5"},
    {"_sqlite3", "libsqlite3.so.0", "libsqlite3.so.0"},
    {"_ssl", "libssl.so.3 libcrypto.so.3", "libssl.so.3 libcrypto.so.3"},
    {"_tkinter", "libBLT.2.5.so.8.6 libtk8.6.so libtcl8.6.so", "libtk8.6.so libtcl8.6.so"},
    {"_uuid", "libuuid.so.1", "libuuid.so.1"},
    {"nis", "libnsl.so.2 libtirpc.so.3", NULL},
    {"readline", "libreadline.so.8", "libreadline.so.8"},
};

/* Modules of Python that import them. */
static const struct {
    const char *module, *extension;
    bool works_without;
} fronts[] = {
    {"bz2", "_bz2", false},         {"crypt", "_crypt", false},     {"ctypes", "_ctypes", false},
    {"curses", "_curses", false},   {"dbm", "_dbm", true},          {"hashlib", "_hashlib", true},
    {"idlelib", "_tkinter", false}, {"lzma", "_lzma", false},       {"sqlite3", "_sqlite3", false},
    {"ssl", "_ssl", false},         {"tkinter", "_tkinter", false}, {"turtle", "_tkinter", false},
    {"uuid", "_uuid", true},
};

static const struct stdlib_name *find_name(struct str module)
{
    size_t low = 0, high = stdlib_name_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = str_cmp(module, str_z(stdlib_names[middle].name));
        if (order == 0)
            return &stdlib_names[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

static const char *package_of(enum python_stdlib_origin origin, bool old)
{
    switch (origin) {
    case PYTHON_STDLIB_BUILTIN:
        return old ? "python3.11-minimal" : "python3.13-minimal";
    case PYTHON_STDLIB_MINIMAL:
        return old ? "libpython3.11-minimal" : "libpython3.13-minimal";
    case PYTHON_STDLIB_STDLIB:
        return old ? "libpython3.11-stdlib" : "libpython3.13-stdlib";
    case PYTHON_STDLIB_VENV:
        return old ? "python3.11-venv" : "python3.13-venv";
    case PYTHON_STDLIB_DISTUTILS:
        return "python3-distutils";
    case PYTHON_STDLIB_LIB2TO3:
        return "python3-lib2to3";
    case PYTHON_STDLIB_TK:
        return old ? "python3-tk" : "python3.13-tk";
    case PYTHON_STDLIB_GDBM:
        return old ? "python3-gdbm" : "python3.13-gdbm";
    case PYTHON_STDLIB_IDLE:
        return old ? "idle-python3.11" : "idle-python3.13";
    case PYTHON_STDLIB_ABSENT:
    case PYTHON_STDLIB_ELSEWHERE:
        break;
    }
    return NULL;
}

static void find_libraries(struct str name, bool old, struct python_stdlib_module *module)
{
    struct str wanted = name;
    for (size_t i = 0; i < ARRAY_LEN(fronts); i++) {
        if (!str_eq_z(name, fronts[i].module))
            continue;
        wanted = str_z(fronts[i].extension);
        module->works_without = fronts[i].works_without;
    }
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++) {
        if (!str_eq_z(wanted, extensions[i].extension))
            continue;
        module->extension = extensions[i].extension;
        module->libraries = old ? extensions[i].libraries_old : extensions[i].libraries_new;
    }
}

/* What 3.12 has no more. */
static bool went_with_3_12(struct str module)
{
    static const char *const names[] = {"asynchat", "asyncore", "distutils", "imp", "smtpd"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (str_eq_z(module, names[i]))
            return true;
    return false;
}

bool python_stdlib_find(struct str module, unsigned version, struct python_stdlib_module *ret_module)
{
    bool old = version < PYTHON_STDLIB_NEW;
    const struct stdlib_name *name = find_name(module);
    unsigned origin = !name ? PYTHON_STDLIB_ABSENT : old ? name->origin_old : name->origin_new;
    if (version == 0x030c && went_with_3_12(module))
        origin = PYTHON_STDLIB_ABSENT;
    *ret_module = (struct python_stdlib_module){.origin = (enum python_stdlib_origin)origin};
    if (origin == PYTHON_STDLIB_ABSENT)
        return false;
    ret_module->package = package_of(ret_module->origin, old);
    find_libraries(module, old, ret_module);
    return true;
}

const char *python_stdlib_name(size_t index)
{
    return index < stdlib_name_count ? stdlib_names[index].name : NULL;
}
