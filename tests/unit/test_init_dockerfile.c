/* SPDX-License-Identifier: Apache-2.0 */
/* One Dockerfile of each language, byte by byte: tests/data/init/NAME. BAREHULL_TEST_UPDATE=1 writes them anew. */
#include "base/fault.h"
#include "dockerfile/file.h"
#include "init/files.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LIST(...)                                                                                                      \
    {                                                                                                                  \
        (const struct str[]){__VA_ARGS__}, sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)              \
    }
#define DOCKERFILE LIST(STR_INIT("dockerfile"))

static const struct init_file *file_of(const struct init_files *files, const char *path)
{
    for (size_t i = 0; i < files->len; i++) {
        if (str_eq_z(files->ptr[i].path, path))
            return &files->ptr[i];
    }
    return NULL;
}

static void same(const char *name, struct str content)
{
    static char want[1 << 16];
    char path[256];
    snprintf(path, sizeof(path), "%s/init/%s", TEST_DATA, name);
    if (getenv("BAREHULL_TEST_UPDATE")) {
        FILE *out = fopen(path, "wb");
        assert_non_null(out);
        assert_int_equal(fwrite(content.ptr, 1, content.len, out), content.len);
        fclose(out);
    }
    FILE *in = fopen(path, "rb");
    if (!in)
        fail_msg("'%s' is not there", path);
    size_t len = fread(want, 1, sizeof(want) - 1, in);
    fclose(in);
    want[len] = '\0';
    assert_string_equal(content.ptr, want);
}

static void writes(const char *name, const struct init_options *options)
{
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct init_files files;
    if (init_write(options, &arena, &files, &err) < 0)
        fail_msg("%s: %s", name, err.message);
    const struct init_file *file = file_of(&files, "Dockerfile"), *ignored = file_of(&files, ".dockerignore");
    if (!file || !ignored)
        fail_msg("%s: no Dockerfile", name);
    for (size_t i = 1; i < files.len; i++)
        assert_true(str_cmp(files.ptr[i - 1].path, files.ptr[i].path) < 0);
    char path[64];
    snprintf(path, sizeof(path), "%s.dockerfile", name);
    same(path, file ? file->content : STR_NONE);
    snprintf(path, sizeof(path), "%s.dockerignore", name);
    same(path, ignored ? ignored->content : STR_NONE);
}

static void writes_each_language(void **state UNUSED)
{
    writes("c", &(struct init_options){.targets = DOCKERFILE,
                                       .name = STR_INIT("shop"),
                                       .language = INIT_C,
                                       .build = INIT_BUILD_MAKE,
                                       .port = 8080,
                                       .health = STR_INIT("/health"),
                                       .source = STR_INIT("https://example.org/shop"),
                                       .packages = LIST(STR_INIT("zlib1g-dev")),
                                       .volumes = LIST(STR_INIT("/var/lib/shop")),
                                       .env = LIST(STR_INIT("GREETING=say \"hi\" to $USER \\o/"))});
    writes("cxx", &(struct init_options){.targets = DOCKERFILE,
                                         .name = STR_INIT("shop"),
                                         .language = INIT_CXX,
                                         .build = INIT_BUILD_CMAKE,
                                         .run_packages = LIST(STR_INIT("libpq5"))});
    writes("go", &(struct init_options){.targets = DOCKERFILE,
                                        .name = STR_INIT("shop"),
                                        .language = INIT_GO,
                                        .program = STR_INIT("./cmd/shop"),
                                        .args = LIST(STR_INIT("serve")),
                                        .port = 8080,
                                        .port_variable = STR_INIT("PORT"),
                                        .health = STR_INIT("/health")});
    writes("rust", &(struct init_options){.targets = DOCKERFILE,
                                          .name = STR_INIT("shop"),
                                          .language = INIT_RUST,
                                          .link = INIT_LINK_STATIC,
                                          .port = 8080,
                                          .health_command = LIST(STR_INIT("/app/shop"), STR_INIT("--check"))});
    writes("python", &(struct init_options){.targets = DOCKERFILE,
                                            .name = STR_INIT("shop"),
                                            .language = INIT_PYTHON,
                                            .module = STR_INIT("shop.main:app"),
                                            .server = STR_INIT("uvicorn"),
                                            .port = 8000,
                                            .health = STR_INIT("/health")});
    writes("program", &(struct init_options){.targets = DOCKERFILE,
                                             .name = STR_INIT("shop"),
                                             .language = INIT_PROGRAM,
                                             .program = STR_INIT("dist/shop"),
                                             .port = 8080,
                                             .health = STR_INIT("/health"),
                                             .probe_image = STR_INIT("example.org/barehull:0.1.0")});
}

