/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "elf_fixture.h"
#include "project_tree.h"

#define SITE ".venv/lib/python3.11/site-packages/"
#define ARM  183

struct outcome {
    int r;
    struct err err;
    struct python_app app;
};

static struct outcome read_with(struct project_tree *tree, struct python_request request)
{
    struct outcome outcome = {.err = ERR_INIT};
    request.app = str_z(project_tree_path(tree, "app"));
    request.has_entrypoint = true;
    outcome.r = python_app_read(&tree->ctx, &request, &outcome.app, &outcome.err);
    return outcome;
}

static struct outcome read_plain(struct project_tree *tree)
{
    return read_with(tree, (struct python_request){.has_entrypoint = true});
}

static struct outcome read_python(struct project_tree *tree, const char *python)
{
    return read_with(tree, (struct python_request){.python = str_z(python)});
}

static void assert_outcome(const struct outcome *outcome, enum err_code code, const char *message, const char *hint)
{
    if (outcome->r != -(int)code || !strstr(outcome->err.message, message) || !strstr(outcome->err.hint, hint))
        fail_msg("%d: '%s', '%s'", outcome->r, outcome->err.message, outcome->err.hint);
}

static void assert_refused(struct project_tree *tree, enum err_code code, const char *message, const char *hint)
{
    struct outcome outcome = read_plain(tree);
    assert_outcome(&outcome, code, message, hint);
}

static void make_elf(struct project_tree *tree, const char *path, struct elf_fixture fixture)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(&fixture, &bytes);
    project_tree_bytes(tree, path, 0755, buf_str(&bytes));
}

static const char *file_of(struct project_tree *tree, const char *dir, const char *name)
{
    return arena_printf(&tree->arena, "%s/%s", dir, name);
}

