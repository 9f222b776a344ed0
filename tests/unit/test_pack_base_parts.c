/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/fault.h"
#include "elf/ldcache.h"
#include "pack/base_part.h"
#include "pack/base_python.h"
#include "pack/base_runtime.h"
#include "pack/library_cache.h"

static const struct str packages[] = {STR_INIT("python3.11-minimal"), STR_INIT("libpython3.11-stdlib")};
static const struct base_exclusion exclusions[] = {
    {.pattern = STR_INIT("usr/lib/python3.11/lib-dynload/nis.*"), .what = STR_INIT("module nis")}};
static const struct base_runtime runtime = {.name = STR_INIT("python3.11"),
                                            .packages = {packages, ARRAY_LEN(packages)},
                                            .exclusions = exclusions,
                                            .exclusion_count = ARRAY_LEN(exclusions)};

static void test_runtime(void **state)
{
    (void)state;
    assert_true(base_runtime_stands_for(&runtime, STR("libpython3.11-stdlib")));
    assert_true(base_runtime_stands_for(&runtime, STR("python3.11")));
    assert_true(base_runtime_stands_for(&runtime, STR("python3-minimal")));
    assert_false(base_runtime_stands_for(&runtime, STR("python3-flask")));
    assert_false(base_runtime_stands_for(&runtime, STR("libpython3.11")));
    assert_true(base_runtime_excludes(&runtime, STR("usr/lib/python3.11/lib-dynload/nis.cpython-311.so")));
    assert_false(base_runtime_excludes(&runtime, STR("usr/lib/python3.11/nis.py")));
}

static void expect(struct data_strs list, const char *expected)
{
    struct buf text CLEANUP_BUF = BUF_INIT;
    for (size_t i = 0; i < list.count; i++)
        buf_addf(&text, "%.*s ", STR_ARG(list.items[i]));
    assert_string_equal(buf_z(&text), expected);
}

static int fill(struct arena *arena, struct base_record *record, struct err *err)
{
    static const char *const paths[] = {
        "usr/lib/python3/dist-packages/flask/__init__.py",
        "usr/lib/python3/dist-packages/flask/py.typed",
        "usr/lib/python3/dist-packages/Flask-2.2.2.egg-info/PKG-INFO",
        "usr/lib/python3/dist-packages/typing_extensions.py",
        "usr/lib/python3/dist-packages/typing_extensions-4.4.0.dist-info/METADATA",
        "usr/lib/python3/dist-packages/_cffi_backend.cpython-311-x86_64-linux-gnu.so",
        "usr/lib/python3/dist-packages/data/table.txt",
        "usr/lib/python3.11/sqlite3/__init__.py",
        "usr/share/doc/python3-flask/copyright",
    };
    struct tree *tree CLEANUP_TREE = NULL;
    int r = tree_new(arena, &tree, err);
    for (size_t i = 0; r == 0 && i < ARRAY_LEN(paths); i++)
        r = tree_put_file(tree, str_z(paths[i]), 0644, STR("x"), err);
    return r == 0 ? base_python_record(arena, tree, record, err) : r;
}

static void test_python_record(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct base_record record = {0};
    assert_int_equal(fill(&arena, &record, NULL), 0);
    expect(record.modules, "_cffi_backend flask typing_extensions ");
    expect(record.distributions, "flask typing-extensions ");
}

static void test_faults(void **state)
{
    (void)state;
    int r = -(int)ERR_NOMEM;
    for (unsigned n = 1; r < 0 && n < 1000; n++) {
        struct arena arena CLEANUP_ARENA = ARENA_INIT;
        struct base_record record = {0};
        struct err err = ERR_INIT;
        fault_arm(FAULT_ALLOC, n);
        r = fill(&arena, &record, &err);
        fault_disarm();
        assert_true(r == 0 || err.code == ERR_NOMEM);
    }
    assert_int_equal(r, 0);
}

static void test_join(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    static const struct str a[] = {STR_INIT("json"), STR_INIT("ssl")}, b[] = {STR_INIT("curses"), STR_INIT("json")};
    struct str_list joined;
    assert_int_equal(base_python_join(&arena, (struct str_list){a, 2}, (struct str_list){b, 2}, &joined, NULL), 0);
    assert_int_equal(joined.len, 3);
    assert_true(str_eq_z(joined.ptr[0], "curses"));
    assert_true(str_eq_z(joined.ptr[2], "ssl"));
}

