/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "project_fixture.h"

#include <setjmp.h>

#include <cmocka.h>

#define FASTAPI "from fastapi import FastAPI\napp = FastAPI()\n"
#define FLASK   "from flask import Flask\napp = Flask(__name__)\n"
#define SITE    "env:lib/python3.11/site-packages/"

static void tell(struct project_fixture *fixture, int result, struct err *err, struct buf *out)
{
    const struct python_app_entry *entry = &fixture->app.entry;
    struct python_start start;
    if (result < 0) {
        buf_addf(out, "%s: %s (%s)", err_name((enum err_code) - result), err->message, err->hint);
        return;
    }
    buf_addf(out, "%.*s [%.*s] %.*s%s%s%s:", STR_ARG(entry->module), STR_ARG(entry->root), STR_ARG(entry->path),
             entry->script ? " script" : "", entry->console ? " console" : "", entry->installed ? " installed" : "");
    result = entry->module.len
                 ? python_app_start(&fixture->app, (struct str_list){0}, 8080, &fixture->arena, &start, err)
                 : 1;
    if (result < 0)
        buf_addf(out, " %s", err->message);
    for (uint32_t i = 0; result == 0 && i < start.arg_count; i++)
        buf_addf(out, " %s", start.args[i]);
    if (result == 0 && start.warning)
        buf_add_z(out, " !");
    buf_addf(out, " (%.*s)", STR_ARG(entry->chosen));
}

static void expect_module(const char *module, const char *app, const char *text, const char *distributions,
                          const char *expected)
{
    struct project_fixture fixture;
    CLEANUP_BUF struct buf out = BUF_INIT;
    struct err err = ERR_INIT;
    project_fixture_init(&fixture, str_z(text), distributions);
    fixture.request.module = str_z(module);
    fixture.request.app = str_z(app);
    int result = python_find_entry(&fixture.ctx, &fixture.request, &fixture.app, &err);
    tell(&fixture, result, &err, &out);
    project_fixture_done(&fixture);
    assert_string_equal(buf_z(&out), expected);
}

static void expect(const char *text, const char *distributions, const char *expected)
{
    expect_module("", "/work/shop", text, distributions, expected);
}

static void test_conventional(void **state)
{
    (void)state;
    expect("== app.py\n" FASTAPI "== util.py\nimport os\n", "fastapi uvicorn",
           "app [] app.py: -m uvicorn app:app (app.py makes a FastAPI application)");
    expect("== app.py\n" FLASK "== main.py\nimport os\nif __name__ == '__main__':\n    pass\n", "flask gunicorn",
           "app [] app.py: -m gunicorn --worker-tmp-dir /dev/shm app:app (app.py makes a Flask application)");
    expect("== app.py\n" FLASK "== main.py\n" FASTAPI, "flask gunicorn fastapi uvicorn",
           "main [] main.py: -m uvicorn main:app (main.py makes a FastAPI application)");
    expect("== app.py\n" FLASK "== main.py\n" FASTAPI, "flask gunicorn",
           "app [] app.py: -m gunicorn --worker-tmp-dir /dev/shm app:app (app.py makes a Flask application)");
    expect("== main.py\nprint(1)\n", "", "main [] main.py: -m main (main.py is where programs usually begin)");
    expect("== bot.py\nprint(1)\n", "", "bot [] bot.py: -m bot (bot.py is where programs usually begin)");
    expect("== bot.py\nif __name__ == '__main__':\n  go()\n== util.py\nimport os\n", "",
           "bot [] bot.py: -m bot (bot.py is a program)");
    expect("== my-app.py\n" FASTAPI, "uvicorn",
           "my-app [] my-app.py: -m uvicorn my-app:app (my-app.py makes a FastAPI application)");
    expect("== my.app.py\nprint(1)\n", "",
           "my.app [] my.app.py script: my.app.py (my.app.py is where programs usually begin)");
    expect("== web/site.py\n" FASTAPI "== web/util.py\nimport os\n", "uvicorn",
           "web.site [] web/site.py: -m uvicorn web.site:app (web/site.py makes a FastAPI application)");
    expect("== tests/main.py\n" FLASK "== setup.py\nimport setuptools\n== service.py\n" FLASK, "flask",
           "service [] service.py: -m flask --app service:app run ! (service.py makes a Flask application)");
}

