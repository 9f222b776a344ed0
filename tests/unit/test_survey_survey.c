/* SPDX-License-Identifier: Apache-2.0 */
/* Small trees of each language, and exactly what is said of them. */
#include "survey/survey.h"

#include "base/fault.h"
#include "io/file.h"
#include "survey/token.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct entry {
    const char *path, *content;
};

struct fixture {
    char root[64];
    struct arena arena;
    struct buf told, warned;
};

static void warn(void *self, struct str message)
{
    struct fixture *fixture = self;
    buf_addf(&fixture->warned, "%.*s\n", STR_ARG(message));
}

static void open_fixture(struct fixture *fixture, const struct entry *entries)
{
    *fixture = (struct fixture){.root = "/tmp/survey-XXXXXX", .arena = ARENA_INIT};
    assert_non_null(mkdtemp(fixture->root));
    strcat(fixture->root, "/shop");
    for (; entries->path; entries++) {
        char path[256];
        snprintf(path, sizeof(path), "%s/%s", fixture->root, entries->path);
        *strrchr(path, '/') = '\0';
        assert_int_equal(file_make_dirs(AT_FDCWD, path, 0755, NULL), 0);
        snprintf(path, sizeof(path), "%s/%s", fixture->root, entries->path);
        assert_int_equal(file_write_all(AT_FDCWD, path, 0644, str_z(entries->content), NULL), 0);
    }
}

static void close_fixture(struct fixture *fixture)
{
    *strrchr(fixture->root, '/') = '\0';
    assert_int_equal(file_remove_tree(AT_FDCWD, fixture->root, NULL), 0);
    buf_done(&fixture->told);
    buf_done(&fixture->warned);
    arena_done(&fixture->arena);
}

static void tell(struct buf *out, const char *what, const struct survey_answer *answer)
{
    if (answer->value.len == 0)
        return;
    buf_addf(out, "%s %.*s", what, STR_ARG(answer->value));
    if (answer->path.len > 0)
        buf_addf(out, " %.*s:%u", STR_ARG(answer->path), answer->line);
    for (size_t i = 0; i < answer->rivals.len; i++)
        buf_addf(out, " or %.*s", STR_ARG(answer->rivals.ptr[i]));
    buf_add_char(out, '\n');
}

static void tell_all(struct buf *out, const char *what, const struct survey_found *found)
{
    for (size_t i = 0; i < found->len; i++)
        tell(out, what, &found->ptr[i]);
}

static int survey(struct fixture *fixture, struct survey *ret_survey, struct err *err)
{
    const struct op_sink sink = {.warning = warn, .self = fixture};
    const struct op_ctx ctx = {.sink = &sink, .arena = &fixture->arena};
    return survey_directory(&ctx, str_z(fixture->root), INIT_LANGUAGE_AUTO, ret_survey, err);
}

static void expect(const struct entry *entries, const char *told, const char *warned)
{
    struct fixture fixture;
    struct survey found;
    struct err err = ERR_INIT;
    open_fixture(&fixture, entries);
    assert_int_equal(survey(&fixture, &found, &err), 0);
    struct buf *out = &fixture.told;
    buf_addf(out, "%.*s\n", STR_ARG(found.noun));
    tell(out, "build", &found.built_by);
    tell(out, "name", &found.name);
    tell(out, "version", &found.version);
    tell(out, "language", &found.language_version);
    tell(out, "program", &found.program);
    tell(out, "module", &found.module);
    tell(out, "server", &found.server);
    tell(out, "framework", &found.framework);
    tell(out, "port", &found.port);
    tell(out, "variable", &found.port_variable);
    tell(out, "health", &found.health);
    tell(out, "live", &found.live);
    tell(out, "metrics", &found.metrics);
    tell(out, "metrics-port", &found.metrics_port);
    tell(out, "loopback", &found.loopback);
    tell_all(out, "writes", &found.writable);
    tell_all(out, "volume", &found.volumes);
    tell_all(out, "package", &found.packages);
    tell_all(out, "env", &found.env);
    tell_all(out, "secret", &found.secrets);
    assert_string_equal(buf_z(out), told);
    assert_string_equal(buf_z(&fixture.warned), warned);
    close_fixture(&fixture);
}