/* As `make install` of a shared build leaves it. */
static void make_interpreter(struct project_tree *tree, const char *prefix, const char *version)
{
    struct arena *arena = &tree->arena;
    const char *library = arena_printf(arena, "%s/lib/python%s", prefix, version);
    const char *soname = arena_printf(arena, "libpython%s.so.1.0", version);
    const char *program = arena_printf(arena, "%s/bin/python%s", prefix, version);
    make_elf(tree, program,
             (struct elf_fixture){.interpreter = "/lib64/ld-linux-x86-64.so.2", .needed = {soname, "libc.so.6"}});
    make_elf(tree, arena_printf(arena, "%s/lib/%s", prefix, soname), (struct elf_fixture){.soname = soname});
    project_tree_link(tree, arena_printf(arena, "%s/lib/libpython%s.so", prefix, version), soname);
    project_tree_make(tree, arena_printf(arena, "%s/lib/libpython%s.a", prefix, version), "");
    project_tree_link(tree, file_of(tree, prefix, "bin/python3"), arena_printf(arena, "python%s", version));
    project_tree_link(tree, file_of(tree, prefix, "bin/python"), project_tree_path(tree, program));
    project_tree_make(tree, file_of(tree, prefix, "bin/pip"), "#!x\n");
    project_tree_link(tree, file_of(tree, prefix, "bin/idle"), "pip");
    project_tree_make(
        tree, arena_printf(arena, "%s/include/python%s/patchlevel.h", prefix, version),
        arena_printf(arena, "#define PY_MICRO_VERSION 4\n#define PY_VERSION      \t\"%s.4+\"\n", version));
    static const char *const files[] = {
        "os.py",        "test/test_os.py", "idlelib/x.py",      "ensurepip/__init__.py",
        "lib2to3/x.py", "tkinter/x.py",    "__pycache__/x.pyc", "config-x/Makefile",
        "turtle.py",    "json/tests/x.py", "pydoc_data/x.py",   "_sysconfigdata__linux_x86_64-linux-gnu.py"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        project_tree_make(tree, file_of(tree, library, files[i]), "");
    project_tree_make(tree, file_of(tree, library, "site-packages/pip-23.0.dist-info/METADATA"), "Name: pip\n");
    static const char *const extensions[] = {"_ssl", "_tkinter", "_sqlite3", "nis", "_testcapi", "xxlimited"};
    for (size_t i = 0; i < ARRAY_LEN(extensions); i++)
        make_elf(tree, arena_printf(arena, "%s/lib-dynload/%s.cpython-312-x86_64-linux-gnu.so", library, extensions[i]),
                 (struct elf_fixture){.needed = {"libc.so.6"}});
}

static void make_environment(struct project_tree *tree, const char *home, const char *version)
{
    struct arena *arena = &tree->arena;
    project_tree_make(
        tree, "app/.venv/pyvenv.cfg",
        arena_printf(arena, "home = %s\ninclude-system-site-packages = false\nversion = %s.2\n", home, version));
    project_tree_make(tree, arena_printf(arena, "app/.venv/lib/python%s/site-packages/", version), "");
}

/* --- the interpreter --------------------------------------------------------------------------------------------- */

static void test_brought(void **state)
{
    struct project_tree *tree = *state;
    make_interpreter(tree, "opt", "3.12");
    make_environment(tree, project_tree_path(tree, "opt/bin"), "3.12");
    project_tree_make(tree, "app/main.py", "import sqlite3\n");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const struct python_program *program = &outcome.app.program;
    assert_true(program->brought);
    assert_string_equal(program->host_prefix.ptr, project_tree_path(tree, "opt"));
    assert_true(str_eq_z(program->program, "bin/python3.12"));
    assert_true(str_eq_z(program->library, "lib/python3.12"));
    assert_true(str_eq_z(program->version, "3.12.4"));
    assert_int_equal(program->interpreter.micro, 4);
    assert_true(str_eq_z(program->interpreter.platform, "x86_64-linux-gnu"));
    assert_int_equal(outcome.app.machine, ELF_MACHINE_AMD64);
    assert_string_equal(project_tree_kept(tree, &program->files),
                        "bin/ bin/python bin/python3 bin/python3.12 lib/ lib/libpython3.12.so.1.0 lib/python3.12/ "
                        "lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py lib/python3.12/json/ "
                        "lib/python3.12/lib-dynload/ "
                        "lib/python3.12/lib-dynload/_sqlite3.cpython-312-x86_64-linux-gnu.so "
                        "lib/python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so lib/python3.12/os.py");
    assert_non_null(strstr(project_tree_dropped(tree, &program->files), "lib/python3.12/tkinter=module tkinter"));
    assert_non_null(
        strstr(project_tree_dropped(tree, &program->files), "_testcapi.cpython-312-x86_64-linux-gnu.so=tests"));
    const struct project_file *link = project_files_find(&program->files, STR("bin/python"));
    assert_true(str_eq_z(link->target, "python3.12"));
    python_app_done(&outcome.app);

    project_tree_make(tree, "app/main.py", "def f():\n    import turtle, lib2to3.main, nis\n");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const char *kept = project_tree_kept(tree, &outcome.app.program.files);
    assert_non_null(strstr(kept, "lib-dynload/_tkinter.cpython"));
    assert_non_null(strstr(kept, "python3.12/turtle.py"));
    assert_non_null(strstr(kept, "python3.12/tkinter/x.py"));
    assert_non_null(strstr(kept, "python3.12/lib2to3/x.py"));
    assert_non_null(strstr(kept, "lib-dynload/nis."));
    assert_null(strstr(kept, "_sqlite3"));
    python_app_done(&outcome.app);
}

/* A static build: its own libpython is for others. Its version stands in the program. */
static void test_static_build(void **state)
{
    struct project_tree *tree = *state;
    make_interpreter(tree, "opt", "3.12");
    unlink(project_tree_path(tree, "opt/include/python3.12/patchlevel.h"));
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(&(struct elf_fixture){.needed = {"libc.so.6"}}, &bytes);
    buf_add(&bytes, "13.12.9\0/src/Python-3.12.7\0003.12.8", sizeof("13.12.9\0/src/Python-3.12.7\0003.12.8"));
    project_tree_bytes(tree, "opt/bin/python3.12", 0755, buf_str(&bytes));
    project_tree_make(tree, "app/main.py", "");
    struct outcome outcome = read_python(tree, project_tree_path(tree, "opt"));
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.program.version, "3.12.7"));
    assert_non_null(strstr(project_tree_dropped(tree, &outcome.app.program.files),
                           "lib/libpython3.12.so.1.0=library that nothing loads"));
    assert_int_equal(outcome.app.environment.kind, PYTHON_ENVIRONMENT_NONE);
    python_app_done(&outcome.app);

    /* Unless somebody links with it. */
    make_elf(tree, "app/embed.so", (struct elf_fixture){.needed = {"libpython3.12.so.1.0"}});
    outcome = read_python(tree, project_tree_path(tree, "opt/bin/python3"));
    assert_int_equal(outcome.r, 0);
    assert_null(strstr(project_tree_dropped(tree, &outcome.app.program.files), "nothing loads"));
    python_app_done(&outcome.app);
}

