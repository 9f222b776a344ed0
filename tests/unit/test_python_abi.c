/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "python/abi.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static const struct python_interpreter debian = {
    .major = 3, .minor = 11, .micro = 2, .platform = STR_INIT("x86_64-linux-gnu"), .libc_major = 2, .libc_minor = 36};

static void expect_ext(const char *name, enum python_ext_kind kind, const char *module, unsigned minor,
                       const char *platform)
{
    struct python_ext ext = python_ext_parse(str_z(name));
    assert_int_equal(ext.kind, kind);
    assert_true(str_eq_z(ext.module, module));
    assert_int_equal(ext.minor, minor);
    assert_true(str_eq_z(ext.platform, platform));
}

static void test_names(void **state)
{
    (void)state;
    expect_ext("a/b/_x.cpython-311-x86_64-linux-gnu.so", PYTHON_EXT_CPYTHON, "_x", 11, "x86_64-linux-gnu");
    expect_ext("_x.cpython-37m-i386-linux-gnu.so", PYTHON_EXT_CPYTHON, "_x", 7, "i386-linux-gnu");
    expect_ext("81d243bd2c585b0f4821__mypyc.cpython-312-aarch64-linux-musl.so", PYTHON_EXT_CPYTHON,
               "81d243bd2c585b0f4821__mypyc", 12, "aarch64-linux-musl");
    expect_ext("_x.cpython-311.so", PYTHON_EXT_CPYTHON, "_x", 11, "");
    expect_ext("_x.cpython-39-darwin.so", PYTHON_EXT_CPYTHON, "_x", 9, "darwin");
    expect_ext("_x.abi3.so", PYTHON_EXT_ABI3, "_x", 0, "");
    expect_ext("_x.so", PYTHON_EXT_PLAIN, "_x", 0, "");
    expect_ext("_x.pypy39-pp73-x86_64-linux-gnu.so", PYTHON_EXT_PYPY, "_x", 9, "x86_64-linux-gnu");
    expect_ext("_x.graalpy-38-native-x86_64-linux.so", PYTHON_EXT_OTHER, "_x", 0, "");
    expect_ext("_x.cp311-win_amd64.pyd", PYTHON_EXT_WINDOWS, "_x", 11, "win_amd64");
    expect_ext("_x.pyd", PYTHON_EXT_WINDOWS, "_x", 0, "");
    struct python_ext ext = python_ext_parse(STR("_x.cpython-313td-x86_64-linux-gnu.so"));
    assert_true(ext.free_threaded && ext.debug && !ext.pymalloc);
    static const char *const none[] = {
        "",      ".so",       "x.py",           "libfoo.so.1",     "libssl-2f3b.so",     "x.foo.so",
        "x..so", "x.abi4.so", "_x.cpython-.so", "_x.cpython-3.so", "_x.cpython-311x.so", "dir.so/"};
    for (size_t i = 0; i + 1 < ARRAY_LEN(none); i++)
        expect_ext(none[i], PYTHON_EXT_NONE, "", 0, "");
    expect_ext("_x.cpython-399999999999-x.so", PYTHON_EXT_NONE, "", 0, "");
}

static void expect_fit(const char *name, const struct python_interpreter *interpreter, const char *reason)
{
    struct buf said CLEANUP_BUF = BUF_INIT;
    struct python_ext ext = python_ext_parse(str_z(name));
    bool fits = python_ext_fits(&ext, interpreter, &said);
    assert_string_equal(buf_z(&said), reason);
    assert_int_equal(fits, reason[0] == '\0');
    assert_int_equal(python_ext_fits(&ext, interpreter, NULL), fits);
}

static void test_fits(void **state)
{
    (void)state;
    expect_fit("_x.cpython-311-x86_64-linux-gnu.so", &debian, "");
    expect_fit("_x.abi3.so", &debian, "");
    expect_fit("_x.so", &debian, "");
    expect_fit("_x.cpython-312-x86_64-linux-gnu.so", &debian,
               "is built for CPython 3.12, and the interpreter is CPython 3.11");
    expect_fit("_x.cpython-311-aarch64-linux-gnu.so", &debian,
               "is built for aarch64, and the interpreter is for x86_64");
    expect_fit("_x.cpython-311-x86_64-linux-musl.so", &debian,
               "is built for musl (Alpine), and the interpreter is for glibc");
    expect_fit("_x.cpython-311-x86_64-linux-gnux32.so", &debian,
               "is built for the platform 'x86_64-linux-gnux32', and the interpreter is for 'x86_64-linux-gnu'");
    expect_fit("_x.cpython-311-darwin.so", &debian, "is built for the platform 'darwin', not for Linux");
    expect_fit("_x.cpython-311d-x86_64-linux-gnu.so", &debian,
               "is built for CPython 3.11 with debugging, and the interpreter is CPython 3.11");
    expect_fit("_x.pypy311-pp73-x86_64-linux-gnu.so", &debian,
               "is built for PyPy 3.11, and the interpreter is CPython 3.11");
    expect_fit("_x.pyd", &debian, "is built for Windows");
    expect_fit("_x.graalpy-38-native-x86_64-linux.so", &debian, "is built for another implementation of Python");
    expect_fit("_x.py", &debian, "is no extension module by its name");
    expect_fit("_x.cpython-311m-x86_64-linux-gnu.so", &debian,
               "has the tag 'cpython-311m-x86_64-linux-gnu', which its version of Python does not look for");
    struct python_interpreter other = debian;
    other.minor = 7;
    expect_fit("_x.cpython-37m-x86_64-linux-gnu.so", &other, "");
    expect_fit("_x.cpython-37-x86_64-linux-gnu.so", &other,
               "has the tag 'cpython-37-x86_64-linux-gnu', which its version of Python does not look for");
    other = debian;
    other.debug = true;
    expect_fit("_x.cpython-311-x86_64-linux-gnu.so", &other, "");
    other = debian;
    other.minor = 13;
    other.free_threaded = true;
    expect_fit("_x.cpython-313t-x86_64-linux-gnu.so", &other, "");
    expect_fit("_x.cpython-313-x86_64-linux-gnu.so", &other,
               "is built for CPython 3.13, and the interpreter is CPython 3.13 without the GIL");
    expect_fit("_x.abi3.so", &other, "is built for the stable ABI, which an interpreter without the GIL does not have");
    other.platform = STR_NONE;
    expect_fit("_x.cpython-313t-riscv64-linux-gnu.so", &other, "");
    other.implementation = PYTHON_PYPY;
    expect_fit("_x.abi3.so", &other, "is built for the stable ABI of CPython, and the interpreter is not CPython");
}

