/* SPDX-License-Identifier: Apache-2.0 */
/* Environments that can't be shipped, and how that is told. */
#include "project_environment.h"

static void test_bad_config(void **state)
{
    static const struct {
        const char *text;
        enum err_code code;
        const char *message;
    } cases[] = {
        {"version = 3.11.2\n", ERR_INVALID, "has no 'home'"},
        {"", ERR_INVALID, "has no 'home'"},
        {"home = /usr/bin\nx = \xff\n", ERR_INVALID, "is not UTF-8"},
        {"\xef\xbb\xbfhome = /usr/bin\n", ERR_INVALID, "byte order mark"},
        {"home = /usr/bin\nimplementation = PyPy\nversion_info = 3.10.1\n", ERR_UNSUPPORTED, "of PyPy"},
        {"home = /usr/bin\nversion = 3.12.1\n", ERR_PYTHON_VERSION,
         "is of Python 3.12, and its packages lie in 'lib/python3.11/site-packages'"},
    };
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        project_tree_make(tree, ".venv/pyvenv.cfg", cases[i].text);
        assert_refused(tree, cases[i].code, cases[i].message, "make the environment");
    }
    project_tree_make(tree, ".venv/pyvenv.cfg", "home = /usr/bin\nhome = /opt\ninclude-system-site-packages = true\n");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_non_null(strstr(buf_z(&tree->warnings), "two values of 'home'"));
    assert_non_null(strstr(buf_z(&tree->warnings), "--package python3-NAME"));
    assert_true(str_eq_z(outcome.app.program.told_by, "'lib/python3.11/site-packages' of '.venv'"));
    python_app_done(&outcome.app);
}

static void test_other_kinds(void **state)
{
    struct project_tree *tree = *state;
    project_tree_make(tree, "env/conda-meta/history", "");
    assert_refused(tree, ERR_UNSUPPORTED, "'env' is a conda environment", "python3 -m venv");
    project_tree_make(tree, ".venv/pyvenv.cfg", "home = C:\\Python312\nversion = 3.12.1\n");
    project_tree_make(tree, ".venv/Scripts/python.exe", "");
    project_tree_make(tree, ".venv/Lib/site-packages/x.py", "");
    assert_refused(tree, ERR_ARCHITECTURE, "'.venv' is an environment of Windows", "make it on Linux");
    project_tree_make(tree, "venv/pyvenv.cfg", "home = /usr/bin\nversion = 3.11.2\n");
    struct python_request request = {.venv = str_z(project_tree_path(tree, "venv"))};
    struct outcome outcome = read_with(tree, request);
    assert_int_equal(outcome.r, -ERR_INVALID);
    assert_non_null(strstr(outcome.err.message, "has no 'lib/python3.X/site-packages'"));
}

static void test_two_libraries(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, SITE "shop.py", "");
    project_tree_make(tree, ".venv/lib/python3.10/site-packages/old.py", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_string_equal(project_tree_dropped(tree, &outcome.app.environment.files),
                        "lib/python3.10=packages of another Python");
    python_app_done(&outcome.app);
    unlink(project_tree_path(tree, ".venv/lib64"));
    project_tree_make(tree, ".venv/lib64/python3.11/site-packages/native.py", "");
    assert_refused(tree, ERR_PYTHON_VERSION, "has packages in 'lib/python3.11/site-packages' and in 'lib64/",
                   "--clear .venv");
    unlink(project_tree_path(tree, SITE "shop.py"));
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.environment.site_packages, "lib64/python3.11/site-packages"));
    python_app_done(&outcome.app);
}

static void test_links(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, SITE "shop/a.py", "");
    project_tree_link(tree, SITE "shop/b.py", "a.py");
    project_tree_link(tree, SITE "shop/c.py", project_tree_path(tree, SITE "shop/a.py"));
    project_tree_make(tree, "main.py", "");
    project_tree_link(tree, "gone.txt", "nowhere");
    project_tree_link(tree, "out.txt", "/etc/passwd");
    project_tree_link(tree, "also.py", "main.py");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const struct project_file *absolute =
        project_files_find(&outcome.app.environment.files, STR("lib/python3.11/site-packages/shop/c.py"));
    assert_true(str_eq_z(absolute->target, "a.py"));
    assert_string_equal(project_tree_kept(tree, &outcome.app.files), "also.py main.py");
    assert_non_null(strstr(buf_z(&tree->warnings), "the link 'gone.txt' leads to nowhere: 'nowhere'"));
    assert_non_null(strstr(buf_z(&tree->warnings), "the link 'out.txt' leads out of the project, to '/etc/passwd'"));
    python_app_done(&outcome.app);

    project_tree_make(tree, "cache/d.py", "import json\n");
    project_tree_link(tree, SITE "shop/d.py", project_tree_path(tree, "cache/d.py"));
    assert_refused(tree, ERR_INVALID, "shop/d.py' leads out of the environment, to '", "--exclude '.venv/lib");
    /* uv's way of saving space. */
    project_tree_make(tree, ".venv/pyvenv.cfg", "home = /usr/bin\nuv = 0.4.0\nversion_info = 3.11.2\n");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const struct project_file *followed =
        project_files_find(&outcome.app.environment.files, STR("lib/python3.11/site-packages/shop/d.py"));
    assert_int_equal(followed->type, TREE_FILE);
    assert_true(str_eq_z(followed->content, "import json\n"));
    python_app_done(&outcome.app);

    project_tree_link(tree, SITE "shop/e.py", "nowhere.py");
    assert_refused(tree, ERR_INVALID, "shop/e.py' leads to nowhere: 'nowhere.py'", "install what it belongs to anew");
}

