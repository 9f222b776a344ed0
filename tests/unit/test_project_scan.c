/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "project_fixture.h"

#include <setjmp.h>

#include <cmocka.h>

#define SITE "env:lib/python3.11/site-packages/"

static void add_list(struct buf *out, const char *name, struct str_list list)
{
    buf_addf(out, "%s:", name);
    for (size_t i = 0; i < list.len; i++)
        buf_addf(out, " %.*s", STR_ARG(list.ptr[i]));
    buf_add_char(out, '\n');
}

static void expect(struct str text, const char *expected)
{
    struct project_fixture fixture;
    CLEANUP_BUF struct buf out = BUF_INIT;
    project_fixture_init(&fixture, text, "");
    assert_int_equal(python_scan(&fixture.ctx, &fixture.app, NULL), 0);
    add_list(&out, "mentions", fixture.app.mentions);
    add_list(&out, "own", fixture.app.own_modules);
    for (size_t i = 0; i < fixture.app.need_count; i++)
        buf_addf(&out, "needs %.*s %.*s:%u\n", STR_ARG(fixture.app.needs[i].module), STR_ARG(fixture.app.needs[i].path),
                 fixture.app.needs[i].line);
    if (fixture.app.finds_libraries)
        buf_add_z(&out, "finds\n");
    struct str more[] = {STR_INIT("yaml")};
    python_app_warn_missing(&fixture.ctx, &fixture.app, (struct str_list){more, 1});
    buf_add_str(&out, buf_str(&fixture.warnings));
    project_fixture_done(&fixture);
    assert_string_equal(buf_z(&out), expected);
}

static void test_mentions(void **state)
{
    (void)state;
    expect(STR("== app.py\nimport os, a.b\nfrom . import c\ntry:\n  import curses\nexcept ImportError:\n  import "
               "fallback\n"
               "if TYPE_CHECKING:\n  import typed\nimport_module('dyn.x')\n"
               "== " SITE "pkg/__init__.py\nimport sqlite3\n== " SITE "pkg/tests/t.py!\nimport nis\n"
               "== " SITE "single.py\nx = 1\n== " SITE "_ext.cpython-311-x86_64-linux-gnu.so\n"
               "== " SITE "name.space/x.py\n== " SITE "ns/deep/y.py\n== " SITE "data/x.json\n== " SITE
               "pkg-1.dist-info/RECORD\n"
               "== " SITE "two.py2\nprint x\n== " SITE "old.py\nprint 'x\nimport readline\n"),
           "mentions: a curses dyn fallback os sqlite3\n"
           "own: _ext app ns old pkg single\n"
           "needs a.b app.py:1\n"
           "'app.py:1' imports 'a.b', and nothing that ships has it\n");
}

static void test_needs(void **state)
{
    (void)state;
    expect(STR("== main.py\nimport yaml, requests\nimport requests.adapters\nimport winreg\nimport shop.x\nimport lib\n"
               "def f():\n  import boto3\n  if x:\n    import maybe\n"
               "== shop/x.py\nimport yaml\n== src/lib/__init__.py\n== tests/test_x.py\nimport pytest\n"
               "== setup.py\nimport setuptools\n"),
           "mentions: boto3 lib maybe pytest requests shop winreg yaml\n"
           "own: lib main setup shop src tests\n"
           "needs yaml main.py:1\nneeds requests main.py:1\nneeds requests.adapters main.py:2\nneeds winreg main.py:3\n"
           "needs boto3 main.py:7\n"
           "'main.py:1' imports 'requests', and nothing that ships has it\n"
           "'main.py:3' imports 'winreg', and nothing that ships has it\n"
           "'main.py:7' imports 'boto3', and nothing that ships has it\n");
}

static void test_libraries(void **state)
{
    (void)state;
    expect(STR("== a.py\nfrom ctypes.util import find_library\n"), "mentions: ctypes\nown: a\nfinds\n");
    expect(STR("== a.py\nimport ctypes\nctypes.util.find_library('x')\n"), "mentions: ctypes\nown: a\nfinds\n");
    expect(STR("== a.py\nimport ctypes\n# nothing is found\n"), "mentions: ctypes\nown: a\n");
    expect(STR("== " SITE "cffi/api.py\nimport ctypes.util\nctypes.util.find_library(x)\n"),
           "mentions: ctypes\nown: cffi\n");
    expect(STR("== " SITE "cffi/api.py\n== a.py\nimport cffi\ncffi.FFI().dlopen('c')\n"),
           "mentions: cffi\nown: a cffi\nfinds\n");
}

static void test_extensions(void **state)
{
    (void)state;
    expect(STR("== " SITE "_x.so\n\177ELF\0curses\0_sqlite3\0notnis\0\n== " SITE
               "a.pth\nsub/dir\n../../../out\n/abs\nimport x\n"
               "== " SITE "sub/dir/inner.py\n"),
           "mentions: _sqlite3 curses\nown: _x inner sub\n");
}

static void test_broken(void **state)
{
    (void)state;
    expect(STR("== a.py\nimport os\nx = 'abc\n== tests/b.py\nx = 'abc\n== " SITE "c.py\nx = 'abc\n"),
           "mentions: os\nown: a c tests\n"
           "syntax error in 'a.py:2:5': unterminated string: x = 'abc\n");
    expect(STR_NONE, "mentions:\nown:\n");
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct project_fixture fixture;
        struct err err = ERR_INIT;
        project_fixture_init(&fixture, STR("== a.py\nimport x\n== " SITE "b.pth\nc\n== " SITE "_x.so\n_\0nis\0\n"), "");
        fault_arm(FAULT_ALLOC, n);
        int result = python_scan(&fixture.ctx, &fixture.app, &err);
        fault_disarm();
        project_fixture_done(&fixture);
        if (result == 0) {
            assert_true(n > 2);
            return;
        }
        assert_int_equal(result, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mentions),   cmocka_unit_test(test_needs),  cmocka_unit_test(test_libraries),
        cmocka_unit_test(test_extensions), cmocka_unit_test(test_broken), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
