/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "base/path.h"
#include "elf_fixture.h"
#include "io/file.h"
#include "pack/python_place.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOADER "/lib64/ld-linux-x86-64.so.2"
#define SITE   "lib/python3.11/site-packages"

/* A hand-made application; its places are /tmp/barehull-test-place.XXXXXX/{shop,python}. */
struct site {
    char dir[64];
    struct arena arena;
    struct op_ctx ctx;
    struct op_sink sink;
    struct buf warnings;
    struct build_options options;
    struct str includes[2];
    struct application app;
    struct application_python *python;
    struct err err;
};

static void warned(void *self, struct str message)
{
    struct site *site = self;
    buf_add_str(&site->warnings, message);
    buf_add_char(&site->warnings, '\n');
}

static struct str in_dir(struct site *site, const char *name)
{
    return str_z(arena_printf(&site->arena, "%s/%s", site->dir, name));
}

static void begin(struct site *site)
{
    *site = (struct site){.dir = "/tmp/barehull-test-place.XXXXXX", .arena = ARENA_INIT, .err = ERR_INIT};
    assert_non_null(mkdtemp(site->dir));
    site->sink = (struct op_sink){.warning = warned, .self = site};
    site->ctx = (struct op_ctx){.arena = &site->arena, .sink = &site->sink};
    site->options = (struct build_options){.source_date_epoch = 7, .includes = {site->includes, 0}};
    site->python = ARENA_NEW(&site->arena, struct application_python);
    assert_non_null(site->python);
    site->app.python = site->python;
    site->app.host_path = in_dir(site, "shop");
    site->python->app.root = site->app.host_path;
    site->python->app.machine = ELF_MACHINE_AMD64;
    site->python->app.program.interpreter = (struct python_interpreter){.major = 3, .minor = 11};
    assert_int_equal(file_make_dirs(AT_FDCWD, site->app.host_path.ptr, 0755, NULL), 0);
}

static void end(struct site *site)
{
    VEC_DONE(&site->python->app.files);
    VEC_DONE(&site->python->app.environment.files);
    VEC_DONE(&site->python->app.program.files);
    elf_closure_free(site->app.closure);
    tree_free(site->app.tree);
    tree_free(site->app.dependencies);
    buf_done(&site->warnings);
    assert_int_equal(file_remove_tree(AT_FDCWD, site->dir, NULL), 0);
    arena_done(&site->arena);
}

static struct project_file *add(struct site *site, struct project_files *files, const char *path, enum tree_type type,
                                struct str text)
{
    struct project_file file = {.path = str_z(path), .type = type, .mode = type == TREE_FILE ? 0644 : 0755};
    if (type == TREE_SYMLINK)
        file.target = text;
    if (type == TREE_FILE) {
        file.content = arena_str(&site->arena, text);
        file.size_bytes = text.len;
        file.is_elf = elf_is_elf(text);
    }
    file.host_path = file.path;
    assert_true(VEC_PUSH(files, file));
    return &files->ptr[files->len - 1];
}

static void add_text(struct site *site, struct project_files *files, const char *path, const char *text)
{
    struct buf out CLEANUP_BUF = BUF_INIT; /* "%" stands for the directory that all lies in */
    for (; *text; text++)
        if (*text == '%')
            buf_add_z(&out, site->dir);
        else
            buf_add_char(&out, *text);
    add(site, files, path, TREE_FILE, buf_str(&out));
}

static void add_script(struct site *site, struct project_files *files, const char *path, const char *text)
{
    add_text(site, files, path, text);
    files->ptr[files->len - 1].mode = 0755;
}

static void add_link(struct site *site, struct project_files *files, const char *path, const char *target)
{
    struct str text = str_z(target);
    if (target[0] == '%')
        text = str_z(arena_printf(&site->arena, "%s%s", site->dir, target + 1));
    add(site, files, path, TREE_SYMLINK, text);
}

static void add_elf(struct site *site, struct project_files *files, const char *path, const struct elf_fixture *fixture)
{
    struct buf bytes CLEANUP_BUF = BUF_INIT;
    elf_fixture_build(fixture, &bytes);
    add(site, files, path, TREE_FILE, buf_str(&bytes))->mode = 0755;
}

static void drop_last(struct project_files *files)
{
    files->ptr[files->len - 1].dropped = "test";
}

static struct project_files *use_venv(struct site *site, const char *inside)
{
    struct python_environment *environment = &site->python->app.environment;
    environment->kind = PYTHON_ENVIRONMENT_VENV;
    environment->inside = str_z(inside);
    environment->host_path =
        inside[0] ? in_dir(site, arena_printf(&site->arena, "shop/%s", inside)) : in_dir(site, "v");
    environment->site_packages = STR(SITE);
    environment->library = STR("python3.11");
    environment->config = (struct python_venv){.interpreter = {.major = 3, .minor = 11, .micro = 2}};
    return &environment->files;
}

static int place(struct site *site)
{
    return python_place(&site->ctx, &site->options, &site->app, &site->err);
}

static void dump(const struct tree *tree, struct buf *out)
{
    for (size_t i = 1; tree && i < tree_count(tree); i++) {
        const struct tree_node *node = tree_at(tree, i);
        assert_int_equal(node->uid + node->gid, 0);
        buf_addf(out, "%.*s %o", STR_ARG(node->path), node->mode);
        if (node->mtime != 7)
            buf_addf(out, " at %d", (int)node->mtime);
        if (node->type == TREE_SYMLINK)
            buf_addf(out, " -> %.*s", STR_ARG(node->target));
        else if (node->type == TREE_DIR)
            buf_add_z(out, "/");
        buf_add_char(out, '\n');
    }
}

static void expect_tree(const struct tree *tree, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    dump(tree, &text);
    assert_string_equal(buf_z(&text), expected);
}

static void expect_file(const struct tree *tree, const char *path, const char *expected)
{
    const struct tree_node *node = tree_get(tree, str_z(path));
    assert_non_null(node);
    assert_int_equal(node->type, TREE_FILE);
    assert_int_equal(node->size_bytes, node->content.len);
    struct buf text CLEANUP_BUF = BUF_INIT;
    buf_add_str(&text, node->content);
    assert_string_equal(buf_z(&text), expected);
}

static void expect_externals(const struct site *site, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < site->app.external_count; i++)
        buf_addf(&text, "%.*s ", STR_ARG(site->app.externals[i].name));
    assert_string_equal(buf_z(&text), expected);
}

/* Nothing of the directory that all was made in is in a path, a link or a file. */
static void expect_no_trace(const struct site *site)
{
    const struct tree *trees[] = {site->app.tree, site->app.dependencies};
    for (size_t t = 0; t < ARRAY_LEN(trees); t++)
        for (size_t i = 0; trees[t] && i < tree_count(trees[t]); i++) {
            const struct tree_node *node = tree_at(trees[t], i);
            const struct str texts[] = {node->path, node->target, node->content};
            for (size_t k = 0; k < ARRAY_LEN(texts); k++)
                assert_true(str_find(texts[k], str_z(site->dir)) == texts[k].len);
        }
}

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

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_venv)};
    (void)expect_externals;
    (void)add_elf;
    (void)fault_arm;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