static const struct entry go[] = {
    {"go.mod", "module example.org/team/Shop_API/v2\r\n\ngo 1.22.3\n\nrequire (\n\tgithub.com/go-chi/chi/v5 v5.0.12\n"
               "\tgithub.com/gin-gonic/gin v1.0.0 // indirect\n)\n"},
    {"cmd/shop/main.go",
     "package main\n\nimport \"net/http\"\n\n// http.ListenAndServe(\":1111\", nil)\nfunc main() {\n"
     "\tport := os.Getenv(\"PORT\")\n\tif port == \"\" {\n\t\tport = \"8080\"\n\t}\n"
     "\tmux.HandleFunc(\"GET /healthz\", ok)\n\tmux.Handle(\"/metrics\", promhttp.Handler())\n"
     "\tos.MkdirAll(\"/var/lib/shop/cache\", 0o755)\n\t_ = os.Getenv(\"DB_PASSWORD\")\n"
     "\thttp.ListenAndServe(\":\"+port, mux)\n}\n"},
    {"cmd/shop/main_test.go", "package main\n\nfunc x() { http.ListenAndServe(\":2222\", nil) }\n"},
    {"cmd/migrate/main.go", "package main\n\nfunc main() {\n\thttp.ListenAndServe(\":3333\", nil)\n}\n"},
    {"vendor/x/main.go", "package main\n\nfunc main() { http.ListenAndServe(\":4444\", nil) }\n"},
    {NULL, NULL},
};

static void test_go(void **state)
{
    (void)state;
    expect(go,
           "a Go module\nbuild go go.mod:0\nname shop-api go.mod:1\nlanguage 1.22 go.mod:3\n"
           "program ./cmd/migrate cmd/migrate/main.go:0 or ./cmd/shop\nframework chi go.mod:6\n"
           "port 3333 cmd/migrate/main.go:4\n",
           "");
    struct entry named[ARRAY_LEN(go)];
    memcpy(named, go, sizeof(go));
    named[0].content = "module example.org/shop\n\ngo 1.23\n";
    expect(named,
           "a Go module\nbuild go go.mod:0\nname shop go.mod:1\nlanguage 1.23 go.mod:3\n"
           "program ./cmd/shop cmd/shop/main.go:0\nframework net/http cmd/shop/main.go:11\n"
           "port 8080 cmd/shop/main.go:15\nvariable PORT cmd/shop/main.go:7\nhealth /healthz cmd/shop/main.go:11\n"
           "metrics /metrics cmd/shop/main.go:12\nwrites /var/lib/shop/cache cmd/shop/main.go:13\n"
           "env DB_PASSWORD cmd/shop/main.go:14\nenv PORT cmd/shop/main.go:7\n"
           "secret DB_PASSWORD cmd/shop/main.go:14\n",
           "");
}

static const struct entry rust[] = {
    {"Cargo.toml", "[package]\nname = \"shop\"\nversion = \"1.2.3\"\nrust-version = \"1.75\"\n\n[dependencies]\n"
                   "axum = { version = \"0.7\" }\n"},
    {"Cargo.lock", "[[package]]\nname = \"openssl-sys\"\n"},
    {"src/main.rs", "/* a /* nested */ \"0.0.0.0:1111\" */\nfn main<'a>() {\n"
                    "    let addr = SocketAddr::from(([0, 0, 0, 0], 3_000));\n    let s = r#\"a \"quoted\" one\"#;\n"
                    "    let app = Router::new().route(\"/health/ready\", get(ok)).route(\"/health\", get(ok));\n"
                    "    std::fs::create_dir_all(\"/data/files\").unwrap();\n"
                    "    axum::serve(TcpListener::bind(addr).await.unwrap(), app);\n}\n"},
    {"src/bin/tool.rs", "fn main() { TcpListener::bind(\"0.0.0.0:2222\"); }\n"},
    {NULL, NULL},
};