static void test_packages(void **state)
{
    (void)state;
    expect("== shop/__init__.py\n== shop/main.py\nfrom .db import x\n" FASTAPI "== shop/db.py\nx = 1\n", "uvicorn",
           "shop.main [] shop/main.py: -m uvicorn shop.main:app (shop/main.py makes a FastAPI application)");
    expect("== shop/__init__.py\nfrom flask import Flask\ndef create_app(config=None):\n  return Flask(__name__)\n"
           "== shop/db.py\nx = 1\n",
           "flask gunicorn",
           "shop [] shop/__init__.py: -m gunicorn --worker-tmp-dir /dev/shm shop:create_app() (shop/__init__.py has a "
           "function that makes a Flask application)");
    expect("== shop/__init__.py\n== shop/__main__.py\nfrom .cli import main\nmain()\n== shop/cli.py\ndef main():\n  "
           "pass\n",
           "", "shop [] shop/__main__.py: -m shop (shop/__main__.py is a program)");
    expect("== src/shop/__init__.py\n== src/shop/main.py\nfrom shop.db import x\n" FASTAPI "== src/shop/db.py\nx = 1\n",
           "uvicorn",
           "shop.main [src] src/shop/main.py: -m uvicorn shop.main:app (src/shop/main.py makes a FastAPI application)");
    expect("== src/main.py\nfrom src.db import x\n" FASTAPI "== src/db.py\nx = 1\n", "uvicorn",
           "src.main [] src/main.py: -m uvicorn src.main:app (src/main.py makes a FastAPI application)");
    expect("== src/main.py\nfrom db import x\n" FASTAPI "== src/db.py\nx = 1\n", "uvicorn",
           "main [src] src/main.py: -m uvicorn main:app (src/main.py makes a FastAPI application)");
    expect("== src/main.py\n" FASTAPI, "uvicorn",
           "main [src] src/main.py: -m uvicorn main:app (src/main.py makes a FastAPI application)");
    expect("== src/main.py\nfrom .db import x\n" FASTAPI, "uvicorn",
           "src.main [] src/main.py: -m uvicorn src.main:app (src/main.py makes a FastAPI application)");
    expect("== backend/main.py\nimport db\n" FASTAPI "== backend/db.py\n", "uvicorn",
           "main [backend] backend/main.py: -m uvicorn main:app (backend/main.py makes a FastAPI application)");
    expect("== app/main.py\n" FASTAPI, "uvicorn",
           "app.main [] app/main.py: -m uvicorn app.main:app (app/main.py makes a FastAPI application)");
    expect("== shop/__init__.py\n== shop/app.py\n" FLASK "== admin/__init__.py\n== admin/app.py\n" FLASK, "gunicorn",
           "shop.app [] shop/app.py: -m gunicorn --worker-tmp-dir /dev/shm shop.app:app (shop/app.py makes a Flask "
           "application)");
}

static void test_followed(void **state)
{
    (void)state;
    expect("== wsgi.py\nfrom shop import create_app\napp = create_app()\n== shop/__init__.py\nfrom .factory import "
           "create_app\n"
           "== shop/factory.py\nfrom flask import Flask\ndef create_app():\n  return Flask('x')\n",
           "gunicorn",
           "wsgi [] wsgi.py: -m gunicorn --worker-tmp-dir /dev/shm wsgi:app (wsgi.py makes a Flask application)");
    expect("== main.py\nfrom shop.web import app\n== shop/web.py\n" FASTAPI, "uvicorn",
           "main [] main.py: -m uvicorn main:app (main.py makes a FastAPI application)");
    expect("== main.py\nfrom shop import web\napp = web.make_app()\n== shop/web.py\nfrom fastapi import FastAPI\n"
           "def make_app():\n  return FastAPI()\n",
           "uvicorn", "main [] main.py: -m uvicorn main:app (main.py makes a FastAPI application)");
    expect("== main.py\nfrom a import app\n== a.py\nfrom main import app\n", "uvicorn",
           "main [] main.py: -m main (main.py is where programs usually begin)");
    expect("== main.py\nfrom PyQt5 import QApplication\napp = QApplication()\n", "",
           "main [] main.py: -m main (main.py is where programs usually begin)");
}

#define MANAGE                                                                                                         \
    "import os\ndef main():\n  os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\n"                    \
    "  from django.core.management import execute_from_command_line\nif __name__ == '__main__':\n  main()\n"
#define WSGI                                                                                                           \
    "import os\nfrom django.core.wsgi import get_wsgi_application\n"                                                   \
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = get_wsgi_application()\n"
#define ASGI                                                                                                           \
    "import os\nfrom django.core.asgi import get_asgi_application\n"                                                   \
    "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'site1.settings')\napplication = get_asgi_application()\n"
#define DJANGO                                                                                                         \
    "== manage.py\n" MANAGE "== site1/__init__.py\n== site1/settings.py\n== site1/wsgi.py\n" WSGI                      \
    "== site1/asgi.py\n" ASGI "== polls/__init__.py\n== polls/views.py\n"

