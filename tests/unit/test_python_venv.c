/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "python/venv.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

static struct python_venv read_venv(struct str text)
{
    struct python_venv venv;
    struct err err = ERR_INIT;
    assert_int_equal(python_venv_read(text, &venv, &err), 0);
    return venv;
}

static void test_makers(void **state)
{
    (void)state;
    struct python_venv venv =
        read_venv(STR("home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.11.2\n"
                      "executable = /usr/bin/python3.11\ncommand = /usr/bin/python3 -m venv /a = b\n"
                      "prompt = 'my app'\n"));
    assert_int_equal(venv.maker, PYTHON_VENV_VENV);
    assert_true(str_eq_z(venv.home, "/usr/bin") && str_eq_z(venv.version, "3.11.2") && venv.problems == 0);
    assert_int_equal(venv.interpreter.major * 10000 + venv.interpreter.minor * 100 + venv.interpreter.micro, 31102);
    assert_true(!venv.system_site_packages && str_eq_z(venv.executable, "/usr/bin/python3.11"));
    assert_true(str_eq_z(venv.command, "/usr/bin/python3 -m venv /a = b") && str_eq_z(venv.prompt, "my app"));
    venv = read_venv(STR("home = /usr/bin\nimplementation = PyPy\nversion_info = 3.10.14.final.0\nversion = 9\n"
                         "virtualenv = 20.17.1+ds\ninclude-system-site-packages = true\nbase-prefix = /usr\n"
                         "base-executable = /usr/bin/pypy3\n"));
    assert_int_equal(venv.maker, PYTHON_VENV_VIRTUALENV);
    assert_true(str_eq_z(venv.maker_version, "20.17.1+ds") && venv.interpreter.implementation == PYTHON_PYPY);
    assert_true(venv.interpreter.minor == 10 && venv.interpreter.micro == 14 && venv.system_site_packages);
    assert_true(str_eq_z(venv.prefix, "/usr") && str_eq_z(venv.executable, "/usr/bin/pypy3"));
    venv = read_venv(STR("home = /root/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu/bin\n"
                         "implementation = CPython\nuv = 0.5.1\nversion_info = 3.12.3\n"
                         "include-system-site-packages = false\nrelocatable = true\nprompt = app\n"));
    assert_int_equal(venv.maker, PYTHON_VENV_UV);
    assert_true(venv.relocatable && venv.interpreter.minor == 12 && str_eq_z(venv.maker_version, "0.5.1"));
}

static void test_as_cpython(void **state)
{
    (void)state;
    struct python_venv venv = read_venv(STR("HOME=/a\r\n  Include-System-Site-Packages =  TRUE \r\nnonsense\r\n"));
    assert_true(str_eq_z(venv.home, "/a") && venv.system_site_packages && venv.problems == 0);
    assert_int_equal(venv.maker, PYTHON_VENV_UNKNOWN);
    venv = read_venv(STR("home = /a\nhome = /b\ninclude-system-site-packages = true\n"
                         "include-system-site-packages = no"));
    assert_true(str_eq_z(venv.home, "/a") && !venv.system_site_packages);
    assert_int_equal(venv.problems, PYTHON_VENV_TWO_HOMES);
    venv = read_venv(STR("home = /a\n"));
    assert_true(venv.system_site_packages);
    venv = read_venv(STR("\xef\xbb\xbfhome = /a\n"));
    assert_int_equal(venv.problems, PYTHON_VENV_BOM | PYTHON_VENV_NO_HOME);
    venv = read_venv(STR("home = bin\nprompt = \xff\n"));
    assert_int_equal(venv.problems, PYTHON_VENV_RELATIVE_HOME | PYTHON_VENV_NOT_UTF8);
    venv = read_venv(STR("#home = /a\nhome\n = /b\nhome : /c\n"));
    assert_int_equal(venv.problems, PYTHON_VENV_NO_HOME);
    assert_int_equal(read_venv(STR("version = 0.11.2")).interpreter.minor, 0);
    assert_int_equal(read_venv(STR_NONE).problems, PYTHON_VENV_NO_HOME);
    venv = read_venv(STR("home = /a b/\xc3\xa9 # no comment\nversion = 3\nuv ="));
    assert_true(str_eq_z(venv.home, "/a b/\xc3\xa9 # no comment") && venv.interpreter.major == 0);
    assert_int_equal(venv.maker, PYTHON_VENV_UV);
}

