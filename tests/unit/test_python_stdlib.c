/* SPDX-License-Identifier: Apache-2.0 */
#include "python/stdlib.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

static void expect(const char *name, unsigned version, const char *package, const char *extension,
                   const char *libraries)
{
    struct python_stdlib_module module;
    assert_true(python_stdlib_find(str_z(name), version, &module));
    assert_string_equal(module.package ? module.package : "-", package);
    assert_string_equal(module.extension ? module.extension : "-", extension);
    assert_string_equal(module.libraries ? module.libraries : "-", libraries);
}

static void test_packages(void **state)
{
    (void)state;
    expect("os", 0x030b, "libpython3.11-minimal", "-", "-");
    expect("os", 0x030d, "libpython3.13-minimal", "-", "-");
    expect("asyncio", 0x030b, "libpython3.11-stdlib", "-", "-");
    expect("zlib", 0x030b, "python3.11-minimal", "-", "-");
    expect("ensurepip", 0x030b, "python3.11-venv", "-", "-");
    expect("venv", 0x030b, "libpython3.11-stdlib", "-", "-");
    expect("distutils", 0x030b, "python3-distutils", "-", "-");
    expect("lib2to3", 0x030b, "python3-lib2to3", "-", "-");
    expect("idlelib", 0x030d, "idle-python3.13", "_tkinter", "libtk8.6.so libtcl8.6.so");
    expect("winreg", 0x030b, "-", "-", "-");
    expect("_gdbm", 0x030d, "python3.13-gdbm", "_gdbm", "libgdbm.so.6");
}

static void test_libraries(void **state)
{
    (void)state;
    struct python_stdlib_module module;
    expect("ssl", 0x030b, "libpython3.11-minimal", "_ssl", "libssl.so.3 libcrypto.so.3");
    expect("_ssl", 0x030b, "libpython3.11-minimal", "_ssl", "libssl.so.3 libcrypto.so.3");
    expect("sqlite3", 0x030d, "libpython3.13-stdlib", "_sqlite3", "libsqlite3.so.0");
    expect("nis", 0x030b, "libpython3.11-stdlib", "nis", "libnsl.so.2 libtirpc.so.3");
    expect("tkinter", 0x030b, "python3-tk", "_tkinter", "libBLT.2.5.so.8.6 libtk8.6.so libtcl8.6.so");
    assert_true(python_stdlib_find(STR("uuid"), 0x030b, &module));
    assert_true(module.works_without);
    assert_true(python_stdlib_find(STR("ctypes"), 0x030b, &module));
    assert_false(module.works_without);
}

static void test_names(void **state)
{
    (void)state;
    struct python_stdlib_module module;
    assert_false(python_stdlib_find(STR("numpy"), 0x030b, &module));
    assert_false(python_stdlib_find(STR(""), 0x030b, &module));
    assert_false(python_stdlib_find(STR("o"), 0x030b, &module));
    assert_false(python_stdlib_find(STR("os.path"), 0x030b, &module));
    assert_false(python_stdlib_find(STR("nis"), 0x030d, &module));
    assert_false(python_stdlib_find(STR("distutils"), 0x030d, &module));
    assert_false(python_stdlib_find(STR("_pyrepl"), 0x030b, &module));
    assert_true(python_stdlib_find(STR("crypt"), 0x030c, &module)); /* 3.12: fewer went than with 3.13 */
    assert_false(python_stdlib_find(STR("crypt"), 0x030d, &module));
    assert_false(python_stdlib_find(STR("distutils"), 0x030c, &module));
    assert_true(python_stdlib_find(STR("imp"), 0x030b, &module));
    assert_false(python_stdlib_find(STR("imp"), 0x030c, &module));
    size_t counts[2] = {0}, i = 0;
    for (; python_stdlib_name(i); i++) {
        assert_true(i == 0 || strcmp(python_stdlib_name(i - 1), python_stdlib_name(i)) < 0);
        counts[0] += python_stdlib_find(str_z(python_stdlib_name(i)), PYTHON_STDLIB_OLD, &module);
        counts[1] += python_stdlib_find(str_z(python_stdlib_name(i)), PYTHON_STDLIB_NEW, &module);
    }
    assert_int_equal(counts[0], 305);
    assert_int_equal(counts[1], 289);
    assert_null(python_stdlib_name(i + 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_packages),
        cmocka_unit_test(test_libraries),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
