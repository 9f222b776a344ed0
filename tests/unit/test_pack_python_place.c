/* SPDX-License-Identifier: Apache-2.0 */
#include "python_site.h"

static void fill_shop(struct site *site)
{
    struct project_files *venv = use_venv(site, ".venv");
    add(site, venv, "bin", TREE_DIR, STR(""));
    add_script(site, venv, "bin/flask", "#!%/shop/.venv/bin/python3.11 -u\nimport flask\n");
    add_script(site, venv, "bin/long", "#!/bin/sh\n'''exec' \"%/shop/.venv/bin/python\" \"$0\" \"$@\"\n' '''\nx = 1\n");
    add_link(site, venv, "bin/python", "/usr/bin/python3.11");
    add_link(site, venv, "bin/python3", "python");
    add_link(site, venv, "bin/python3.11", "python");
    add_script(site, venv, "bin/tool.sh", "#!/bin/sh\nexec %/shop/.venv/lib/tool\n");
    add(site, venv, "lib", TREE_DIR, STR(""));
    add(site, venv, SITE, TREE_DIR, STR(""));
    add_text(site, venv, SITE "/__editable__.shop.pth", "%/shop/src\n");
    add_text(site, venv, SITE "/extra.pth",
             "# a comment\nvendored\n%/shop/.venv/lib/extra\n/usr/lib/python3/dist-packages\n/nowhere/at/all\n"
             "import sys; sys.path.append('%/shop/src')\n");
    add_text(site, venv, SITE "/flask-3.0.dist-info/RECORD",
             "flask/__init__.py,sha256=AAAA,3\nflask/__pycache__/__init__.cpython-311.pyc,,\n"
             "flask-3.0.dist-info/direct_url.json,sha256=BBBB,9\n../../../bin/flask,sha256=CCCC,99\n"
             "\"a,b.txt\",sha256=DDDD,1\n%/shop/.venv/bin/long,,\nflask-3.0.dist-info/RECORD,,\n/elsewhere/x,,\n"
             "tests/test_x.py,sha256=EEEE,1\n");
    add_text(site, venv, SITE "/flask-3.0.dist-info/RECORD.jws", "{}");
    add_text(site, venv, SITE "/flask-3.0.dist-info/direct_url.json", "{\"url\": \"file://%/shop/flask\"}");
    add_text(site, venv, SITE "/flask/__init__.py", "f\n");
    add_text(site, venv, SITE "/a,b.txt", "t");
    add_text(site, venv, SITE "/same.pth", "# kept as it is\nvendored\n");
    add_text(site, venv, SITE "/tests/test_x.py", "x");
    drop_last(venv);
    add_link(site, venv, SITE "/gone", "tests/test_x.py");
    add_text(site, venv, SITE "/vcs-1.dist-info/direct_url.json",
             "{\"url\": \"https://example.org/vcs\", \"vcs_info\": {\"vcs\": \"git\"}}");
    add_link(site, venv, "lib64", "%/shop/.venv/lib");
    add_text(site, venv, "pyvenv.cfg", "home = %/python/bin\n");
    struct project_files *own = &site->python->app.files;
    add_text(site, own, "app.py", "import flask\n");
    add(site, own, "data", TREE_DIR, STR(""));
    add_link(site, own, "latest", "%/shop/data");
    add_link(site, own, "log", "/dev/stdout");
    add_link(site, own, "out", "../elsewhere");
    add_link(site, own, "tools", ".venv/bin");
    add_text(site, own, "na me\xff", "");
    own->ptr[own->len - 1].mode = 0600;
}

