/* SPDX-License-Identifier: Apache-2.0 */
#include "archive/host.h"

#include "base/fault.h"
#include "base/path.h"
#include "io/file.h"

#include <setjmp.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static char root[64];

static int make_root(void **state)
{
    (void)state;
    snprintf(root, sizeof(root), "/tmp/barehull-host-XXXXXX");
    return mkdtemp(root) ? 0 : -1;
}

static int remove_root(void **state)
{
    (void)state;
    return file_remove_tree(AT_FDCWD, root, NULL);
}

static void put(const char *path, const char *text)
{
    struct err err = ERR_INIT;
    char full[256], dir[256];
    snprintf(full, sizeof(full), "%s/%s", root, path);
    struct str parent = path_dir(str_z(full));
    snprintf(dir, sizeof(dir), "%.*s", STR_ARG(parent));
    assert_int_equal(file_make_dirs(AT_FDCWD, dir, 0755, &err), 0);
    assert_int_equal(file_write_all(AT_FDCWD, full, 0644, str_z(text), &err), 0);
}

static void test_nothing(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct host_sources host;
    assert_int_equal(host_sources_read(root, STR("amd64"), &arena, &host, &err), 0);
    assert_int_equal(host.sources.len, 0);
    assert_false(host.ignore_valid_until);
}

static void fill(void)
{
    put("etc/apt/sources.list", "deb http://a/debian bookworm main\n");
    put("etc/apt/sources.list.d/b.sources", "Types: deb\nURIs: http://b/debian\nSuites: x y\nComponents: main\n");
    put("etc/apt/sources.list.d/a.list", "deb mirror+file:/etc/apt/mirrors/m.list bookworm main\n");
    put("etc/apt/sources.list.d/c.list.bak", "deb http://bak/debian bookworm main\n");
    put("etc/apt/sources.list.d/.hidden.list", "deb http://hidden/debian bookworm main\n");
    put("etc/apt/mirrors/m.list", "# mirrors\nhttp://m/debian\tpriority:1\nhttp://n/debian\n");
    put("etc/apt/apt.conf.d/10old", "Acquire::Check-Valid-Until \"false\";\n");
}

static void test_order(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct host_sources host;
    fill();
    assert_int_equal(host_sources_read(root, STR("amd64"), &arena, &host, &err), 0);
    static const char *const uris[] = {"http://a/debian/", "http://m/debian/", "http://b/debian/", "http://b/debian/"};
    assert_int_equal(host.sources.len, ARRAY_LEN(uris));
    for (size_t i = 0; i < ARRAY_LEN(uris); i++)
        assert_true(str_eq_z(host.sources.ptr[i].uri, uris[i]));
    assert_true(host.ignore_valid_until);
    source_list_done(&host.sources);
    put("etc/apt/apt.conf.d/20new.conf", "Acquire { Check-Valid-Until \"true\"; };\n");
    put("etc/apt/apt.conf.d/30off.dpkg-old", "Acquire::Check-Valid-Until \"false\";\n");
    assert_int_equal(host_sources_read(root, STR("amd64"), &arena, &host, &err), 0);
    assert_false(host.ignore_valid_until);
    source_list_done(&host.sources);
    put("etc/apt/apt.conf", "Acquire::Check-Valid-Until no;\n");
    assert_int_equal(host_sources_read(root, STR("amd64"), &arena, &host, &err), 0);
    assert_true(host.ignore_valid_until);
    source_list_done(&host.sources);
}

static void test_faults(void **state)
{
    (void)state;
    fill();
    for (enum fault_kind kind = FAULT_ALLOC; kind <= FAULT_IO; kind++) {
        for (uint64_t n = 1;; n++) {
            struct err err = ERR_INIT;
            struct arena arena CLEANUP_ARENA = ARENA_INIT;
            struct host_sources host = {.sources = SOURCE_LIST_INIT};
            fault_arm(kind, n);
            int rc = host_sources_read(root, STR("amd64"), &arena, &host, &err);
            uint64_t passed = fault_count(kind);
            fault_disarm();
            source_list_done(&host.sources);
            if (passed < n) {
                assert_int_equal(rc, 0);
                assert_true(n > 5);
                break;
            }
            assert_int_equal(rc, kind == FAULT_ALLOC ? -ERR_NOMEM : -ERR_IO);
        }
    }
}

static void test_broken(void **state)
{
    (void)state;
    struct err err = ERR_INIT;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct host_sources host;
    char expected[128];
    put("etc/apt/sources.list", "deb http://a/debian bookworm main\ndeb\n");
    assert_int_equal(host_sources_read(root, STR("amd64"), &arena, &host, &err), -ERR_INVALID);
    snprintf(expected, sizeof(expected), "'%s/etc/apt/sources.list' line 2", root);
    assert_non_null(strstr(err.message, expected));
}

static const char *setting(const char *text)
{
    static char value[64];
    struct str found;
    if (!host_apt_setting(str_z(text), STR("Acquire::Check-Valid-Until"), &found))
        return NULL;
    snprintf(value, sizeof(value), "%.*s", STR_ARG(found));
    return value;
}

static void test_settings(void **state)
{
    (void)state;
    assert_string_equal(setting("Acquire::Check-Valid-Until \"false\";"), "false");
    assert_string_equal(setting("acquire::check-valid-until false;"), "false");
    assert_string_equal(setting("Acquire { Check-Valid-Until \"no\"; };"), "no");
    assert_string_equal(setting("Acquire{Retries 3;Check-Valid-Until \"no\";HTTP{Timeout 5;};};"), "no");
    assert_string_equal(setting("Acquire::Check-Valid-Until 1;\nAcquire::Check-Valid-Until 0;"), "0");
    assert_string_equal(setting("// Acquire::Check-Valid-Until 1;\nAcquire::Check-Valid-Until 0; # x"), "0");
    assert_string_equal(setting("/* a\n b */ Acquire::Check-Valid-Until \"\";"), "");
    assert_null(setting(""));
    assert_null(setting("Acquire::Check-Valid-Until \"false\"")); /* not ended */
    assert_null(setting("# Acquire::Check-Valid-Until \"false\";"));
    assert_null(setting("/* Acquire::Check-Valid-Until \"false\";"));
    assert_null(setting("Other { Check-Valid-Until \"false\"; };"));
    assert_null(setting("Other { Acquire::Check-Valid-Until \"false\"; };"));
    assert_null(setting("Acquire { X { Check-Valid-Until \"false\"; }; };"));
    assert_null(setting("}}}}{{{{\"\";;\"unterminated"));
    assert_null(setting("a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{Acquire::Check-Valid-Until 1;"));
    assert_string_equal(setting("a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{a{}}}}}}}}}}}}}}}}}}Acquire::Check-Valid-Until 1;"),
                        "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_nothing, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_order, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_broken, make_root, remove_root),
        cmocka_unit_test_setup_teardown(test_faults, make_root, remove_root),
        cmocka_unit_test(test_settings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
