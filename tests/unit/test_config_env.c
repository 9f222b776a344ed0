/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fault.h"
#include "config/env.h"

#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

/* The environment of a test: "NAME=value" lines. */
static const char *const *environment;

static const char *get(const char *name)
{
    size_t len = strlen(name);
    for (const char *const *item = environment; item && *item; item++) {
        if (strncmp(*item, name, len) == 0 && (*item)[len] == '=')
            return *item + len + 1;
    }
    return NULL;
}

#define LOAD(env, arena, ...)                                                                                          \
    do {                                                                                                               \
        static const char *const lines[] = {__VA_ARGS__, NULL};                                                        \
        environment = lines;                                                                                           \
        struct err err_ = ERR_INIT;                                                                                    \
        assert_int_equal(config_env_load(get, (arena), (env), &err_), 0);                                              \
    } while (0)

static void assert_cache(const struct config_env *env, const char *path)
{
    assert_string_equal(env->cache_dir.ptr ? env->cache_dir.ptr : "", path);
    assert_int_equal(env->cache_dir.len, strlen(path));
}

static void test_nothing_is_set(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct config_env env;
    LOAD(&env, &arena, "UNRELATED=1");
    assert_cache(&env, "");
    assert_false(env.no_color || env.force_color);
    assert_true(env.dumb_terminal);
    assert_int_equal(env.columns, 0);
    assert_int_equal(env.threads, 0);
    assert_int_equal(env.source_date_epoch, 0);
    assert_int_equal(env.problem.code, ERR_NONE);
    assert_int_equal(config_env_value(&env, "BAREHULL_MIRROR").len, 0);
    assert_int_equal(config_env_value(&env, "NO_SUCH_VARIABLE").len, 0);
}

static void test_cache_directory(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct config_env env;
    LOAD(&env, &arena, "HOME=/home/me");
    assert_cache(&env, "/home/me/.cache/barehull");
    LOAD(&env, &arena, "HOME=/");
    assert_cache(&env, "/.cache/barehull");
    LOAD(&env, &arena, "HOME=/home/me", "XDG_CACHE_HOME=/var/cache//");
    assert_cache(&env, "/var/cache/barehull");
    LOAD(&env, &arena, "HOME=/home/me", "XDG_CACHE_HOME=/c", "BAREHULL_CACHE_DIR=/mine/");
    assert_cache(&env, "/mine");
    LOAD(&env, &arena, "BAREHULL_CACHE_DIR=/");
    assert_cache(&env, "/");
}

/* Others' variables that make no sense are passed over; empty ones are as if unset. */
static void test_lenient(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct config_env env;
    LOAD(&env, &arena, "HOME=/h", "XDG_CACHE_HOME=relative", "COLUMNS=wide",
         "NO_COLOR=", "BAREHULL_CACHE_DIR=", "SOURCE_DATE_EPOCH=", "CLICOLOR_FORCE=0", "TERM=dumb");
    assert_cache(&env, "/h/.cache/barehull");
    assert_int_equal(env.columns, 0);
    assert_false(env.no_color || env.force_color);
    assert_true(env.dumb_terminal);
    assert_int_equal(env.problem.code, ERR_NONE);
}

static void test_values(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct config_env env;
    LOAD(&env, &arena, "NO_COLOR=0", "CLICOLOR_FORCE=1", "TERM=xterm", "COLUMNS=120", "BAREHULL_THREADS=3",
         "SOURCE_DATE_EPOCH=1700000000", "BAREHULL_MIRROR=http://mirror/debian", "BAREHULL_OFFLINE=yes");
    assert_true(env.no_color && env.force_color);
    assert_false(env.dumb_terminal);
    assert_int_equal(env.columns, 120);
    assert_int_equal(env.threads, 3);
    assert_int_equal(env.source_date_epoch, 1700000000);
    assert_string_equal(config_env_value(&env, "BAREHULL_MIRROR").ptr, "http://mirror/debian");
    assert_string_equal(config_env_value(&env, "BAREHULL_OFFLINE").ptr, "yes");
    assert_int_equal(env.problem.code, ERR_NONE);
}

static void test_problems_come_together(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct config_env env;
    LOAD(&env, &arena, "HOME=/h", "SOURCE_DATE_EPOCH=-1", "BAREHULL_CACHE_DIR=x", "BAREHULL_THREADS=257",
         "BAREHULL_OFFLINE=maybe", "BAREHULL_MIRROR=ftp://x");
    assert_int_equal(env.problem.code, ERR_USAGE);
    assert_string_equal(env.problem.message,
                        "environment variable 'BAREHULL_CACHE_DIR': 'x' is not an absolute path; "
                        "environment variable 'BAREHULL_MIRROR': 'ftp://x' is not an http, https or file URL; "
                        "environment variable 'BAREHULL_OFFLINE': 'maybe' is neither 1 nor 0; "
                        "environment variable 'BAREHULL_THREADS': 257 is not between 1 and 256; "
                        "environment variable 'SOURCE_DATE_EPOCH': '-1' is not a whole number");
    assert_cache(&env, "/h/.cache/barehull");
    assert_int_equal(env.threads, 0);
    assert_int_equal(config_env_value(&env, "BAREHULL_MIRROR").len, 0);
}

static void test_bounds(void **state)
{
    (void)state;
    CLEANUP_ARENA struct arena arena = ARENA_INIT;
    struct config_env env;
    LOAD(&env, &arena, "SOURCE_DATE_EPOCH=253402300799", "BAREHULL_THREADS=256");
    assert_int_equal(env.problem.code, ERR_NONE);
    assert_true(env.source_date_epoch == 253402300799);
    LOAD(&env, &arena, "SOURCE_DATE_EPOCH=253402300800", "BAREHULL_THREADS=1");
    assert_int_equal(env.problem.code, ERR_USAGE);
    assert_string_equal(env.problem.message, "environment variable 'SOURCE_DATE_EPOCH': 253402300800 is not between 0 "
                                             "and 253402300799");
    static const char *const urls[] = {"BAREHULL_MIRROR=http://", "BAREHULL_MIRROR=file:///", "BAREHULL_MIRROR=/srv"};
    for (size_t i = 0; i < ARRAY_LEN(urls); i++) {
        const char *const lines[] = {urls[i], NULL};
        environment = lines;
        assert_int_equal(config_env_load(get, &arena, &env, NULL), 0);
        assert_int_equal(env.problem.code, ERR_USAGE);
    }
    LOAD(&env, &arena, "BAREHULL_MIRROR=file:///srv");
    assert_int_equal(env.problem.code, ERR_NONE);
}

static void test_every_allocation_can_fail(void **state)
{
    (void)state;
    static const char *const lines[] = {"HOME=/h", "SOURCE_DATE_EPOCH=x", "BAREHULL_THREADS=2", "TERM=xterm", NULL};
    environment = lines;
    int rc = -1;
    for (uint64_t n = 1; rc; n++) {
        CLEANUP_ARENA struct arena arena = ARENA_INIT;
        struct config_env env = {.columns = 77};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        rc = config_env_load(get, &arena, &env, &err);
        fault_disarm();
        assert_true(rc == 0 || rc == -ERR_NOMEM);
        assert_int_equal(env.columns, rc ? 77 : 0);
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_set),
        cmocka_unit_test(test_cache_directory),
        cmocka_unit_test(test_lenient),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_problems_come_together),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_every_allocation_can_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