static void test_django(void **state)
{
    (void)state;
    expect(DJANGO, "django gunicorn",
           "site1.wsgi [] site1/wsgi.py: -m gunicorn --worker-tmp-dir /dev/shm site1.wsgi:application (site1/wsgi.py "
           "makes a "
           "Django application)");
    expect(DJANGO, "django uvicorn",
           "site1.asgi [] site1/asgi.py: -m uvicorn site1.asgi:application (site1/asgi.py makes a Django application)");
    expect(DJANGO, "django",
           "site1.wsgi [] site1/wsgi.py: manage.py runserver --noreload 0.0.0.0:8080 ! (site1/wsgi.py makes a Django "
           "application)");
    expect("== manage.py\n" MANAGE "== site1/settings.py\n", "django gunicorn",
           "manage [] manage.py: manage.py runserver --noreload 0.0.0.0:8080 ! (manage.py is a program)");
    expect("== web/manage.py\n" MANAGE
           "== web/site1/__init__.py\n== web/site1/settings.py\n== web/site1/wsgi.py\n" WSGI,
           "gunicorn",
           "site1.wsgi [web] web/site1/wsgi.py: -m gunicorn --worker-tmp-dir /dev/shm site1.wsgi:application "
           "(web/site1/wsgi.py makes a Django application)");
}

static void test_module(void **state)
{
    (void)state;
    static const char *const shop = "== shop/__init__.py\n== shop/web.py\nfrom flask import Flask\ndef build():\n"
                                    "  return Flask('x')\nsite = build()\n== shop/__main__.py\nprint(1)\n";
    expect_module("shop.web:site", "", shop, "flask gunicorn",
                  "shop.web [] shop/web.py: -m gunicorn --worker-tmp-dir /dev/shm shop.web:site (--module names it)");
    expect_module(
        "shop.web:build()", "", shop, "flask gunicorn",
        "shop.web [] shop/web.py: -m gunicorn --worker-tmp-dir /dev/shm shop.web:build() (--module names it)");
    expect_module("shop/web.py:site", "", shop, "gunicorn",
                  "shop.web [] shop/web.py: -m gunicorn --worker-tmp-dir /dev/shm shop.web:site (--module names it)");
    expect_module("shop", "", shop, "", "shop [] shop/__main__.py: -m shop (--module names it)");
    expect_module(
        "shop.wbe", "", shop, "",
        "usage: --module 'shop.wbe': neither the project nor its environment has it (did you mean 'shop.web'?)");
    expect_module("shop.web:sites", "", "== shop/web.py\n" FLASK, "gunicorn",
                  "usage: 'shop/web.py' has no 'sites' (it has 'app': give --module shop.web:app)");
    expect_module(
        "shop:", "", shop, "",
        "usage: --module 'shop:' names no module (forms are pkg.main, pkg.main:app, pkg.main:create_app() and "
        "pkg/main.py)");
    expect_module("http.server", "", shop, "", "http.server [] : -m http.server (--module names it)");
    expect_module("tool.cli", "", "== " SITE "tool/cli.py\nprint(1)\n", "tool",
                  "tool.cli [] tool/cli.py installed: -m tool.cli (--module names it)");
    expect_module("", "/work/shop/job.py", "== job.py\nprint(1)\n== main.py\n" FLASK, "",
                  "job [] job.py script: job.py (it is the file that was given)");
    expect_module("", "/work/shop/job.py", "== job.py\n" FASTAPI, "uvicorn",
                  "job [] job.py: -m uvicorn job:app (it is the file that was given)");
}

static void test_procfile(void **state)
{
    (void)state;
#define TWO "== shop/one.py\n" FLASK "== shop/two.py\n" FLASK
    expect("== Procfile\nworker: x\nweb: gunicorn -w 2 --bind 0.0.0.0:$PORT shop.two:app\n" TWO, "gunicorn waitress",
           "shop.two [] shop/two.py: -m gunicorn --worker-tmp-dir /dev/shm shop.two:app (the web line of the Procfile "
           "names it)");
    expect("== Procfile\nweb: waitress-serve --port=${PORT:-80} shop.one:app\n" TWO, "gunicorn waitress",
           "shop.one [] shop/one.py: -m waitress --listen=0.0.0.0:8080 shop.one:app (the web line of the Procfile "
           "names it)");
    expect("== Procfile\nweb: gunicorn -k uvicorn.workers.UvicornWorker main:app\n== main.py\n" FASTAPI,
           "gunicorn uvicorn",
           "main [] main.py: -m gunicorn --worker-tmp-dir /dev/shm -k uvicorn.workers.UvicornWorker main:app (the web "
           "line "
           "of the Procfile names it)");
    expect("== Procfile\nweb: python shop/job.py\n== shop/job.py\nprint(1)\n", "",
           "shop.job [] shop/job.py: -m shop.job (the web line of the Procfile names it)");
    expect("== Procfile\nweb: gunicorn --chdir src shop:app\n== src/shop.py\n" FLASK, "gunicorn",
           "shop [src] src/shop.py: -m gunicorn --worker-tmp-dir /dev/shm shop:app (the web line of the Procfile names "
           "it)");
    expect(
        "== Procfile\nweb: migrate && gunicorn shop.two:app\n" TWO, "gunicorn",
        "usage: several modules may be the application's start: 'shop/one.py' makes a Flask application, 'shop/two.py' "
        "makes a Flask application (name it with --module, for instance --module shop.one:app)");
}

