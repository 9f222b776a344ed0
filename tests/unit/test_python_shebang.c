/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "base/fault.h"
#include "base/limits.h"
#include "python/shebang.h"

#include <setjmp.h>
#include <string.h>
// clang-format off
#include <cmocka.h>
// clang-format on

#define WRAPPER                                                                                                        \
    "# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom uvicorn.main import main\nif __name__ == '__main__':\n"      \
    "    sys.argv[0] = re.sub(r'(-script\\.pyw|\\.exe)?$', '', sys.argv[0])\n    sys.exit(main())\n"

static struct python_script read_script(struct str text)
{
    struct python_script script;
    struct err err = ERR_INIT;
    assert_int_equal(python_script_read(text, &script, &err), 0);
    assert_true(script.body_at <= text.len);
    return script;
}

static void expect(struct str text, enum python_shebang_kind kind, const char *interpreter, const char *args)
{
    struct python_script script = read_script(text);
    assert_int_equal(script.kind, kind);
    assert_true(str_eq_z(script.interpreter, interpreter));
    assert_true(str_eq_z(script.args, args));
}

static void test_heads(void **state)
{
    (void)state;
    expect(STR("#!/venv/bin/python3.11 -u\n"), PYTHON_SHEBANG_DIRECT, "/venv/bin/python3.11", "-u");
    expect(STR("#! \t/usr/bin/pypy3\n"), PYTHON_SHEBANG_DIRECT, "/usr/bin/pypy3", "");
    expect(STR("#!python"), PYTHON_SHEBANG_DIRECT, "python", "");
    expect(STR("#!/usr/bin/env python3\n"), PYTHON_SHEBANG_ENV, "python3", "");
    expect(STR("#!/usr/bin/env -S A=b python3 -u -E\n"), PYTHON_SHEBANG_ENV, "python3", "-u -E");
    expect(STR("#!/usr/bin/env -Spython3 -u\n"), PYTHON_SHEBANG_ENV, "python3", "-u");
    expect(STR("#!/usr/bin/env\n"), PYTHON_SHEBANG_OTHER, "", "");
    expect(STR("#!/bin/sh\nexec python3\n"), PYTHON_SHEBANG_OTHER, "/bin/sh", "");
    expect(STR("#!/usr/bin/pythonic\n"), PYTHON_SHEBANG_OTHER, "/usr/bin/pythonic", "");
    expect(STR("#!\n"), PYTHON_SHEBANG_OTHER, "", "");
    expect(STR("import sys\n"), PYTHON_SHEBANG_NONE, "", "");
    expect(STR(""), PYTHON_SHEBANG_NONE, "", "");
    struct python_script script = read_script(STR("#!/usr/bin/python3\r\nx"));
    assert_true(script.crlf && str_eq_z(script.interpreter, "/usr/bin/python3") && script.body_at == 20);
    assert_false(read_script(STR("#!/usr/bin/python3\nx\r\n")).crlf);
}

static void test_trampolines(void **state)
{
    (void)state;
    expect(STR("#!/bin/sh\n'''exec' /long/bin/python3 \"$0\" \"$@\"\n' '''\n"), PYTHON_SHEBANG_TRAMPOLINE,
           "/long/bin/python3", "");
    expect(STR("#!/bin/sh\n'''exec' \"/a b/bin/python3\" -u \"$0\" \"$@\"\n' '''\n"), PYTHON_SHEBANG_TRAMPOLINE,
           "/a b/bin/python3", "-u");
    expect(STR("#!/bin/sh\n'''exec' '/a b/bin/python' \"$0\" \"$@\"\n' '''\n"), PYTHON_SHEBANG_TRAMPOLINE,
           "/a b/bin/python", "");
    struct str text = STR("#!/bin/sh\n'''exec' \"$(dirname -- \"$(realpath -- \"$0\")\")\"/'python3' \"$0\" \"$@\"\n"
                          "' '''\nimport sys\n");
    expect(text, PYTHON_SHEBANG_TRAMPOLINE, "python3", "");
    struct python_script script = read_script(text);
    assert_true(script.beside && str_eq_z(str_skip(text, script.body_at), "import sys\n"));
    text = STR("#!/bin/sh\n\"exec\" \"`dirname $0`/python3.11\" \"$0\" \"$@\"\nimport sys\n");
    script = read_script(text);
    assert_true(script.beside && str_eq_z(script.interpreter, "python3.11"));
    assert_true(str_eq_z(str_skip(text, script.body_at), "import sys\n"));
    expect(STR("#!/bin/sh\n'''exec' /usr/bin/perl \"$0\" \"$@\"\n' '''\n"), PYTHON_SHEBANG_OTHER, "/bin/sh", "");
    expect(STR("#!/bin/sh\n'''exec' /long/bin/python3\n"), PYTHON_SHEBANG_OTHER, "/bin/sh", "");
    expect(STR("#!/bin/sh\n'''exec'  \"$0\" \"$@\"\n"), PYTHON_SHEBANG_OTHER, "/bin/sh", "");
}

static void expect_start(struct str text, const char *module, const char *function)
{
    struct python_script script = read_script(text);
    assert_true(str_eq_z(script.module, module));
    assert_true(str_eq_z(script.function, function));
}

