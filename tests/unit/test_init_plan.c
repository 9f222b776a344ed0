/* SPDX-License-Identifier: Apache-2.0 */
#include "init/plan.h"

#include <setjmp.h>

#include <cmocka.h>
#include <string.h>

#define LIST(...)                                                                                                      \
    {                                                                                                                  \
        (const struct str[]){__VA_ARGS__}, sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)              \
    }

static void refused(const struct init_options *options, const char *want)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct init_plan plan = {.port = 77};
    assert_int_equal(init_plan_make(options, &arena, &plan, &err), -ERR_USAGE);
    assert_string_equal(err.message, want);
    assert_int_equal(plan.port, 77);
}

static void accepted(const struct init_options *options, struct arena *arena, struct init_plan *plan)
{
    struct err err = ERR_INIT;
    int r = init_plan_make(options, arena, plan, &err);
    if (r < 0)
        fail_msg("refused: %s", err.message);
}

#define REFUSED(want, ...) refused(&(struct init_options){.name = STR_INIT("shop"), __VA_ARGS__}, want)

#define TEXT(field, text) .field = STR_INIT(text)

static void fills_in_defaults(void **state UNUSED)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct init_plan plan;
    accepted(&(struct init_options){.name = STR("shop"), .language = INIT_GO, .port = 8080}, &arena, &plan);
    assert_int_equal(plan.targets, INIT_DOCKERFILE | INIT_COMPOSE | INIT_KUBERNETES);
    assert_int_equal(plan.build, INIT_BUILD_GO);
    assert_true(plan.is_static);
    assert_true(str_eq_z(plan.image, "shop:0.1.0"));
    assert_true(str_eq_z(plan.builder, "golang:1.25-bookworm"));
    assert_true(str_eq_z(plan.base, "gcr.io/distroless/static-debian12:nonroot"));
    assert_true(str_eq_z(plan.program, "."));
    assert_int_equal(plan.entrypoint_count, 1);
    assert_true(str_eq_z(plan.entrypoint[0], "/app/shop"));
    assert_int_equal(plan.user, 65532);
    assert_int_equal(plan.group, 65532);
    assert_int_equal(plan.memory_bytes, 128 << 20);
    assert_int_equal(plan.cpu_millis, 1000);
    assert_int_equal(plan.pids, 128);
    assert_int_equal(plan.replicas, 2);
    assert_int_equal(plan.stop_seconds, 30);
    assert_int_equal(plan.published_port, 8080);
    assert_int_equal(plan.metrics_port, 8080);
    assert_true(str_eq_z(plan.namespace_, "shop"));
    assert_int_equal(plan.path_count, 1);
    assert_true(str_eq_z(plan.paths[0].path, "/tmp"));
    assert_int_equal(plan.paths[0].bytes, 16 << 20);
    assert_int_equal(plan.ready.count, 0);
    assert_false(plan.probe_files);

    accepted(&(struct init_options){.name = STR("shop")}, &arena, &plan);
    assert_int_equal(plan.language, INIT_IMAGE);
    assert_int_equal(plan.targets, INIT_COMPOSE | INIT_KUBERNETES);
    accepted(&(struct init_options){.name = STR("shop"),
                                    .image = STR("r.example:5000/a/shop@sha256:"
                                                 "0123456789012345678901234567890123456789012345678901234567890123")},
             &arena, &plan);
    assert_true(str_eq_z(plan.image_name, "r.example:5000/a/shop"));
    assert_int_equal(plan.image_tag.len, 0);
    assert_int_equal(plan.image_digest.len, 71);
}