static void test_packages_of_the_interpreter(void **state)
{
    struct project_tree *tree = *state;
    make_interpreter(tree, "opt", "3.12");
    project_tree_make(tree, "app/main.py", "import shop\n");
    project_tree_make(tree, "opt/lib/python3.12/site-packages/shop-1.0.dist-info/METADATA", "Name: shop\n");
    project_tree_make(tree, "opt/lib/python3.12/site-packages/shop/__init__.py", "");
    project_tree_make(tree, "opt/lib/python3.12/site-packages/pip/__init__.py", "");
    struct outcome outcome = read_python(tree, project_tree_path(tree, "opt"));
    assert_int_equal(outcome.r, 0);
    assert_int_equal(outcome.app.environment.kind, PYTHON_ENVIRONMENT_TARGET);
    assert_int_equal(outcome.app.environment.inside.len, 0);
    assert_false(outcome.app.environment.is_root);
    assert_non_null(strstr(buf_z(&tree->warnings), "site-packages' ship: there is no virtual environment"));
    assert_string_equal(project_tree_kept(tree, &outcome.app.environment.files),
                        "shop/ shop-1.0.dist-info/ shop-1.0.dist-info/METADATA shop/__init__.py");
    python_app_done(&outcome.app);
}

static void test_letters_of_the_abi(void **state)
{
    struct project_tree *tree = *state;
    make_interpreter(tree, "opt", "3.13t");
    const char *library = project_tree_path(tree, "opt/lib/python3.13t");
    unlink(file_of(tree, library, "_sysconfigdata__linux_x86_64-linux-gnu.py"));
    project_tree_make(tree, file_of(tree, library, "_sysconfigdata_td_linux_x86_64-linux-gnu.py"), "");
    project_tree_make(tree, "app/main.py", "");
    struct outcome outcome = read_python(tree, project_tree_path(tree, "opt/bin/python"));
    assert_int_equal(outcome.r, 0);
    assert_true(outcome.app.program.interpreter.free_threaded);
    assert_true(outcome.app.program.interpreter.debug);
    assert_true(str_eq_z(outcome.app.program.library, "lib/python3.13t"));
    python_app_done(&outcome.app);
}

static void test_archive(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "app/main.py", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_false(outcome.app.program.brought);
    assert_int_equal(outcome.app.program.interpreter.major, 0);
    python_app_done(&outcome.app);

    outcome = read_python(tree, "3.11");
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.program.version, "3.11"));
    assert_true(str_eq_z(outcome.app.program.told_by, "--python 3.11"));
    python_app_done(&outcome.app);

    make_environment(tree, "/nowhere/bin", "3.12");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_false(outcome.app.program.brought);
    assert_true(str_eq_z(outcome.app.program.version, "3.12"));
    assert_non_null(strstr(buf_z(&tree->warnings), "its home '/nowhere/bin' has no interpreter on this machine"));
    python_app_done(&outcome.app);

    make_interpreter(tree, "opt", "3.12");
    make_environment(tree, project_tree_path(tree, "opt/bin"), "3.12");
    outcome = read_python(tree, "archive");
    assert_int_equal(outcome.r, 0);
    assert_false(outcome.app.program.brought);
    assert_true(str_eq_z(outcome.app.program.version, "3.12"));
    python_app_done(&outcome.app);
    outcome = read_python(tree, "3.12.4");
    assert_int_equal(outcome.r, 0);
    assert_true(outcome.app.program.brought);
    python_app_done(&outcome.app);
    outcome = read_python(tree, "3.11");
    assert_outcome(&outcome, ERR_PYTHON_VERSION,
                   "its pyvenv.cfg says CPython 3.12, and the interpreter is CPython 3.11",
                   "python3.11 -m venv --clear .venv");
}

