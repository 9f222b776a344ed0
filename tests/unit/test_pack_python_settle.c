/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "pack/python.h"

#include <stdio.h>
#include <string.h>

#define LIST(...)                                                                                                      \
    ((struct str_list){(const struct str[]){__VA_ARGS__},                                                              \
                       sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)})

struct fixture {
    struct arena arena;
    struct op_sink sink;
    struct op_ctx ctx;
    struct build_options options;
    struct python_distribution distributions[2];
    struct application_python python;
    struct application app;
    struct base_record record;
    struct image_settings settings;
    struct err err;
    char warnings[256];
};

static void note_warning(void *self, struct str message)
{
    struct fixture *f = self;
    (void)snprintf(f->warnings, sizeof(f->warnings), "%.*s", STR_ARG(message));
}

/* A FastAPI application with uvicorn, in a virtual environment. */
static void begin(struct fixture *f)
{
    *f = (struct fixture){.arena = ARENA_INIT, .err = ERR_INIT};
    f->sink = (struct op_sink){.warning = note_warning, .self = f};
    f->ctx = (struct op_ctx){.arena = &f->arena, .sink = &f->sink};
    f->distributions[0] = (struct python_distribution){.name = STR("requests"), .normalized = STR("requests")};
    f->distributions[1] = (struct python_distribution){.name = STR("uvicorn"), .normalized = STR("uvicorn")};
    f->python = (struct application_python){.interpreter = STR("/app/.venv/bin/python"),
                                            .program = STR("/usr/bin/python3.11"),
                                            .environment = STR("/app/.venv"),
                                            .version = 0x030b,
                                            .archive = true};
    struct python_app *app = &f->python.app;
    app->environment.kind = PYTHON_ENVIRONMENT_VENV;
    app->distributions = f->distributions;
    app->distribution_count = ARRAY_LEN(f->distributions);
    app->entry.module = STR("shop");
    app->entry.path = STR("shop.py");
    app->entry.object = STR("app");
    app->entry.framework =
        (struct python_framework){.framework = "FastAPI", .interface = PYTHON_INTERFACE_ASGI, .object = STR("app")};
    f->app.python = &f->python;
}

static void end(struct fixture *f)
{
    arena_done(&f->arena);
}

static int settle(struct fixture *f)
{
    int r = settings_make(&f->arena, &f->options, &f->settings, &f->err);
    return r == 0 ? python_settle(&f->ctx, &f->options, &f->app, &f->record, &f->settings, &f->err) : r;
}

static void expect_list(struct data_strs list, const char *expected)
{
    struct buf joined CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < list.count; i++)
        buf_addf(&joined, "%s%.*s", i ? " " : "", STR_ARG(list.items[i]));
    assert_string_equal(joined.len ? buf_z(&joined) : "", expected);
}

static void expect_env(struct fixture *f, const char *name, const char *expected)
{
    struct str value = STR_NONE;
    bool found = settings_env(&f->settings, name, &value);
    if (found != (expected != NULL) || (found && !str_eq_z(value, expected)))
        fail_msg("%s is '%.*s'", name, STR_ARG(value));
}

static void test_server(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.options.health = STR("/healthz");
    assert_int_equal(settle(&f), 0);
    expect_list(f.settings.entrypoint, "/app/.venv/bin/python -m uvicorn shop:app");
    expect_list(f.settings.exposed, "8000/tcp");
    expect_list(f.settings.health.test, "CMD /app/healthcheck http://127.0.0.1:8000/healthz");
    assert_true(str_eq_z(f.settings.workdir, "/app"));
    expect_env(&f, "UVICORN_HOST", "0.0.0.0");
    expect_env(&f, "UVICORN_PORT", "8000");
    expect_env(&f, "LANG", "C.UTF-8");
    expect_env(&f, "PYTHONUNBUFFERED", "1");
    expect_env(&f, "PYTHONDONTWRITEBYTECODE", "1");
    expect_env(&f, "PYTHONPATH", NULL);
    expect_env(&f, "REQUESTS_CA_BUNDLE", NULL);
    end(&f);
}