static void asks_with_words(void **state UNUSED)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct init_plan plan;
    struct init_options options = {
        .name = STR("shop"), .language = INIT_C, .port = 9000, .health = STR("/health"), .live = STR("/live")};
    accepted(&options, &arena, &plan);
    assert_true(plan.probe_files);
    assert_int_equal(plan.ready.count, 3);
    assert_true(str_eq_z(plan.startup.command[1], "startup"));
    assert_true(str_eq_z(plan.ready.command[1], "ready"));
    assert_true(str_eq_z(plan.ready.command[2], "http://127.0.0.1:9000/health"));
    assert_true(str_eq_z(plan.live.command[2], "http://127.0.0.1:9000/live"));
    options.port_variable = STR("PORT");
    accepted(&options, &arena, &plan);
    assert_true(str_eq_z(plan.ready.command[2], "/health"));
    assert_int_equal(plan.env_count, 1);
    assert_true(str_eq_z(plan.env[0], "PORT=9000"));
    options.language = INIT_IMAGE;
    accepted(&options, &arena, &plan);
    assert_int_equal(plan.ready.count, 0);
    assert_false(plan.probe_files);
    assert_true(str_eq_z(plan.live.http_path, "/live"));
}

static void starts_python_servers(void **state UNUSED)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct init_plan plan;
    struct init_options options = {.name = STR("shop"),
                                   .language = INIT_PYTHON,
                                   .port = 8000,
                                   .module = STR("shop.main:app"),
                                   .server = STR("uvicorn")};
    accepted(&options, &arena, &plan);
    assert_int_equal(plan.entrypoint_count, 4);
    assert_true(str_eq_z(plan.entrypoint[0], "/app/.venv/bin/python"));
    assert_true(str_eq_z(plan.entrypoint[2], "uvicorn"));
    assert_true(str_eq_z(plan.entrypoint[3], "shop.main:app"));
    assert_int_equal(plan.env_count, 4);
    assert_true(str_eq_z(plan.env[2], "UVICORN_HOST=0.0.0.0"));
    assert_true(str_eq_z(plan.env[3], "UVICORN_PORT=8000"));
    assert_int_equal(plan.memory_bytes, 256 << 20);
    const struct str own[] = {STR("UVICORN_HOST=::")};
    options.env = (struct str_list){own, 1};
    accepted(&options, &arena, &plan);
    assert_int_equal(plan.env_count, 4);
    assert_true(str_eq_z(plan.env[3], "UVICORN_HOST=::"));
}

static void names_volumes(void **state UNUSED)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct init_plan plan;
    const struct str writable[] = {STR("/tmp:8Mi"), STR("/var/cache"), STR("/var.cache")};
    const struct str volumes[] = {STR("/data:10Gi")};
    accepted(
        &(struct init_options){
            .name = STR("shop"), .writable = {writable, 3}, .volumes = {volumes, 1}, .memory = STR("512Mi")},
        &arena, &plan);
    assert_int_equal(plan.path_count, 4);
    assert_int_equal(plan.paths[0].bytes, 8 << 20);
    assert_true(str_eq_z(plan.paths[1].name, "data"));
    assert_true(plan.paths[1].lasts);
    assert_true(plan.paths[1].bytes == 10ULL << 30);
    assert_true(str_eq_z(plan.paths[2].name, "var-cache-2") || str_eq_z(plan.paths[3].name, "var-cache-2"));
}

static void refuses_identities(void **state UNUSED)
{
    refused(&(struct init_options){0}, "name is missing: say what the application is called, like 'shop'");
    refused(&(struct init_options){.name = STR("Shop")},
            "name 'Shop' is no DNS label: say lower case letters, digits and '-' between them, at most 63 in all");
    refused(&(struct init_options){.name = STR("a\nb: c")},
            "name 'a?b: c' is no DNS label: say lower case letters, digits and '-' between them, at most 63 in all");
    REFUSED("tag 'latest' tells no version: say one, like '1.2.0'", TEXT(version, "latest"));
    REFUSED("image 'shop:latest' is another image tomorrow: say a version, or a digest", TEXT(image, "shop:latest"));
    REFUSED("base 'debian:12' has a shell: say a distroless image, like 'gcr.io/distroless/cc-debian12:nonroot'",
            .language = INIT_C, TEXT(base, "debian:12"));
    REFUSED("base 'gcr.io/distroless/cc-debian12:debug' is a debug variant with a shell: say the one without",
            .language = INIT_C, TEXT(base, "gcr.io/distroless/cc-debian12:debug"));
    REFUSED("builder 'gcc' has neither tag nor digest: say which version, NAME:TAG[@DIGEST]", .language = INIT_C,
            TEXT(builder, "gcc"));
    REFUSED("user 'www-data' is no number: platforms can't tell whether a name is root; say UID or UID:GID",
            TEXT(user, "www-data"));
    REFUSED("user '0' is root: say another number, like 65532:65532", TEXT(user, "0"));
    REFUSED("user '1000:0' is root: say another number, like 65532:65532", TEXT(user, "1000:0"));
    REFUSED("namespace 'kube-system' belongs to Kubernetes: say one that does not begin with 'kube-'",
            TEXT(namespace_, "kube-system"));
    REFUSED("build does not go with the language: say neither, or a build that it has", .language = INIT_GO,
            .build = INIT_BUILD_MAKE);
    REFUSED("write 'helm' is not written: say dockerfile, compose or kubernetes", .targets = LIST(STR_INIT("helm")));
    REFUSED("write has 'dockerfile', but the image is there already: say its language",
            .targets = LIST(STR_INIT("dockerfile")));
    REFUSED("language-version '3' is no version: say two or three numbers, like '3.12'", .language = INIT_PYTHON,
            TEXT(language_version, "3"));
}