static void test_installed(void **state)
{
    (void)state;
#define DIST                                                                                                           \
    "== " SITE "shop-1.dist-info/entry_points.txt\n[console_scripts]\nshop = shop.cli:main\n== " SITE                  \
    "shop-1.dist-info/direct_url.json\n{\"url\": \"file:///x\", \"dir_info\": {}}\n"
    expect(DIST "== " SITE "shop/__init__.py\n== " SITE "shop/cli.py\ndef main():\n  pass\n", "flask shop",
           "shop.cli [] shop/cli.py console installed: -c import sys; from shop.cli import main; sys.exit(main()) "
           "(shop/cli.py has the console script's function 'main')");
    expect(DIST "== " SITE "shop/cli.py\ndef main():\n  pass\n== " SITE "shop/app.py\n" FASTAPI, "shop uvicorn",
           "shop.app [] shop/app.py installed: -m uvicorn shop.app:app (shop/app.py makes a FastAPI application)");
}

static void test_bad(void **state)
{
    (void)state;
    expect("== app.py\n" FASTAPI "x = (1,\ny = 'abc\n", "uvicorn",
           "invalid-input: syntax error in 'app.py:4:5': unterminated string: y = 'abc (mend the line; python3 -m "
           "py_compile app.py shows the same)");
    expect("== README\nx\n", "",
           "usage: '/work/shop' has no Python module of its own (name an installed one with --module, or give "
           "--entrypoint)");
    expect(
        "== a/app.py\n" FLASK "== b/app.py\n" FLASK "== c/app.py\n" FLASK "== d/app.py\n" FLASK "== e/app.py\n" FLASK
        "== f/app.py\n" FLASK,
        "gunicorn",
        "usage: several modules may be the application's start: 'a/app.py' makes a Flask application, 'b/app.py' makes "
        "a Flask application, 'c/app.py' makes a Flask application, 'd/app.py' makes a Flask application, 'e/app.py' "
        "makes a Flask application, and 1 more (name it with --module, for instance --module a.app:app)");
    expect("== a.py\nx = 1\n== b.py\nx = 1\n", "",
           "usage: several modules may be the application's start: 'a.py' is where programs usually begin, 'b.py' is "
           "where "
           "programs usually begin (name it with --module, for instance --module a)");
    expect("== app.py\n" FASTAPI, "fastapi",
           "app [] app.py: no server for ASGI is there, and 'app.py' makes an ASGI application (app.py makes a FastAPI "
           "application)");
    expect("== lib/x.py\nx = 1\n", "",
           "usage: no module is the application's start: none makes an application object (app), is run as a program, "
           "or is "
           "called main, app, asgi, wsgi, manage, application, server, run or api (name it with --module, for instance "
           "--module pkg.main:app, or give --entrypoint)");
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        struct project_fixture fixture;
        struct python_start start;
        struct err err = ERR_INIT;
        project_fixture_init(&fixture, STR("== Procfile\nweb: nothing\n" DIST DJANGO), "django gunicorn shop");
        fixture.request.app = STR("/work/shop");
        fault_arm(FAULT_ALLOC, n);
        int result = python_find_entry(&fixture.ctx, &fixture.request, &fixture.app, &err);
        if (result == 0)
            result = python_app_start(&fixture.app, (struct str_list){0}, 80, &fixture.arena, &start, &err);
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
        cmocka_unit_test(test_conventional), cmocka_unit_test(test_packages), cmocka_unit_test(test_followed),
        cmocka_unit_test(test_django),       cmocka_unit_test(test_module),   cmocka_unit_test(test_procfile),
        cmocka_unit_test(test_installed),    cmocka_unit_test(test_bad),      cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
