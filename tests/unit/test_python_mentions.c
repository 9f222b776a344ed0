/* SPDX-License-Identifier: Apache-2.0 */
#include "python/mentions.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static bool looks(const char *source)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_imports imports;
    struct err err = ERR_INIT;
    struct str text = str_z(source);
    assert_int_equal(python_imports_scan(text, 0x030b, &arena, &imports, &err), 0);
    bool found = python_looks_for_libraries(text, &imports);
    assert_true(!found || python_may_look_for_libraries(text));
    return found;
}

static void test_libraries(void **state)
{
    (void)state;
    assert_true(looks("import ctypes.util\nctypes.util.find_library('z')\n"));
    assert_true(looks("from ctypes.util import find_library\n"));
    assert_true(looks("import cffi\nffi = cffi.FFI()\nffi.dlopen('libz.so.1')\n"));
    assert_true(looks("def f():\n    from cffi import FFI\n    FFI().dlopen(None)\n"));
    assert_false(looks("import ctypes\nctypes.CDLL('libz.so.1')\n"));
    assert_false(looks("import cffi\nprint('find_library')\n"));
    assert_false(looks("import ctypes\nx.dlopen('a')\n"));
    assert_false(looks("from .ctypes import find_library\n"));
    assert_false(looks("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import ctypes\nfind_library()\n"));
    assert_false(looks(""));
}

static void test_imports(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct python_imports imports;
    struct str text =
        STR("import a.b\nfrom . import c\nif False:\n    import d\ntry:\n    import e\nexcept ImportError:\n"
            "    pass\n");
    assert_int_equal(python_imports_scan(text, 0x030b, &arena, &imports, NULL), 0);
    assert_int_equal(imports.count, 4);
    static const bool mentions[] = {true, false, false, true};
    for (uint32_t i = 0; i < imports.count; i++)
        assert_int_equal(python_import_mentions(&imports.items[i]), mentions[i]);
}

static void test_extensions(void **state)
{
    (void)state;
    struct str bytes = STR("\x7f"
                           "ELF\0curses\0_gdbm\0xcrypt\0sqlite3x\0\0nis");
    size_t found = 0, count = 0;
    struct str name;
    for (; (name = python_extension_name(count)).len > 0; count++)
        if (python_extension_mentions(bytes, name)) {
            assert_true(str_eq_z(name, "curses") || str_eq_z(name, "_gdbm"));
            found++;
        }
    assert_int_equal(found, 2);
    assert_int_equal(count, 11);
    assert_int_equal(python_extension_name(count + 1).len, 0);
    assert_false(python_extension_mentions(STR_NONE, STR("nis")));
    assert_true(python_extension_mentions(STR("\0nis\0"), STR("nis")));
    assert_false(python_extension_mentions(STR("\0a_very_long_name\0"), STR("a_very_long_name")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_libraries),
        cmocka_unit_test(test_imports),
        cmocka_unit_test(test_extensions),
    };
    return cmocka_run_group_tests_name("python/mentions", tests, NULL, NULL);
}
