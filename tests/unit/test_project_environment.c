/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "project_environment.h"

/* --- what ships -------------------------------------------------------------------------------------------------- */

static void test_whole(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, ".venv/bin/activate", "");
    project_tree_make(tree, ".venv/bin/shop", "#!/x/.venv/bin/python\n");
    project_tree_make(tree, ".venv/bin/pip", "#!/x/.venv/bin/python\n");
    project_tree_make(tree, ".venv/include/site/python3.11/x.h", "");
    make_distribution(tree, SITE, "shop", "", "shop/__init__.py,,\nshop/_c.pyx,,\n../../../bin/shop,,\n");
    project_tree_make(tree, SITE "shop/__init__.py", "import os\n");
    project_tree_make(tree, SITE "shop/_c.pyx", "");
    project_tree_make(tree, SITE "shop/_c.h", "");
    project_tree_make(tree, SITE "shop/__pycache__/x.cpython-311.pyc", "");
    project_tree_make(tree, SITE "shop/tests/test_a.py", "");
    make_distribution(tree, SITE, "pip", "", "pip/__init__.py,,\n../../../bin/pip,,\n");
    project_tree_make(tree, SITE "pip/__init__.py", "");
    make_distribution(tree, SITE, "setuptools", "", "setuptools/__init__.py,,\npkg_resources/__init__.py,,\n");
    project_tree_make(tree, SITE "setuptools/__init__.py", "");
    project_tree_make(tree, SITE "pkg_resources/__init__.py", "");
    project_tree_make(tree, SITE "~hop/x.py", "");
    project_tree_make(tree, "main.py", "import shop\n");
    project_tree_make(tree, "data/a.csv", "");
    project_tree_make(tree, "tests/test_main.py", "import main\n");
    project_tree_make(tree, "Dockerfile", "FROM scratch\n");
    project_tree_make(tree, ".git/HEAD", "");
    project_tree_make(tree, "venv-old/pyvenv.cfg", "home = /usr/bin\n");

    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const struct python_app *app = &outcome.app;
    assert_string_equal(project_tree_kept(tree, &app->files), "data/ data/a.csv main.py");
    assert_string_equal(project_tree_dropped(tree, &app->files),
                        ".git=version control, Dockerfile=recipes of images, tests=tests, tests/test_main.py=tests, "
                        "venv-old=another virtual environment");
    assert_string_equal(project_tree_kept(tree, &app->environment.files),
                        "bin/ bin/python bin/python3 bin/shop lib/ lib/python3.11/ lib/python3.11/site-packages/ "
                        "lib/python3.11/site-packages/shop/ lib/python3.11/site-packages/shop-1.0.dist-info/ "
                        "lib/python3.11/site-packages/shop-1.0.dist-info/METADATA "
                        "lib/python3.11/site-packages/shop-1.0.dist-info/RECORD "
                        "lib/python3.11/site-packages/shop-1.0.dist-info/WHEEL "
                        "lib/python3.11/site-packages/shop/__init__.py lib64 pyvenv.cfg");
    assert_int_equal(app->environment.kind, PYTHON_ENVIRONMENT_VENV);
    assert_true(str_eq_z(app->environment.inside, ".venv"));
    assert_true(str_eq_z(app->environment.site_packages, "lib/python3.11/site-packages"));
    assert_true(str_eq_z(app->environment.library, "python3.11"));
    assert_false(app->environment.is_root);
    assert_int_equal(app->distribution_count, 3);
    assert_true(str_eq_z(app->distributions[0].normalized, "pip") && app->distributions[0].dropped);
    assert_true(str_eq_z(app->distributions[1].normalized, "setuptools") && app->distributions[1].dropped);
    assert_true(str_eq_z(app->distributions[2].normalized, "shop") && !app->distributions[2].dropped);
    assert_false(app->program.brought);
    assert_true(str_eq_z(app->program.version, "3.11"));
    assert_true(str_eq_z(app->program.told_by, "pyvenv.cfg of '.venv'"));
    assert_non_null(strstr(buf_z(&tree->warnings), "'.venv' and 'venv-old' are virtual environments"));
    assert_non_null(strstr(buf_z(&tree->warnings), "~hop' is left over from an installation"));
    python_app_done(&outcome.app);
}

static bool has(struct project_tree *tree, const struct project_files *files, const char *path)
{
    (void)tree;
    const struct project_file *file = project_files_find(files, str_z(path));
    return file && !file->dropped;
}