static void test_rust(void **state)
{
    (void)state;
    expect(rust,
           "a Rust project\nbuild cargo Cargo.toml:0\nname shop Cargo.toml:2\nversion 1.2.3 Cargo.toml:3\n"
           "language 1.75 Cargo.toml:4\nprogram shop Cargo.toml:2\nframework axum Cargo.toml:7\n"
           "port 3000 src/main.rs:3\nhealth /health/ready src/main.rs:5\nlive /health src/main.rs:5\n"
           "writes /data/files src/main.rs:6\npackage libssl-dev Cargo.lock:2\n",
           "");
    static const struct entry workspace[] = {
        {"Cargo.toml", "[workspace]\nmembers = [\"crates/*\"]\n[workspace.package]\nversion = \"0.4.0\"\n"},
        {"crates/api/Cargo.toml",
         "[package]\nname = \"api\"\nversion.workspace = true\n[dependencies]\nrocket = \"0.5\"\n"},
        {"crates/api/src/main.rs", "#[launch]\nfn rocket() -> _ { rocket::build() }\n"},
        {"crates/core/Cargo.toml", "[package]\nname = \"core\"\nversion = \"9.9.9\"\n"},
        {"crates/core/src/lib.rs", "pub const PORT: u16 = 9999;\n"},
        {NULL, NULL},
    };
    expect(workspace,
           "a Rust project\nbuild cargo Cargo.toml:0\nname api crates/api/Cargo.toml:2\nversion 0.4.0 Cargo.toml:4\n"
           "program api crates/api/Cargo.toml:2\nframework Rocket crates/api/Cargo.toml:5\n"
           "port 8000 crates/api/Cargo.toml:5\nvariable ROCKET_PORT crates/api/Cargo.toml:5\n",
           "");
}

static const struct entry python[] = {
    {"pyproject.toml", "[project]\nname = \"Shop.API\"\nversion = \"2.0\"\nrequires-python = \">=3.11,<4\"\n"
                       "dependencies = [\"fastapi>=0.100\", \"uvicorn[standard]\"]\n"},
    {"uv.lock", "version = 1\n"},
    {"src/shop/__init__.py", ""},
    {"src/shop/main.py", "import os\nfrom fastapi import FastAPI\napp = FastAPI()\n"
                         "@app.get(\"/healthz\")\ndef ok(): return {}\n"
                         "KEY = os.environ[\"API_TOKEN\"]\nos.makedirs('/srv/uploads')\n"
                         "if __name__ == \"__main__\":\n    import uvicorn\n"
                         "    uvicorn.run(app, host=\"127.0.0.1\", port=9000)\n"},
    {"tests/test_main.py", "app = 1\nclient.get('/ready')\n"},
    {NULL, NULL},
};

/* A script is what is started when nothing makes an application; one that is only imported is none. */
static const struct entry python_script[] = {
    {"requirements.txt", ""},
    {"hello.py", "import http.server\nif __name__ == \"__main__\":\n    print(1)\n"},
    {"helper.py", "def f(): return 1\n"},
    {NULL, NULL},
};
static const struct entry python_scripts[] = {
    {"requirements.txt", ""},
    {"feed.py", "if __name__ == \"__main__\":\n    print(1)\n"},
    {"main.py", "if __name__ == \"__main__\":\n    print(1)\n"},
    {NULL, NULL},
};

static void test_python(void **state)
{
    (void)state;
    expect(python_script,
           "a Python project\nbuild requirements requirements.txt:0\nname shop\nmodule hello hello.py:0\n", "");
    expect(python_scripts,
           "a Python project\nbuild requirements requirements.txt:0\nname shop\nmodule main main.py:0 or feed\n", "");
    expect(python,
           "a Python project\nbuild uv uv.lock:0\nname shop-api pyproject.toml:2\nversion 2.0 pyproject.toml:3\n"
           "language 3.11 pyproject.toml:4\nmodule shop.main:app src/shop/main.py:0\n"
           "server uvicorn src/shop/main.py:0\nframework FastAPI src/shop/main.py:0\nport 9000 src/shop/main.py:10\n"
           "health /healthz src/shop/main.py:4\nwrites /srv/uploads src/shop/main.py:7\n"
           "env API_TOKEN src/shop/main.py:6\nsecret API_TOKEN src/shop/main.py:6\n",
           "");
}