static void test_venv(void **state)
{
    (void)state;
    struct site site;
    begin(&site);
    fill_shop(&site);
    assert_int_equal(place(&site), 0);
    expect_tree(site.app.dependencies, "app 755/\n"
                                       "app/.venv 755/\n"
                                       "app/.venv/bin 755/\n"
                                       "app/.venv/bin/flask 755\n"
                                       "app/.venv/bin/long 755\n"
                                       "app/.venv/bin/python 777 -> /usr/bin/python3.11\n"
                                       "app/.venv/bin/python3 777 -> python\n"
                                       "app/.venv/bin/python3.11 777 -> python\n"
                                       "app/.venv/bin/tool.sh 755\n"
                                       "app/.venv/lib 755/\n"
                                       "app/.venv/lib/python3.11 755/\n"
                                       "app/.venv/" SITE " 755/\n"
                                       "app/.venv/" SITE "/__editable__.shop.pth 644\n"
                                       "app/.venv/" SITE "/a,b.txt 644\n"
                                       "app/.venv/" SITE "/extra.pth 644\n"
                                       "app/.venv/" SITE "/flask 755/\n"
                                       "app/.venv/" SITE "/flask-3.0.dist-info 755/\n"
                                       "app/.venv/" SITE "/flask-3.0.dist-info/RECORD 644\n"
                                       "app/.venv/" SITE "/flask/__init__.py 644\n"
                                       "app/.venv/" SITE "/same.pth 644\n"
                                       "app/.venv/" SITE "/vcs-1.dist-info 755/\n"
                                       "app/.venv/" SITE "/vcs-1.dist-info/direct_url.json 644\n"
                                       "app/.venv/lib64 777 -> lib\n"
                                       "app/.venv/pyvenv.cfg 644\n");
    expect_tree(site.app.tree, "app 755/\n"
                               "app/app.py 644\n"
                               "app/data 755/\n"
                               "app/latest 777 -> data\n"
                               "app/log 777 -> /dev/stdout\n"
                               "app/na me\xff 644\n"
                               "app/tools 777 -> .venv/bin\n");
    const struct tree *tree = site.app.dependencies;
    expect_file(tree, "app/.venv/bin/flask", "#!/app/.venv/bin/python -u\nimport flask\n");
    expect_file(tree, "app/.venv/bin/long", "#!/app/.venv/bin/python\nx = 1\n");
    expect_file(tree, "app/.venv/bin/tool.sh", "#!/bin/sh\nexec /app/.venv/lib/tool\n");
    expect_file(tree, "app/.venv/pyvenv.cfg",
                "home = /usr/bin\ninclude-system-site-packages = false\nimplementation = CPython\nversion = 3.11.2\n");
    expect_file(tree, "app/.venv/" SITE "/__editable__.shop.pth", "/app/src\n");
    expect_file(tree, "app/.venv/" SITE "/extra.pth",
                "vendored\n/app/.venv/lib/extra\n/usr/lib/python3/dist-packages\n"
                "import sys; sys.path.append('/app/src')\n");
    expect_file(tree, "app/.venv/" SITE "/same.pth", "# kept as it is\nvendored\n");
    expect_file(tree, "app/.venv/" SITE "/flask-3.0.dist-info/RECORD",
                "../../../bin/flask,sha256=HKZ3klp0qCqdfeYyFcIU-zVaOZjmvQzhkgimcbaYjqA,40\n"
                "../../../bin/long,sha256=v4V_E57CgaZ_fgUrqPuiYNrp7Iz0fnJNNVvavDz1SlM,30\n"
                "\"a,b.txt\",sha256=DDDD,1\n"
                "flask-3.0.dist-info/RECORD,,\n"
                "flask/__init__.py,sha256=AAAA,3\n");
    expect_no_trace(&site);
    struct buf warnings CLEANUP_BUF = BUF_INIT;
    buf_add_str(&warnings, buf_str(&site.warnings));
    assert_string_equal(buf_z(&warnings),
                        "'/app/.venv/" SITE
                        "/extra.pth' adds '/nowhere/at/all' to the search path, which is not in the image: it is "
                        "left out\n"
                        "'/app/out' is a link to '../elsewhere', which is not in the image: it is left out; --include "
                        "what it leads to\n"
                        "'/app/na me\xff' is private to its owner here; in the image everybody can read it\n");
    assert_true(str_eq_z(site.python->environment, "/app/.venv"));
    assert_true(str_eq_z(site.python->interpreter, "/app/.venv/bin/python"));
    assert_true(str_eq_z(site.python->program, "/usr/bin/python3.11"));
    assert_true(site.python->archive && site.app.is_dynamic && site.app.closure);
    assert_int_equal(site.app.external_count, 0);
    end(&site);
}