static void refuses_amounts(void **state UNUSED)
{
    REFUSED("memory '64' is no amount of memory between 4Mi and 16Ti: say it as Kubernetes does, '128Mi' or '1Gi'",
            TEXT(memory, "64"));
    REFUSED("cpu '-1' is no amount of CPU between 1m and 1024: say it as Kubernetes does, '500m' or '2'",
            TEXT(cpu, "-1"));
    REFUSED("port is 0 to 65535, not 65536", .port = 65536);
    REFUSED("port 80 is for root, or a capability that is dropped: say one from 1024 on", .port = 80);
    REFUSED("health is of a server, and there is no port: say which one it listens at", TEXT(health, "/health"));
    REFUSED("stop-timeout '1.5s' is no time in whole seconds: say 1s to 1h, like '30s'", TEXT(stop_timeout, "1.5s"));
    REFUSED("memory is 128 MiB, and files in it (/tmp and writable) may take 272 MiB of that: say more memory, or less "
            "for a path",
            .writable = LIST(STR_INIT("/cache:256Mi")));
}

static void refuses_paths(void **state UNUSED)
{
    REFUSED("writable 'cache' is not absolute: say a path that begins with '/'", .writable = LIST(STR_INIT("cache")));
    REFUSED("writable '/a/../b' is not clean: say it without '.', '..', double or last slashes",
            .writable = LIST(STR_INIT("/a/../b")));
    REFUSED("volume '/' is not clean: say it without '.', '..', double or last slashes",
            .volumes = LIST(STR_INIT("/")));
    REFUSED("volume '/app' would hide what is there in the image: say a directory of its own, like '/var/lib/shop'",
            .volumes = LIST(STR_INIT("/app")));
    REFUSED("writable '/x' is there twice: say it once", .writable = LIST(STR_INIT("/x"), STR_INIT("/x:1Mi")));
    REFUSED("health 'health' is no path of a URL: say one that begins with '/', like '/health'", .port = 8080,
            TEXT(health, "health"));
    REFUSED("health '/a b' has a byte that a URL has not: write it as '%' and two hex digits", .port = 8080,
            TEXT(health, "/a b"));
    REFUSED("program '../shop' is no path below the project: say it without '..', './' and a leading '/' or '-'",
            .language = INIT_C, TEXT(program, "../shop"));
    REFUSED("program 'a b' is no plain path: say letters, digits and '.', '_', '-', '+', '@', '/'", .language = INIT_C,
            TEXT(program, "a b"));
    REFUSED("program 'cmd/shop' is no package of the module: say './cmd/shop'", .language = INIT_GO,
            TEXT(program, "cmd/shop"));
}