static const struct entry c[] = {
    {"CMakeLists.txt", "cmake_minimum_required(VERSION 3.16) # x\nproject(shop VERSION 1.4 LANGUAGES CXX)\n"
                       "find_package(OpenSSL REQUIRED)\npkg_check_modules(PQ REQUIRED libpq>=9)\n"
                       "add_subdirectory(src)\n"},
    {"src/CMakeLists.txt", "add_executable(${PROJECT_NAME} main.cpp)\nadd_executable(shop_test t.cpp)\n"
                           "target_link_libraries(shop PRIVATE curl pthread)\n"},
    {"src/main.cpp",
     "int main() {\n  httplib::Server s;\n  s.Get(\"/health\", f);\n  s.listen(\"0.0.0.0\", 8080);\n}\n"},
    {NULL, NULL},
};

static void test_c(void **state)
{
    (void)state;
    expect(c,
           "a C++ project\nbuild cmake CMakeLists.txt:0\nname shop CMakeLists.txt:2\nversion 1.4 CMakeLists.txt:2\n"
           "program build/src/shop src/CMakeLists.txt:1\nport 8080 src/main.cpp:4\nhealth /health src/main.cpp:3\n"
           "package libcurl4-openssl-dev src/CMakeLists.txt:3\npackage libpq-dev CMakeLists.txt:4\n"
           "package libssl-dev CMakeLists.txt:3\n",
           "");
    static const struct entry make[] = {
        {"Makefile", "CC = cc\nTARGET = shopd\nLDLIBS = -lz -static\n\nall: $(TARGET)\n\n$(TARGET): main.o\n"
                     "\t$(CC) -o $@ $^ $(LDLIBS)\n"},
        {"main.c", "#define PORT 7070 /* here */\nint main(void) {\n  a.sin_port = htons(PORT);\n"
                   "  bind(s, &a, sizeof(a));\n  listen(s, 16);\n  fopen(\"/var/log/shop/access.log\", \"ab\");\n}\n"},
        {NULL, NULL},
    };
    expect(make,
           "a C project\nbuild make Makefile:0\nname shop\nprogram shopd Makefile:5\nport 7070 main.c:3\n"
           "writes /var/log/shop main.c:6\npackage zlib1g-dev Makefile:3\n",
           "");
    static const struct entry client[] = {
        /* it listens nowhere */
        {"meson.build", "project('asker', 'c', version: '3')\nz = dependency('zlib', version: '>=1')\n"
                        "executable('asker', 'main.c', install: true, dependencies: [z, dependency('libcurl')])\n"},
        {"main.c", "int main(void) { int port = 8080; a.sin_port = htons(443); connect(s, &a, 1); }\n"},
        {NULL, NULL},
    };
    expect(client,
           "a C project\nbuild meson meson.build:0\nname asker meson.build:1\nversion 3 meson.build:1\n"
           "program build/asker meson.build:3\npackage libcurl4-openssl-dev meson.build:3\n"
           "package zlib1g-dev meson.build:2\n",
           "");
}

