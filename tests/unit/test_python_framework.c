/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "python/framework.h"

#include <setjmp.h>

#include <cmocka.h>

/* The facts and the command of SOURCE as module "m" with DISTRIBUTIONS, which spaces separate, on port 8080. */
static void expect(const char *source, const char *distributions, const char *facts, const char *command)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT, line = BUF_INIT;
    struct python_framework found;
    struct python_start start;
    struct str names[8], rest = str_z(distributions);
    size_t count = 0;
    assert_int_equal(python_framework_detect(str_z(source), STR_NONE, 0x030b, &arena, &found, NULL), 0);
    buf_addf(&out, "%s %d %.*s%s%s%s%s", found.framework ? found.framework : "-", (int)found.interface,
             STR_ARG(found.object.len ? found.object : STR("-")), found.factory ? " factory" : "",
             found.main_guard ? " main" : "", found.reads_port ? " port" : "", found.runs_server ? " run" : "");
    if (found.settings_module.len > 0)
        buf_addf(&out, " %.*s", STR_ARG(found.settings_module));
    assert_string_equal(buf_z(&out), facts);
    while (str_next_word(&rest, &names[count]))
        count++;
    assert_int_equal(python_framework_start(&found, STR("m"), names, count, STR_NONE, 8080, &arena, &start, NULL), 0);
    for (uint32_t i = 0; i < start.arg_count; i++)
        buf_addf(&line, "%s%s", i ? " " : "", start.args[i]);
    buf_addf(&line, " [%s]", start.port_variable ? start.port_variable : "");
    assert_non_null(start.port_note);
    assert_string_equal(buf_z(&line), command);
}

static void test_objects(void **state)
{
    (void)state;
    expect("from fastapi import FastAPI\napp = FastAPI()\n", "uvicorn", "FastAPI 2 app",
           "-m uvicorn m:app [UVICORN_PORT]");
    expect("import fastapi as f\nx = f.FastAPI(title='x')\napp: f.FastAPI = f.FastAPI()\n", "hypercorn uvicorn",
           "FastAPI 2 app", "-m uvicorn m:app [UVICORN_PORT]");
    expect("from starlette.applications import Starlette as S\nsite = S()\n", "hypercorn", "Starlette 2 site",
           "-m hypercorn --bind 0.0.0.0:8080 m:site []");
    expect("from flask import Flask\napp = Flask(__name__)\n", "flask gunicorn", "Flask 1 app",
           "-m gunicorn --worker-tmp-dir /dev/shm m:app [PORT]");
    expect("from flask import Flask\napp = Flask(__name__)\n", "flask", "Flask 1 app",
           "-m flask --app m:app run [FLASK_RUN_PORT]");
    expect("from flask import Flask\napp = Flask(__name__)\n", "waitress", "Flask 1 app",
           "-m waitress --listen=0.0.0.0:8080 m:app []");
    expect("from quart import Quart\napp = Quart(__name__)\n", "daphne", "Quart 2 app",
           "-m daphne -b 0.0.0.0 -p 8080 m:app []");
    expect("from aiohttp import web\napp = web.Application()\nweb.run_app(app)\n", "", "aiohttp 3 app run", "-m m []");
    expect("import asyncio\nasyncio.run(work())\n", "", "- 0 - main", "-m m []");
    expect("import subprocess\nsubprocess.run(['true'])\n", "", "- 0 -", "-m m []");
    expect("def application(environ, start_response):\n  return []\n", "gunicorn", "- 1 application",
           "-m gunicorn --worker-tmp-dir /dev/shm m:application [PORT]");
    expect("async def app(scope, receive, send):\n  pass\n", "granian", "- 2 app",
           "-m granian --interface asgi m:app [GRANIAN_PORT]");
}

static void test_django(void **state)
{
    (void)state;
    expect("import os\nfrom django.core.wsgi import get_wsgi_application\n"
           "os.environ.setdefault('DJANGO_SETTINGS_MODULE', 'p.settings')\napplication = get_wsgi_application()\n",
           "gunicorn", "Django 1 application p.settings", "-m gunicorn --worker-tmp-dir /dev/shm m:application [PORT]");
    expect("import os\ndef main():\n  os.environ[\"DJANGO_SETTINGS_MODULE\"] = \"p.settings\"\n"
           "if __name__ == '__main__':\n  main()\n",
           "gunicorn", "Django 0 - main p.settings", "-m m []");
}

static void test_factories(void **state)
{
    (void)state;
    static const char *const source = "from flask import Flask\ndef create_app(config=None):\n  app = Flask(__name__)\n"
                                      "  return app\n";
    expect(source, "gunicorn", "Flask 1 create_app factory",
           "-m gunicorn --worker-tmp-dir /dev/shm m:create_app() [PORT]");
    expect(source, "waitress", "Flask 1 create_app factory",
           "-m waitress --listen=0.0.0.0:8080 --call m:create_app []");
    expect("from fastapi import FastAPI\ndef make_app():\n  return FastAPI()\n", "uvicorn",
           "FastAPI 2 make_app factory", "-m uvicorn --factory m:make_app [UVICORN_PORT]");
    expect("from fastapi import FastAPI\ndef make_app():\n  return FastAPI()\napp = FastAPI()\n", "uvicorn",
           "FastAPI 2 app", "-m uvicorn m:app [UVICORN_PORT]");
    expect("def create_app():\n  pass\n", "gunicorn", "- 0 -", "-m m []");
}

static void test_scripts(void **state)
{
    (void)state;
    expect("import os, uvicorn\nif __name__ == '__main__':\n  uvicorn.run('x:app', port=int(os.environ.get('PORT', "
           "8000)))\n",
           "uvicorn", "- 0 - main port run", "-m m [PORT]");
    expect("import os\np = os.getenv('PORT')\nq = os.environ['PORT']\n", "", "- 0 - port", "-m m [PORT]");
    expect("", "uvicorn", "- 0 -", "-m m []");
    expect("app = (\n", "uvicorn", "- 0 -", "-m m []");
    expect("from .x import FastAPI\napp = FastAPI()\nclass A:\n  app = Flask()\n", "uvicorn", "- 0 app", "-m m []");
}

static void test_faults(void **state)
{
    (void)state;
    struct str names[] = {STR_INIT("hypercorn")};
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct python_framework found;
        struct python_start start;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int result =
            python_framework_detect(STR("from quart import Quart\napp = Quart()\n"), STR_NONE, 0, &arena, &found, &err);
        if (result == 0)
            result = python_framework_start(&found, STR("m"), names, 1, STR_NONE, 80, &arena, &start, &err);
        fault_disarm();
        if (result == 0) {
            assert_true(n > 1);
            return;
        }
        assert_int_equal(result, -ERR_NOMEM);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects), cmocka_unit_test(test_django), cmocka_unit_test(test_factories),
        cmocka_unit_test(test_scripts), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
