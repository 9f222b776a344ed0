/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"
#include "rules/host_path.h"

#include <setjmp.h>
#include <stdio.h>

#include <cmocka.h>

static void test_kinds(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum host_path_kind writable, read_only;
    } cases[] = {
        {"", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {".", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"..", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"../../etc", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"etc", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"/", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"//", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/..", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/srv/..", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/etc", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/etc/", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/./etc/passwd", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/etcetera", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"/etc/localtime", HOST_PATH_SYSTEM, HOST_PATH_ORDINARY},
        {"/etc/localtime/../shadow", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/usr/share/zoneinfo/Europe/Berlin", HOST_PATH_SYSTEM, HOST_PATH_ORDINARY},
        {"/var", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/var/www", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"/var/lib/docker/volumes", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/var/lib/dockers", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"/home", HOST_PATH_HOME, HOST_PATH_HOME},
        {"/home/a", HOST_PATH_HOME, HOST_PATH_HOME},
        {"/home/a/b", HOST_PATH_IN_HOME, HOST_PATH_IN_HOME},
        {"/home/a/b/.ssh", HOST_PATH_HOME, HOST_PATH_HOME},
        {"/root", HOST_PATH_HOME, HOST_PATH_HOME},
        {"/root/data", HOST_PATH_IN_HOME, HOST_PATH_IN_HOME},
        {"~", HOST_PATH_HOME, HOST_PATH_HOME},
        {"~/", HOST_PATH_HOME, HOST_PATH_HOME},
        {"~ann/x", HOST_PATH_IN_HOME, HOST_PATH_IN_HOME},
        {"$HOME", HOST_PATH_HOME, HOST_PATH_HOME},
        {"$HOMES/x", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"${HOME}/x", HOST_PATH_IN_HOME, HOST_PATH_IN_HOME},
        {"${HOME:?}/.aws", HOST_PATH_HOME, HOST_PATH_HOME},
        {"$", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"${", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"${A}", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"${A}/etc", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"/${A}", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"/var/${A}", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"/etc${A}", HOST_PATH_OPEN, HOST_PATH_OPEN},
        {"/etc/${A}", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"/srv/${A}", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"./${A}", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"conf/${A}", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"C:\\", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"c:/windows/x", HOST_PATH_SYSTEM, HOST_PATH_SYSTEM},
        {"C:\\Users\\ann", HOST_PATH_IN_HOME, HOST_PATH_IN_HOME},
        {"D:\\data", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
        {"C:", HOST_PATH_ORDINARY, HOST_PATH_ORDINARY},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        if (host_path_kind(str_z(cases[i].path), false) != cases[i].writable ||
            host_path_kind(str_z(cases[i].path), true) != cases[i].read_only)
            fail_msg("'%s' is %d and %d", cases[i].path, (int)host_path_kind(str_z(cases[i].path), false),
                     (int)host_path_kind(str_z(cases[i].path), true));
    }
}

static void test_below(void **state)
{
    (void)state;
    assert_true(host_path_below(STR("/a/b"), STR("/a")));
    assert_true(host_path_below(STR("/a"), STR("/a/")));
    assert_true(host_path_below(STR("/a/../b"), STR("/b")));
    assert_true(host_path_below(STR("/a"), STR("/")));
    assert_false(host_path_below(STR("/ab"), STR("/a")));
    assert_false(host_path_below(STR("/"), STR("/a")));
    assert_false(host_path_below(STR("a/b"), STR("/a")));
    assert_false(host_path_below(STR("/a/b"), STR("a")));
    assert_false(host_path_below(STR_NONE, STR("/a")));
    assert_false(host_path_below(STR("/a"), STR_NONE));
}

static void test_sockets(void **state)
{
    (void)state;
    static const struct {
        const char *path, *target, *engine;
    } cases[] = {
        {"/var/run/docker.sock", "", "Docker"},
        {"/run/user/1000/podman/podman.sock", "/x", "Podman"},
        {"\\\\.\\pipe\\docker_engine", "", "Docker"},
        {"docker.sock", "", "Docker"},
        {"${DIR}/containerd.sock", "/x", "containerd"},
        {"${SOCKET}", "/run/crio/crio.sock", "CRI-O"},
        {"/run/x.sock", "/var/run/docker.sock", ""},
        {"/run/docker.sock/", "", ""},
        {"/run/my-docker.sock", "", ""},
        {"", "", ""},
        {"$", "", ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct str engine = host_path_engine_socket(str_z(cases[i].path), str_z(cases[i].target));
        if (!str_eq_z(engine, cases[i].engine))
            fail_msg("'%s' is of '%.*s'", cases[i].path, STR_ARG(engine));
    }
    assert_int_equal(host_path_engine_socket(STR_NONE, STR_NONE).len, 0);
}

static void test_long_paths(void **state)
{
    (void)state;
    CLEANUP_BUF struct buf path = BUF_INIT;
    buf_add_z(&path, "/etc");
    for (int i = 0; i < 100000; i++)
        buf_add_z(&path, "/x");
    assert_int_equal(host_path_kind(buf_str(&path), false), HOST_PATH_SYSTEM);
    for (int i = 0; i < 100000; i++)
        buf_add_z(&path, "/..");
    assert_int_equal(host_path_kind(buf_str(&path), false), HOST_PATH_SYSTEM);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_kinds),
        cmocka_unit_test(test_below),
        cmocka_unit_test(test_sockets),
        cmocka_unit_test(test_long_paths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
