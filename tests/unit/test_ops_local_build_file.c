/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "base/limits.h"
#include "data/json.h"
#include "op/table.h"
#include "ops_local/build_file.h"
#include "pack/flavour.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static int read_text(const char *text, const char *directory, struct arena *arena, struct build_file *ret_file,
                     struct err *err)
{
    return build_file_read(STR("b.yaml"), str_z(directory), str_z(text), arena, ret_file, err);
}

/* The items in one line: "a, b". */
static void assert_list(struct str_list list, const char *expected)
{
    CLEANUP_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i < list.len; i++)
        buf_addf(&text, "%s%.*s", i ? ", " : "", STR_ARG(list.ptr[i]));
    assert_string_equal(buf_z(&text), expected);
}

static void assert_text(struct str text, const char *expected)
{
    CLEANUP_BUF struct buf copy = BUF_INIT;
    buf_add_str(&copy, text);
    assert_string_equal(buf_z(&copy), expected);
}

/* Every option, each in one of the forms that it may be written in. */
static const char one[] = "app: ./server\n"
                          "tag: 1.10\n"
                          "output: [oci:out, 'oci-archive:/x/y.tar', 'docker-archive:-']\n"
                          "base: cc\n"
                          "package: [tzdata, locales]\n"
                          "include: ./public:/app/public\n"
                          "exclude: '*.tmp'\n"
                          "language: python\n"
                          "module: shop.main:app\n"
                          "python: 3.10\n"
                          "venv: .venv\n"
                          "bytecode: none\n"
                          "port: 0x1f90\n"
                          "full: true\n"
                          "entrypoint: [/app/server, --port, 8080]\n"
                          "cmd: []\n"
                          "env: {A: 1, B: 'yes', C: '', D: 0x10}\n"
                          "user: 1000\n"
                          "workdir: /srv\n"
                          "expose: [8080, 53/udp]\n"
                          "label: [a=b, c=]\n"
                          "annotation: x=y=z\n"
                          "stop_signal: 15\n"
                          "health: /healthz\n"
                          "health_interval: 5s\n"
                          "health_timeout: 1s\n"
                          "health_start_period: 2s\n"
                          "health_retries: 5\n"
                          "ca: [ca.pem]\n"
                          "debug: true\n"
                          "suite: trixie\n"
                          "arch: arm64\n"
                          "mirror: ['http://a b', 'file:///srv']\n"
                          "keyring: k.gpg\n"
                          "refresh: true\n"
                          "compress: zstd\n"
                          "level: 9\n"
                          "x-anything: {at: [all]}\n";

static void test_every_option(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct build_file file;
    struct err err = ERR_INIT;
    if (read_text(one, "de/ploy", &arena, &file, &err))
        fail_msg("%s", err.message);
    assert_int_equal(file.count, 1);
    const struct build_file_image *image = &file.images[0];
    const struct build_options *options = &image->options;
    for (size_t i = 0; i < build_option_count(); i++)
        if (!image->given[i])
            fail_msg("'%s' was not said here", build_params[i].name);
    assert_int_equal(image->name.len, 0);
    assert_list(options->apps, "de/ploy/./server");
    assert_text(options->name, "1.10");
    assert_list(options->outputs, "oci:de/ploy/out, oci-archive:/x/y.tar, docker-archive:-");
    assert_int_equal(options->base, FLAVOUR_CC);
    assert_list(options->packages, "tzdata, locales");
    assert_list(options->includes, "de/ploy/./public:/app/public");
    assert_list(options->excludes, "*.tmp");
    assert_int_equal(options->language, LANGUAGE_PYTHON);
    assert_text(options->module, "shop.main:app");
    assert_text(options->python, "3.10");
    assert_text(options->venv, "de/ploy/.venv");
    assert_int_equal(options->bytecode, BYTECODE_NONE);
    assert_int_equal(options->port, 8080);
    assert_true(options->full && options->debug && options->refresh);
    assert_list(options->entrypoint, "/app/server, --port, 8080");
    assert_non_null(options->cmd.ptr);
    assert_list(options->env, "A=1, B=yes, C=, D=0x10");
    assert_text(options->user, "1000");
    assert_text(options->workdir, "/srv");
    assert_list(options->expose, "8080, 53/udp");
    assert_list(options->labels, "a=b, c=");
    assert_list(options->annotations, "x=y=z");
    assert_text(options->stop_signal, "15");
    assert_text(options->health, "/healthz");
    assert_text(options->health_interval, "5s");
    assert_text(options->health_timeout, "1s");
    assert_text(options->health_start_period, "2s");
    assert_int_equal(options->health_retries, 5);
    assert_list(options->authorities, "de/ploy/ca.pem");
    assert_text(options->suite, "trixie");
    assert_text(options->architecture, "arm64");
    assert_list(options->mirrors, "http://a b, file:///srv");
    assert_list(options->keyrings, "de/ploy/k.gpg");
    assert_int_equal(options->compression, COMPRESS_ZSTD);
    assert_int_equal(options->level, 9);
}