static void expect_tag(const char *tag, const struct python_interpreter *interpreter, const char *reason)
{
    struct buf said CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    bool fits = false;
    assert_int_equal(python_tag_fits(str_z(tag), interpreter, &fits, &said, &err), 0);
    assert_string_equal(buf_z(&said), reason);
    assert_int_equal(fits, reason[0] == '\0');
}

static void test_tags(void **state)
{
    (void)state;
    expect_tag("cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64", &debian, "");
    expect_tag("py3-none-any", &debian, "");
    expect_tag("py2.py3-none-any", &debian, "");
    expect_tag("cp37-abi3-manylinux2010_x86_64", &debian, "");
    expect_tag("cp311-cp311-linux_x86_64", &debian, "");
    expect_tag("py3-none-manylinux1_x86_64", &debian, "");
    expect_tag("py2-none-any", &debian, "is for 'py2', and the interpreter is CPython 3.11");
    expect_tag("cp312-abi3-manylinux2014_x86_64", &debian, "is for 'cp312', and the interpreter is CPython 3.11");
    expect_tag("cp312-cp312-manylinux2014_x86_64", &debian, "is for 'cp312', and the interpreter is CPython 3.11");
    expect_tag("cp311-cp311d-linux_x86_64", &debian, "is for the ABI 'cp311d', and the interpreter is CPython 3.11");
    expect_tag("pp39-pypy39_pp73-linux_x86_64", &debian, "is for 'pp39', and the interpreter is CPython 3.11");
    expect_tag("cp311-cp311-manylinux_2_40_x86_64", &debian,
               "asks for a newer C library ('manylinux_2_40_x86_64') than the interpreter's 2.36");
    expect_tag("cp311-cp311-musllinux_1_1_x86_64", &debian,
               "is for musl (Alpine) ('musllinux_1_1_x86_64'), and the interpreter is for glibc");
    expect_tag("cp311-cp311-manylinux2014_aarch64", &debian,
               "is for the platform 'manylinux2014_aarch64', and the interpreter is for x86_64");
    expect_tag("cp311-cp311-win_amd64.macosx_11_0_arm64", &debian, "is for the platform 'win_amd64', not for Linux");
    struct python_interpreter alpine = debian;
    alpine.platform = STR("x86_64-linux-musl");
    alpine.libc_major = 1;
    alpine.libc_minor = 2;
    expect_tag("cp311-cp311-musllinux_1_1_x86_64", &alpine, "");
    expect_tag("cp311-cp311-manylinux2014_x86_64", &alpine,
               "is for glibc ('manylinux2014_x86_64'), and the interpreter is for musl (Alpine)");
}

static void test_bad_tags(void **state)
{
    (void)state;
    static const char *const bad[] = {"", "cp311", "cp311-cp311", "a-b-c-d", "--", "cp311--any", "-x-any"};
    struct err err = ERR_INIT;
    bool fits = true;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_int_equal(python_tag_fits(str_z(bad[i]), &debian, &fits, NULL, &err), -ERR_INVALID);
    assert_string_equal(err.message, "'-x-any' is no wheel tag");
    struct buf many CLEANUP_BUF = BUF_INIT;
    buf_add_z(&many, "cp311-cp311-any");
    for (unsigned i = 0; i < LIMIT_PYTHON_TAG_PARTS; i++)
        buf_add_z(&many, ".a");
    assert_int_equal(python_tag_fits(buf_str(&many), &debian, &fits, NULL, &err), -ERR_INVALID);
    assert_true(fits);
}

static void test_interpreters(void **state)
{
    (void)state;
    struct python_interpreter found;
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_true(python_name_parse(STR("/usr/local/bin/python3.13t"), &found));
    assert_true(found.major == 3 && found.minor == 13 && found.free_threaded && !found.debug);
    assert_true(python_name_parse(STR("pypy3.10"), &found) && found.implementation == PYTHON_PYPY);
    static const char *const bad[] = {"python", "python3", "python3.", "python3.x", "perl5.3", "python3.11-config", ""};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        assert_false(python_name_parse(str_z(bad[i]), &found));
    python_soabi(&debian, &out);
    assert_string_equal(buf_z(&out), "cpython-311-x86_64-linux-gnu");
}

static void test_memory(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct buf said CLEANUP_BUF = BUF_INIT;
        struct python_ext ext = python_ext_parse(STR("_x.cpython-312-x86_64-linux-gnu.so"));
        fault_arm(FAULT_ALLOC, n);
        assert_false(python_ext_fits(&ext, &debian, &said));
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        assert_int_equal(buf_check(&said, NULL), passed ? 0 : -ERR_NOMEM);
        if (passed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),    cmocka_unit_test(test_fits),         cmocka_unit_test(test_tags),
        cmocka_unit_test(test_bad_tags), cmocka_unit_test(test_interpreters), cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