/* An interpreter from elsewhere goes below /usr/local, its libpython found by a cache, its libraries by the archive. */
static void test_brought(void **state)
{
    (void)state;
    struct site site;
    begin(&site);
    struct project_files *venv = use_venv(&site, "");
    struct python_program *program = &site.python->app.program;
    program->brought = true;
    program->interpreter.minor = 12;
    program->host_prefix = in_dir(&site, "uv/cpython-3.12");
    program->program = STR("bin/python3.12");
    program->library = STR("lib/python3.12");
    site.python->app.environment.site_packages = STR("lib/python3.12/site-packages");
    site.python->app.environment.library = STR("python3.12");
    add_script(&site, venv, "bin/run", "#!/usr/bin/env python3\npass\n");
    add_elf(&site, venv, "lib/python3.12/site-packages/_x.cpython-312-x86_64-linux-gnu.so",
            &(struct elf_fixture){.needed = {"libz.so.1", "libpython3.12.so.1.0"}});
    add_link(&site, &program->files, "bin/python3", "%/uv/cpython-3.12/bin/python3.12");
    add_elf(&site, &program->files, "bin/python3.12",
            &(struct elf_fixture){.interpreter = LOADER,
                                  .type = 2,
                                  .runpath = arena_printf(&site.arena, "%s/uv/cpython-3.12/lib", site.dir),
                                  .needed = {"libpython3.12.so.1.0", "libc.so.6"},
                                  .debug_tag = true});
    add_elf(&site, venv, "lib/libmoved.so.1", &(struct elf_fixture){.soname = "libmoved.so.1"});
    assert_int_equal(file_make_dirs(AT_FDCWD, in_dir(&site, "v/lib").ptr, 0755, NULL), 0); /* it is here, too */
    assert_int_equal(file_write_all(AT_FDCWD, in_dir(&site, "v/lib/libmoved.so.1").ptr, 0755,
                                    venv->ptr[venv->len - 1].content, NULL),
                     0);
    add_elf(
        &site, venv, "lib/python3.12/site-packages/_y.abi3.so",
        &(struct elf_fixture){.runpath = arena_printf(&site.arena, "%s/v/lib", site.dir), .needed = {"libmoved.so.1"}});
    add_elf(&site, venv, "lib/python3.12/site-packages/_z.abi3.so",
            &(struct elf_fixture){.runpath = arena_printf(&site.arena, "%s/v/gone", site.dir),
                                  .needed = {"libother.so.1"}});
    add_elf(&site, &program->files, "lib/libpython3.12.so.1.0",
            &(struct elf_fixture){.soname = "libpython3.12.so.1.0", .needed = {"libm.so.6"}});
    add_text(&site, &program->files, "lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py",
             "build_time_vars = {'prefix': '%/uv/cpython-3.12', 'other': '/x%/uv/cpython-3.12', 'flags': "
             "'-L%/uv/cpython-3.12/lib'}\n");
    add_elf(&site, &program->files, "lib/python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so",
            &(struct elf_fixture){.needed = {"libssl.so.3"}});
    add_text(&site, &site.python->app.files, "app.py", "");
    assert_int_equal(place(&site), 0);
    expect_tree(site.app.dependencies,
                "app 755/\n"
                "app/.venv 755/\n"
                "app/.venv/bin 755/\n"
                "app/.venv/bin/python 777 -> /usr/local/bin/python3.12\n"
                "app/.venv/bin/python3 777 -> python\n"
                "app/.venv/bin/python3.12 777 -> python\n"
                "app/.venv/bin/run 755\n"
                "app/.venv/lib 755/\n"
                "app/.venv/lib/libmoved.so.1 755\n"
                "app/.venv/lib/python3.12 755/\n"
                "app/.venv/lib/python3.12/site-packages 755/\n"
                "app/.venv/lib/python3.12/site-packages/_x.cpython-312-x86_64-linux-gnu.so 755\n"
                "app/.venv/lib/python3.12/site-packages/_y.abi3.so 755\n"
                "app/.venv/lib/python3.12/site-packages/_z.abi3.so 755\n"
                "app/.venv/pyvenv.cfg 644\n"
                "usr 755 at 0/\n"
                "usr/local 755/\n"
                "usr/local/bin 755/\n"
                "usr/local/bin/python3 777 -> python3.12\n"
                "usr/local/bin/python3.12 755\n"
                "usr/local/lib 755/\n"
                "usr/local/lib/libpython3.12.so.1.0 755\n"
                "usr/local/lib/python3.12 755/\n"
                "usr/local/lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py 644\n"
                "usr/local/lib/python3.12/lib-dynload 755/\n"
                "usr/local/lib/python3.12/lib-dynload/_ssl.cpython-312-x86_64-linux-gnu.so 755\n");
    expect_file(site.app.dependencies, "app/.venv/bin/run", "#!/app/.venv/bin/python\npass\n");
    struct buf data CLEANUP_BUF = BUF_INIT;
    buf_addf(
        &data,
        "build_time_vars = {'prefix': '/usr/local', 'other': '/x%s/uv/cpython-3.12', 'flags': '-L/usr/local/lib'}\n",
        site.dir);
    expect_file(site.app.dependencies, "usr/local/lib/python3.12/_sysconfigdata__linux_x86_64-linux-gnu.py",
                buf_z(&data));
    const struct tree_node *cache = tree_get(site.app.tree, STR("etc/ld.so.cache"));
    assert_non_null(cache);
    assert_true(str_find(cache->content, STR("/usr/local/lib/libpython3.12.so.1.0")) < cache->content.len);
    assert_true(str_find(cache->content, STR("/app/.venv/lib/libmoved.so.1")) < cache->content.len);
    expect_tree(site.app.tree, "app 755/\napp/app.py 644\netc 755 at 0/\netc/ld.so.cache 644\n");
    expect_externals(&site, LOADER " libc.so.6 libm.so.6 libother.so.1 libssl.so.3 libz.so.1 ");
    assert_int_equal(site.python->version, 0x030c);
    assert_true(str_eq_z(site.python->program, "/usr/local/bin/python3.12"));
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("bookworm"), &site.err), 0); /* nothing to choose */
    assert_true(str_eq_z(site.python->program, "/usr/local/bin/python3.12"));
    end(&site);
}