static void test_defaults_of_the_table(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct build_file file;
    assert_int_equal(read_text("app: ../python\npython: ./bin/python3\n", "", &arena, &file, NULL), 0);
    const struct build_options *options = &file.images[0].options;
    assert_list(options->apps, "../python");
    assert_text(options->python, "./bin/python3");
    assert_text(options->user, "65532:65532");
    assert_int_equal(options->compression, COMPRESS_GZIP);
    assert_int_equal(options->outputs.len, 0);
    assert_int_equal(options->name.len, 0);
    assert_null(options->cmd.ptr);
}

static const char several[] = "x-shared: &shared {RUNS: on}\n"
                              "defaults:\n"
                              "  suite: bookworm\n"
                              "  env: {TZ: UTC, A: 1}\n"
                              "  package: [tzdata]\n"
                              "  python: ./py/bin/python3\n"
                              "images:\n"
                              "  web: {app: /srv/web, env: {A: 2, <<: *shared}}\n"
                              "  worker.two:\n"
                              "    app: worker\n"
                              "    env: B=3\n"
                              "    package: []\n"
                              "    suite: trixie\n"
                              "    tag: shop:1\n"
                              "    output: oci-archive:w.tar\n";

static void test_several(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct build_file file;
    struct err err = ERR_INIT;
    if (read_text(several, "/d", &arena, &file, &err))
        fail_msg("%s", err.message);
    assert_int_equal(file.count, 2);
    const struct build_options *web = &file.images[0].options, *worker = &file.images[1].options;
    assert_text(file.images[0].name, "web");
    assert_list(web->apps, "/srv/web");
    assert_text(web->name, "web");
    assert_list(web->outputs, "oci:/d/web-image");
    assert_text(web->suite, "bookworm");
    assert_list(web->env, "TZ=UTC, A=1, A=2, RUNS=on");
    assert_list(web->packages, "tzdata");
    assert_text(web->python, "/d/./py/bin/python3");
    assert_text(file.images[1].name, "worker.two");
    assert_list(worker->apps, "/d/worker");
    assert_text(worker->name, "shop:1");
    assert_list(worker->outputs, "oci-archive:/d/w.tar");
    assert_text(worker->suite, "trixie");
    assert_list(worker->env, "TZ=UTC, A=1, B=3");
    assert_int_equal(worker->packages.len, 0);

    assert_ptr_equal(build_file_find(&file, STR("web"), &err), &file.images[0]);
    assert_null(build_file_find(&file, STR("wbe"), &err));
    assert_string_equal(err.message, "'b.yaml' declares no image 'wbe'");
    assert_string_equal(err.hint, "did you mean 'web'?");
    assert_null(build_file_find(&file, STR(""), NULL));
}

static void test_nothing_to_find(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct build_file file;
    struct err err = ERR_INIT;
    assert_int_equal(read_text("app: x", "", &arena, &file, NULL), 0);
    assert_null(build_file_find(&file, STR("web"), &err));
    assert_string_equal(err.hint, "it is about one image, which has no name");
}

#define IMAGE_NAME_HINT "take lower case letters and digits, with single '.', '_' or '-' in between"
#define EMPTY_HINT      "say what is built: 'app: PATH', or 'images: {NAME: {app: PATH}}'"

