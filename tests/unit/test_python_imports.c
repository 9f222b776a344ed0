/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "python/imports.h"

#include <setjmp.h>

#include <cmocka.h>

#define VERSION_3_11 0x030b

static void add_context(struct buf *out, unsigned context)
{
    static const struct {
        unsigned flag;
        const char *name;
    } names[] = {
        {PYTHON_IMPORT_OPTIONAL, "optional"}, {PYTHON_IMPORT_FALLBACK, "fallback"},
        {PYTHON_IMPORT_CONDITIONAL, "maybe"}, {PYTHON_IMPORT_TYPE_CHECKING, "types"},
        {PYTHON_IMPORT_PLATFORM, "platform"}, {PYTHON_IMPORT_VERSION, "version"},
        {PYTHON_IMPORT_MAIN, "main"},         {PYTHON_IMPORT_NEVER, "never"},
        {PYTHON_IMPORT_DYNAMIC, "call"},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        if (context & names[i].flag)
            buf_addf(out, "+%s", names[i].name);
    }
}

/* "LINE:COLUMN ..module.name=alias@functions+context", one a line. */
static void dump(const struct python_imports *imports, struct buf *out)
{
    for (uint32_t i = 0; i < imports->count; i++) {
        const struct python_import *one = &imports->items[i];
        buf_addf(out, "%s%u:%u ", i ? "\n" : "", one->place.line, one->place.column);
        buf_add_fill(out, '.', one->level);
        buf_add_str(out, one->module);
        if (one->name.len > 0)
            buf_addf(out, " %.*s", STR_ARG(one->name));
        if (one->alias.len > 0)
            buf_addf(out, "=%.*s", STR_ARG(one->alias));
        if (one->functions > 0)
            buf_addf(out, "@%u", one->functions);
        add_context(out, one->context);
    }
    if (imports->problem.message)
        buf_addf(out, "!%u:%u %s", imports->problem.place.line, imports->problem.place.column,
                 imports->problem.message);
}

static void expect_for(unsigned version, const char *source, const char *expected)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct python_imports imports;
    assert_int_equal(python_imports_scan(str_z(source), version, &arena, &imports, NULL), 0);
    dump(&imports, &out);
    assert_string_equal(buf_z(&out), expected);
}

static void expect(const char *source, const char *expected)
{
    expect_for(VERSION_3_11, source, expected);
}

static void test_statements(void **state)
{
    (void)state;
    expect("", "");
    expect("import a.b as c, d\n", "1:8 a.b=c\n1:18 d");
    expect("from a.b import x as y, z\n", "1:17 a.b x=y\n1:25 a.b z");
    expect("from a import *\n", "1:15 a *");
    expect("from a import (x,\n  y as z, # c\n)\nimport q", "1:16 a x\n2:3 a y=z\n4:8 q");
    expect("from . import x\nfrom ..p.q import y\nfrom ...import z\nfrom ....r import w",
           "1:15 . x\n2:19 ..p.q y\n3:16 ... z\n4:19 ....r w");
    expect("import a . b.\\\n c", "1:8 a.b.c");
    expect("x = 1; import a; from b import c; y", "1:15 a\n1:32 b c");
    expect("raise X from y\nyield from z\ndef f(): yield from q\n", "");
    expect("'import a'\n# import b\nx = '''\nimport c\n'''\n", "");
    expect("class A: import a\nwhile 1: import b; break\n", "1:17 a\n2:17 b+maybe");
    expect("x: int = 3\nimport a", "2:8 a");
}

static void test_functions(void **state)
{
    (void)state;
    expect("def f(a: int = (lambda: 1)) -> 'x':\n  import a\n  async def g():\n    import b\n  import c\nimport d\n",
           "2:10 a@1\n4:12 b@2\n5:10 c@1\n6:8 d");
    expect("class A:\n  def f(self): import a\n  import b\n", "2:23 a@1\n3:10 b");
    expect("@x\nasync def f():\n  async with y as z:\n    import a\n  async for q in r:\n    import b\n",
           "4:12 a@1\n6:12 b@1+maybe");
}