static void refuses_words(void **state UNUSED)
{
    REFUSED("env 'A' has no value: say NAME=VALUE", .env = LIST(STR_INIT("A")));
    REFUSED("env '1A' is no name of a variable: say letters, digits and '_', no digit first",
            .env = LIST(STR_INIT("1A=b")));
    REFUSED("env 'A=b?RUN x' has a control character: say it on one line of plain text",
            .env = LIST(STR_INIT("A=b\nRUN x")));
    REFUSED("env 'A=?' is not UTF-8", .env = LIST(STR_INIT("A=\xff")));
    REFUSED("env holds a secret, 'DB_PASSWORD', for everybody who reads these files: say secret DB_PASSWORD=SECRET",
            .env = LIST(STR_INIT("DB_PASSWORD=hunter2")));
    REFUSED("env 'CORS_ORIGIN=https://a.example, *' lets every site in: say the origins",
            .env = LIST(STR_INIT("CORS_ORIGIN=https://a.example, *")));
    REFUSED("env 'CORS_ALLOW_ALL_ORIGINS=true' lets every site in: say the origins",
            .env = LIST(STR_INIT("CORS_ALLOW_ALL_ORIGINS=true")));
    REFUSED("env 'A' is set twice: say it once", .env = LIST(STR_INIT("A=1"), STR_INIT("A=2")));
    REFUSED("args '$PORT' has a '$', and there is no shell that puts something in: say the value itself",
            .language = INIT_C, .args = LIST(STR_INIT("$PORT")));
    REFUSED("entrypoint starts a shell, and the image has none: say the program itself", .language = INIT_C,
            .entrypoint = LIST(STR_INIT("/bin/sh"), STR_INIT("-c"), STR_INIT("x")));
    REFUSED("entrypoint 'shop' is not absolute: say the program's path in the image, like '/app/shop'",
            .language = INIT_C, .entrypoint = LIST(STR_INIT("shop")));
    REFUSED("secret 'A' names no secret: say VARIABLE=SECRET or VARIABLE=SECRET:KEY", .secrets = LIST(STR_INIT("A")));
    REFUSED("package 'lib;rm' is no name of a Debian package: say lower case letters, digits, '+', '-' and '.'",
            .language = INIT_C, .packages = LIST(STR_INIT("lib;rm")));
    REFUSED("package 'libc6-' is no name of a Debian package: say lower case letters, digits, '+', '-' and '.'",
            .language = INIT_C, .packages = LIST(STR_INIT("libc6-")));
    REFUSED("metrics-port 90 is for root, or a capability that is dropped: say one from 1024 on", .port = 8080,
            .metrics_port = 90, TEXT(metrics, "/metrics"));
    REFUSED("port-variable 'PYTHONUNBUFFERED' says something else to Python: say another", .language = INIT_PYTHON,
            .port = 8080, TEXT(module, "a"), TEXT(port_variable, "PYTHONUNBUFFERED"));
    REFUSED("module is missing: say which one is served or run, like 'shop.main:app'", .language = INIT_PYTHON);
    REFUSED("module 'a b' is no module: say 'shop.main' or 'shop.main:app'", .language = INIT_PYTHON,
            TEXT(module, "a b"));
    REFUSED("server 'django' has a server for development only: say gunicorn, and the project's wsgi:application",
            .language = INIT_PYTHON, .port = 8000, TEXT(module, "a:b"), TEXT(server, "django"));
    REFUSED("health-command and health are two answers to one question: say one", .port = 8080, TEXT(health, "/h"),
            .health_command = LIST(STR_INIT("/app/shop"), STR_INIT("check")));
    REFUSED("source 'ftp://x' is no URL: say where the sources are, like 'https://example.org/shop'",
            TEXT(source, "ftp://x"));
}

static void cuts_what_it_shows(void **state UNUSED)
{
    char name[400];
    memset(name, 'x', sizeof(name));
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct init_plan plan;
    struct init_options options = {.name = str_of(name, sizeof(name))};
    assert_int_equal(init_plan_make(&options, &arena, &plan, &err), -ERR_USAGE);
    assert_true(strncmp(err.message, "name 'xxxxxx", 12) == 0);
    assert_non_null(strstr(err.message, "x...' is no DNS label"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_in_defaults),     cmocka_unit_test(asks_with_words),
        cmocka_unit_test(starts_python_servers), cmocka_unit_test(names_volumes),
        cmocka_unit_test(refuses_identities),    cmocka_unit_test(refuses_amounts),
        cmocka_unit_test(refuses_paths),         cmocka_unit_test(refuses_words),
        cmocka_unit_test(cuts_what_it_shows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