static const struct {
    const char *text, *message, *hint;
} refused[] = {
    {"", "b.yaml:1:1: the file declares no image", EMPTY_HINT},
    {"# nothing\n", "b.yaml:1:1: the file declares no image", EMPTY_HINT},
    {"---\n~\n", "b.yaml:1:1: the file declares no image", EMPTY_HINT},
    {"{}", "b.yaml:1:1: 'app' is missing", "say what the image is made of: app: PATH"},
    {"tag: x\n", "b.yaml:1:1: 'app' is missing", "say what the image is made of: app: PATH"},
    {"- app: x\n", "b.yaml:1:1: the document is an array, not an object", ""},
    {"just text", "b.yaml:1:1: the document is a string, not an object", ""},
    {"app: x\napp: y\n", "b.yaml:2:1: the key 'app' was given on line 1 already", NULL},
    {"app: x\nprot: 80\n", "b.yaml:2:1: unknown key 'prot'", "did you mean 'port'?"},
    {"app: x\r\nprot: 80\r\n", "b.yaml:2:1: unknown key 'prot'", "did you mean 'port'?"},
    {"app: x\nhealth-retries: 3\n", "b.yaml:2:1: unknown key 'health-retries'", "did you mean 'health_retries'?"},
    {"app: x\nfile: y\n", "b.yaml:2:1: unknown key 'file'", NULL},
    {"app: x\nimage: y\n", "b.yaml:2:1: unknown key 'image'", "did you mean 'images'?"},
    {"version: 1\napp: x\n", "b.yaml:1:1: unknown key 'version'", "the file has no version: leave the line out"},
    {"version: 1\nimages: {a: {app: x}}\n", "b.yaml:1:1: unknown key 'version'",
     "the file has no version: leave the line out"},
    {"defaults: {}\napp: x\n", "b.yaml:1:1: 'defaults' has no 'images' beside it",
     "without 'images' the options stand at the top"},
    {"images: {a: {app: x}}\nport: 80\n", "b.yaml:2:1: 'port' stands beside 'images'",
     "write it below 'defaults', or below the image that it is for"},
    {"images: {a: {app: x}}\ndefault: {}\n", "b.yaml:2:1: unknown key 'default'", "did you mean 'defaults'?"},
    {"images: {}\n", "b.yaml:1:1: 'images' is empty", "each image has a name: 'images: {web: {app: ./web}}'"},
    {"images:\n", "b.yaml:1:1: 'images' is null", "each image has a name: 'images: {web: {app: ./web}}'"},
    {"images: [{app: x}]\n", "b.yaml:1:1: 'images' is an array",
     "each image has a name: 'images: {web: {app: ./web}}'"},
    {"images: {a: x}\n", "b.yaml:1:10: 'images.a' is a string, not an object", ""},
    {"images:\n  a:\n", "b.yaml:2:3: 'images.a' is null, not an object", ""},
    {"images:\n  a: {tag: x}\n", "b.yaml:2:3: 'images.a.app' is missing", "say what it is made of: app: PATH"},
    {"images: {a: {app: x}}\ndefaults: []\n", "b.yaml:2:1: 'defaults' is an array, not an object", ""},
    {"images:\n  A: {app: x}\n", "b.yaml:2:3: 'A' can't be the name of an image", IMAGE_NAME_HINT},
    {"images:\n  a--b: {app: x}\n", "b.yaml:2:3: 'a--b' can't be the name of an image", IMAGE_NAME_HINT},
    {"images:\n  ../a: {app: x}\n", "b.yaml:2:3: '../a' can't be the name of an image", IMAGE_NAME_HINT},
    {"images:\n  a-: {app: x}\n", "b.yaml:2:3: 'a-' can't be the name of an image", IMAGE_NAME_HINT},
    {"images:\n  a: {app: x, prot: 1}\n", "b.yaml:2:15: unknown key 'images.a.prot'", "did you mean 'port'?"},
    {"images:\n  a: {app: x, x-b: 1}\n", "b.yaml:2:15: unknown key 'images.a.x-b'", ""},
    {"app:\n", "b.yaml:1:1: 'app' has no value", ""},
    {"app: ''\n", "b.yaml:1:6: 'app' is empty", ""},
    {"app: \"a\\0b\"\n", "b.yaml:1:6: 'app' holds a NUL character", ""},
    {"app: []\n", "b.yaml:1:1: 'app' is missing", "say what the image is made of: app: PATH"},
    {"app: [x, '']\n", "b.yaml:1:10: 'app' is empty", ""},
    {"app: {amd64: x}\n", "b.yaml:1:6: 'app' is an object, not a string or an array of them", ""},
    {"app: x\nport: '80'\n", "b.yaml:2:7: 'port' is a string, not a whole number", ""},
    {"app: x\nport: 80.5\n", "b.yaml:2:7: 'port': '80.5' is not a whole number that fits", ""},
    {"app: x\nport: 65536\n", "b.yaml:2:7: 'port': 65536 is not between 1 and 65535", ""},
    {"app: x\nfull: yes\n", "b.yaml:2:7: 'full' is a string, not a boolean", ""},
    {"app: x\nbase: alpine\n", "b.yaml:2:7: 'base': unknown value 'alpine'",
     "known are: auto, static, base, cc, python3"},
    {"app: x\nbase: [cc]\n", "b.yaml:2:7: 'base' is an array, not a string", ""},
    {"app: x\ntag: true\n", "b.yaml:2:6: 'tag' is a boolean, not a string", "write it in quotes: \"true\""},
    {"app: x\nentrypoint: /app/x --serve\n", "b.yaml:2:13: 'entrypoint' is a string, not an array of strings",
     "write its words one by one: [/bin/program, --option]; there is no shell"},
    {"app: x\nexpose: {80: tcp}\n", "b.yaml:2:9: 'expose' is an object, not a string or an array of them", ""},
    {"app: x\nexpose: [80, [81]]\n", "b.yaml:2:14: 'expose' is an array, not a string", ""},
    {"app: x\nkeyring: ['']\n", "b.yaml:2:11: 'keyring' is empty", ""},
    {"app: x\nenv: {A: true}\n", "b.yaml:2:10: 'env': 'A' is a boolean, not a string", "write it in quotes: \"true\""},
    {"app: x\nenv:\n  A:\n", "b.yaml:3:3: 'env': 'A' is null, not a string", NULL},
    {"app: x\nenv: {'': 1}\n", "b.yaml:2:11: 'env': '' can't be a name", NULL},
    {"app: x\nenv: {a=b: 1}\n", "b.yaml:2:12: 'env': 'a=b' can't be a name", NULL},
    {"app: x\nenv: [A]\n", "b.yaml:2:7: 'env': 'A' is not of the form NAME=VALUE", "a mapping is simpler: NAME: VALUE"},
    {"app: x\nlabel: =x\n", "b.yaml:2:8: 'label': '=x' is not of the form KEY=VALUE",
     "a mapping is simpler: NAME: VALUE"},
    {"app: x\nenv: true\n", "b.yaml:2:6: 'env' is a boolean, not an object or an array of strings", ""},
    {"app: &a [*a]\n", "b.yaml:1:10: the alias '*a' stands within its own anchor", NULL},
    {"app: *no\n", "b.yaml:1:6: ", NULL},
    {"app: [x\n", "b.yaml:2:1: ", NULL},
    {"app: x\n---\napp: y\n", "b.yaml:2:1: a second document is not read", "write all images into one"},
    {"app: \xff\n", "b.yaml:1:6: ", NULL},
    {"\xff\xfe\x61", "b.yaml:1:1: ", NULL},
    {"a\nb", "b.yaml:1:1: the document is a string, not an object", ""},
    {"prt: 1\nbse: 2\n",
     "b.yaml:1:1: unknown key 'prt' (did you mean 'port'?); b.yaml:2:1: unknown key 'bse' (did you mean "
     "'base'?)",
     "docs/build-file.md describes the file"},
    {"app: {}\nport: a\nfull: 1\nlevel: 20\nenv: 1\ntag: []\n",
     "b.yaml:1:6: 'app' is an object, not a string or an array of them; b.yaml:2:7: 'port' is a string, not a whole "
     "number; b.yaml:3:7: "
     "'full' is a number, not a boolean; b.yaml:4:8: 'level': 20 is not between 0 and 19; and 2 more",
     "docs/build-file.md describes the file"},
};