static void expect_fit(struct str text, const char *library, const char *reason)
{
    static const struct python_interpreter debian = {.major = 3, .minor = 11, .micro = 2};
    struct python_venv venv = read_venv(text);
    struct buf said CLEANUP_BUF = BUF_INIT;
    bool fits = python_venv_fits(&venv, str_z(library), &debian, &said);
    assert_string_equal(buf_z(&said), reason);
    assert_int_equal(fits, reason[0] == '\0');
    assert_int_equal(python_venv_fits(&venv, str_z(library), &debian, NULL), fits);
}

static void test_fits(void **state)
{
    (void)state;
    expect_fit(STR("home = /usr/bin\nversion = 3.11.9\n"), "python3.11", "");
    expect_fit(STR("home = /usr/bin\n"), "", "");
    expect_fit(STR("home = /usr/bin\nversion = 3.12.1\n"), "python3.12",
               "its pyvenv.cfg says CPython 3.12, and the interpreter is CPython 3.11");
    expect_fit(STR("home = /usr/bin\nversion = 3.11.1\n"), "python3.12",
               "its packages lie in 'lib/python3.12', and the interpreter is CPython 3.11");
    expect_fit(STR("home = /usr/bin\n"), "python3.11t",
               "its packages lie in 'lib/python3.11t', and the interpreter is CPython 3.11");
    expect_fit(STR("home = /usr/bin\n"), "site", "its packages lie in 'lib/site', which names no version of Python");
    expect_fit(STR("home = /usr/bin\nversion = 3.11.1\nimplementation = PyPy\n"), "",
               "its pyvenv.cfg says PyPy 3.11, and the interpreter is CPython 3.11");
}

static void test_write(void **state)
{
    (void)state;
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct python_venv venv = read_venv(STR("home = /root/x\nversion = 3.11.2\ncommand = /root/x\nprompt = secret\n"
                                            "include-system-site-packages = false\n"));
    python_venv_write(&venv, STR("/usr/bin"), &out);
    assert_string_equal(buf_z(&out), "home = /usr/bin\ninclude-system-site-packages = false\n"
                                     "implementation = CPython\nversion = 3.11.2\n");
    venv = read_venv(buf_str(&out));
    assert_int_equal(venv.maker, PYTHON_VENV_VENV);
    assert_true(venv.interpreter.micro == 2 && venv.problems == 0);
}

static void test_limits(void **state)
{
    (void)state;
    struct buf text CLEANUP_BUF = BUF_INIT;
    struct python_venv venv;
    struct err err = ERR_INIT;
    buf_add_fill(&text, 'a', LIMIT_PYTHON_TEXT_BYTES + 1);
    assert_int_equal(python_venv_read(buf_str(&text), &venv, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "a pyvenv.cfg of more than 1048576 bytes");
}

static void test_memory(void **state)
{
    (void)state;
    struct python_venv venv = read_venv(STR("home = /a\nversion = 3.11.2\n"));
    for (uint64_t n = 1;; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        python_venv_write(&venv, STR("/usr/bin"), &out);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        assert_int_equal(buf_check(&out, NULL), passed ? 0 : -ERR_NOMEM);
        if (passed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_makers), cmocka_unit_test(test_as_cpython), cmocka_unit_test(test_fits),
        cmocka_unit_test(test_write),  cmocka_unit_test(test_limits),     cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