static void test_said(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.options.env = LIST(STR("UVICORN_PORT=9000"), STR("LANG=C"), STR("UVICORN_HOST=::"));
    f.options.expose = LIST(STR("7000"));
    f.options.health = STR("/h");
    f.options.cmd = LIST(STR("--workers"), STR("2"));
    f.options.workdir = STR("/srv");
    f.options.authorities = LIST(STR("ca.pem"));
    assert_int_equal(settle(&f), 0);
    expect_list(f.settings.exposed, "7000/tcp");
    expect_list(f.settings.health.test, "CMD /app/healthcheck http://127.0.0.1:9000/h");
    expect_list(f.settings.cmd, "--workers 2");
    assert_true(str_eq_z(f.settings.workdir, "/srv"));
    expect_env(&f, "UVICORN_HOST", "::");
    expect_env(&f, "UVICORN_PORT", "9000");
    expect_env(&f, "LANG", "C");
    expect_env(&f, "PYTHONPATH", "/app"); /* it is not where it is started */
    expect_env(&f, "REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt");

    f.options.port = 8000;
    assert_int_equal(settle(&f), -(int)ERR_USAGE);
    assert_string_equal(f.err.message, "--port 8000 and --env UVICORN_PORT=9000 disagree");
    f.options.port = 9000;
    assert_int_equal(settle(&f), 0);
    f.options.env = LIST(STR("UVICORN_PORT=http"));
    assert_int_equal(settle(&f), -(int)ERR_USAGE);
    assert_string_equal(f.err.message, "'http' of the variable 'UVICORN_PORT' is no port");
    end(&f);
}

/* gunicorn and the probe both read PORT: what a platform sets reaches both. */
static void test_port(void **state)
{
    (void)state;
    struct fixture f;
    struct str more[] = {STR("gunicorn")};
    begin(&f);
    f.python.app.entry.framework.interface = PYTHON_INTERFACE_WSGI;
    f.record.distributions = (struct data_strs){more, 1};
    f.options.health = STR("/healthz");
    f.options.port = 8080;
    assert_int_equal(settle(&f), 0);
    expect_list(f.settings.entrypoint, "/app/.venv/bin/python -m gunicorn --worker-tmp-dir /dev/shm shop:app");
    expect_list(f.settings.health.test, "CMD /app/healthcheck /healthz");
    expect_list(f.settings.exposed, "8080/tcp");
    expect_env(&f, "PORT", "8080");
    end(&f);
}

static void test_no_server(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.python.app.distribution_count = 0;
    f.python.app.entry.framework = (struct python_framework){0};
    assert_int_equal(settle(&f), 0);
    expect_list(f.settings.entrypoint, "/app/.venv/bin/python -m shop");
    expect_list(f.settings.exposed, "");
    assert_string_equal(f.warnings, "");
    f.options.health = STR("/h");
    assert_int_equal(settle(&f), 0);
    assert_non_null(strstr(f.warnings, "nothing says at which port '/h' is answered"));
    f.options.port = 8080;
    assert_int_equal(settle(&f), 0);
    assert_non_null(strstr(f.warnings, "nothing tells the application of --port 8080"));
    expect_list(f.settings.health.test, "CMD /app/healthcheck http://127.0.0.1:8080/h");

    f.options = (struct build_options){.entrypoint = LIST(STR("/usr/bin/python3.11"), STR("x.py"))};
    f.warnings[0] = '\0';
    assert_int_equal(settle(&f), 0);
    expect_list(f.settings.entrypoint, "/usr/bin/python3.11 x.py");
    expect_env(&f, "PYTHONUNBUFFERED", "1");
    assert_string_equal(f.warnings, "");
    end(&f);
}

static void test_path(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.python.app.environment.kind = PYTHON_ENVIRONMENT_TARGET;
    f.python.environment = STR("/app/vendor");
    assert_int_equal(settle(&f), 0);
    expect_env(&f, "PYTHONPATH", "/app/vendor");
    f.python.app.entry.root = STR("src");
    assert_int_equal(settle(&f), 0);
    expect_env(&f, "PYTHONPATH", "/app/src:/app/vendor");
    f.python.app.environment.is_root = true;
    assert_int_equal(settle(&f), 0);
    expect_env(&f, "PYTHONPATH", "/app/src");
    end(&f);
}

static void test_faults(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.options.health = STR("/healthz");
    f.options.authorities = LIST(STR("ca.pem"));
    int r = -1;
    for (unsigned n = 1; r < 0 && n < 300; n++) {
        fault_arm(FAULT_ALLOC, n);
        r = settle(&f);
        fault_disarm();
        assert_true(r == 0 || r == -(int)ERR_NOMEM);
    }
    assert_int_equal(r, 0);
    end(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_server),    cmocka_unit_test(test_said), cmocka_unit_test(test_port),
        cmocka_unit_test(test_no_server), cmocka_unit_test(test_path), cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