/* The words come back as they were said, however odd. */
static void quotes_words(void **state UNUSED)
{
    static const struct str odd[] = {STR_INIT("A="),
                                     STR_INIT("B=a b  c"),
                                     STR_INIT("C=\"]\\"),
                                     STR_INIT("D=${PATH} $(id) `id`"),
                                     STR_INIT("E=it's # no comment"),
                                     STR_INIT("F=\xc3\xa4\\n\\"),
                                     STR_INIT("G=<<EOF")};
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct err err = ERR_INIT;
    struct init_files files;
    struct dockerfile file;
    struct init_options options = {.targets = DOCKERFILE,
                                   .name = STR("shop"),
                                   .language = INIT_C,
                                   .env = {odd, ARRAY_LEN(odd)},
                                   .args = LIST(STR_INIT("\"], x"), STR_INIT("a\\"), STR_INIT("--x='y'"))};
    assert_int_equal(init_write(&options, &arena, &files, &err), 0);
    const struct init_file *written = file_of(&files, "Dockerfile");
    if (!written)
        fail_msg("no Dockerfile");
    assert_int_equal(dockerfile_read(written ? written->content : STR_NONE, &arena, &file, &err), 0);
    assert_int_equal(file.diagnostics.count, 0);
    const struct dockerfile_stage *final = dockerfile_final_stage(&file, STR_NONE);
    for (size_t i = 0; i < ARRAY_LEN(odd); i++) {
        size_t equals = str_find_char(odd[i], '=');
        struct dockerfile_value value = dockerfile_stage_env(final, str_head(odd[i], equals));
        assert_int_equal(value.state, DOCKERFILE_STATE_KNOWN);
        assert_true(str_eq(value.text, str_skip(odd[i], equals + 1)));
    }
    const struct dockerfile_instruction *last = &file.instructions[file.instruction_count - 1];
    assert_int_equal(last->kind, DOCKERFILE_CMD);
    assert_true(last->command->exec);
    assert_int_equal(last->command->words.count, 3);
    for (uint32_t i = 0; i < 3; i++)
        assert_true(str_eq(last->command->words.items[i].text, options.args.ptr[i]));
}

static void survives_faults(void **state UNUSED)
{
    struct init_options options = {.name = STR("shop"),
                                   .language = INIT_PYTHON,
                                   .module = STR("shop:app"),
                                   .server = STR("uvicorn"),
                                   .port = 8000,
                                   .health = STR("/health"),
                                   .volumes = LIST(STR_INIT("/data")),
                                   .env = LIST(STR_INIT("A=b")),
                                   .secrets = LIST(STR_INIT("TOKEN=shop"))};
    for (uint64_t n = 1;; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct err err = ERR_INIT;
        struct init_files files = {.len = 77};
        fault_arm(FAULT_ALLOC, n);
        int r = init_write(&options, &arena, &files, &err);
        uint64_t points = fault_count(FAULT_ALLOC);
        fault_disarm();
        if (r == 0) {
            assert_true(points < n);
            assert_true(n > 20);
            return;
        }
        assert_int_equal(r, -ERR_NOMEM);
        assert_int_equal(files.len, 77);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_each_language),
        cmocka_unit_test(quotes_words),
        cmocka_unit_test(survives_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