static void test_wrappers(void **state)
{
    (void)state;
    expect_start(STR("#!/venv/bin/python\n" WRAPPER), "uvicorn.main", "main");
    expect_start(STR("#!/bin/sh\n'''exec' /v/python \"$0\" \"$@\"\n' '''\n" WRAPPER), "uvicorn.main", "main");
    expect_start(STR("#!python3\nfrom a.b import App\nraise SystemExit(App.run())\n"), "a.b", "App.run");
    expect_start(STR("#!python3\nfrom a.b import other\nsys.exit(main())\n"), "", "");
    expect_start(STR("#!python3\nfrom a import (b)\nsys.exit(b())\n"), "", "");
    expect_start(STR("#!python3\nfrom a import b, c\nsys.exit(b())\n"), "", "");
    expect_start(STR("#!python3\nfrom a import b\nsys.exit(b(1))\n"), "", "");
    expect_start(STR("#!python3\nfrom\nfrom a\nfrom a import\n"), "", "");
    struct python_script script =
        read_script(STR("#!/usr/bin/python3\n# EASY-INSTALL-ENTRY-SCRIPT: 'foo==1.0','console_scripts','foo'\n"
                        "import re\nsys.exit(load_entry_point('foo==1.0', 'console_scripts', 'foo')())\n"));
    assert_true(str_eq_z(script.distribution, "foo==1.0") && str_eq_z(script.group, "console_scripts"));
    assert_true(str_eq_z(script.entry, "foo") && script.module.len == 0);
}

static void expect_rewrite(struct str text, const char *interpreter, const char *wanted)
{
    struct python_script script = read_script(text);
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    assert_int_equal(python_script_rewrite(text, &script, str_z(interpreter), &out, &err), 0);
    assert_string_equal(buf_z(&out), wanted);
}

static void test_rewrite(void **state)
{
    (void)state;
    expect_rewrite(STR("#!/build/venv/bin/python -u\nx\r\n"), "/usr/bin/python3.11", "#!/usr/bin/python3.11 -u\nx\r\n");
    expect_rewrite(STR("#!/usr/bin/env python3\nx"), "/p", "#!/p\nx");
    struct str text = STR("#!/v/python -u\0-E\nx");
    struct python_script script = read_script(text);
    struct buf out CLEANUP_BUF = BUF_INIT;
    assert_int_equal(python_script_rewrite(text, &script, STR("/p"), &out, NULL), 0);
    assert_true(str_eq(buf_str(&out), STR("#!/p -u\0-E\nx")));
    expect_rewrite(STR("#!/usr/bin/python3\r\nx"), "/p", "#!/p\nx");
    expect_rewrite(STR("#!/bin/sh\n'''exec' /long/python3 \"$0\" \"$@\"\n' '''\n# coding: x\n"), "/p",
                   "#!/p\n# coding: x\n");
}

static void refuse(struct str text, struct str interpreter, const char *message)
{
    struct python_script script = read_script(text);
    struct buf out CLEANUP_BUF = BUF_INIT;
    struct err err = ERR_INIT;
    buf_add_z(&out, "kept");
    assert_int_equal(python_script_rewrite(text, &script, interpreter, &out, &err), -ERR_INVALID);
    assert_string_equal(err.message, message);
    assert_string_equal(buf_z(&out), "kept");
}

static void test_refused(void **state)
{
    (void)state;
    refuse(STR("#!/bin/sh\n"), STR("/p"), "a script that is not run by Python");
    refuse(STR("x"), STR("/p"), "a script that is not run by Python");
    refuse(STR("#!/p/python\n"), STR("/a b/python"), "'/a b/python' can't be named in the first line of a script");
    refuse(STR("#!/p/python\n"), STR("python"), "'python' can't be named in the first line of a script");
    refuse(STR("#!/usr/bin/env -S python3 -u -E\n"), STR("/p"),
           "'-u -E' would be one argument in the first line of a script");
    struct buf path CLEANUP_BUF = BUF_INIT;
    buf_add_fill(&path, '/', LIMIT_SHEBANG_BYTES - 1);
    refuse(STR("#!/p/python\n"), buf_str(&path), "the first line of a script would have more than 127 bytes");
    struct python_script script;
    struct err err = ERR_INIT;
    buf_add_fill(&path, '/', LIMIT_PYTHON_TEXT_BYTES);
    assert_int_equal(python_script_read(buf_str(&path), &script, &err), -ERR_LIMIT);
}

static void test_memory(void **state)
{
    (void)state;
    struct str text = STR("#!/p/python\n" WRAPPER);
    struct python_script script = read_script(text);
    for (uint64_t n = 1;; n++) {
        struct buf out CLEANUP_BUF = BUF_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = python_script_rewrite(text, &script, STR("/usr/bin/python3"), &out, NULL);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        assert_int_equal(r, passed ? 0 : -ERR_NOMEM);
        if (passed)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_heads),   cmocka_unit_test(test_trampolines), cmocka_unit_test(test_wrappers),
        cmocka_unit_test(test_rewrite), cmocka_unit_test(test_refused),     cmocka_unit_test(test_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
