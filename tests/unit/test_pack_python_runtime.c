/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/fault.h"
#include "pack/python.h"

static struct arena arena = ARENA_INIT;

static int teardown(void **state)
{
    (void)state;
    arena_done(&arena);
    return 0;
}

static void plan(struct python_runtime_request request, struct base_runtime *runtime)
{
    struct err err = ERR_INIT;
    assert_int_equal(python_runtime_plan(&arena, &request, runtime, &err), 0);
}

static void expect_list(struct str_list list, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < list.len; i++)
        buf_addf(&text, "%s%.*s", i ? " " : "", STR_ARG(list.ptr[i]));
    buf_add_char(&text, '\0');
    assert_string_equal(buf_str(&text).ptr, expected);
}

/* What is left out, each once, in order. */
static void expect_left_out(const struct base_runtime *runtime, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < runtime->exclusion_count; i++)
        if (i == 0 || !str_eq(runtime->exclusions[i].what, runtime->exclusions[i - 1].what))
            buf_addf(&text, "%s%.*s", i ? ", " : "", STR_ARG(runtime->exclusions[i].what));
    buf_add_char(&text, '\0');
    assert_string_equal(buf_str(&text).ptr, expected);
}

static void test_version(void **state)
{
    (void)state;
    assert_int_equal(python_runtime_version(STR("bookworm")), 0x030b);
    assert_int_equal(python_runtime_version(STR("trixie")), 0x030d);
    assert_int_equal(python_runtime_version(STR("sid")), 0);
    assert_int_equal(python_runtime_version(STR_NONE), 0);
}

static void test_nothing_mentioned(void **state)
{
    (void)state;
    struct base_runtime runtime;
    plan((struct python_runtime_request){.suite = STR("bookworm"), .identity = STR("x")}, &runtime);
    assert_true(str_eq_z(runtime.name, "python3.11"));
    assert_true(str_eq_z(runtime.identity, "x"));
    expect_list(runtime.packages, "python3.11-minimal libpython3.11-minimal libpython3.11-stdlib");
    expect_list(runtime.extras, "");
    assert_true(runtime.utf8_locale);
    assert_false(runtime.library_cache);
    assert_int_equal(runtime.link_count, 2);
    assert_true(str_eq_z(runtime.links[1].path, "usr/bin/python3"));
    assert_true(str_eq_z(runtime.links[1].target, "python3.11"));
    expect_left_out(&runtime, "module nis, module dbm.ndbm, module curses, module readline, module sqlite3, "
                              "module crypt, module turtle, module pydoc_data, test modules of Python, "
                              "scripts of venv");
    assert_true(str_eq_z(runtime.exclusions[0].pattern, "usr/lib/python3.11/lib-dynload/nis.*"));
    assert_true(str_eq_z(runtime.exclusions[0].libraries, "libnsl.so.2 libtirpc.so.3"));
    assert_true(str_eq_z(runtime.exclusions[0].reason, "nothing imports it"));

    plan((struct python_runtime_request){.suite = STR("trixie")}, &runtime);
    assert_true(str_eq_z(runtime.name, "python3.13"));
    expect_list(runtime.packages, "python3.13-minimal libpython3.13-minimal libpython3.13-stdlib");
    expect_left_out(&runtime, "module dbm.ndbm, module curses, module readline, module sqlite3, module turtle, "
                              "module pydoc_data, test modules of Python, scripts of venv");
}

static void test_mentions(void **state)
{
    (void)state;
    static const struct str names[] = {STR_INIT("_testcapi"),   STR_INIT("curses.ascii"), STR_INIT("distutils"),
                                       STR_INIT("rlcompleter"), STR_INIT("shelve"),       STR_INIT("turtles")};
    struct base_runtime runtime;
    plan((struct python_runtime_request){.suite = STR("bookworm"), .mentions = {names, ARRAY_LEN(names)}}, &runtime);
    expect_list(runtime.packages, "python3.11-minimal libpython3.11-minimal libpython3.11-stdlib python3-distutils");
    expect_left_out(&runtime, "module nis, module sqlite3, module crypt, module turtle, module pydoc_data, "
                              "scripts of venv");
    /* 3.13 keeps shelves in SQLite, and has no distutils to give. */
    plan((struct python_runtime_request){.suite = STR("trixie"), .mentions = {names, ARRAY_LEN(names)}}, &runtime);
    expect_list(runtime.packages, "python3.13-minimal libpython3.13-minimal libpython3.13-stdlib");
    expect_left_out(&runtime, "module turtle, module pydoc_data, scripts of venv");
}

static void test_everything(void **state)
{
    (void)state;
    struct base_runtime runtime;
    plan((struct python_runtime_request){.suite = STR("bookworm"), .everything = true}, &runtime);
    assert_int_equal(runtime.exclusion_count, 0);
    expect_list(runtime.packages, "python3.11-minimal libpython3.11-minimal libpython3.11-stdlib python3-distutils "
                                  "python3-lib2to3 python3-gdbm");
    expect_list(runtime.extras, "libc-bin:sbin/ldconfig");
    assert_true(runtime.library_cache);
}

static void test_finds_libraries(void **state)
{
    (void)state;
    struct base_runtime runtime;
    plan((struct python_runtime_request){.suite = STR("trixie"), .finds_libraries = true}, &runtime);
    expect_list(runtime.extras, "libc-bin:sbin/ldconfig");
    assert_true(runtime.library_cache);
}

static void test_unknown_suite(void **state)
{
    (void)state;
    struct python_runtime_request request = {.suite = STR("sid")};
    struct base_runtime runtime;
    struct err err = ERR_INIT;
    assert_int_equal(python_runtime_plan(&arena, &request, &runtime, &err), -(int)ERR_UNSUPPORTED);
    assert_string_equal(err.message, "which Python Debian sid has is not known");
    assert_string_equal(err.hint, "choose --suite bookworm or trixie, or bring an interpreter with --python");
}

static void test_faults(void **state)
{
    (void)state;
    int r = -(int)ERR_NOMEM;
    for (unsigned n = 1; r < 0 && n < 100; n++) {
        struct arena own = ARENA_INIT;
        struct python_runtime_request request = {.suite = STR("bookworm"), .finds_libraries = true};
        struct base_runtime runtime;
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        r = python_runtime_plan(&own, &request, &runtime, &err);
        fault_disarm();
        assert_true(r == 0 || r == -(int)ERR_NOMEM);
        arena_done(&own);
    }
    assert_int_equal(r, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_version),       cmocka_unit_test(test_nothing_mentioned),
                                       cmocka_unit_test(test_mentions),      cmocka_unit_test(test_everything),
                                       cmocka_unit_test(test_unknown_suite), cmocka_unit_test(test_finds_libraries),
                                       cmocka_unit_test(test_faults)};
    return cmocka_run_group_tests(tests, NULL, teardown);
}
