/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "pack/settings.h"

#include <string.h>

#define LIST(...)                                                                                                      \
    ((struct str_list){(const struct str[]){__VA_ARGS__},                                                              \
                       sizeof((const struct str[]){__VA_ARGS__}) / sizeof(struct str)})

static void test_defaults(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {.app = STR("/x/y")};
    struct image_settings settings;
    assert_int_equal(settings_make(&arena, &options, &settings, NULL), 0);
    assert_true(str_eq_z(settings.user_text, "65532:65532"));
    assert_true(str_eq_z(settings.workdir, "/"));
    assert_int_equal(settings.env.count, 2);
    assert_true(str_eq_z(settings.env.items[0], "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"));
    assert_true(str_eq_z(settings.env.items[1], "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt"));
    assert_int_equal(settings.exposed.count, 0);
    assert_null(settings.entrypoint.items);
    assert_null(settings.cmd.items);
    assert_false(settings.utf8_locale);
}

static void test_forms(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {
        .entrypoint = LIST(STR("/app/x"), STR("--port"), STR("1")),
        .cmd = LIST(STR("a b")),
        .env = LIST(STR("PATH=/app"), STR("LANG=C.UTF-8"), STR("A="), STR("LANG=c.utf8")),
        .expose = LIST(STR("8080"), STR("53/udp"), STR("8080/tcp"), STR("443")),
        .labels = LIST(STR("b=2"), STR("a=1"), STR("b=3=4")),
        .workdir = STR("/app/../srv//x/"),
        .stop_signal = STR("SIGQUIT"),
        .user = STR("app:5:6"),
    };
    struct image_settings settings;
    assert_int_equal(settings_make(&arena, &options, &settings, NULL), 0);
    assert_true(str_eq_z(settings.user_text, "5:6"));
    assert_int_equal(settings.entrypoint.count, 3);
    assert_int_equal(settings.cmd.count, 1);
    assert_int_equal(settings.env.count, 4);
    assert_true(str_eq_z(settings.env.items[0], "PATH=/app"));
    assert_true(str_eq_z(settings.env.items[2], "LANG=c.utf8"));
    assert_true(str_eq_z(settings.env.items[3], "A="));
    assert_true(settings.utf8_locale);
    assert_int_equal(settings.exposed.count, 3);
    assert_true(str_eq_z(settings.exposed.items[0], "443/tcp"));
    assert_true(str_eq_z(settings.exposed.items[1], "53/udp"));
    assert_true(str_eq_z(settings.exposed.items[2], "8080/tcp"));
    assert_int_equal(settings.labels.count, 2);
    assert_true(str_eq_z(settings.labels.items[0].key, "a"));
    assert_true(str_eq_z(settings.labels.items[1].value, "3=4"));
    assert_true(str_eq_z(settings.workdir, "/srv/x"));
    assert_true(str_eq_z(settings.stop_signal, "SIGQUIT"));
}

static void assert_refused(const struct build_options *options, const char *part)
{
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct image_settings settings;
    struct err err = ERR_INIT;
    assert_int_equal(settings_make(&arena, options, &settings, &err), -(int)ERR_USAGE);
    if (!strstr(err.message, part))
        fail_msg("'%s' is not in '%s'", part, err.message);
}

static void test_debug(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {.debug = true, .labels = LIST(STR("z=1"), STR("a=2"))};
    struct image_settings settings;
    assert_int_equal(settings_make(&arena, &options, &settings, NULL), 0);
    assert_true(
        str_eq_z(settings.env.items[0], "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/busybox"));
    assert_int_equal(settings.labels.count, 3);
    assert_true(str_eq_z(settings.labels.items[1].key, "barehull.variant"));
    assert_true(str_eq_z(settings.labels.items[1].value, "debug"));
    assert_int_equal(settings.annotations.count, 1);

    options.env = LIST(STR("PATH=/app"));
    assert_int_equal(settings_make(&arena, &options, &settings, NULL), 0);
    assert_true(str_eq_z(settings.env.items[0], "PATH=/app:/busybox"));
}