static void test_try(void **state)
{
    (void)state;
    expect("try:\n  import a\n  def f():\n    import b\nexcept ImportError:\n  import c\nelse:\n  import d\nfinally:\n"
           "  import e\nimport g\n",
           "2:10 a+optional\n4:12 b@1\n6:10 c+fallback\n8:10 d\n10:10 e\n11:8 g");
    expect("try: import a\nexcept (ValueError, builtins.ModuleNotFoundError) as e: import b\n",
           "1:13 a+optional\n2:64 b+fallback");
    expect("try:\n  import a\nexcept ValueError:\n  import b\n", "2:10 a\n4:10 b");
    expect("try:\n  import a\nexcept ValueError:\n  pass\nexcept:\n  import b\n", "2:10 a+optional\n6:10 b+fallback");
    expect("try:\n  if x:\n    import a\nexcept* Exception:\n  pass\n", "3:12 a+optional+maybe");
    expect("with contextlib.suppress(ImportError):\n  import a\nwith suppress(OSError):\n  import b\n",
           "2:10 a+optional\n4:10 b");
    expect("try:\n  import a\nfinally:\n  pass\ntry:\n  import b\nexcept ImportError: pass\n",
           "2:10 a\n6:10 b+optional");
}

static void test_conditions(void **state)
{
    (void)state;
    expect("if TYPE_CHECKING:\n  import a\nelse:\n  import b\n", "2:10 a+types+never\n4:10 b");
    expect("if not typing.TYPE_CHECKING: import a\nelif x: import b\n", "1:37 a\n2:16 b+types+never");
    expect("if False: import a\nif True: import b\nelse: import c\n", "1:18 a+never\n2:17 b\n3:14 c+never");
    expect("if x: import a\nelif y: import b\nelse: import c\n", "1:14 a+maybe\n2:16 b+maybe\n3:14 c+maybe");
    expect("if __name__ == '__main__':\n  import a\nelse:\n  import b\n", "2:10 a+maybe+main\n4:10 b+maybe");
    expect("if sys.platform == 'win32': import a\nelif sys.platform.startswith('linux'): import b\nelse: import c\n",
           "1:36 a+platform+never\n2:47 b+platform\n3:14 c+platform+never");
    expect("if os.name != 'nt': import a\nif platform.system() in ('Windows', 'Darwin'): import b\n",
           "1:28 a+platform\n2:55 b+platform+never");
    expect("if sys.platform not in {'win32'} and x: import a\n", "1:48 a+maybe+platform");
    expect("if (sys.platform == 'darwin' or\n    TYPE_CHECKING): import a\n", "2:28 a+types+platform+never");
    expect("if (a, b) == c: import a\nif (lambda: 1)(): import b\nif x[1:2]: import c\n",
           "1:24 a+maybe\n2:26 b+maybe\n3:19 c+maybe");
    expect("match x:\n  case 1: import a\n  case {'k': y}:\n    import b\n", "2:18 a+maybe\n4:12 b+maybe");
}

static void test_versions(void **state)
{
    (void)state;
    static const char *const source = "if sys.version_info >= (3, 11):\n  import tomllib\nelse:\n  import tomli\n";
    expect_for(0x030b, source, "2:10 tomllib+version\n4:10 tomli+version+never");
    expect_for(0x030a, source, "2:10 tomllib+version+never\n4:10 tomli+version");
    expect_for(0, source, "2:10 tomllib+maybe+version\n4:10 tomli+maybe+version");
    expect("if sys.version_info < (3, 11): import a\nif sys.version_info > (3, 11): import b\n"
           "if sys.version_info[0] == 2: import c\nif sys.version_info.major >= 3: import d\n"
           "if sys.version_info[:2] == (3, 11): import e\nif sys.version_info >= (3, 11, 4): import f\n"
           "if sys.version_info < (3,): import g\nif six.PY2: import h\nif PY3: import i\n",
           "1:39 a+version+never\n2:39 b+version\n3:37 c+version+never\n4:40 d+version\n5:44 e+version\n"
           "6:43 f+maybe+version\n7:36 g+version+never\n8:20 h+version+never\n9:16 i+version");
}