static void test_library_cache(void **state)
{
    (void)state;
    static const struct base_library libraries[] = {
        {.soname = STR_INIT("libz.so.1"), .path = STR_INIT("/usr/lib/x86_64-linux-gnu/libz.so.1")},
        {.soname = STR_INIT("libz.so.1"), .path = STR_INIT("/opt/libz.so.1")},
        {.soname = STR_INIT("spake.so.0"), .path = STR_INIT("/usr/lib/spake.so.0")}};
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    struct elf_ldcache cache;
    assert_int_equal(tree_new(&arena, &tree, NULL), 0);
    assert_int_equal(library_cache_put(tree, &arena, ELF_MACHINE_AMD64, libraries, 3, NULL), 0);
    const struct tree_node *node = tree_get(tree, STR("etc/ld.so.cache"));
    assert_non_null(node);
    assert_int_equal(elf_ldcache_read(node->content, &arena, &cache, NULL), 0);
    assert_int_equal(cache.count, 1);
    assert_true(str_eq_z(cache.entries[0].name, "libz.so.1"));
    assert_true(str_eq_z(cache.entries[0].path, "/usr/lib/x86_64-linux-gnu/libz.so.1"));
    assert_int_equal(cache.entries[0].flags, 0x303);

    static const struct base_library below[] = {
        {.soname = STR_INIT("libz.so.1"), .path = STR_INIT("/usr/lib/libz.so.1")},
        {.soname = STR_INIT("libc.so.6"), .path = STR_INIT("/usr/lib/libc.so.6")}};
    assert_int_equal(library_cache_join(tree, &arena, ELF_MACHINE_AMD64, below, 2, NULL), 0);
    assert_int_equal(elf_ldcache_read(tree_get(tree, STR("etc/ld.so.cache"))->content, &arena, &cache, NULL), 0);
    assert_int_equal(cache.count, 2); /* the layer's own libz stays */
    for (size_t i = 0; i < 2; i++)
        assert_true(str_eq_z(cache.entries[i].path, str_eq_z(cache.entries[i].name, "libz.so.1")
                                                        ? "/usr/lib/x86_64-linux-gnu/libz.so.1"
                                                        : "/usr/lib/libc.so.6"));
}

static void test_no_library_cache(void **state)
{
    (void)state;
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct tree *tree CLEANUP_TREE = NULL;
    assert_int_equal(tree_new(&arena, &tree, NULL), 0);
    assert_int_equal(library_cache_join(tree, &arena, ELF_MACHINE_AMD64, NULL, 0, NULL), 0);
    assert_null(tree_get(tree, STR("etc/ld.so.cache")));
}

static void test_assemble(void **state)
{
    (void)state;
    static const struct build_package below[] = {{STR_INIT("libc6"), STR_INIT("2"), STR_INIT("amd64"), false, 3, 30}};
    static const struct build_package above[] = {{STR_INIT("jq"), STR_INIT("1"), STR_INIT("amd64"), true, 1, 5},
                                                 {STR_INIT("libc6"), STR_INIT("2"), STR_INIT("amd64"), false, 2, 20}};
    static const struct build_dropped gone[] = {{STR_INIT("manuals"), STR_INIT("unread"), 7}};
    static struct str low[] = {STR_INIT("/usr/bin/python3")}, high[] = {STR_INIT("/usr/bin/jq")};
    struct base_part runtime_part = {
        .role = "runtime",
        .record = {.packages = below, .package_count = 1, .dropped = gone, .dropped_count = 1, .paths = {low, 1}},
        .has_layer = true};
    struct base_part libraries = {
        .role = "libraries",
        .record = {.packages = above, .package_count = 2, .dropped = gone, .dropped_count = 1, .paths = {high, 1}}};
    struct base_part *const parts[] = {&runtime_part, &libraries};
    struct arena arena CLEANUP_ARENA = ARENA_INIT;
    struct base base = {0};
    assert_int_equal(base_parts_assemble(&arena, parts, 2, &base, NULL), 0);
    assert_int_equal(base.layer_count, 1);
    assert_true(str_eq_z(base.roles[0], "runtime"));
    assert_false(runtime_part.has_layer);
    assert_int_equal(base.record.package_count, 2);
    assert_int_equal(base.record.packages[1].files, 5);
    assert_int_equal(base.record.packages[1].unpacked_bytes, 50);
    assert_int_equal(base.record.dropped_count, 1);
    assert_int_equal(base.record.dropped[0].unpacked_bytes, 14);
    expect(base.record.paths, "/usr/bin/jq /usr/bin/python3 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_runtime),       cmocka_unit_test(test_python_record),
                                       cmocka_unit_test(test_faults),        cmocka_unit_test(test_join),
                                       cmocka_unit_test(test_library_cache), cmocka_unit_test(test_no_library_cache),
                                       cmocka_unit_test(test_assemble)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