static void test_bad_interpreters(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "app/main.py", "");
    struct outcome outcome = read_python(tree, project_tree_path(tree, "nothing"));
    assert_outcome(&outcome, ERR_NOT_FOUND, "cannot use --python", "a prefix that has bin/python3");
    outcome = read_python(tree, project_tree_path(tree, "app"));
    assert_outcome(&outcome, ERR_USAGE, "has no bin/python3", "for instance /usr/local");
    project_tree_make(tree, "shims/python3", "#!/bin/sh\n");
    outcome = read_python(tree, project_tree_path(tree, "shims/python3"));
    assert_outcome(&outcome, ERR_INVALID, "there is no 'lib/python3.X/os.py' beside it", "--python archive");

    make_interpreter(tree, "opt", "3.12");
    project_tree_make(tree, "opt/bin/python3.12", "#!/bin/sh\n");
    outcome = read_python(tree, project_tree_path(tree, "opt"));
    assert_outcome(&outcome, ERR_INVALID, "bin/python3.12' is no program: it is not ELF", "pyenv's shims");
    make_elf(tree, "opt/bin/python3.12",
             (struct elf_fixture){.interpreter = "/lib/ld-musl-x86_64.so.1", .needed = {"libc.musl-x86_64.so.1"}});
    outcome = read_python(tree, project_tree_path(tree, "opt"));
    assert_outcome(&outcome, ERR_LIBC, "is linked with musl, as Alpine's are", "glibc");
    project_tree_make(tree, "opt/conda-meta/history", "");
    outcome = read_python(tree, project_tree_path(tree, "opt"));
    assert_outcome(&outcome, ERR_UNSUPPORTED, "is conda's interpreter", "--python archive");
    project_tree_make(tree, "pypy/bin/pypy3.10", "");
    project_tree_link(tree, "pypy/bin/python3", "pypy3.10");
    outcome = read_python(tree, project_tree_path(tree, "pypy"));
    assert_outcome(&outcome, ERR_UNSUPPORTED, "pypy3.10' is PyPy", "CPython");
    project_tree_make(tree, "copy/pyvenv.cfg", "home = /x\n");
    project_tree_make(tree, "copy/bin/python3", "");
    outcome = read_python(tree, project_tree_path(tree, "copy/bin/python3"));
    assert_outcome(&outcome, ERR_USAGE, "is the program of a virtual environment", "'home' in");
}

/* --- what does not agree ----------------------------------------------------------------------------------------- */

static void make_extension(struct project_tree *tree, const char *name, struct elf_fixture fixture)
{
    make_elf(tree, arena_printf(&tree->arena, "app/" SITE "shop/%s", name), fixture);
}

static const struct elf_fixture glibc = {.needed = {"libc.so.6"}};
static const struct elf_fixture musl = {.needed = {"libc.musl-x86_64.so.1"}};
static const struct elf_fixture arm = {.machine = ARM, .needed = {"libc.so.6"}};