/* /usr/local and what is below /opt stay; one that is not there is told. */
static void test_prefix(void **state)
{
    (void)state;
    static const struct {
        const char *prefix, *program;
    } cases[] = {{"/usr/local", "/usr/local/bin/python3.12"},
                 {"/opt/python/3.12", "/opt/python/3.12/bin/python3.12"},
                 {"/opt", "/usr/local/bin/python3.12"},
                 {"/home/u/.pyenv/versions/3.12.1", "/usr/local/bin/python3.12"}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct site site;
        begin(&site);
        struct python_program *program = &site.python->app.program;
        program->brought = true;
        program->host_prefix = str_z(cases[i].prefix);
        program->program = STR("bin/python3.12");
        assert_int_equal(place(&site), -(int)ERR_INVALID);
        struct buf expected CLEANUP_BUF = BUF_INIT;
        buf_addf(&expected, "the interpreter '%s' is not among the files that ship", cases[i].program);
        assert_string_equal(site.err.message, buf_z(&expected));
        assert_int_equal(site.warnings.len, 0);
        end(&site);
    }
}

/* What another package bundles is no answer; what the own package has, is, even without RUNPATH. */
static void test_modules_apart(void **state)
{
    (void)state;
    struct site site;
    begin(&site);
    struct project_files *venv = use_venv(&site, ".venv");
    add_elf(&site, venv, SITE "/a/_a.cpython-311-x86_64-linux-gnu.so",
            &(struct elf_fixture){.runpath = "$ORIGIN/../a.libs", .needed = {"libssl.so.3", "libc.so.6"}});
    add_elf(&site, venv, SITE "/a.libs/libssl.so.3",
            &(struct elf_fixture){.soname = "libssl.so.3", .needed = {"libcrypto.so.3"}, .runpath = "$ORIGIN"});
    add_elf(&site, venv, SITE "/a.libs/libcrypto.so.3", &(struct elf_fixture){.soname = "libcrypto.so.3"});
    add_elf(&site, venv, SITE "/b/_b.abi3.so",
            &(struct elf_fixture){.needed = {"libown.so.1", "libcrypto.so.3"}, .imports = {"iconv_open"}});
    add_elf(&site, venv, SITE "/b/lib/libown.so.1", &(struct elf_fixture){.soname = "libown.so.1"});
    add_elf(&site, venv, SITE "/c/libdata.so", &(struct elf_fixture){.needed = {"libdl.so.2"}}); /* by ctypes */
    add_elf(&site, venv, SITE "/d/arm.so", &(struct elf_fixture){.machine = 183});
    add_elf(&site, venv, SITE "/d/musl.so", &(struct elf_fixture){.needed = {"libc.musl-x86_64.so.1"}});
    add_elf(&site, venv, SITE "/d/relocatable.o", &(struct elf_fixture){.type = 1});
    add(&site, venv, SITE "/d/cut.so", TREE_FILE, STR("\177ELF\2\1"));
    add(&site, venv, SITE "/d/cut2.so", TREE_FILE, STR("\177ELF\2\1"));
    add_elf(&site, venv, "bin/ruff",
            &(struct elf_fixture){.interpreter = "/lib/other.so", .type = 2, .needed = {"libgcc_s.so.1"}});
    assert_int_equal(place(&site), 0);
    expect_externals(&site, "/lib/other.so libc.so.6 libcrypto.so.3 libdl.so.2 libgcc_s.so.1 ");
    assert_true(site.app.needs_conversion);
    assert_null(tree_get(site.app.tree, STR("etc/ld.so.cache")));
    assert_non_null(tree_get(site.app.dependencies, STR("app/.venv/" SITE "/d/cut.so")));
    struct buf warnings CLEANUP_BUF = BUF_INIT;
    buf_add_str(&warnings, buf_str(&site.warnings));
    assert_string_equal(buf_z(&warnings),
                        "'/app/.venv/" SITE "/d/cut.so' and 1 others can't be loaded: they are no whole ELF files\n"
                        "'/app/.venv/" SITE "/d/arm.so' can't be loaded: it is for another machine\n"
                        "'/app/.venv/" SITE "/d/musl.so' can't be loaded: it needs musl, and the image has glibc\n");
    end(&site);
}