static void test_editable(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    make_distribution(tree, SITE, "shop", "", "");
    const char *inside = project_tree_path(tree, "src dir/x");
    project_tree_make(tree, inside, "");
    project_tree_make(tree, SITE "shop-1.0.dist-info/direct_url.json",
                      arena_printf(&tree->arena,
                                   "{\"url\": \"file://%s/src%%20dir\", \"dir_info\": {\"editable\": true}}",
                                   tree->top));
    assert_refused(tree, ERR_INVALID, "src dir', inside the project (.venv/lib/python3.11/site-packages/shop-1.0",
                   "uv sync --no-editable");
    project_tree_make(tree, SITE "shop-1.0.dist-info/direct_url.json",
                      "{\"url\": \"file:///usr\", \"dir_info\": {\"editable\": true}}");
    assert_refused(tree, ERR_INVALID, "'shop' is an editable install: its source is in '/usr', outside the project",
                   "pip install --force-reinstall --no-deps '/usr'");
    project_tree_make(tree, SITE "shop-1.0.dist-info/direct_url.json", "{");
    assert_refused(tree, ERR_INVALID, "shop-1.0.dist-info/direct_url.json", "");
    project_tree_make(tree, SITE "shop-1.0.dist-info/direct_url.json", "{\"url\": \"file:///usr\", \"dir_info\": {}}");

    static const struct {
        const char *file, *text, *message;
    } cases[] = {
        {"__editable__.shop-1.0.pth", "/nowhere/src\n",
         "'shop' is an editable install: its source is in '/nowhere/src'"},
        {"__editable___shop_1_0_finder.py", "MAPPING = {'shop': '/usr/shop'}\n", "its source is in '/usr/shop'"},
        {"__editable__.shop-1.0.pth", "import __editable___shop_1_0_finder; x()\n", "'shop' is an editable install"},
        {"easy-install.pth", "/usr\n", "its source is in '/usr', outside the project"},
        {"shop.egg-link", "/usr\n.", "'shop' is an editable install: its source is in '/usr'"},
        {"mine.pth", "# c\n/usr/lib\n", "mine.pth', line 2: '/usr/lib' is outside the environment and the project"},
        {"mine.pth", "../../../../..\n", "is outside the environment and the project"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *path = arena_printf(&tree->arena, SITE "%s", cases[i].file);
        project_tree_make(tree, path, cases[i].text);
        assert_refused(tree, ERR_INVALID, cases[i].message, "install ");
        unlink(project_tree_path(tree, path));
    }
    project_tree_make(tree, SITE "mine.pth", "shop\n/nowhere/at/all\nimport antigravity\n");
    project_tree_make(tree, SITE "_virtualenv.pth", "import _virtualenv\n");
    project_tree_make(tree, SITE "shop/x.py", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_non_null(strstr(buf_z(&tree->warnings), "mine.pth', line 3, runs code when the interpreter starts"));
    assert_null(strstr(buf_z(&tree->warnings), "_virtualenv"));
    python_app_done(&outcome.app);
}

static void test_damaged_metadata(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, SITE "shop-1.0.dist-info/RECORD", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_non_null(strstr(buf_z(&tree->warnings), "shop-1.0.dist-info' has no METADATA"));
    assert_true(str_eq_z(outcome.app.distributions[0].name, "shop"));
    python_app_done(&outcome.app);
    project_tree_make(tree, SITE "shop-1.0.dist-info/METADATA", "\n\nNonsense\n");
    assert_refused(tree, ERR_INVALID, "shop-1.0.dist-info/METADATA' names no distribution", "install 'shop' anew");
    make_distribution(tree, SITE, "shop", "", "\"a\n");
    assert_refused(tree, ERR_INVALID, "RECORD that does not end", "install 'shop' anew");
    make_distribution(tree, SITE, "shop", "",
                      "/etc/passwd,,\n../../../../../../../../etc/passwd,,\n\nshop/none.py,,\n");
    project_tree_make(tree, SITE "Shop-2.0.dist-info/METADATA", "Name: Shop\nVersion: 2.0\n");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_non_null(strstr(buf_z(&tree->warnings), "is installed twice"));
    python_app_done(&outcome.app);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, project_tree_set_up, project_tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_bad_config), TEST(test_other_kinds), TEST(test_two_libraries),
        TEST(test_links),      TEST(test_editable),    TEST(test_damaged_metadata),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