static void test_extensions(void **state)
{
    static const struct {
        const char *name;
        const struct elf_fixture *fixture;
        enum err_code code;
        const char *message, *hint;
    } cases[] = {
        {"_x.cpython-312-x86_64-linux-gnu.so", &glibc, ERR_PYTHON_VERSION,
         "'.venv/lib/python3.11/site-packages/shop/_x.cpython-312-x86_64-linux-gnu.so' is built for CPython 3.12, and "
         "the interpreter is CPython 3.11",
         "anew with Python 3.11"},
        {"_x.cpython-311-x86_64-linux-musl.so", &glibc, ERR_LIBC, "is built for musl (Alpine)", "not in Alpine"},
        {"_x.cpython-311-x86_64-linux-gnu.so", &musl, ERR_LIBC, "is linked with musl", "not in Alpine"},
        {"_x.abi3.so", &musl, ERR_LIBC, "is linked with musl", "not in Alpine"},
        {"_x.so", &musl, ERR_LIBC, "is linked with musl", "not in Alpine"},
        {"_x.cpython-311-darwin.so", NULL, ERR_ARCHITECTURE, "is built for the platform 'darwin', not for Linux",
         "on the platform"},
        {"_x.cpython-311-x86_64-linux-gnu.so", NULL, ERR_ARCHITECTURE, "is no ELF file", "on the platform"},
        {"_x.pypy310-pp73-x86_64-linux-gnu.so", &glibc, ERR_PYTHON_VERSION, "is built for PyPy 3.10", "anew"},
        {"_x.cpython-311-x86_64-linux-gnu.so", &arm, ERR_ARCHITECTURE, "is for arm64, and its name says amd64",
         "install for linux/amd64: build the environment on the platform"},
    };
    struct project_tree *tree = *state;
    make_environment(tree, "/usr/bin", "3.11");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *path = arena_printf(&tree->arena, "app/" SITE "shop/%s", cases[i].name);
        if (cases[i].fixture)
            make_elf(tree, path, *cases[i].fixture);
        else
            project_tree_make(tree, path, "\xcf\xfa\xed\xfe");
        assert_refused(tree, cases[i].code, cases[i].message, cases[i].hint);
        unlink(project_tree_path(tree, path));
    }
}

static void test_extensions_that_may_stay_out(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, "/usr/bin", "3.11");
    make_extension(tree, "_x.cpython-311-x86_64-linux-gnu.so", glibc);
    make_extension(tree, "_x.cpython-312-x86_64-linux-gnu.so", glibc);
    make_extension(tree, "attach_arm.so", arm);
    make_extension(tree, "plain.so", glibc);
    make_extension(tree, "_y.cp311-win_amd64.pyd", glibc);
    project_tree_make(tree, "app/" SITE "shop/libz.dylib", "");
    project_tree_make(tree, "app/" SITE "shop/fake.elf", "\177ELF");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_int_equal(outcome.app.machine, ELF_MACHINE_AMD64);
    assert_string_equal(project_tree_dropped(tree, &outcome.app.environment.files),
                        "lib/python3.11/site-packages/shop/_x.cpython-312-x86_64-linux-gnu.so=extension module for "
                        "another interpreter, "
                        "lib/python3.11/site-packages/shop/_y.cp311-win_amd64.pyd=for another system, "
                        "lib/python3.11/site-packages/shop/attach_arm.so=for another processor, "
                        "lib/python3.11/site-packages/shop/libz.dylib=for another system");
    python_app_done(&outcome.app);

    project_tree_make(tree, "app/" SITE "shop/_z.abi3.so", "\177ELF");
    assert_refused(tree, ERR_ELF, "_z.abi3.so'", "the file is damaged");
}

static void test_mixed_machines(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, "/usr/bin", "3.11");
    make_extension(tree, "_a.abi3.so", arm);
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_int_equal(outcome.app.machine, ELF_MACHINE_ARM64);
    python_app_done(&outcome.app);
    make_extension(tree, "_b.abi3.so", glibc);
    assert_refused(
        tree, ERR_ARCHITECTURE,
        "shop/_b.abi3.so' is for amd64, and '.venv/lib/python3.11/site-packages/shop/_a.abi3.so' is for arm64",
        "linux/arm64");
    unlink(project_tree_path(tree, "app/" SITE "shop/_b.abi3.so"));
    make_interpreter(tree, "opt", "3.11");
    outcome = read_python(tree, project_tree_path(tree, "opt"));
    assert_outcome(&outcome, ERR_ARCHITECTURE, "_a.abi3.so' is for arm64, and the interpreter is for amd64",
                   "linux/amd64");
}