static void test_target(void **state)
{
    (void)state;
    struct site site;
    begin(&site);
    struct python_environment *environment = &site.python->app.environment;
    environment->kind = PYTHON_ENVIRONMENT_TARGET;
    environment->inside = STR("lib");
    environment->host_path = in_dir(&site, "shop/lib");
    site.python->app.program.interpreter.major = 0;
    add_script(&site, &environment->files, "bin/flask", "#!%/python/bin/python3\npass\n");
    add_text(&site, &environment->files, "flask-3.0.dist-info/RECORD",
             "flask.py,sha256=AAAA,1\nbin/flask,,\n../../bin/flask,,\n");
    add_text(&site, &environment->files, "flask.py", "f");
    add_link(&site, &environment->files, "python", "flask.py"); /* a name like any other here */
    assert_int_equal(place(&site), 0);
    expect_tree(site.app.dependencies, "app 755/\n"
                                       "app/lib 755/\n"
                                       "app/lib/bin 755/\n"
                                       "app/lib/bin/flask 755\n"
                                       "app/lib/flask-3.0.dist-info 755/\n"
                                       "app/lib/flask-3.0.dist-info/RECORD 644\n"
                                       "app/lib/flask.py 644\n"
                                       "app/lib/python 777 -> flask.py\n");
    expect_file(site.app.dependencies, "app/lib/bin/flask", "#!/usr/bin/python3\npass\n");
    expect_file(site.app.dependencies, "app/lib/flask-3.0.dist-info/RECORD",
                "bin/flask,sha256=4vtVx5c8L8HQwv2lwzbULBcR69rvfBdaIC7StC6uPK0,24\n"
                "flask.py,sha256=AAAA,1\n");
    assert_true(str_eq_z(site.python->interpreter, "/usr/bin/python3"));
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("trixie"), &site.err), 0);
    assert_true(str_eq_z(site.python->interpreter, "/usr/bin/python3.13"));
    assert_int_equal(site.python->version, 0x030d);
    end(&site);
}

