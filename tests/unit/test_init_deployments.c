/* SPDX-License-Identifier: Apache-2.0 */
/* Whole sets of files, byte by byte: tests/data/init/NAME.txt has them one behind the other. */
#include "init/files.h"

#include "base/arena.h"
#include "base/fault.h"

#include <setjmp.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#define LIST(...)                                                                                                      \
    {                                                                                                                  \
        (const struct str[]){__VA_ARGS__}, ARRAY_LEN(((const struct str[]){__VA_ARGS__}))                              \
    }

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct init_options server_options = {
    .targets = LIST(STR_INIT("compose"), STR_INIT("kubernetes")),
    .name = STR_INIT("shop"),
    .language = INIT_GO,
    .port = 8080,
    .port_variable = STR_INIT("PORT"),
    .health = STR_INIT("/health"),
    .live = STR_INIT("/live"),
    .metrics = STR_INIT("/metrics"),
    .writable = LIST(STR_INIT("/var/cache/shop:8Mi")),
    .env = LIST(STR_INIT("MODE=50% $off"), STR_INIT("LOG=yes")),
    .secrets = LIST(STR_INIT("DATABASE_URL=shop-database:url")),
    .image = STR_INIT("registry.example/shop:1.4.2@" DIGEST),
    .version = STR_INIT("1.4.2"),
};

static const struct init_options stateful_options = {
    .targets = LIST(STR_INIT("compose"), STR_INIT("kubernetes")),
    .name = STR_INIT("inbox"),
    .language = INIT_IMAGE,
    .image = STR_INIT("registry.example/inbox:2.0"),
    .args = LIST(STR_INIT("--listen=:9000")),
    .port = 9000,
    .health = STR_INIT("/health"),
    .metrics = STR_INIT("/metrics"),
    .metrics_port = 9100,
    .volumes = LIST(STR_INIT("/var/lib/inbox:5Gi")),
    .user = STR_INIT("1000"),
    .cpu = STR_INIT("250m"),
    .stop_timeout = STR_INIT("1m"),
};

static const struct init_options worker_options = {
    .targets = LIST(STR_INIT("compose"), STR_INIT("kubernetes")),
    .name = STR_INIT("worker"),
    .language = INIT_RUST,
    .replicas = 1,
    .writable = LIST(STR_INIT("/var/tmp/worker:96Mi")),
};

static void add_set(const struct init_files *files, struct buf *out)
{
    for (size_t i = 0; i < files->len; i++)
        buf_addf(out, "%s==> %.*s <==\n%.*s", i > 0 ? "\n" : "", STR_ARG(files->ptr[i].path),
                 STR_ARG(files->ptr[i].content));
    for (size_t i = 0; i < files->notes.len; i++)
        buf_addf(out, "%snote: %.*s\n", i > 0 ? "" : "\n", STR_ARG(files->notes.ptr[i]));
}

static void read_set(const char *name, struct buf *out)
{
    char path[512], block[4096];
    (void)snprintf(path, sizeof(path), "%s/init/%s.txt", TEST_DATA, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    for (size_t got; (got = fread(block, 1, sizeof(block), file)) > 0;)
        buf_add(out, block, got);
    (void)fclose(file);
}

static void assert_set(const struct init_options *options, const char *name)
{
    struct arena arena = ARENA_INIT;
    CLEANUP_BUF struct buf out = BUF_INIT, wanted = BUF_INIT;
    struct init_files files;
    struct err err = ERR_INIT;
    if (init_write(options, &arena, &files, &err) != 0)
        fail_msg("%s", err.message);
    add_set(&files, &out);
    read_set(name, &wanted);
    assert_string_equal(buf_z(&out), buf_z(&wanted));
    arena_done(&arena);
}

static void test_sets(void **state)
{
    (void)state;
    assert_set(&server_options, "server");
    assert_set(&stateful_options, "stateful");
    assert_set(&worker_options, "worker");
}

static void assert_refused(struct init_options options, const char *message)
{
    struct arena arena = ARENA_INIT;
    struct init_files files;
    struct err err = ERR_INIT;
    assert_int_equal(init_write(&options, &arena, &files, &err), -ERR_USAGE);
    assert_string_equal(err.message, message);
    assert_true(err.hint[0] != '\0');
    arena_done(&arena);
}

static void test_names(void **state)
{
    (void)state;
    struct init_options server = server_options, stateful = stateful_options;
    server.name = STR("1shop");
    assert_refused(server, "name '1shop' begins with a digit, which no Service in Kubernetes may");
    stateful.name = STR("a23456789-b23456789-c23456789-d23456789-e23456789-f23");
    assert_refused(stateful,
                   "name 'a23456789-b23456789-c23456789-d23456789-e23456789-f23' has more than 52 characters, "
                   "which is too long for a StatefulSet");
}

static void test_faults(void **state)
{
    (void)state;
    int r = -ERR_NOMEM;
    for (uint64_t n = 1; r == -ERR_NOMEM; n++) {
        struct arena arena = ARENA_INIT;
        struct init_files files;
        fault_arm(FAULT_ALLOC, n);
        r = init_write(&stateful_options, &arena, &files, NULL);
        fault_disarm();
        arena_done(&arena);
        assert_true(n < 2000);
    }
    assert_int_equal(r, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