static void test_build_tools(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    make_distribution(tree, SITE, "setuptools", "", "setuptools/__init__.py,,\npkg_resources/__init__.py,,\n");
    project_tree_make(tree, SITE "setuptools/__init__.py", "");
    project_tree_make(tree, SITE "pkg_resources/__init__.py", "import setuptools, plistlib\n");
    make_distribution(tree, SITE, "wheel", "", "wheel/__init__.py,,\n");
    project_tree_make(tree, SITE "wheel/__init__.py", "");
    project_tree_make(tree, "main.py", "try:\n    import pkg_resources\nexcept ImportError:\n    pass\n");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const struct project_files *files = &outcome.app.environment.files;
    assert_true(has(tree, files, "lib/python3.11/site-packages/setuptools/__init__.py"));
    assert_true(has(tree, files, "lib/python3.11/site-packages/pkg_resources/__init__.py"));
    assert_true(has(tree, files, "lib/python3.11/site-packages/setuptools-1.0.dist-info/METADATA"));
    assert_false(has(tree, files, "lib/python3.11/site-packages/wheel"));
    bool plistlib = false;
    for (size_t i = 0; i < outcome.app.mentions.len; i++)
        plistlib |= str_eq_z(outcome.app.mentions.ptr[i], "plistlib");
    assert_true(plistlib);
    python_app_done(&outcome.app);

    /* What somebody requires stays too, but not what only an extra does. */
    project_tree_make(tree, "main.py", "");
    make_distribution(tree, SITE, "shop", "Requires-Dist: wheel (>=0.3)\nRequires-Dist: setuptools; extra == 'dev'\n",
                      "");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_true(has(tree, &outcome.app.environment.files, "lib/python3.11/site-packages/wheel/__init__.py"));
    assert_false(has(tree, &outcome.app.environment.files, "lib/python3.11/site-packages/setuptools"));
    python_app_done(&outcome.app);
}

static void test_tests_that_are_imported(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, SITE "num/__init__.py", "from .tests.kit import x\n");
    project_tree_make(tree, SITE "num/tests/kit.py", "from num.core.tests import more\n");
    project_tree_make(tree, SITE "num/core/__init__.py", "");
    project_tree_make(tree, SITE "num/core/tests/more.py", "");
    project_tree_make(tree, SITE "num/io/tests/test_io.py", "import num.io.tests.help\n");
    project_tree_make(tree, SITE "num/io/__init__.py", "");
    project_tree_make(tree, SITE "web/test/client.py", "");
    project_tree_make(tree, SITE "web/test/deep/test_x.py", "");
    project_tree_make(tree, SITE "old/test/conftest.py", "");
    project_tree_make(tree, SITE "page/tests/a.html", "");
    project_tree_make(tree, "src/shop/tests/__init__.py", "");
    project_tree_make(tree, "src/shop/tests/factory.py", "");
    project_tree_make(tree, "src/shop/demo.py", "import shop.tests.factory\n");
    project_tree_make(tree, "src/tests/x.py", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    const struct project_files *files = &outcome.app.environment.files;
    assert_true(has(tree, files, "lib/python3.11/site-packages/num/tests/kit.py"));
    assert_true(has(tree, files, "lib/python3.11/site-packages/num/core/tests/more.py"));
    assert_false(has(tree, files, "lib/python3.11/site-packages/num/io/tests"));
    assert_false(has(tree, files, "lib/python3.11/site-packages/num/io/tests/test_io.py"));
    assert_true(has(tree, files, "lib/python3.11/site-packages/web/test/client.py"));
    assert_false(has(tree, files, "lib/python3.11/site-packages/web/test/deep/nothing"));
    assert_false(has(tree, files, "lib/python3.11/site-packages/old/test"));
    assert_true(has(tree, files, "lib/python3.11/site-packages/page/tests/a.html"));
    assert_true(has(tree, &outcome.app.files, "src/shop/tests/factory.py"));
    assert_false(has(tree, &outcome.app.files, "src/tests/x.py"));
    python_app_done(&outcome.app);
}

static void test_ignored_and_secret(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, SITE "shop/cert.pem", "-----BEGIN PRIVATE KEY-----\n");
    project_tree_make(tree, SITE "shop/big.bin", "x");
    project_tree_make(tree, ".dockerignore", "*\n!app\n!conf/keep\n.venv\n**/*.log\n");
    project_tree_make(tree, "app/main.py", "");
    project_tree_make(tree, "app/x.log", "");
    project_tree_make(tree, "app/.env", "A=1\n");
    project_tree_make(tree, "app/.env.example", "A=\n");
    project_tree_make(tree, "app/tls.key", "-----BEGIN RSA PRIVATE KEY-----\n");
    project_tree_make(tree, "app/ca.pem", "-----BEGIN CERTIFICATE-----\n");
    project_tree_make(tree, "app/notes.md", "");
    project_tree_make(tree, "conf/keep", "");
    project_tree_make(tree, "conf/lose", "");
    project_tree_make(tree, "other/x", "");
    struct str exclude[] = {STR("**/*.md"), STR(".venv/**/*.bin")};
    struct outcome outcome = read_with(tree, (struct python_request){.exclude = {exclude, 2}});
    assert_int_equal(outcome.r, 0);
    assert_string_equal(project_tree_kept(tree, &outcome.app.files),
                        "app/ app/.env.example app/ca.pem app/main.py conf/ conf/keep");
    assert_string_equal(
        project_tree_dropped(tree, &outcome.app.files),
        ".dockerignore=recipes of images, app/.env=secrets, app/notes.md=what was excluded, app/tls.key=secrets, "
        "app/x.log=what was excluded, conf/lose=what was excluded, other=what was excluded");
    assert_true(has(tree, &outcome.app.environment.files, "lib/python3.11/site-packages/shop/cert.pem"));
    assert_false(has(tree, &outcome.app.environment.files, "lib/python3.11/site-packages/shop/big.bin"));
    assert_non_null(strstr(buf_z(&tree->warnings), "'app/.env' looks like a secret"));
    python_app_done(&outcome.app);
}