static void test_choose(void **state)
{
    (void)state;
    struct site site;
    begin(&site);
    (void)use_venv(&site, ".venv");
    site.python->app.program.told_by = STR("pyvenv.cfg of '.venv'");
    assert_int_equal(place(&site), 0);
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("trixie"), &site.err), -(int)ERR_PYTHON_VERSION);
    assert_string_equal(site.err.message, "pyvenv.cfg of '.venv' asks for CPython 3.11, and trixie has 3.13");
    assert_string_equal(site.err.hint, "use --suite bookworm, or bring the interpreter: --python PREFIX");
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("bookworm"), &site.err), 0);
    assert_int_equal(site.python->version, 0x030b);
    expect_tree(site.app.dependencies, "app 755/\n"
                                       "app/.venv 755/\n"
                                       "app/.venv/bin 755/\n"
                                       "app/.venv/bin/python 777 -> /usr/bin/python3.11\n"
                                       "app/.venv/bin/python3 777 -> python\n"
                                       "app/.venv/bin/python3.11 777 -> python\n"
                                       "app/.venv/pyvenv.cfg 644\n");
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("sid"), &site.err), -(int)ERR_UNSUPPORTED);
    site.python->app.program.interpreter.free_threaded = true;
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("bookworm"), &site.err), -(int)ERR_PYTHON_VERSION);
    site.python->app.program.interpreter = (struct python_interpreter){.major = 3, .minor = 12};
    assert_int_equal(python_choose(&site.ctx, &site.app, STR("bookworm"), &site.err), -(int)ERR_PYTHON_VERSION);
    assert_non_null(strstr(site.err.hint, "--python PREFIX, or make the environment with Python 3.11"));
    end(&site);
}

static void test_taken(void **state)
{
    (void)state;
    struct site site;
    begin(&site); /* an environment from elsewhere, and the project has something of that name */
    (void)use_venv(&site, "");
    add_text(&site, &site.python->app.files, ".venv/other.txt", "");
    assert_int_equal(place(&site), 0);
    assert_true(str_eq_z(site.python->environment, "/app/.venv2"));
    assert_non_null(tree_get(site.app.dependencies, STR("app/.venv2/pyvenv.cfg")));
    end(&site);
    begin(&site); /* one place for two */
    add_text(&site, use_venv(&site, ".venv"), "x", "");
    add_text(&site, &site.python->app.files, ".venv/x", "");
    assert_int_equal(place(&site), -(int)ERR_INVALID);
    assert_string_equal(site.err.message, "'/app/.venv/x' would be the project's and its environment's");
    end(&site);
    begin(&site);
    (void)use_venv(&site, "\xff");
    assert_int_equal(place(&site), -(int)ERR_USAGE);
    end(&site);
    begin(&site);
    site.options.architecture = STR("arm64");
    assert_int_equal(place(&site), -(int)ERR_ARCHITECTURE);
    assert_non_null(strstr(site.err.message, "has extension modules for amd64, and --arch asks for arm64"));
    site.python->app.machine = ELF_MACHINE_UNKNOWN;
    assert_int_equal(place(&site), 0);
    assert_int_equal(site.app.machine, ELF_MACHINE_ARM64);
    assert_null(site.app.dependencies);
    end(&site);
}