static void test_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct build_file file = {.count = 77};
        struct err err = ERR_INIT;
        int r = read_text(refused[i].text, "", &arena, &file, &err);
        bool prefix = !refused[i].hint; /* the rest is the YAML reader's own, or a guess */
        size_t len = strlen(refused[i].message);
        if (r != -(int)ERR_USAGE || (prefix ? strncmp(err.message, refused[i].message, len) != 0
                                            : strcmp(err.message, refused[i].message) != 0))
            fail_msg("case %zu: %d, '%s' instead of '%s'", i, r, err.message, refused[i].message);
        if (!prefix && strcmp(err.hint, refused[i].hint) != 0)
            fail_msg("case %zu: hint '%s' instead of '%s'", i, err.hint, refused[i].hint);
        assert_int_equal(file.count, 77);
    }
}

static void assert_too_much(struct buf *text, const char *message)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct build_file file;
    struct err err = ERR_INIT;
    assert_int_equal(build_file_read(STR("b.yaml"), STR(""), buf_str(text), &arena, &file, &err), -(int)ERR_USAGE);
    assert_string_equal(err.message, message);
    buf_reset(text);
}

static void test_limits(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf text = BUF_INIT;
    for (size_t i = 0; i <= LIMIT_BUILD_FILE_BYTES; i++)
        buf_add_char(&text, '#');
    assert_too_much(&text, "'b.yaml' is larger than 262144 bytes");
    buf_add_z(&text, "images:\n");
    for (int i = 0; i <= LIMIT_BUILD_FILE_IMAGES; i++)
        buf_addf(&text, "  i%d: {app: x}\n", i);
    assert_too_much(&text, "b.yaml:1:1: 'images' has more than 64 images");
    buf_add_z(&text, "app: x\nexpose: [1");
    for (int i = 0; i < LIMIT_BUILD_FILE_ITEMS; i++)
        buf_add_z(&text, ",1");
    buf_add_z(&text, "]\n");
    assert_too_much(&text, "b.yaml:2:9: 'expose' has more than 4096 items");
    buf_add_z(&text, "app: x\nenv: {a: 1");
    for (int i = 0; i < LIMIT_BUILD_FILE_ITEMS; i++)
        buf_addf(&text, ",a%d: 1", i);
    buf_add_z(&text, "}\n");
    assert_too_much(&text, "b.yaml:2:6: 'env' has more than 4096 items");
    buf_add_z(&text, "images:\n  ");
    for (int i = 0; i < 65; i++)
        buf_add_char(&text, 'a');
    buf_add_z(&text, ": {app: x}\n");
    assert_too_much(&text, "b.yaml:2:3: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' can't be "
                           "the name of an image");
}