static void test_script(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    project_tree_make(tree, "job.py", "print(1)\n");
    project_tree_make(tree, "other.py", "");
    project_tree_make(tree, ".dockerignore", "job.py\n");
    struct outcome outcome = read_with(tree, (struct python_request){.app = STR("job.py")});
    assert_int_equal(outcome.r, 0);
    assert_string_equal(project_tree_kept(tree, &outcome.app.files), "job.py");
    assert_int_equal(outcome.app.environment.kind, PYTHON_ENVIRONMENT_VENV);
    python_app_done(&outcome.app);
    outcome = read_with(tree, (struct python_request){.app = STR("nothing.py")});
    assert_int_equal(outcome.r, -ERR_NOT_FOUND);
}

/* --- which environment ------------------------------------------------------------------------------------------- */

static void test_choice(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, "b-env", "3.11");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.environment.inside, "b-env"));
    python_app_done(&outcome.app);

    make_environment(tree, "a-env", "3.11");
    assert_refused(tree, ERR_USAGE, "'a-env' and 'b-env' are virtual environments", "--venv a-env");
    struct python_request request = {.venv = str_z(project_tree_path(tree, "b-env"))};
    outcome = read_with(tree, request);
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.environment.inside, "b-env"));
    python_app_done(&outcome.app);

    make_environment(tree, "env", "3.11");
    outcome = read_plain(tree);
    assert_true(str_eq_z(outcome.app.environment.inside, "env"));
    python_app_done(&outcome.app);

    /* .env is a file of variables more often than an environment. */
    project_tree_make(tree, ".env", "A=1\n");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    python_app_done(&outcome.app);

    request.venv = str_z(project_tree_path(tree, "env/bin"));
    outcome = read_with(tree, request);
    assert_int_equal(outcome.r, -ERR_USAGE);
    assert_non_null(strstr(outcome.err.message, "has no pyvenv.cfg"));
    request.venv = str_z(project_tree_path(tree, "nothing"));
    assert_int_equal(read_with(tree, request).r, -ERR_NOT_FOUND);
}

static void test_elsewhere(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, "envs/shop", "3.11");
    project_tree_make(tree, "app/main.py", "");
    struct python_request request = {.app = STR("app"), .venv = str_z(project_tree_path(tree, "envs/shop"))};
    struct outcome outcome = read_with(tree, request);
    assert_int_equal(outcome.r, 0);
    assert_int_equal(outcome.app.environment.inside.len, 0);
    assert_false(outcome.app.environment.is_root);
    python_app_done(&outcome.app);

    /* A link to it in the project is its place there. */
    project_tree_link(tree, "app/.venv", "../envs/shop");
    outcome = read_with(tree, (struct python_request){.app = STR("app")});
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.environment.inside, ".venv"));
    assert_string_equal(outcome.app.environment.host_path.ptr, project_tree_path(tree, "envs/shop"));
    assert_string_equal(project_tree_kept(tree, &outcome.app.files), "main.py");
    python_app_done(&outcome.app);
}

static void test_root_is_environment(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, "app", "3.11");
    project_tree_make(tree, "app/main.py", "");
    project_tree_make(tree, "app/static/x", "");
    struct outcome outcome = read_with(tree, (struct python_request){.app = STR("app")});
    assert_int_equal(outcome.r, 0);
    assert_true(outcome.app.environment.is_root);
    assert_string_equal(project_tree_kept(tree, &outcome.app.files), "main.py static/ static/x");
    assert_string_equal(
        project_tree_kept(tree, &outcome.app.environment.files),
        "bin/ bin/python bin/python3 lib/ lib/python3.11/ lib/python3.11/site-packages/ lib64 pyvenv.cfg");
    python_app_done(&outcome.app);
}