/* Included files lie over the project's; a script that vanished is told by name. */
static void test_files_of_this_machine(void **state)
{
    (void)state;
    struct site site;
    begin(&site);
    struct str app = in_dir(&site, "shop/app.py");
    assert_int_equal(file_write_all(AT_FDCWD, app.ptr, 0644, STR("disk"), NULL), 0);
    struct project_file file = {
        .path = STR("app.py"), .host_path = app, .type = TREE_FILE, .mode = 0666 & ~022U, .size_bytes = 4};
    assert_true(VEC_PUSH(&site.python->app.files, file));
    site.includes[0] = str_z(arena_printf(&site.arena, "%.*s:/app/other.py", STR_ARG(app)));
    site.options.includes.len = 1;
    add_link(&site, &site.python->app.files, "x", "../app/other.py/y"); /* what is included may be led to */
    struct project_files *venv = use_venv(&site, ".venv");
    assert_int_equal(place(&site), 0);
    const struct tree_node *node = tree_get(site.app.tree, STR("app/app.py"));
    assert_true(node && str_eq(node->host_path, app) && node->size_bytes == 4 && !node->content.ptr);
    assert_non_null(tree_get(site.app.tree, STR("app/other.py")));
    assert_non_null(tree_get(site.app.tree, STR("app/x")));
    file = (struct project_file){.path = STR("bin/gone"), .host_path = in_dir(&site, "gone"), .type = TREE_FILE};
    assert_true(VEC_PUSH(venv, file));
    elf_closure_free(site.app.closure);
    tree_free(site.app.tree);
    tree_free(site.app.dependencies);
    site.app = (struct application){.python = site.python};
    assert_int_equal(place(&site), -(int)ERR_NOT_FOUND);
    assert_non_null(strstr(site.err.message, "/gone'"));
    end(&site);
}

static void add_contents(const struct tree *tree, struct buf *out)
{
    dump(tree, out);
    for (size_t i = 0; i < tree_count(tree); i++)
        buf_add_str(out, tree_at(tree, i)->content);
}

/* From two directories, listed in another order. */
static void test_same_bytes(void **state)
{
    (void)state;
    struct buf texts[2] = {BUF_INIT, BUF_INIT};
    for (size_t k = 0; k < 2; k++) {
        struct site site;
        begin(&site);
        fill_shop(&site);
        struct project_files *venv = &site.python->app.environment.files;
        for (size_t i = 0; k && i < venv->len / 2; i++) {
            struct project_file file = venv->ptr[i];
            venv->ptr[i] = venv->ptr[venv->len - 1 - i];
            venv->ptr[venv->len - 1 - i] = file;
        }
        assert_int_equal(place(&site), 0);
        add_contents(site.app.dependencies, &texts[k]);
        add_contents(site.app.tree, &texts[k]);
        end(&site);
    }
    assert_true(texts[0].len > 1000 && str_eq(buf_str(&texts[0]), buf_str(&texts[1])));
    buf_done(&texts[0]);
    buf_done(&texts[1]);
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct site site;
        begin(&site);
        site.sink.warning = NULL;
        site.ctx.sink = NULL;
        fill_shop(&site);
        struct project_files *venv = &site.python->app.environment.files;
        add_elf(&site, venv, SITE "/_a.abi3.so",
                &(struct elf_fixture){.runpath = "$ORIGIN/a.libs", .needed = {"libx.so", "libc.so.6"}});
        add_elf(&site, venv, SITE "/a.libs/libx.so", &(struct elf_fixture){.soname = "libx.so"});
        fault_arm(FAULT_ALLOC, n);
        int r = place(&site);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        bool said = site.err.code == ERR_NOMEM;
        end(&site);
        if (passed) {
            assert_int_equal(r, 0);
            break;
        }
        if (!(r < 0 && said))
            fail_msg("allocation %d: %d %d", (int)n, r, said);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_venv),       cmocka_unit_test(test_brought),
                                       cmocka_unit_test(test_prefix),     cmocka_unit_test(test_modules_apart),
                                       cmocka_unit_test(test_target),     cmocka_unit_test(test_choose),
                                       cmocka_unit_test(test_taken),      cmocka_unit_test(test_files_of_this_machine),
                                       cmocka_unit_test(test_same_bytes), cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