static void test_add_env(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct build_options options = {.env = LIST(STR("LANG=C"), STR("A=1"))};
    struct image_settings settings;
    struct str value;
    assert_int_equal(settings_make(&arena, &options, &settings, NULL), 0);
    assert_int_equal(settings_add_env(&arena, &settings, "LANG", STR("C.UTF-8"), NULL), 0);
    assert_int_equal(settings_add_env(&arena, &settings, "B", STR("2"), NULL), 0);
    assert_int_equal(settings_add_env(&arena, &settings, "C", STR(""), NULL), 0);
    assert_int_equal(settings.env.count, 6);
    assert_true(str_eq_z(settings.env.items[2], "B=2")); /* defaults stand before what was given */
    assert_true(str_eq_z(settings.env.items[3], "C="));
    assert_true(str_eq_z(settings.env.items[4], "LANG=C"));
    assert_true(settings_env(&settings, "A", &value) && str_eq_z(value, "1"));
    assert_false(settings_env(&settings, "AB", &value));
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused(&(struct build_options){.env = LIST(STR("NOVALUE"))}, "NOVALUE");
    assert_refused(&(struct build_options){.env = LIST(STR("=x"))}, "=x");
    assert_refused(&(struct build_options){.expose = LIST(STR("0"))}, "'0' is no port");
    assert_refused(&(struct build_options){.expose = LIST(STR("65536"))}, "65536");
    assert_refused(&(struct build_options){.expose = LIST(STR("80/icmp"))}, "80/icmp");
    assert_refused(&(struct build_options){.expose = LIST(STR("80-90"))}, "80-90");
    assert_refused(&(struct build_options){.labels = LIST(STR("x"))}, "label 'x'");
    assert_refused(&(struct build_options){.annotations = LIST(STR("=x"))}, "annotation '=x'");
    assert_refused(&(struct build_options){.labels = LIST(STR("a=\xff"))}, "label");
    assert_refused(&(struct build_options){.workdir = STR("app")}, "'app'");
    assert_refused(&(struct build_options){.stop_signal = STR("TERM")}, "'TERM'");
    assert_refused(&(struct build_options){.stop_signal = STR("65")}, "'65'");
    assert_refused(&(struct build_options){.stop_signal = STR("SIGRTMIN\xff")}, "no signal");
    assert_refused(&(struct build_options){.stop_signal = STR("SIGRTMIN-1")}, "'SIGRTMIN-1'");
    assert_refused(&(struct build_options){.stop_signal = STR("SIGRTMAX+1")}, "'SIGRTMAX+1'");
    assert_refused(&(struct build_options){.stop_signal = STR("SIGRTMIN+31")}, "'SIGRTMIN+31'");
    assert_refused(&(struct build_options){.env = LIST(STR("A=\xff"))}, "is not valid UTF-8");
    assert_refused(&(struct build_options){.workdir = STR("/\xff")}, "is not valid UTF-8");
    assert_refused(&(struct build_options){.entrypoint = LIST(STR("server"))}, "'server' is no absolute path");
    assert_refused(&(struct build_options){.cmd = LIST(STR("\xc3"))}, "--cmd");
    assert_refused(&(struct build_options){.user = STR("0")}, "root");
}

static void test_signals(void **state)
{
    (void)state;
    static const char *const names[] = {"", "15", "SIGTERM", "SIGRTMIN", "SIGRTMIN+3", "SIGRTMAX-14"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct image_settings settings;
        struct build_options options = {.stop_signal = str_z(names[i])};
        assert_int_equal(settings_make(&arena, &options, &settings, NULL), 0);
        assert_true(str_eq_z(settings.stop_signal, names[i]));
    }
}

static void test_names(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/usr/bin/jq", "jq"}, {"./My_Server", "my-server"}, {"a..b", "a-b"}, {"--", "app"},
        {"x-", "x"},           {"\xc3\xa9t\xc3\xa9", "t"},   {"/", "app"},    {"libc++", "libc"},
    };
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct str name = settings_default_name(&arena, str_z(cases[i][0]));
        if (!str_eq_z(name, cases[i][1]))
            fail_msg("'%s' gave '%.*s'", cases[i][0], STR_ARG(name));
    }
}

static void test_faults(void **state)
{
    (void)state;
    struct build_options options = {.env = LIST(STR("A=1")), .expose = LIST(STR("1")), .labels = LIST(STR("a=b"))};
    for (uint64_t n = 1;; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct image_settings settings = {.workdir = STR("untouched")};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        int r = settings_make(&arena, &options, &settings, &err);
        fault_disarm();
        if (r == 0)
            break;
        assert_int_equal(err.code, ERR_NOMEM);
        assert_true(str_eq_z(settings.workdir, "untouched"));
        assert_true(n < 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults), cmocka_unit_test(test_forms),    cmocka_unit_test(test_debug),
        cmocka_unit_test(test_add_env),  cmocka_unit_test(test_refusals), cmocka_unit_test(test_signals),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