/* What servers' own sources taught: each of these was once answered wrongly. */
static void test_of_others(void **state)
{
    (void)state;
    static const struct entry optional[] = {
        {"CMakeLists.txt", "project(shop C)\nadd_definitions(-DVERSION=\\\"${V}\\\")\nif (WITH_TLS)\n"
                           "  find_package(OpenSSL REQUIRED)\n  find_package(CURL)\nendif()\n"
                           "find_package(ZLIB)\nadd_executable(shop main.c)\n"},
        {"main.c", "int main(void) { }\n"},
        {NULL, NULL},
    };
    expect(
        optional,
        "a C project\nbuild cmake CMakeLists.txt:0\nname shop CMakeLists.txt:1\nprogram build/shop CMakeLists.txt:8\n"
        "package libssl-dev CMakeLists.txt:4\npackage zlib1g-dev CMakeLists.txt:7\n",
        "");
    static const struct entry meson[] = {
        {"meson_options.txt", "option('x', type: 'boolean', value: false)\n"
                              "option('y', type: 'boolean', value: true)\n"},
        {"meson.build", "project('shop', 'c')\nif get_option('x')\n  a = dependency('libcurl')\nendif\n"
                        "b = dependency('zlib', required: false)\nc = dependency('libpq', required: get_option('pq'))\n"
                        "d = dependency('expat', required: true)\nexecutable('shop', 'main.c')\n"
                        "if get_option('y')\n  if get_option('x')\n    e = dependency('jansson')\n  endif\n"
                        "  f = dependency('libpcre2-8')\nendif\n"},
        {"main.c", "int main(void) { }\n"},
        {NULL, NULL},
    };
    expect(meson,
           "a C project\nbuild meson meson.build:0\nname shop meson.build:1\nprogram build/shop meson.build:8\n"
           "package libexpat1-dev meson.build:7\npackage libpcre2-dev meson.build:13\n",
           "");
    static const struct entry client[] = {
        {"Makefile", "shop: main.c\n\tcc -o $@ $< -lz\nifdef TLS\nLIBS = -lssl\nendif\n"},
        {"cache.c", "int open_cache(void) { int port = 11211; return connect(s, &a, port); }\n"},
        {"conf.c", "void conf(void) { listeners[0].port = 1883; bridge.port = 8883; }\n"},
        {"main.c", "int main(void) { bind(s, &a, 1); listen(s, 1); strncmp(r, \"GET /healthz \", 13); }\n"},
        {"test-net.c", "int test(void) { bind(s, &a, 1); listen(s, 1); a.sin_port = htons(5300); }\n"},
        {NULL, NULL},
    };
    expect(client,
           "a C project\nbuild make Makefile:0\nname shop\nprogram shop Makefile:1\nport 1883 conf.c:1\nhealth "
           "/healthz main.c:1\n"
           "package zlib1g-dev Makefile:2\n",
           "");
    static const struct entry tested_with_go[] = {
        {"go.mod", "module shop\n"},
        {"integration-tests/a.go", "package tests\n"},
        {"meson.build", "project('x')\n"},
        {"main.c", "int main(void) { }\n"},
        {NULL, NULL},
    };
    expect(tested_with_go, "a C project\nbuild meson meson.build:0\nname x meson.build:1\n", "");
    static const struct entry go_of_old[] = {
        {"main.go", "package main\nfunc main() { }\n"}, {"build.py", "print(1)\n"}, {NULL, NULL}};
    expect(go_of_old, "a Go project without go.mod\nname shop\n", "");
    static const struct entry bound[] = {{"setup.py", "setup()\n"},
                                         {"Makefile", "shop: a.o b.o\n"},
                                         {"a.c", "int a;\n"},
                                         {"b.c", "int b;\n"},
                                         {NULL, NULL}};
    expect(bound, "a C project\nbuild make Makefile:0\nname shop\nprogram shop Makefile:1\n", "");
    static const struct entry many[] = {
        {"go.mod", "module shop\n"},
        {"main.go", "package main\nfunc main() { http.HandleFunc(x, f) }\n"},
        {"a.go", "package main\nconst DefaultPort = 2022\nvar paths = []string{\"/health\", \"/healthz\", \"/ready\", "
                 "\"/readyz\", \"/live\", \"/livez\", \"/ping\"}\n"},
        {"b.go", "package main\nconst httpPort = 5572\nvar listenPort = 7879\n"},
        {"c.go", "package main\nvar webPort = 8080\n"},
        {NULL, NULL},
    };
    expect(many,
           "a Go module\nbuild go go.mod:0\nname shop go.mod:1\nprogram . main.go:0\nframework net/http main.go:2\n",
           "");
    static const struct entry run_by_name[] = {
        {"pyproject.toml", "[project]\nname = \"tally\"\n"},
        {"src/tally/__init__.py", ""},
        {"src/tally/__main__.py", "import http.server\ns.listen(5)\nif self.path == \"/livez\":\n    pass\n"},
        {NULL, NULL},
    };
    expect(run_by_name,
           "a Python project\nbuild uv pyproject.toml:0\nname tally pyproject.toml:2\nmodule tally "
           "src/tally/__main__.py:0\nhealth /livez src/tally/__main__.py:3\n",
           "");
}

static void test_deployed(void **state)
{
    (void)state;
    static const struct entry entries[] = {
        {"package.json", "{}"},
        {"Dockerfile",
         "FROM node\nEXPOSE 3000\nVOLUME /data/\nHEALTHCHECK CMD curl -f http://localhost:3000/up || exit 1\n"},
        {NULL, NULL},
    };
    expect(entries,
           "a Node.js project\nname shop\nport 3000 Dockerfile:2\nhealth /up Dockerfile:4\nvolume /data Dockerfile:3\n",
           "");
}