static void test_target(void **state)
{
    struct project_tree *tree = *state;
    make_distribution(tree, "", "shop", "", "shop/__init__.py,,\nbin/shop,,\n");
    project_tree_make(tree, "shop/__init__.py", "");
    project_tree_make(tree, "bin/shop", "#!/x/python\n");
    project_tree_make(tree, "bin/mine", "");
    project_tree_make(tree, "main.py", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_int_equal(outcome.app.environment.kind, PYTHON_ENVIRONMENT_TARGET);
    assert_true(outcome.app.environment.is_root);
    assert_string_equal(project_tree_kept(tree, &outcome.app.files), "bin/mine main.py");
    assert_string_equal(project_tree_kept(tree, &outcome.app.environment.files),
                        "bin/ bin/shop shop/ shop-1.0.dist-info/ shop-1.0.dist-info/METADATA "
                        "shop-1.0.dist-info/RECORD shop-1.0.dist-info/WHEEL shop/__init__.py");
    assert_int_equal(outcome.app.program.interpreter.major, 0);
    python_app_done(&outcome.app);
}

static void test_target_below(void **state)
{
    struct project_tree *tree = *state;
    make_distribution(tree, "vendor/", "shop", "", "");
    project_tree_make(tree, "main.py", "");
    struct outcome outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_int_equal(outcome.app.environment.kind, PYTHON_ENVIRONMENT_TARGET);
    assert_true(str_eq_z(outcome.app.environment.inside, "vendor"));
    assert_string_equal(project_tree_kept(tree, &outcome.app.files), "main.py");
    python_app_done(&outcome.app);

    make_distribution(tree, "__pypackages__/3.12/lib/", "shop", "", "");
    outcome = read_plain(tree);
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.environment.inside, "__pypackages__/3.12/lib"));
    assert_true(str_eq_z(outcome.app.program.version, "3.12"));
    assert_non_null(strstr(buf_z(&tree->warnings), "and in 'vendor'"));
    python_app_done(&outcome.app);

    make_distribution(tree, "__pypackages__/3.13/lib/", "shop", "", "");
    assert_refused(tree, ERR_PYTHON_VERSION, "several versions", "leave one");

    struct python_request request = {.venv = str_z(project_tree_path(tree, "vendor"))};
    outcome = read_with(tree, request);
    assert_int_equal(outcome.r, 0);
    assert_true(str_eq_z(outcome.app.environment.inside, "vendor"));
    python_app_done(&outcome.app);
}

static void test_looks_like(void **state)
{
    (void)state;
    const struct str yes[] = {STR("Dockerfile"), STR("requirements-dev.txt")};
    const struct str no[] = {STR("main.go"), STR("py"), STR("requirements"), STR("a.pyc")};
    assert_true(python_app_looks_like(yes, 2));
    assert_false(python_app_looks_like(yes, 1));
    assert_false(python_app_looks_like(no, ARRAY_LEN(no)));
    assert_true(python_app_looks_like(&STR("/srv/x/app.py"), 1));
    assert_true(python_app_looks_like(&STR("pyvenv.cfg"), 1));
}

static void test_faults(void **state)
{
    struct project_tree *tree = *state;
    make_environment(tree, ".venv", "3.11");
    make_distribution(tree, SITE, "shop", "Requires-Python: >=3.8\n", "shop/__init__.py,,\n");
    make_distribution(tree, SITE, "pip", "", "pip/__init__.py,,\n");
    project_tree_make(tree, SITE "shop/__init__.py", "from .tests import x\n");
    project_tree_make(tree, SITE "shop/tests/x.py", "");
    project_tree_make(tree, SITE "a.pth", "shop\n");
    project_tree_make(tree, ".dockerignore", "x\n");
    project_tree_make(tree, "main.py", "import shop\n");
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct op_ctx ctx = {.arena = &arena};
        struct python_request request = {.app = str_z(tree->top), .has_entrypoint = true};
        struct python_app app = {.machine = ELF_MACHINE_UNKNOWN};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        r = python_app_read(&ctx, &request, &app, &err);
        fault_disarm();
        if (r != 0 && r != -ERR_NOMEM)
            fail_msg("%lu: %s", (unsigned long)n, err.message);
        assert_true(n < 2000);
        if (r == 0) {
            assert_int_equal(app.distribution_count, 2);
            assert_true(app.distributions[0].dropped);
            python_app_done(&app);
        }
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, project_tree_set_up, project_tree_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_whole),
        TEST(test_build_tools),
        TEST(test_tests_that_are_imported),
        TEST(test_ignored_and_secret),
        TEST(test_script),
        TEST(test_choice),
        TEST(test_elsewhere),
        TEST(test_root_is_environment),
        TEST(test_target),
        TEST(test_target_below),
        TEST(test_looks_like),
        TEST(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