static void test_calls(void **state)
{
    (void)state;
    expect("importlib.import_module('a.b')\nx = __import__(\"c\", globals())\n", "1:25 a.b+call\n2:16 c+call");
    expect("import_module('.d', package=__package__)\nimport_module(name='e')\n", "1:15 .d+call\n2:20 e+call");
    expect("def import_module(name): pass\nf = import_module\n", "");
    expect("if __import__('x').y: import z\n", "1:15 x+call\n1:30 z+maybe");
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct python_imports imports;
    struct str source =
        STR("import_module(x)\n__import__('a' + y)\n__import__(f'{z}')\n__import__('a b')\n__import__()\n");
    assert_int_equal(python_imports_scan(source, 0, &arena, &imports, NULL), 0);
    assert_int_equal(imports.count, 0);
    assert_int_equal(imports.computed, 4);
}

static void test_problems(void **state)
{
    (void)state;
    expect("import a\nimport\n", "1:8 a!2:7 invalid syntax in an import statement");
    expect("from a import\n", "!1:14 invalid syntax in an import statement");
    expect("from import a\n", "!1:13 invalid syntax in an import statement");
    expect("from . import (a\nb)\n", "1:16 . a!2:1 invalid syntax in an import statement");
    expect("import a b\n", "1:8 a!1:10 invalid syntax in an import statement");
    expect("import a.\n", "!1:10 invalid syntax in an import statement");
    expect("import a as 1\n", "!1:13 invalid syntax in an import statement");
    expect("from a import x,\n", "1:15 a x!1:17 invalid syntax in an import statement");
    expect("import a\nx = (\nimport b\n", "1:8 a!2:5 '(' was never closed");
    expect("if x:\nimport a\n", "!2:1 expected an indented block");
    expect("else: else: else: import a\n", "1:26 a+maybe");
}

static void test_absolute(void **state)
{
    (void)state;
    static const struct {
        const char *package, *module, *expected;
        uint32_t level;
    } cases[] = {
        {"p.q", "m", "m", 0},   {"p.q", "m", "p.q.m", 1}, {"p.q", "", "p.q", 1},
        {"p.q", "m", "p.m", 2}, {"p.q", "m", NULL, 3},    {"", "m", NULL, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct python_import import = {.module = str_z(cases[i].module), .level = cases[i].level};
        struct str module = STR_NONE;
        struct err err = ERR_INIT;
        int result = python_import_absolute(&import, str_z(cases[i].package), &arena, &module, &err);
        assert_int_equal(result, cases[i].expected ? 0 : -ERR_INVALID);
        assert_true(!cases[i].expected || str_eq_z(module, cases[i].expected));
    }
    assert_true(str_eq_z(python_module_top(STR("a.b.c")), "a"));
    assert_true(str_eq_z(python_module_top(STR("a")), "a"));
}

static void test_limit(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf source = BUF_INIT;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct python_imports imports;
    struct err err = ERR_INIT;
    for (int i = 0; i <= LIMIT_PYTHON_IMPORTS; i++)
        buf_add_z(&source, "import a\n");
    assert_int_equal(python_imports_scan(buf_str(&source), 0, &arena, &imports, &err), -ERR_LIMIT);
    assert_string_equal(err.message, "Python source has more than 65536 imports");
}

static void test_faults(void **state)
{
    (void)state;
    struct str source = STR("import a . b\nfrom c import d, e\n__import__('f')\n");
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct python_imports imports;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int result = python_imports_scan(source, 0, &arena, &imports, &err);
        fault_disarm();
        if (result == 0) {
            assert_true(n > 2);
            assert_int_equal(imports.count, 4);
            return;
        }
        assert_int_equal(result, -ERR_NOMEM);
        assert_int_equal(err.code, ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_statements), cmocka_unit_test(test_functions), cmocka_unit_test(test_try),
        cmocka_unit_test(test_conditions), cmocka_unit_test(test_versions),  cmocka_unit_test(test_calls),
        cmocka_unit_test(test_problems),   cmocka_unit_test(test_absolute),  cmocka_unit_test(test_limit),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