static void test_loopback(void **state)
{
    (void)state;
    static const struct entry entries[] = {
        {"go.mod", "module shop\n"},
        {"main.go", "package main\n\nfunc main() {\n\thttp.ListenAndServe(\"127.0.0.1:8080\", nil)\n}\n"},
        {NULL, NULL},
    };
    expect(entries,
           "a Go module\nbuild go go.mod:0\nname shop go.mod:1\nprogram . main.go:0\nframework net/http main.go:4\n"
           "port 8080 main.go:4\nloopback 127.0.0.1:8080 main.go:4\n",
           "main.go:4: listens on 127.0.0.1 only, where nothing outside of a container reaches it\n");
}

static void test_fill(void **state)
{
    (void)state;
    struct fixture fixture;
    struct survey found;
    struct err err = ERR_INIT;
    struct init_options options = {.name = STR("own"), .metrics_port = 9};
    open_fixture(&fixture, rust);
    assert_int_equal(survey(&fixture, &found, &err), 0);
    const struct op_ctx ctx = {.arena = &fixture.arena};
    assert_int_equal(survey_fill(&ctx, &found, &options, &err), 0);
    assert_int_equal(options.language, INIT_RUST);
    assert_int_equal(options.build, INIT_BUILD_CARGO);
    assert_true(str_eq_z(options.name, "own"));
    assert_int_equal(options.port, 3000);
    assert_int_equal(options.metrics_port, 9);
    assert_int_equal(options.packages.len, 1);
    assert_true(str_eq_z(options.packages.ptr[0], "libssl-dev"));
    assert_true(str_eq_z(options.live, "/health"));
    close_fixture(&fixture);
}

static void sweep(const struct entry *entries)
{
    int r = -1;
    for (uint64_t n = 1; r != 0; n++) {
        struct fixture fixture;
        struct survey found;
        struct err err = ERR_INIT;
        open_fixture(&fixture, entries);
        fault_arm(FAULT_ALLOC, n);
        r = survey(&fixture, &found, &err);
        fault_disarm();
        assert_true(r == 0 || r == -ERR_NOMEM);
        assert_true(n < 5000);
        close_fixture(&fixture);
    }
}

static void test_faults(void **state)
{
    (void)state;
    sweep(go);
    sweep(rust);
    sweep(python);
    sweep(c);
}

static void test_brackets(void **state)
{
    (void)state;
    struct tokens tokens = {0};
    struct err err = ERR_INIT;
    assert_int_equal(tokens_read(STR(") f([a}, {b)) ( [c"), TOKEN_GO, &tokens, &err), 0);
    const size_t closes[] = {14, 14, 11, 6, 14, 14, 14, 10, 14, 14, 14, 14, 14, 14};
    assert_int_equal(tokens.len, ARRAY_LEN(closes));
    for (size_t i = 0; i < tokens.len; i++)
        assert_int_equal(token_close(&tokens, i), closes[i]);
    assert_int_equal(token_close(&tokens, tokens.len), tokens.len);
    tokens_done(&tokens);
}

/* What a source of the largest size could cost if each of its calls looked at all that follow: minutes. */
static void test_endless(void **state)
{
    (void)state;
    static const char *const heads[] = {"", "fn main() { a"};
    static const char *const again[] = {"bind([(", ".env(\"PORT\")"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        CLEANUP_BUF struct buf source = BUF_INIT;
        struct fixture fixture;
        struct survey found;
        struct err err = ERR_INIT;
        buf_add_z(&source, heads[i]);
        while (source.len < 400000)
            buf_add_z(&source, again[i]);
        const struct entry entries[] = {
            {"Cargo.toml", "[package]\nname = \"shop\"\n"}, {"src/main.rs", buf_z(&source)}, {NULL, NULL}};
        open_fixture(&fixture, entries);
        assert_int_equal(survey(&fixture, &found, &err), 0);
        assert_int_equal(found.port.value.len, 0);
        close_fixture(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_go),       cmocka_unit_test(test_rust),      cmocka_unit_test(test_python),
        cmocka_unit_test(test_c),        cmocka_unit_test(test_of_others), cmocka_unit_test(test_deployed),
        cmocka_unit_test(test_loopback), cmocka_unit_test(test_fill),      cmocka_unit_test(test_faults),
        cmocka_unit_test(test_brackets), cmocka_unit_test(test_endless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