static void test_wheels(void **state)
{
    static const struct {
        const char *tag;
        enum err_code code;
        const char *message;
    } cases[] = {
        {"cp312-cp312-manylinux_2_17_x86_64", ERR_PYTHON_VERSION, "'shop' 1.0 was installed from a wheel that "},
        {"cp311-cp311-musllinux_1_1_x86_64", ERR_LIBC, "'shop' 1.0 was installed from a wheel that "},
        {"cp311-cp311-macosx_11_0_arm64", ERR_ARCHITECTURE, "'shop' 1.0 was installed from a wheel that "},
        {"cp311-cp311-manylinux_2_17_aarch64", ERR_ARCHITECTURE, "'shop' 1.0 was installed from a wheel that "},
    };
    struct project_tree *tree = *state;
    make_environment(tree, "/usr/bin", "3.11");
    project_tree_make(tree, "app/" SITE "shop-1.0.dist-info/METADATA", "Name: shop\nVersion: 1.0\n");
    make_extension(tree, "_a.abi3.so", glibc);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        project_tree_make(tree, "app/" SITE "shop-1.0.dist-info/WHEEL",
                          arena_printf(&tree->arena, "Wheel-Version: 1.0\nTag: %s\n", cases[i].tag));
        assert_refused(tree, cases[i].code, cases[i].message, "install shop");
    }
    project_tree_make(tree, "app/" SITE "shop-1.0.dist-info/WHEEL",
                      "Wheel-Version: 1.0\nTag: cp38-abi3-manylinux_2_17_x86_64\nTag: cp312-cp312-any\n");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    python_app_done(&outcome.app);
}

static void test_requires_python(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, "/usr/bin", "3.11");
    project_tree_make(tree, "app/" SITE "shop-1.0.dist-info/METADATA",
                      "Name: shop\nVersion: 1.0\nRequires-Python: >=3.12\n");
    assert_refused(tree, ERR_PYTHON_VERSION, "'shop' 1.0 wants Python >=3.12, and the interpreter is 3.11",
                   "install shop anew with Python 3.11");
    /* The archive's last number is not known here. */
    project_tree_make(tree, "app/" SITE "shop-1.0.dist-info/METADATA",
                      "Name: shop\nVersion: 1.0\nRequires-Python: >=3.11.4, !=3.11.9, <4\n");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    python_app_done(&outcome.app);
    project_tree_make(tree, "app/pyproject.toml", "[project]\nname = 'x'\nrequires-python = \">=3.13\"\n");
    assert_refused(tree, ERR_PYTHON_VERSION, "'pyproject.toml' wants Python >=3.13, and the interpreter is 3.11",
                   "--suite");
}

static void test_tags_tell_the_version(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "app/main.py", "");
    project_tree_make(tree, "app/vendor/shop-1.0.dist-info/METADATA", "Name: shop\n");
    make_elf(tree, "app/vendor/shop/_x.cpython-313-x86_64-linux-gnu.so", glibc);
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.program.version, "3.13"));
    assert_non_null(strstr(outcome.app.program.told_by.ptr, "shop/_x.cpython-313"));
    python_app_done(&outcome.app);
}

static void test_faults(void **state)
{
    struct project_tree *tree = *state;
    make_interpreter(tree, "opt", "3.12");
    make_environment(tree, project_tree_path(tree, "opt/bin"), "3.12");
    project_tree_make(tree, "app/main.py", "");
    make_elf(tree, "app/.venv/lib/python3.12/site-packages/_x.cpython-312-x86_64-linux-gnu.so", glibc);
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct op_ctx ctx = {.arena = &arena};
        struct python_request request = {.app = str_z(project_tree_path(tree, "app")), .has_entrypoint = true};
        struct python_app app = {.machine = ELF_MACHINE_UNKNOWN};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        r = python_app_read(&ctx, &request, &app, &err);
        fault_disarm();
        if (r != 0 && r != -ERR_NOMEM)
            fail_msg("%lu: %s", (unsigned long)n, err.message);
        assert_true(n < 4000);
        if (r == 0) {
            assert_true(app.program.brought);
            assert_true(str_eq_z(app.program.version, "3.12.4"));
            python_app_done(&app);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, project_tree_set_up, project_tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_brought),
        TEST(test_static_build),
        TEST(test_packages_of_the_interpreter),
        TEST(test_letters_of_the_abi),
        TEST(test_archive),
        TEST(test_bad_interpreters),
        TEST(test_extensions),
        TEST(test_extensions_that_may_stay_out),
        TEST(test_mixed_machines),
        TEST(test_wheels),
        TEST(test_requires_python),
        TEST(test_tags_tell_the_version),
        TEST(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