static void test_faults(void **state)
{
    (void)state;
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct build_file file = {0};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = read_text(several, "d", &arena, &file, &err);
        bool passed = fault_count(FAULT_ALLOC) < n;
        fault_disarm();
        assert_int_equal(r, passed ? 0 : -(int)ERR_NOMEM);
        assert_int_equal(file.count, passed ? 2 : 0);
        if (passed)
            return;
    }
}

/* What the table calls its choices is what their enums mean. */
static void test_choices(void **state)
{
    (void)state;
    size_t count = 0;
    (void)flavour_table(&count);
    const struct op_param *base = op_param_find(build_params, STR("base"));
    for (size_t i = 0; base->choices[i].name && i < count; i++)
        assert_string_equal(base->choices[i].name, flavour_of((enum flavour_id)i)->name);
    const struct op_param *compress = op_param_find(build_params, STR("compress"));
    for (int i = 0; compress->choices[i].name; i++)
        assert_string_equal(compress->choices[i].name, compression_name((enum compression)i));
    assert_string_equal(op_param_find(build_params, STR("language"))->choices[LANGUAGE_PYTHON].name, "python");
    assert_string_equal(op_param_find(build_params, STR("bytecode"))->choices[BYTECODE_NONE].name, "none");
    assert_string_equal(build_params[build_option_count()].name, "file");
}

static void test_schema(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf text = BUF_INIT;
    struct json_writer json;
    const struct data_node *root = NULL;
    json_writer_init(&json, &text, JSON_COMPACT);
    build_file_schema(&json);
    assert_int_equal(json_writer_check(&json, NULL), 0);
    assert_int_equal(json_parse(buf_str(&text), &arena, &root, NULL), 0);
    assert_int_equal(data_get(root, "properties")->count, build_option_count() + 2);
    assert_int_equal(data_get(root, "$defs")->count, build_option_count() + 1);
    assert_null(data_get(data_get(root, "$defs"), "file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_option), cmocka_unit_test(test_defaults_of_the_table),
        cmocka_unit_test(test_several),      cmocka_unit_test(test_nothing_to_find),
        cmocka_unit_test(test_refused),      cmocka_unit_test(test_limits),
        cmocka_unit_test(test_faults),       cmocka_unit_test(test_choices),
        cmocka_unit_test(test_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
